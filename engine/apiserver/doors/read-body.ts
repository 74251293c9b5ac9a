/** Reads the body that a door takes, which is of another kind than the resource. */

import { managedAfterUpdate } from '../../api/apply/managed-fields.ts'
import { ownedShape } from '../../api/apply/shape.ts'
import { decodeBody, type Expected } from '../../api/decode-body.ts'
import type { Draft } from '../../api/object.ts'
import { joinGroupVersion } from '../../api/schema-table.ts'
import { timestamp } from '../../std/time.ts'
import { emptyValueOf } from '../empty-value.ts'
import { type Exchange, type Stage, warned } from '../exchange.ts'
import { badRequest } from '../refusals.ts'
import { managerOf } from '../stages/own.ts'

export const readAs =
  (expected: Expected): Stage =>
  (exchange) => {
    const { request } = exchange
    if (request.trusted) return { ...exchange, body: (request.body ?? {}) as Draft }
    const body = request.text === undefined ? { value: request.body ?? {} } : { text: request.text }
    const decoded = decodeBody(body, expected, request.options?.fieldValidation ?? 'Warn')
    if ('problem' in decoded) return badRequest(decoded.problem)
    return warned({ ...exchange, body: decoded.object }, decoded.strictErrors)
  }

/** Even a question that is not kept says who asked what. */
export const ownBody =
  (expected: Expected): Stage =>
  (exchange, _server, at) => {
    const body = bodyOf<Draft & { readonly metadata?: Draft }>(exchange)
    const { group, version, type } = expected
    const who = {
      manager: managerOf(exchange),
      operation: 'Update',
      apiVersion: joinGroupVersion(group, version),
      subresource: exchange.request.subresource,
    } as const
    const versions = { old: emptyValueOf(type), now: body, shape: ownedShape(type) }
    const managedFields = managedAfterUpdate([], versions, who, timestamp(at.now), undefined)
    const metadata = { ...body.metadata, ...(managedFields.length > 0 && { managedFields }) }
    return { ...exchange, body: { ...body, metadata } }
  }

/** The body, once it was read. */
export const bodyOf = <T>(exchange: Exchange): T => exchange.body as unknown as T

export const expecting = (group: string, version: string, kind: string): Expected => ({
  group,
  version,
  kind,
  type: `${group.split('.')[0] || 'core'}.${version}.${kind}`,
})
