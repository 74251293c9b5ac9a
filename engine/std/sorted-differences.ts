/**
 * What is different between two versions of a sorted map. Versions share what they have in common, so finding the few
 * entries that changed costs as much as they are, not as much as the map is: the way to keep a dense copy up to date.
 */
import { type Sorted, sortedEntries } from './sorted.ts'

export type VisitDifference<V, K> = (key: K, before: V | undefined, after: V | undefined) => void

function sameKeys<K>(a: readonly K[], b: readonly K[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Tells of every key whose value is not the very same in both, in order within what they do not share. */
export function visitDifferences<V, K extends string | number>(
  before: Sorted<V, K>,
  after: Sorted<V, K>,
  visit: VisitDifference<V, K>,
): void {
  if (before === after) return
  if (before.height !== after.height || !sameKeys(before.keys, after.keys)) {
    visitMerged(before, after, visit)
    return
  }
  const { height, keys } = before
  for (let i = 0; i < keys.length; i++) {
    const [old, now] = [before.values[i]!, after.values[i]!]
    if (old === now) continue
    if (height === 0) visit(keys[i]!, old as V, now as V)
    else visitDifferences(old as Sorted<V, K>, now as Sorted<V, K>, visit)
  }
}

/** The same for two maps that are built differently: both are read whole. */
function visitMerged<V, K extends string | number>(
  before: Sorted<V, K>,
  after: Sorted<V, K>,
  visit: VisitDifference<V, K>,
): void {
  const old = sortedEntries(before)
  let next = 0
  for (const [key, value] of sortedEntries(after)) {
    for (; next < old.length && old[next]![0] < key; next++) visit(old[next]![0], old[next]![1], undefined)
    const known = next < old.length && old[next]![0] === key ? old[next++]![1] : undefined
    if (known !== value) visit(key, known, value)
  }
  for (; next < old.length; next++) visit(old[next]![0], old[next]![1], undefined)
}
