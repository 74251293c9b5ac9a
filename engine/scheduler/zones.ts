/**
 * In which order nodes are looked at: one of each zone in turn, so that a search which stops early has seen all zones.
 * Zones and nodes stand in the order in which the scheduler got to know them.
 *
 * Upstream: pkg/scheduler/backend/cache/node_tree.go
 */
import type { NodeFacts } from './node-facts.ts'

export interface Zone {
  readonly name: string
  /** The slots of its nodes. */
  readonly slots: readonly number[]
}

export type Zones = readonly Zone[]

type Labels = NodeFacts['labels']

/** The names that these labels had before they were settled still come first. */
const labelled = (labels: Labels, what: 'region' | 'zone'): string =>
  labels[`failure-domain.beta.kubernetes.io/${what}`] ?? labels[`topology.kubernetes.io/${what}`] ?? ''

/** Region and zone together; nodes without either are one more zone. */
export function zoneName(labels: Labels): string {
  const region = labelled(labels, 'region')
  const zone = labelled(labels, 'zone')
  return region || zone ? `${region}:\u0000:${zone}` : ''
}

export function withNode(zones: Zones, name: string, slot: number): Zones {
  const known = zones.some((zone) => zone.name === name)
  if (!known) return [...zones, { name, slots: [slot] }]
  return zones.map((zone) => (zone.name === name ? { name, slots: [...zone.slots, slot] } : zone))
}

export const withoutNode = (zones: Zones, name: string, slot: number): Zones =>
  zones
    .map((zone) => (zone.name === name ? { name, slots: zone.slots.filter((other) => other !== slot) } : zone))
    .filter((zone) => zone.slots.length > 0)

function roundRobin(zones: Zones): Int32Array {
  const order: number[] = []
  const rounds = Math.max(0, ...zones.map((zone) => zone.slots.length))
  for (let round = 0; round < rounds; round++)
    for (const { slots } of zones) if (round < slots.length) order.push(slots[round]!)
  return Int32Array.from(order)
}

const known = new WeakMap<Zones, Int32Array>()

/** The slots of all nodes, in the order of the search. */
export function searchOrder(zones: Zones): Int32Array {
  const remembered = known.get(zones)
  if (remembered) return remembered
  const order = roundRobin(zones)
  known.set(zones, order)
  return order
}
