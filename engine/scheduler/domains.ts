/**
 * A label of nodes divides them into domains: zones, racks, single machines. Domains are numbered, so that rules about
 * them count in plain lists.
 */
import { type Sorted, visitSorted } from '../std/sorted.ts'
import type { NodeFacts } from './node-facts.ts'

export const NO_DOMAIN = -1

export interface Domains {
  /** The number of each node's domain, by slot; NO_DOMAIN for nodes without the label. */
  readonly bySlot: Int32Array
  /** How many there are. */
  readonly count: number
  /** Some node has not got the label. */
  readonly incomplete: boolean
}

type Facts = Sorted<NodeFacts, number>

/** One more than the highest slot in use. */
function slotsOf(facts: Facts): number {
  let node = facts
  while (node.height > 0) node = node.values[node.values.length - 1] as Facts
  return (node.keys[node.keys.length - 1] ?? -1) + 1
}

function divide(facts: Facts, label: string): Domains {
  const numbers = new Map<string, number>()
  const bySlot = new Int32Array(slotsOf(facts)).fill(NO_DOMAIN)
  let incomplete = false
  visitSorted(facts, ({ labels }, slot) => {
    const value = labels[label]
    if (value === undefined) incomplete = true
    else {
      if (!numbers.has(value)) numbers.set(value, numbers.size)
      bySlot[slot] = numbers.get(value)!
    }
    return true
  })
  return { bySlot, count: numbers.size, incomplete }
}

const known = new WeakMap<Facts, Map<string, Domains>>()

export function domainsOf(facts: Facts, label: string): Domains {
  let labels = known.get(facts)
  if (!labels) known.set(facts, (labels = new Map()))
  let domains = labels.get(label)
  if (!domains) labels.set(label, (domains = divide(facts, label)))
  return domains
}
