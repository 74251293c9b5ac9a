/**
 * Who last set which field. Every write leaves its manager's name on the paths that it changed, so that a later
 * server-side apply can say with whom it disagrees instead of silently overwriting.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/managedfields
 */
import { remembered } from '../../std/remembered.ts'
import type { FieldsV1, ManagedFieldsEntry } from '../object.ts'
import { changedSet, removedSet } from './compare.ts'
import { difference, type FieldSet, union, withoutSubtrees } from './field-set.ts'
import type { Json, Shape } from './shape.ts'

/** Who writes, through which door and in which version. */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource?: string | undefined
}

export type Entries = readonly ManagedFieldsEntry[]

/** Appliers keep their identity when they change the version they speak. */
export const isSameManager = (entry: ManagedFieldsEntry, who: Manager): boolean =>
  entry.manager === who.manager &&
  entry.operation === who.operation &&
  (entry.subresource ?? '') === (who.subresource ?? '') &&
  (who.operation === 'Apply' || entry.apiVersion === who.apiVersion)

/** An entry that owns nothing is written as an empty map, which below the top stands for a path. */
export function setOfEntry({ fieldsV1 }: ManagedFieldsEntry): FieldSet {
  for (const _ in fieldsV1) return fieldsV1
  return undefined
}

/** The same entry if the set is the same; undefined if nothing is left to own. */
export function withSet(entry: ManagedFieldsEntry, set: FieldSet): ManagedFieldsEntry | undefined {
  if (!set) return undefined
  return set === entry.fieldsV1 ? entry : { ...entry, fieldsV1: set }
}

const lastEntries = new WeakMap<FieldsV1, ManagedFieldsEntry>()

/** Who changes nothing owns without a time. What is written alike within one second is one entry, which all its objects share. */
export function newEntry(who: Manager, set: FieldsV1, time: string | undefined): ManagedFieldsEntry {
  const last = lastEntries.get(set)
  if (
    last &&
    last.time === time &&
    last.manager === who.manager &&
    last.operation === who.operation &&
    last.apiVersion === who.apiVersion &&
    last.subresource === (who.subresource || undefined)
  )
    return last
  const entry = madeEntry(who, set, time)
  lastEntries.set(set, entry)
  return entry
}

const madeEntry = (who: Manager, set: FieldsV1, time: string | undefined): ManagedFieldsEntry => ({
  manager: who.manager,
  operation: who.operation,
  apiVersion: who.apiVersion,
  ...(time !== undefined && { time }),
  fieldsType: 'FieldsV1',
  fieldsV1: set,
  ...(who.subresource && { subresource: who.subresource }),
})

const text = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0)

/** Appliers first, then by time, then by name: the order in which they are stored. */
const byStoredOrder = (a: ManagedFieldsEntry, b: ManagedFieldsEntry): number =>
  text(a.operation, b.operation) ||
  text(a.time, b.time) ||
  text(a.manager, b.manager) ||
  text(a.apiVersion, b.apiVersion) ||
  text(a.subresource, b.subresource)

export const inStoredOrder = (entries: Entries): Entries =>
  entries.length < 2 ? entries : [...entries].sort(byStoredOrder)

/** As many updaters as are remembered by name; older ones become one entry together. */
const MOST_UPDATERS = 10
const ANCIENT = 'ancient-changes'

/** Joins the oldest updaters of a version when there are too many of them. */
export function capped(entries: Entries): Entries {
  const updaters = entries.filter((entry) => entry.operation === 'Update')
  if (updaters.length <= MOST_UPDATERS) return entries
  const oldest = [...updaters].sort(byStoredOrder).slice(0, updaters.length - MOST_UPDATERS + 1)
  const ancient = new Map<string, ManagedFieldsEntry>()
  for (const entry of oldest) {
    const version = entry.apiVersion ?? ''
    const before = ancient.get(version)
    const set = union(before && setOfEntry(before), setOfEntry(entry))
    ancient.set(version, { ...entry, manager: ANCIENT, ...(set && { fieldsV1: set }) })
  }
  return inStoredOrder([...entries.filter((entry) => !oldest.includes(entry)), ...ancient.values()])
}

interface Changes {
  readonly changed: FieldSet
  readonly removed: FieldSet
}

/** Takes from an entry what somebody else has just changed or removed. */
const dispossessed = (entry: ManagedFieldsEntry, { changed, removed }: Changes): ManagedFieldsEntry | undefined =>
  withSet(entry, difference(difference(setOfEntry(entry), changed), removed))

const NONE: Entries = []

const alone = remembered((entry: ManagedFieldsEntry): Entries => [entry])

function afterChanges(entries: Entries, who: Manager, changes: Changes, time: string | undefined): Entries {
  const rest: ManagedFieldsEntry[] = []
  let own: FieldSet
  for (const entry of entries) {
    const mine = changes.changed !== undefined && isSameManager(entry, who)
    if (mine) own = difference(setOfEntry(entry), changes.removed)
    const left = mine ? undefined : dispossessed(entry, changes)
    if (left) rest.push(left)
  }
  if (changes.changed) rest.push(newEntry(who, union(own, changes.changed)!, time))
  return rest.length === 1 ? alone(rest[0]!) : capped(inStoredOrder(rest))
}

/**
 * The entries after an update from `old` to `now`; the same entries if nothing changed hands. `ignored` are the paths that this
 * door does not write, whatever the request says.
 */
export function managedAfterUpdate(
  entries: Entries | undefined,
  versions: { readonly old: Json; readonly now: Json; readonly shape: Shape },
  who: Manager,
  time: string | undefined,
  ignored: FieldSet,
): Entries {
  const { old, now, shape } = versions
  const changed = withoutSubtrees(changedSet(old, now, shape), ignored)
  const removed = withoutSubtrees(removedSet(old, now, shape), ignored)
  if (!changed && !removed) return entries ?? NONE
  return afterChanges(entries ?? NONE, who, { changed, removed }, time)
}
