/**
 * How many Pods of some description are on each node, and in each zone, rack or whatever a label of nodes tells apart. The plain way is to
 * look at all Pods each time. The other way remembers every answer and only follows what changed since; a
 * property test compares the two.
 */
import { getSorted, type Sorted, sortedEntries } from '../std/sorted.ts'
import { visitDifferences } from '../std/sorted-differences.ts'
import type { Crowd, CrowdKey, Crowds, Looks } from './crowds.ts'
import type { NodeFacts } from './node-facts.ts'
import type { Snapshot } from './snapshot.ts'

/** A description of Pods. Descriptions with the same text must describe the same Pods. */
export interface Description {
  readonly text: string
  readonly fits: (looks: Looks, key: CrowdKey) => boolean
}

/** A choice of nodes. Choices with the same text must choose the same nodes. */
export interface Choice {
  readonly text: string
  readonly has: (facts: NodeFacts) => boolean
}

export const EVERY_NODE: Choice = { text: '', has: () => true }

export interface Totals {
  /** Pods by the value of the label, for every value that a chosen node has. */
  readonly byValue: ReadonlyMap<string, number>
  readonly sum: number
}

export interface Tally {
  /** Pods on each node, by slot; what is not there is none. */
  readonly bySlot: readonly (number | undefined)[]
  readonly totals: (label: string, choice: Choice) => Totals
}

/** Valid for the snapshot it was made for, until tallies are made for another. */
export type Tallies = (description: Description) => Tally

type LabelValues = readonly (string | undefined)[]

/** The value of a label on each chosen node, by slot. */
function labelValues(facts: Sorted<NodeFacts, number>, label: string, choice: Choice): LabelValues {
  const values: (string | undefined)[] = []
  for (const [slot, node] of sortedEntries(facts)) if (choice.has(node)) values[slot] = node.labels[label]
  return values
}

interface GrowingTotals {
  readonly byValue: Map<string, number>
  sum: number
}

function addTo(totals: GrowingTotals, value: string | undefined, count: number): void {
  if (value === undefined) return
  totals.byValue.set(value, (totals.byValue.get(value) ?? 0) + count)
  totals.sum += count
}

function totalsOf(values: LabelValues, bySlot: readonly (number | undefined)[]): GrowingTotals {
  const totals: GrowingTotals = { byValue: new Map(), sum: 0 }
  values.forEach((value, slot) => void addTo(totals, value, bySlot[slot] ?? 0))
  return totals
}

// ---- the plain way ----

function countPods({ assigned, slots }: Snapshot, { fits }: Description): readonly (number | undefined)[] {
  const bySlot: number[] = []
  for (const [, { node, looks, crowd }] of sortedEntries(assigned)) {
    const slot = getSorted(slots, node)
    if (slot !== undefined && fits(looks, crowd)) bySlot[slot] = (bySlot[slot] ?? 0) + 1
  }
  return bySlot
}

export const plainTallies =
  (snapshot: Snapshot): Tallies =>
  (description) => {
    const bySlot = countPods(snapshot, description)
    return { bySlot, totals: (label, choice) => totalsOf(labelValues(snapshot.facts, label, choice), bySlot) }
  }

// ---- the remembering way ----

interface KnownTotals extends GrowingTotals {
  readonly facts: Sorted<NodeFacts, number>
  readonly values: LabelValues
}

interface Known {
  crowds: Crowds
  readonly description: Description
  readonly bySlot: (number | undefined)[]
  readonly fits: Map<CrowdKey, boolean>
  readonly totals: Map<string, KnownTotals>
}

function fitsDescription(known: Known, key: CrowdKey, crowd: Crowd): boolean {
  const remembered = known.fits.get(key)
  if (remembered !== undefined) return remembered
  const fits = known.description.fits(crowd, key)
  known.fits.set(key, fits)
  return fits
}

const NO_COUNTS: Sorted<number, number> = { height: 0, size: 0, keys: [], values: [] }

function follow(known: Known, crowds: Crowds): void {
  visitDifferences(known.crowds, crowds, (key, before, after) => {
    if (!fitsDescription(known, key, (after ?? before)!)) return
    visitDifferences(before?.counts ?? NO_COUNTS, after?.counts ?? NO_COUNTS, (slot, old = 0, now = 0) => {
      known.bySlot[slot] = (known.bySlot[slot] ?? 0) + now - old
      for (const totals of known.totals.values()) addTo(totals, totals.values[slot], now - old)
    })
  })
  known.crowds = crowds
}

function knownTotals(known: Known, facts: Sorted<NodeFacts, number>, label: string, choice: Choice): Totals {
  const text = `${label};${choice.text}`
  const remembered = known.totals.get(text)
  if (remembered?.facts === facts) return remembered
  const values = labelValues(facts, label, choice)
  const fresh = { facts, values, ...totalsOf(values, known.bySlot) }
  known.totals.set(text, fresh)
  return fresh
}

const MOST_REMEMBERED = 1000
const NO_CROWDS: Crowds = { height: 0, size: 0, keys: [], values: [] }

const remembered = new Map<string, Known>()

function recall(description: Description): Known {
  const known = remembered.get(description.text)
  if (known) return known
  if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value!)
  const fresh: Known = { crowds: NO_CROWDS, description, bySlot: [], fits: new Map(), totals: new Map() }
  remembered.set(description.text, fresh)
  return fresh
}

export const rememberingTallies =
  ({ crowds, facts }: Snapshot): Tallies =>
  (description) => {
    const known = recall(description)
    if (known.crowds !== crowds) follow(known, crowds)
    return { bySlot: known.bySlot, totals: (label, choice) => knownTotals(known, facts, label, choice) }
  }
