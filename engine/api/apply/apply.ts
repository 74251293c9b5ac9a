/**
 * Server-side apply: a manager says what it wants of an object, and only that. What it says becomes its own; what it no longer says
 * is given up; where somebody else owns a field that would change, they are in conflict, unless force decides.
 *
 * Upstream: sigs.k8s.io/structured-merge-diff/merge/update.go, apimachinery/pkg/util/managedfields
 */
import { goQuote } from '../../std/go-text.ts'
import type { ManagedFieldsEntry } from '../object.ts'
import { failure, type Status } from '../status.ts'
import { changedSet, namedSet, removedSet } from './compare.ts'
import { difference, type FieldSet, intersection, pathsOf, union, withoutSubtrees } from './field-set.ts'
import {
  type Entries,
  inStoredOrder,
  isSameManager,
  type Manager,
  newEntry,
  setOfEntry,
  withSet,
} from './managed-fields.ts'
import { merged, pruned } from './merge.ts'
import { type Json, SERVER_FIELDS, type Shape } from './shape.ts'

export interface Configuration {
  readonly live: Json
  readonly config: Json
  /** Of the whole type, and without what nobody owns. */
  readonly shape: Shape
  readonly ownedShape: Shape
  /** Paths that this door does not write. */
  readonly ignored: FieldSet
}

interface Conflict {
  readonly entry: ManagedFieldsEntry
  readonly set: NonNullable<FieldSet>
}

const managerText = ({ manager = '', subresource, operation, apiVersion }: ManagedFieldsEntry): string => {
  const through = subresource ? ` with subresource ${goQuote(subresource)}` : ''
  return goQuote(manager) + through + (operation === 'Update' ? ` using ${apiVersion}` : '')
}

const byManager = (a: Conflict, b: Conflict): number => {
  const [left, right] = [managerText(a.entry), managerText(b.entry)]
  return left < right ? -1 : left > right ? 1 : 0
}

function conflictText(conflicts: readonly Conflict[], count: number): string {
  const [first] = conflicts
  if (count === 1)
    return `Apply failed with 1 conflict: conflict with ${managerText(first!.entry)}: ${pathsOf(first!.set)[0]}`
  const lines = conflicts.flatMap(({ entry, set }) => [
    `conflicts with ${managerText(entry)}:`,
    ...pathsOf(set).map((path) => `- ${path}`),
  ])
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`
}

function conflictStatus(found: readonly Conflict[]): Status {
  const conflicts = [...found].sort(byManager)
  const causes = conflicts.flatMap(({ entry, set }) =>
    pathsOf(set).map((path) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${managerText(entry)}`,
      field: path,
    })),
  )
  return failure(409, 'Conflict', conflictText(conflicts, causes.length), { causes })
}

/** What would change hands if this configuration were applied. */
interface Outcome {
  readonly value: Json
  readonly set: FieldSet
  readonly changed: FieldSet
  readonly removed: FieldSet
  readonly conflicts: readonly Conflict[]
}

function outcome(entries: Entries, who: Manager, configuration: Configuration): Outcome {
  const { live, config, shape, ownedShape, ignored } = configuration
  const set = withoutSubtrees(difference(namedSet(config, shape), SERVER_FIELDS), ignored)
  const own = entries.find((entry) => isSameManager(entry, who))
  const others = entries.filter((entry) => entry !== own)
  const owned = others.reduce<FieldSet>((all, entry) => union(all, setOfEntry(entry)), set)
  const value = pruned(merged(live, config, shape), shape, own && setOfEntry(own), owned)
  const changed = withoutSubtrees(changedSet(live, value, ownedShape), ignored)
  const removed = withoutSubtrees(removedSet(live, value, ownedShape), ignored)
  const conflicts = others.flatMap((entry) => {
    const both = intersection(setOfEntry(entry), changed)
    return both ? [{ entry, set: both }] : []
  })
  return { value, set, changed, removed, conflicts }
}

/** The entries afterwards: what others lost is taken from them, what is applied is the manager's. */
function entriesAfter(entries: Entries, who: Manager, { set, changed, removed }: Outcome, time: string): Entries {
  const own = entries.find((entry) => isSameManager(entry, who))
  const others = entries
    .filter((entry) => entry !== own)
    .map((entry) => withSet(entry, difference(difference(setOfEntry(entry), changed), removed)))
    .filter((entry) => entry !== undefined)
  if (!set) return inStoredOrder(others)
  const mine = newEntry(who, set, changed || removed ? time : own?.time)
  return inStoredOrder([...others, mine])
}

export interface Applied {
  readonly value: Json
  readonly entries: Entries
}

/** Conflicts on paths in `allowed` do not count; `force` allows all. */
export function apply(
  entries: Entries,
  who: Manager,
  configuration: Configuration,
  time: string,
  { force, allowed }: { readonly force: boolean; readonly allowed?: FieldSet },
): Applied | Status {
  const found = outcome(entries, who, configuration)
  const left = found.conflicts.flatMap(({ entry, set }) => {
    const rest = difference(set, allowed)
    return rest ? [{ entry, set: rest }] : []
  })
  if (!force && left.length > 0) return conflictStatus(left)
  return { value: found.value, entries: entriesAfter(entries, who, found, time) }
}
