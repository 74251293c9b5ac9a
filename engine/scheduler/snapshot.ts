/**
 * All that the scheduler knows of nodes and of the Pods on them, including the Pods it has placed but not yet heard of.
 * A decision reads one snapshot and nothing else of the cluster's Pods and Nodes. It is a value: preemption tries
 * things out on copies.
 *
 * Upstream: pkg/scheduler/backend/cache
 * Left out: forgetting an assumed Pod after a while; an assumption lasts until the API server has answered.
 */
import type { Key } from '../api/object.ts'
import { deleteSorted, emptySorted, getSorted, type Sorted, setSorted, sortedKeys } from '../std/sorted.ts'
import { type Amounts, addAmounts, NOTHING } from './amounts.ts'
import { type CrowdKey, type Crowds, crowdKeyOf, joinCrowd, leaveCrowd, looksOf, NO_CROWDS } from './crowds.ts'
import { type HostPort, type Load, loadOf, NO_PORTS } from './load.ts'
import type { NodeFacts } from './node-facts.ts'
import type { Pod } from './objects.ts'
import { withNode, withoutNode, type Zones, zoneName } from './zones.ts'

/** What the Pods on a node take together. */
export interface Usage {
  readonly requests: Amounts
  readonly counted: Amounts
  readonly ports: readonly HostPort[]
  readonly pods: readonly Key[]
}

export interface Assigned {
  readonly node: string
  readonly load: Load
  readonly crowd: CrowdKey
  readonly looks: ReturnType<typeof looksOf>
  readonly priority: number
  /** Placed by this scheduler; the API server has not told of it yet. */
  readonly assumed?: true
}

/** On how many nodes an image is, and how large it was where it was first seen. */
export interface ImageSpread {
  readonly size: number
  readonly nodes: number
}

export interface Snapshot {
  /** The slot of each node, by name. Slots of removed nodes are used again. */
  readonly slots: Sorted<number>
  readonly freeSlots: readonly number[]
  readonly nextSlot: number
  readonly facts: Sorted<NodeFacts, number>
  readonly usage: Sorted<Usage, number>
  readonly zones: Zones
  readonly images: Sorted<ImageSpread>
  readonly assigned: Sorted<Assigned>
  /** Assigned Pods whose node is not known (yet, or any more). */
  readonly strays: Sorted<string>
  readonly crowds: Crowds
}

const UNUSED: Usage = { requests: NOTHING, counted: NOTHING, ports: NO_PORTS, pods: [] }

export const emptySnapshot = (): Snapshot => ({
  slots: emptySorted(),
  freeSlots: [],
  nextSlot: 0,
  facts: emptySorted(),
  usage: emptySorted(),
  zones: [],
  images: emptySorted(),
  assigned: emptySorted(),
  strays: emptySorted(),
  crowds: NO_CROWDS,
})

export const factsOfNode = (snapshot: Snapshot, name: string): NodeFacts | undefined => {
  const slot = getSorted(snapshot.slots, name)
  return slot === undefined ? undefined : getSorted(snapshot.facts, slot)
}

// ---- pods on nodes ----

/** The last one takes the place of the one that goes; the order decides between equally important victims. */
function without<T>(list: readonly T[], item: T): readonly T[] {
  const index = list.indexOf(item)
  if (index < 0) return list
  const left = list.slice(0, -1)
  if (index < left.length) left[index] = list[list.length - 1]!
  return left
}

function withoutPorts(ports: readonly HostPort[], gone: readonly HostPort[]): readonly HostPort[] {
  const left = [...ports]
  for (const { ip, protocol, port } of gone) {
    const index = left.findIndex((held) => held.port === port && held.ip === ip && held.protocol === protocol)
    if (index >= 0) left.splice(index, 1)
  }
  return left
}

const loaded = (usage: Usage, key: Key, load: Load): Usage => ({
  requests: addAmounts(usage.requests, load.requests),
  counted: addAmounts(usage.counted, load.counted),
  ports: load.ports.length > 0 ? [...usage.ports, ...load.ports] : usage.ports,
  pods: [...usage.pods, key],
})

const unloaded = (usage: Usage, key: Key, load: Load): Usage => ({
  requests: addAmounts(usage.requests, load.requests, -1),
  counted: addAmounts(usage.counted, load.counted, -1),
  ports: load.ports.length > 0 ? withoutPorts(usage.ports, load.ports) : usage.ports,
  pods: without(usage.pods, key),
})

/** Puts what is known as assigned onto its node; on an unknown node it waits among the strays. */
function settle(snapshot: Snapshot, key: Key, { node, load, crowd, looks }: Assigned): Snapshot {
  const slot = getSorted(snapshot.slots, node)
  if (slot === undefined) return { ...snapshot, strays: setSorted(snapshot.strays, key, node) }
  const usage = getSorted(snapshot.usage, slot) ?? UNUSED
  return {
    ...snapshot,
    usage: setSorted(snapshot.usage, slot, loaded(usage, key, load)),
    crowds: joinCrowd(snapshot.crowds, crowd, looks, slot),
  }
}

function unsettle(snapshot: Snapshot, key: Key, { node, load, crowd }: Assigned): Snapshot {
  const slot = getSorted(snapshot.slots, node)
  if (slot === undefined) return { ...snapshot, strays: deleteSorted(snapshot.strays, key) }
  const usage = getSorted(snapshot.usage, slot) ?? UNUSED
  return {
    ...snapshot,
    usage: setSorted(snapshot.usage, slot, unloaded(usage, key, load)),
    crowds: leaveCrowd(snapshot.crowds, crowd, slot),
  }
}

export const assignedOf = (pod: Pod, node: string): Assigned => ({
  node,
  load: loadOf(pod),
  crowd: crowdKeyOf(pod),
  looks: looksOf(pod),
  priority: pod.spec.priority ?? 0,
})

/** Records that a Pod is on a node, whether or not anything was known of it. */
export function place(snapshot: Snapshot, key: Key, assigned: Assigned): Snapshot {
  const cleared = displace(snapshot, key)
  return { ...settle(cleared, key, assigned), assigned: setSorted(cleared.assigned, key, assigned) }
}

export function displace(snapshot: Snapshot, key: Key): Snapshot {
  const assigned = getSorted(snapshot.assigned, key)
  if (!assigned) return snapshot
  return { ...unsettle(snapshot, key, assigned), assigned: deleteSorted(snapshot.assigned, key) }
}

/** The API server confirms what was assumed, or tells of a change: nothing moves if nothing that matters did. */
export function confirm(snapshot: Snapshot, key: Key, pod: Pod): Snapshot {
  const known = getSorted(snapshot.assigned, key)
  const node = pod.spec.nodeName!
  if (!known || known.node !== node || known.crowd !== crowdKeyOf(pod) || !sameLoad(known.load, loadOf(pod)))
    return place(snapshot, key, assignedOf(pod, node))
  if (!known.assumed) return snapshot
  const { assumed: _, ...told } = known
  return { ...snapshot, assigned: setSorted(snapshot.assigned, key, told) }
}

const sameLoad = (a: Load, b: Load): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

// ---- nodes ----

type Images = NodeFacts['images']

function countImages(spread: Sorted<ImageSpread>, images: Images, sign: 1 | -1): Sorted<ImageSpread> {
  for (const name in images) {
    const known = getSorted(spread, name)
    const nodes = (known?.nodes ?? 0) + sign
    const size = known?.size ?? images[name]!
    spread = nodes > 0 ? setSorted(spread, name, { size, nodes }) : deleteSorted(spread, name)
  }
  return spread
}

/** Pods that were told of before their node was. */
function gatherStrays(snapshot: Snapshot, node: string): Snapshot {
  for (const key of sortedKeys(snapshot.strays)) {
    if (getSorted(snapshot.strays, key) !== node) continue
    const found = { ...snapshot, strays: deleteSorted(snapshot.strays, key) }
    snapshot = settle(found, key, getSorted(snapshot.assigned, key)!)
  }
  return snapshot
}

export function addNode(snapshot: Snapshot, facts: NodeFacts): Snapshot {
  const slot = snapshot.freeSlots[0] ?? snapshot.nextSlot
  const grown: Snapshot = {
    ...snapshot,
    slots: setSorted(snapshot.slots, facts.name, slot),
    freeSlots: snapshot.freeSlots.slice(1),
    nextSlot: Math.max(snapshot.nextSlot, slot + 1),
    facts: setSorted(snapshot.facts, slot, facts),
    usage: setSorted(snapshot.usage, slot, UNUSED),
    zones: withNode(snapshot.zones, zoneName(facts.labels), slot),
    images: countImages(snapshot.images, facts.images, 1),
  }
  return snapshot.strays.size > 0 ? gatherStrays(grown, facts.name) : grown
}

function moveZone(zones: Zones, slot: number, from: string, to: string): Zones {
  return from === to ? zones : withNode(withoutNode(zones, from, slot), to, slot)
}

export function changeNode(snapshot: Snapshot, before: NodeFacts, after: NodeFacts): Snapshot {
  if (before === after) return snapshot
  const slot = getSorted(snapshot.slots, after.name)!
  const { images } = snapshot
  return {
    ...snapshot,
    facts: setSorted(snapshot.facts, slot, after),
    zones: moveZone(snapshot.zones, slot, zoneName(before.labels), zoneName(after.labels)),
    images:
      before.images === after.images ? images : countImages(countImages(images, before.images, -1), after.images, 1),
  }
}

/** The Pods of a node that is gone are strays until they are deleted, or until it is back. */
export function removeNode(snapshot: Snapshot, name: string): Snapshot {
  const slot = getSorted(snapshot.slots, name)
  if (slot === undefined) return snapshot
  const facts = getSorted(snapshot.facts, slot)!
  const lost = getSorted(snapshot.usage, slot)!.pods
  let { crowds, strays } = snapshot
  for (const key of lost) {
    crowds = leaveCrowd(crowds, getSorted(snapshot.assigned, key)!.crowd, slot)
    strays = setSorted(strays, key, name)
  }
  return {
    ...snapshot,
    slots: deleteSorted(snapshot.slots, name),
    freeSlots: [slot, ...snapshot.freeSlots],
    facts: deleteSorted(snapshot.facts, slot),
    usage: deleteSorted(snapshot.usage, slot),
    zones: withoutNode(snapshot.zones, zoneName(facts.labels), slot),
    images: countImages(snapshot.images, facts.images, -1),
    crowds,
    strays,
  }
}
