/**
 * Writes down who owns which fields after this write. It comes before admission and before the kind's own preparation, so what the
 * server itself adds belongs to nobody.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal/managedfieldsupdater.go
 */
import type { FieldSet } from '../../api/apply/field-set.ts'
import { LEAF } from '../../api/apply/field-set.ts'
import { managedAfterUpdate } from '../../api/apply/managed-fields.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../api/object.ts'
import { type Millis, timestamp } from '../../std/time.ts'
import { emptyValueOf } from '../empty-value.ts'
import { type Exchange, objectOf, type Stage } from '../exchange.ts'
import { apiVersionOf, type Resource, shapeOf } from '../resources.ts'
import { withMetadata } from '../with-metadata.ts'

const STATUS: FieldSet = { 'f:status': LEAF }
const SPEC: FieldSet = { 'f:spec': LEAF }

/** The parts that a door does not write, whatever is said there. */
export const ignoredFields = (resource: Resource, subresource: string | undefined): FieldSet => {
  if (!resource.hasStatus) return undefined
  return subresource === 'status' ? SPEC : subresource ? undefined : STATUS
}

/** `kubectl/v1.36 (linux/amd64)` is called `kubectl`. */
export const managerOf = ({ request }: Exchange): string =>
  request.options?.fieldManager || (request.userAgent ?? '').split('/', 1)[0]!.slice(0, 128) || 'unknown'

const NO_ENTRIES: readonly ManagedFieldsEntry[] = []

/**
 * Clients that do not understand these entries leave them out, which changes nothing; one empty entry forgets all of
 * them; and whoever sends some means them.
 */
function entriesBefore({ old, object, request }: Exchange): readonly ManagedFieldsEntry[] {
  const known = old?.metadata.managedFields ?? NO_ENTRIES
  const sent = object!.metadata.managedFields
  if (!sent || sent.length === 0 || sent === known || request.subresource) return known
  if (isReset(sent)) return NO_ENTRIES
  return sent.every(isWellFormed) ? sent : known
}

const isReset = ([first, ...others]: readonly ManagedFieldsEntry[]): boolean =>
  others.length === 0 && first !== undefined && Object.keys(first).length === 0

const isWellFormed = ({ operation, apiVersion, fieldsType, fieldsV1 }: ManagedFieldsEntry): boolean =>
  (operation === 'Apply' || operation === 'Update') &&
  apiVersion !== undefined &&
  fieldsType === 'FieldsV1' &&
  fieldsV1 !== undefined

export function withManagedFields(object: KubeObject, entries: readonly ManagedFieldsEntry[]): KubeObject {
  if (object.metadata.managedFields === entries) return object
  return withMetadata(object, { managedFields: entries.length > 0 ? entries : undefined })
}

/** Through `scale` nobody leaves a time. */
const timeFor = ({ request }: Exchange, now: Millis): string | undefined =>
  request.subresource === 'scale' ? undefined : timestamp(now)

export const own: Stage = (exchange, _server, at) => {
  const { request, resource, served, old } = exchange
  const object = objectOf(exchange)
  if (exchange.owners) return { ...exchange, object: withManagedFields(object, exchange.owners) }
  const before = old ?? emptyValueOf(served.type)
  const who = {
    manager: managerOf(exchange),
    operation: 'Update',
    apiVersion: apiVersionOf(served),
    subresource: request.subresource,
  } as const
  const versions = { old: before, now: object, shape: shapeOf(served) }
  const entries = entriesBefore(exchange)
  const ignored = ignoredFields(resource, request.subresource)
  const after = managedAfterUpdate(entries, versions, who, timeFor(exchange, at.now), ignored)
  return { ...exchange, object: withManagedFields(object, after) }
}
