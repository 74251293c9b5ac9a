/**
 * How many Pods of some description are on each node, and in each domain of nodes. The plain way is to look at all Pods each time. The
 * other way remembers every answer and only follows what changed since; a property test compares the two.
 */
import { getSorted, type Sorted, sortedEntries, visitSorted } from '../std/sorted.ts'
import { visitDifferences } from '../std/sorted-differences.ts'
import type { Crowd, CrowdKey, Crowds, Looks } from './crowds.ts'
import { domainsOf } from './domains.ts'
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
  /** Pods on the chosen nodes of each domain, by its number. Undefined where no node was chosen. */
  readonly byDomain: readonly (number | undefined)[]
  /** The number of each chosen node's domain, by slot. */
  readonly domainOf: readonly (number | undefined)[]
  /** How many domains have a chosen node. */
  readonly domains: number
  readonly sum: number
}

export interface Tally {
  /** Pods on each node, by slot; what is not there is none. */
  readonly bySlot: readonly (number | undefined)[]
  readonly totals: (label: string, choice: Choice) => Totals
}

/** Valid for the snapshot it was made for, until tallies are made for another. */
export type Tallies = (description: Description) => Tally

type Facts = Sorted<NodeFacts, number>

interface GrowingTotals {
  readonly byDomain: (number | undefined)[]
  readonly domainOf: readonly (number | undefined)[]
  readonly domains: number
  sum: number
}

function chosenDomains(facts: Facts, label: string, choice: Choice): readonly (number | undefined)[] {
  const { bySlot } = domainsOf(facts, label)
  if (choice === EVERY_NODE) return bySlot
  const chosen: (number | undefined)[] = []
  visitSorted(facts, (node, slot) => {
    if (choice.has(node)) chosen[slot] = bySlot[slot]
    return true
  })
  return chosen
}

function add(totals: GrowingTotals, slot: number, count: number): void {
  const domain = totals.domainOf[slot]
  if (domain === undefined) return
  totals.byDomain[domain] = (totals.byDomain[domain] ?? 0) + count
  totals.sum += count
}

function countDomains(facts: Facts, label: string, choice: Choice, bySlot: Tally['bySlot']): GrowingTotals {
  const domainOf = chosenDomains(facts, label, choice)
  const domains = new Set(domainOf.filter((domain) => domain !== undefined)).size
  const totals: GrowingTotals = { byDomain: [], domainOf, domains, sum: 0 }
  domainOf.forEach((_, slot) => void add(totals, slot, bySlot[slot] ?? 0))
  return totals
}

// ---- the plain way ----

function countPods({ assigned, slots }: Snapshot, { fits }: Description): Tally['bySlot'] {
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
    return { bySlot, totals: (label, choice) => countDomains(snapshot.facts, label, choice, bySlot) }
  }

// ---- the remembering way ----

interface KnownTotals extends GrowingTotals {
  readonly facts: Facts
}

interface Known {
  crowds: Crowds
  readonly description: Description
  readonly bySlot: (number | undefined)[]
  readonly fits: Map<CrowdKey, boolean>
  readonly totals: Map<string, KnownTotals>
}

const MOST_VERDICTS = 10_000

function fitsDescription({ fits, description }: Known, key: CrowdKey, crowd: Crowd): boolean {
  const remembered = fits.get(key)
  if (remembered !== undefined) return remembered
  if (fits.size >= MOST_VERDICTS) fits.clear()
  const verdict = description.fits(crowd, key)
  fits.set(key, verdict)
  return verdict
}

const NO_COUNTS: Sorted<number, number> = { height: 0, size: 0, keys: [], values: [] }

/**
 * Totals of other nodes than today's are followed too: each is a sum over the counts by slot, so it is right again when its
 * nodes come back.
 */
function follow(known: Known, crowds: Crowds): void {
  visitDifferences(known.crowds, crowds, (key, before, after) => {
    if (!fitsDescription(known, key, (after ?? before)!)) return
    visitDifferences(before?.counts ?? NO_COUNTS, after?.counts ?? NO_COUNTS, (slot, old = 0, now = 0) => {
      known.bySlot[slot] = (known.bySlot[slot] ?? 0) + now - old
      for (const totals of known.totals.values()) add(totals, slot, now - old)
    })
  })
  known.crowds = crowds
}

const MOST_TOTALS = 16

function knownTotals({ totals, bySlot }: Known, facts: Facts, label: string, choice: Choice): Totals {
  const text = `${label};${choice.text}`
  const remembered = totals.get(text)
  if (remembered?.facts === facts) return remembered
  if (totals.size >= MOST_TOTALS) totals.clear()
  const fresh = { facts, ...countDomains(facts, label, choice, bySlot) }
  totals.set(text, fresh)
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
