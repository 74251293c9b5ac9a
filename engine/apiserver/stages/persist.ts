/**
 * Writes to the store, or does as if (dry run). A write that changes nothing is none: it leaves the version as it was. The last
 * finalizer taken from an object that is being deleted removes it.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go
 */
import { equalJson } from '../../api/equal.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../api/object.ts'
import { getObject, put, remove } from '../../etcd/store.ts'
import type { At } from '../../std/at.ts'
import { type Exchange, isDryRun, objectOf, type Stage } from '../exchange.ts'
import { indexRules } from '../indexes.ts'
import { alreadyExists, unforeseen } from '../refusals.ts'
import { storedName } from '../resources.ts'
import { addressesAfter, addressesGone } from '../service-addresses.ts'
import { withMetadata } from '../with-metadata.ts'

function stored(exchange: Exchange, at: At): Exchange {
  const name = storedName(exchange.resource.name)
  const before =
    name === 'services' ? addressesAfter(exchange.store, exchange.old, objectOf(exchange), at) : exchange.store
  const [store, object] = put(before, indexRules, name, exchange.key!, objectOf(exchange))
  return { ...exchange, store, object }
}

const isTaken = ({ store, resource, key }: Exchange): boolean =>
  getObject(store, storedName(resource.name), key!) !== undefined

/** Who creates cannot know a version yet. What a PUT or an apply says of one is passed over. */
const namesVersion = ({ request, object }: Exchange): boolean =>
  request.verb === 'create' && !['', '0'].includes(object!.metadata.resourceVersion)

export const insert: Stage = (exchange, _server, at) => {
  if (namesVersion(exchange)) return unforeseen('resourceVersion should not be set on objects to be created')
  if (isTaken(exchange)) return alreadyExists(exchange.resource, objectOf(exchange).metadata.name)
  if (!isDryRun(exchange)) return stored(exchange, at)
  return { ...exchange, object: withMetadata(objectOf(exchange), { resourceVersion: undefined }) }
}

const sameEntry = (a: ManagedFieldsEntry, b: ManagedFieldsEntry | undefined): boolean =>
  b !== undefined &&
  a.manager === b.manager &&
  a.operation === b.operation &&
  a.apiVersion === b.apiVersion &&
  a.subresource === b.subresource &&
  equalJson(a.fieldsV1, b.fieldsV1)

function sameOwners(a: KubeObject, b: KubeObject): boolean {
  const before = b.metadata.managedFields ?? []
  const after = a.metadata.managedFields ?? []
  return before === after || (before.length === after.length && after.every((entry, i) => sameEntry(entry, before[i])))
}

type Fields = Readonly<Record<string, unknown>>

/** Equal but for some fields. */
function equalExcept(a: Fields, b: Fields, ...ignored: readonly string[]): boolean {
  for (const key in a) if (!ignored.includes(key) && !equalJson(a[key], b[key])) return false
  for (const key in b) if (!(key in a) && !ignored.includes(key)) return false
  return true
}

const fieldsOf = (value: unknown): Fields => value as Fields

/** Whether a write would change nothing but the times at which owners last wrote. */
const changesNothing = (object: KubeObject, old: KubeObject): boolean =>
  object === old ||
  (equalExcept(fieldsOf(object), fieldsOf(old), 'metadata') &&
    equalExcept(fieldsOf(object.metadata), fieldsOf(old.metadata), 'managedFields', 'resourceVersion') &&
    sameOwners(object, old))

const hasNoFinalizers = ({ metadata }: KubeObject): boolean => (metadata.finalizers ?? []).length === 0

type Namespace = KubeObject & { readonly spec?: { readonly finalizers?: readonly string[] } }

/** A namespace is held by the finalizers of its spec too. */
const isHeldByContent = (object: Namespace): boolean =>
  object.kind === 'Namespace' && (object.spec?.finalizers?.length ?? 0) > 0

/** Nothing holds it any longer: it was to be deleted, and its time is up. */
const mayGo = (object: KubeObject, old: KubeObject): boolean =>
  old.metadata.deletionTimestamp !== undefined &&
  hasNoFinalizers(object) &&
  !isHeldByContent(object) &&
  (old.metadata.deletionGracePeriodSeconds ?? 0) === 0

export const replace: Stage = (exchange, _server, at) => {
  const old = exchange.old!
  const object = objectOf(exchange)
  const version = { resourceVersion: old.metadata.resourceVersion }
  if (mayGo(object, old)) return removed({ ...exchange, object: withMetadata(object, version) })
  if (changesNothing(object, old)) return { ...exchange, object: old }
  return isDryRun(exchange) ? { ...exchange, object: withMetadata(object, version) } : stored(exchange, at)
}

export function removed(exchange: Exchange): Exchange {
  if (isDryRun(exchange)) return exchange
  const name = storedName(exchange.resource.name)
  const store = remove(exchange.store, indexRules, name, exchange.key!)
  return { ...exchange, store: name === 'services' ? addressesGone(store, exchange.old!) : store }
}
