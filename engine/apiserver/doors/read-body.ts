/** Reads the body that a door takes, which is of another kind than the resource. */
import { decodeBody, type Expected } from '../../api/decode-body.ts'
import type { Draft } from '../../api/object.ts'
import { type Exchange, type Stage, warned } from '../exchange.ts'
import { badRequest } from '../refusals.ts'

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

/** The body, once it was read. */
export const bodyOf = <T>(exchange: Exchange): T => exchange.body as unknown as T

export const expecting = (group: string, version: string, kind: string): Expected => ({
  group,
  version,
  kind,
  type: `${group.split('.')[0] || 'core'}.${version}.${kind}`,
})
