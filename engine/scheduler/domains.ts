/**
 * A label of nodes divides them into domains: zones, racks, single machines. Domains are numbered, so that rules about them count in
 * plain lists.
 */
import { type Sorted, visitSorted } from '../std/sorted.ts'
import type { NodeFacts } from './node-facts.ts'

export interface Domains {
  /** The number of each node's domain, by slot. Nodes without the label are in none. */
  readonly bySlot: readonly (number | undefined)[]
  /** The values of the label, by number. */
  readonly values: readonly string[]
  /** Some node has not got the label. */
  readonly incomplete: boolean
}

type Facts = Sorted<NodeFacts, number>

function divide(facts: Facts, label: string): Domains {
  const numbers = new Map<string, number>()
  const bySlot: (number | undefined)[] = []
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
  return { bySlot, values: [...numbers.keys()], incomplete }
}

const known = new WeakMap<Facts, Map<string, Domains>>()

export function domainsOf(facts: Facts, label: string): Domains {
  let labels = known.get(facts)
  if (!labels) known.set(facts, (labels = new Map()))
  let domains = labels.get(label)
  if (!domains) labels.set(label, (domains = divide(facts, label)))
  return domains
}
