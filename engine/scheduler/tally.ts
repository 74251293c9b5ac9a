/**
 * How many Pods of some description are on each node, and in each domain of nodes. The plain way is to look at all Pods
 * each time. The other way remembers every answer and only follows what changed since; a property test compares the
 * two.
 */
import { emptySorted, getSorted, type Sorted, sortedEntries, visitSorted } from '../std/sorted.ts'
import { visitDifferences } from '../std/sorted-differences.ts'
import { type CrowdCounts, type CrowdKey, type Crowds, type Looks, NO_CROWDS } from './crowds.ts'
import { domainsOf, NO_DOMAIN } from './domains.ts'
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
  /** Pods on the chosen nodes of each domain, by its number; NOT_CHOSEN where no node of it is. */
  readonly byDomain: Int32Array
  /** How many domains have a chosen node. */
  readonly domains: number
  readonly sum: number
}

export const NOT_CHOSEN = -1

/** What is not there is none. */
type Counts = Int32Array

export interface Tally {
  /** Pods on each node, by slot. */
  readonly bySlot: Counts
  readonly totals: (label: string, choice: Choice) => Totals
}

/** Valid for the snapshot it was made for, until tallies are made for another. */
export type Tallies = (description: Description) => Tally

type Facts = Sorted<NodeFacts, number>

interface GrowingTotals {
  readonly byDomain: Int32Array
  /** The number of each chosen node's domain, by slot. */
  readonly domainOf: Int32Array
  readonly domains: number
  sum: number
}

function chosenDomains(facts: Facts, label: string, choice: Choice): Int32Array {
  const { bySlot } = domainsOf(facts, label)
  if (choice === EVERY_NODE) return bySlot
  const chosen = new Int32Array(bySlot.length).fill(NO_DOMAIN)
  visitSorted(facts, (node, slot) => {
    if (choice.has(node)) chosen[slot] = bySlot[slot]!
    return true
  })
  return chosen
}

function add(totals: GrowingTotals, slot: number, count: number): void {
  const domain = totals.domainOf[slot] ?? NO_DOMAIN
  if (domain === NO_DOMAIN) return
  totals.byDomain[domain]! += count
  totals.sum += count
}

function countDomains(facts: Facts, label: string, choice: Choice, bySlot: Counts): GrowingTotals {
  const domainOf = chosenDomains(facts, label, choice)
  const byDomain = new Int32Array(domainsOf(facts, label).count).fill(NOT_CHOSEN)
  for (const domain of domainOf) if (domain !== NO_DOMAIN) byDomain[domain] = 0
  const domains = byDomain.filter((count) => count !== NOT_CHOSEN).length
  const totals: GrowingTotals = { byDomain, domainOf, domains, sum: 0 }
  for (let slot = 0; slot < domainOf.length; slot++) add(totals, slot, bySlot[slot] ?? 0)
  return totals
}

// ---- the plain way ----

function countPods({ assigned, slots, nextSlot }: Snapshot, { fits }: Description): Counts {
  const bySlot = new Int32Array(nextSlot)
  for (const [, { node, looks, crowd }] of sortedEntries(assigned)) {
    const slot = getSorted(slots, node)
    if (slot !== undefined && fits(looks, crowd)) bySlot[slot]!++
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
  looks: Sorted<Looks>
  readonly description: Description
  /** The crowds that fit the description, with their counts when they were last looked at. */
  readonly crowds: Map<CrowdKey, CrowdCounts>
  bySlot: Int32Array
  readonly totals: Map<string, KnownTotals>
}

const NO_COUNTS: CrowdCounts = emptySorted()

/** Which crowds there are changes only when the first of its kind comes or the last one goes. */
function followLooks(known: Known, looks: Sorted<Looks>): void {
  visitDifferences(known.looks, looks, (key, before, after) => {
    if (!before && after && known.description.fits(after, key))
      known.crowds.set(key, known.crowds.get(key) ?? NO_COUNTS)
  })
  known.looks = looks
}

function grown(counts: Int32Array, slot: number): Int32Array {
  const more = new Int32Array(Math.max(64, 2 * slot))
  more.set(counts)
  return more
}

/**
 * Totals of other nodes than today's are followed too: each is a sum over the counts by slot, so it is right again when
 * its nodes come back.
 */
function followCounts(known: Known, before: CrowdCounts, after: CrowdCounts): void {
  visitDifferences(before, after, (slot, old = 0, now = 0) => {
    if (slot >= known.bySlot.length) known.bySlot = grown(known.bySlot, slot)
    known.bySlot[slot]! += now - old
    for (const totals of known.totals.values()) add(totals, slot, now - old)
  })
}

function follow(known: Known, { looks, counts }: Crowds): void {
  if (known.looks !== looks) followLooks(known, looks)
  for (const [key, before] of known.crowds) {
    const after = getSorted(counts, key)
    if (after === before) continue
    followCounts(known, before, after ?? NO_COUNTS)
    if (after) known.crowds.set(key, after)
    else known.crowds.delete(key)
  }
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

const remembered = new Map<string, Known>()

function recall(description: Description): Known {
  const known = remembered.get(description.text)
  if (known) return known
  if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value!)
  const fresh: Known = {
    looks: NO_CROWDS.looks,
    description,
    crowds: new Map(),
    bySlot: new Int32Array(0),
    totals: new Map(),
  }
  remembered.set(description.text, fresh)
  return fresh
}

export const rememberingTallies =
  ({ crowds, facts }: Snapshot): Tallies =>
  (description) => {
    const known = recall(description)
    follow(known, crowds)
    return { bySlot: known.bySlot, totals: (label, choice) => knownTotals(known, facts, label, choice) }
  }
