/**
 * The store: every object under its resource and key, one revision for each write, and a history that watches are
 * served from. It does not know what a Pod is; which indexes to keep is told to it by the caller, and they are kept
 * in the one function that applies a change, so nothing ever lists everything to find something.
 *
 * A store is a value: an old one goes on answering as it did, which is what a client's stale view is.
 *
 * Upstream: etcd's server/storage/mvcc and kube-apiserver's watch cache (staging/src/k8s.io/apiserver/pkg/storage/cacher)
 * Left out: values as bytes, transactions over several keys, leases of etcd (Events expire by the server's own clock),
 * compaction by age: the history keeps the last `HISTORY_LIMIT` changes.
 */
import type { Key, KubeObject, ResourceName } from '../api/object.ts'
import { remembered } from '../std/remembered.ts'
import {
  deleteSorted,
  emptySorted,
  firstSorted,
  getSorted,
  type Sorted,
  setSorted,
  sortedKeys,
  sortedPicked,
  sortedValues,
  visitSorted,
} from '../std/sorted.ts'

/** As many changes as a watch may be behind before it must list again. Upstream's watch cache ends at 100 Ki. */
export const HISTORY_LIMIT = 10_000

export interface LoggedChange {
  readonly revision: number
  readonly resource: ResourceName
  readonly key: Key
  /** Absent when it was made. */
  readonly before?: KubeObject
  /** Absent when it was removed. */
  readonly after?: KubeObject
}

/** The keys of the objects that have a value, by value. */
type Index = Sorted<Sorted<true>>

export interface Collection {
  readonly objects: Sorted<KubeObject>
  readonly indexes: Readonly<Record<string, Index>>
}

export interface Store {
  /** Of the latest write. */
  readonly revision: number
  /** Changes up to and including this revision are no longer in the history. */
  readonly compacted: number
  readonly collections: Sorted<Collection>
  readonly history: Sorted<LoggedChange, number>
}

/** How a kind of index is computed. */
export interface IndexRule {
  readonly name: string
  /** What the values depend on: while this is the same pointer (or the same scalar), so are the values. */
  readonly source: (object: KubeObject) => unknown
  readonly values: (object: KubeObject) => readonly string[]
}

/** The indexes of a resource. Must return the same array for the same resource. */
export type IndexRules = (resource: ResourceName) => readonly IndexRule[]

const EMPTY_COLLECTION: Collection = { objects: emptySorted(), indexes: {} }

export const emptyStore = (): Store => ({
  revision: 0,
  compacted: 0,
  collections: emptySorted(),
  history: emptySorted(),
})

export const collectionOf = (store: Store, resource: ResourceName): Collection =>
  getSorted(store.collections, resource) ?? EMPTY_COLLECTION

export const getObject = (store: Store, resource: ResourceName, key: Key): KubeObject | undefined =>
  getSorted(collectionOf(store, resource).objects, key)

/** `'/'` is the character before `'0'`: the keys of a namespace are those from `ns/` to `ns0`. */
const namespaceRange = (namespace: string): readonly [Key, Key] => [`${namespace}/`, `${namespace}0`]

/** In the order of their keys, as etcd lists them. */
export function listObjects(store: Store, resource: ResourceName, namespace?: string): readonly KubeObject[] {
  const { objects } = collectionOf(store, resource)
  return namespace ? sortedValues(objects, ...namespaceRange(namespace)) : sortedValues(objects)
}

export interface Page {
  readonly objects: readonly KubeObject[]
  /** The key to go on from; undefined at the end. */
  readonly next: Key | undefined
}

/** At most `limit` objects that `keep` accepts, from key `from` on. */
export function pageOfObjects(
  store: Store,
  resource: ResourceName,
  range: { readonly namespace?: string | undefined; readonly from?: Key | undefined },
  limit: number,
  keep: (object: KubeObject) => boolean,
): Page {
  const [start, end] = range.namespace ? namespaceRange(range.namespace) : [undefined, undefined]
  const objects: KubeObject[] = []
  let next: Key | undefined
  const take = (object: KubeObject, key: Key) => {
    if (!keep(object)) return true
    if (objects.length === limit) next = key
    else objects.push(object)
    return next === undefined
  }
  visitSorted(collectionOf(store, resource).objects, take, range.from ?? start, end)
  return { objects, next }
}

export function keysByIndex(store: Store, resource: ResourceName, index: string, value: string): readonly Key[] {
  const entries = collectionOf(store, resource).indexes[index]
  const keys = entries && getSorted(entries, value)
  return keys ? keysOf(keys) : []
}

/** Whoever has many Pods is looked up often, and its keys change seldom. */
const MANY = 32
const manyKeys = remembered((keys: Sorted<true>): readonly Key[] => sortedKeys(keys))
const keysOf = (keys: Sorted<true>): readonly Key[] => (keys.size > MANY ? manyKeys(keys) : sortedKeys(keys))

export function objectsByIndex(
  store: Store,
  resource: ResourceName,
  index: string,
  value: string,
): readonly KubeObject[] {
  const { objects } = collectionOf(store, resource)
  return sortedPicked(objects, keysByIndex(store, resource, index, value))
}

function addEntry(index: Index, value: string, key: Key): Index {
  return setSorted(index, value, setSorted(getSorted(index, value) ?? emptySorted<true>(), key, true))
}

function dropEntry(index: Index, value: string, key: Key): Index {
  const keys = getSorted(index, value)
  if (!keys) return index
  const rest = deleteSorted(keys, key)
  return rest.size === 0 ? deleteSorted(index, value) : setSorted(index, value, rest)
}

const NO_VALUES: readonly string[] = []

function reindexed(index: Index, key: Key, before: readonly string[], after: readonly string[]): Index {
  for (const value of before) if (!after.includes(value)) index = dropEntry(index, value, key)
  for (const value of after) if (!before.includes(value)) index = addEntry(index, value, key)
  return index
}

const unchanged = (rule: IndexRule, before: KubeObject | undefined, after: KubeObject | undefined): boolean =>
  before !== undefined && after !== undefined && rule.source(before) === rule.source(after)

function reindex(
  collection: Collection,
  rules: readonly IndexRule[],
  key: Key,
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): Collection['indexes'] {
  let { indexes } = collection
  for (const rule of rules) {
    if (unchanged(rule, before, after)) continue
    const index = indexes[rule.name] ?? emptySorted<Sorted<true>>()
    const changed = reindexed(
      index,
      key,
      before ? rule.values(before) : NO_VALUES,
      after ? rule.values(after) : NO_VALUES,
    )
    if (changed !== index) indexes = { ...indexes, [rule.name]: changed }
  }
  return indexes
}

/** The one function that changes a collection: object and indexes together. */
export function applyChange(
  collections: Sorted<Collection>,
  rules: IndexRules,
  resource: ResourceName,
  key: Key,
  after: KubeObject | undefined,
): Sorted<Collection> {
  const collection = getSorted(collections, resource) ?? EMPTY_COLLECTION
  const before = getSorted(collection.objects, key)
  const objects = after ? setSorted(collection.objects, key, after) : deleteSorted(collection.objects, key)
  const indexes = reindex(collection, rules(resource), key, before, after)
  return setSorted(collections, resource, { objects, indexes })
}

function logged(store: Store, change: LoggedChange, collections: Sorted<Collection>): Store {
  let history = setSorted(store.history, change.revision, change)
  let { compacted } = store
  if (history.size > HISTORY_LIMIT) {
    compacted = firstSorted(history)![0]
    history = deleteSorted(history, compacted)
  }
  return { revision: change.revision, compacted, collections, history }
}

const withVersion = (object: KubeObject, revision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
})

/** Writes an object under the next revision, which becomes its resourceVersion. */
export function put(
  store: Store,
  rules: IndexRules,
  resource: ResourceName,
  key: Key,
  object: KubeObject,
): readonly [Store, KubeObject] {
  const revision = store.revision + 1
  const after = withVersion(object, revision)
  const before = getObject(store, resource, key)
  const collections = applyChange(store.collections, rules, resource, key, after)
  const change = before ? { revision, resource, key, before, after } : { revision, resource, key, after }
  return [logged(store, change, collections), after]
}

/** Removes an object under the next revision. The history keeps it as it last was. */
export function remove(store: Store, rules: IndexRules, resource: ResourceName, key: Key): Store {
  const before = getObject(store, resource, key)
  if (!before) return store
  const revision = store.revision + 1
  const collections = applyChange(store.collections, rules, resource, key, undefined)
  return logged(store, { revision, resource, key, before }, collections)
}

/** Every change after `revision`, oldest first; undefined when some of them are compacted away. */
export function changesSince(store: Store, revision: number): readonly LoggedChange[] | undefined {
  if (revision < store.compacted) return undefined
  return sortedValues(store.history, revision + 1)
}

/** Forgets the history up to and including `revision`. */
export function compact(store: Store, revision: number): Store {
  let { history } = store
  for (let first = firstSorted(history); first && first[0] <= revision; first = firstSorted(history))
    history = deleteSorted(history, first[0])
  return { ...store, compacted: Math.max(store.compacted, Math.min(revision, store.revision)), history }
}

/**
 * What changed from one store to a later one, found by comparing them: what a client does that has been away for longer than the
 * history reaches, and lists again. O(all objects).
 */
export function changesByListing(before: Store, after: Store): readonly LoggedChange[] {
  const changes: LoggedChange[] = []
  const resources = new Set([...sortedKeys(before.collections), ...sortedKeys(after.collections)])
  for (const resource of [...resources].sort()) {
    const old = collectionOf(before, resource).objects
    const now = collectionOf(after, resource).objects
    if (old === now) continue
    for (const key of new Set([...sortedKeys(old), ...sortedKeys(now)])) {
      const [was, is] = [getSorted(old, key), getSorted(now, key)]
      if (was === is) continue
      changes.push({ revision: after.revision, resource, key, ...(was && { before: was }), ...(is && { after: is }) })
    }
  }
  return changes
}
