/**
 * The nodes of a snapshot side by side, for going through hundreds of them for each Pod. A place is the same object as
 * long as neither the node nor what is on it changed, so what was found out about a place holds until another object
 * stands there.
 */
import type { Sorted } from '../std/sorted.ts'
import { getSorted } from '../std/sorted.ts'
import { visitDifferences } from '../std/sorted-differences.ts'
import type { NodeFacts } from './node-facts.ts'
import type { Snapshot, Usage } from './snapshot.ts'

export interface Place {
  readonly slot: number
  readonly facts: NodeFacts
  readonly usage: Usage
}

/** Places by slot; nothing where no node is. */
export type Places = readonly (Place | undefined)[]

export function placeAt({ facts, usage }: Snapshot, slot: number): Place | undefined {
  const known = getSorted(facts, slot)
  return known && { slot, facts: known, usage: getSorted(usage, slot)! }
}

interface Copy {
  facts: Sorted<NodeFacts, number>
  usage: Sorted<Usage, number>
  readonly places: (Place | undefined)[]
}

/** The copy that was made last, brought up to date for each snapshot: successive snapshots differ in a node or two. */
let last: Copy | undefined

function bringUpToDate(copy: Copy, snapshot: Snapshot): void {
  const renew = (slot: number) => void (copy.places[slot] = placeAt(snapshot, slot))
  visitDifferences(copy.facts, snapshot.facts, renew)
  visitDifferences(copy.usage, snapshot.usage, renew)
  copy.facts = snapshot.facts
  copy.usage = snapshot.usage
}

const EMPTY: Sorted<never, number> = { height: 0, size: 0, keys: [], values: [] }

/** Valid until it is called with another snapshot. */
export function placesOf(snapshot: Snapshot): Places {
  last ??= { facts: EMPTY, usage: EMPTY, places: [] }
  if (last.facts !== snapshot.facts || last.usage !== snapshot.usage) bringUpToDate(last, snapshot)
  return last.places
}
