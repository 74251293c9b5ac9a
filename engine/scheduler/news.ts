/**
 * What the watches tell, taken into the scheduler's own books: Pods that need a node join the queue, Pods that have one
 * take room on it, nodes come and go. And whatever may help somebody who waits is an event that may wake him.
 *
 * Upstream: pkg/scheduler/eventhandlers.go
 */
import type { KubeObject, ResourceName } from '../api/object.ts'
import type { Labels } from '../api/selector.ts'
import type { Change, View } from '../client/controller.ts'
import { deleteSorted, getSorted, setSorted } from '../std/sorted.ts'
import { type Event, nodeEvents, podChanges } from './event.ts'
import { priorityOf } from './incoming.ts'
import { type NodeFacts, nodeFacts } from './node-facts.ts'
import type { Node, Pod } from './objects.ts'
import { queuedPod, withNewcomer, withoutPod, withPod } from './queue.ts'
import { backoffLimits, type Scheduler } from './slice.ts'
import { addNode, changeNode, confirm, displace, factsOfNode, removeNode } from './snapshot.ts'
import { holdOn, isWorthwhile, profileOf, requeue, wake } from './waking.ts'

const wakeEach = (slice: Scheduler, events: readonly Event[], view: View): Scheduler =>
  events.reduce((state, event) => wake(state, event, view), slice)

// ---- nodes ----

function nodeAppeared(slice: Scheduler, after: NodeFacts, view: View): Scheduler {
  const known = { ...slice, snapshot: addNode(slice.snapshot, after) }
  return wake(known, { of: 'Node', change: 'Add', after }, view)
}

function nodeVanished(slice: Scheduler, before: NodeFacts, view: View): Scheduler {
  const known = { ...slice, snapshot: removeNode(slice.snapshot, before.name) }
  return wake(known, { of: 'Node', change: 'Delete', before }, view)
}

function nodeChanged(slice: Scheduler, before: NodeFacts, node: Node, view: View): Scheduler {
  const after = nodeFacts(node, before)
  if (after === before) return slice
  const known = { ...slice, snapshot: changeNode(slice.snapshot, before, after) }
  return wakeEach(known, nodeEvents(before, after), view)
}

function learnNode(slice: Scheduler, { key, after }: Change, view: View): Scheduler {
  const before = factsOfNode(slice.snapshot, key)
  if (!after) return before ? nodeVanished(slice, before, view) : slice
  return before ? nodeChanged(slice, before, after as Node, view) : nodeAppeared(slice, nodeFacts(after as Node), view)
}

// ---- pods on nodes ----

const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Nothing changed by which others would judge it. */
const looksTheSame = (before: Pod, after: Pod): boolean =>
  before.spec === after.spec &&
  before.metadata.labels === after.metadata.labels &&
  before.metadata.deletionTimestamp === after.metadata.deletionTimestamp

function podPlaced(slice: Scheduler, after: Pod, key: string, view: View): Scheduler {
  const known: Scheduler = {
    ...slice,
    queue: withoutPod(slice.queue, key, backoffLimits(slice)),
    nominations: deleteSorted(slice.nominations, key),
    snapshot: confirm(slice.snapshot, key, after),
  }
  return wake(known, { of: 'AssignedPod', change: 'Add', after }, view)
}

function podOnNodeChanged(slice: Scheduler, before: Pod, after: Pod, key: string, view: View): Scheduler {
  if (looksTheSame(before, after)) return slice
  const known = { ...slice, snapshot: confirm(slice.snapshot, key, after) }
  const events = podChanges(before, after).map((change) => ({ of: 'AssignedPod', change, before, after }) as const)
  return wakeEach(known, events, view)
}

function podLeft(slice: Scheduler, before: Pod, key: string, view: View): Scheduler {
  const known = { ...slice, snapshot: displace(slice.snapshot, key) }
  return wake(known, { of: 'AssignedPod', change: 'Delete', before }, view)
}

// ---- pods without a node ----

const nominationOf = ({ status }: Pod): string | undefined => status?.nominatedNodeName || undefined

function nominated(slice: Scheduler, key: string, pod: Pod): Scheduler {
  const node = nominationOf(pod)
  if (!node) return slice
  return { ...slice, nominations: setSorted(slice.nominations, key, { node, priority: priorityOf(pod) }) }
}

function podArrived(slice: Scheduler, pod: Pod, key: string, view: View): Scheduler {
  const profile = profileOf(slice, pod)
  if (!profile) return slice
  const held = holdOn(slice, profile, pod, key)
  const newcomer = {
    key,
    uid: pod.metadata.uid,
    priority: priorityOf(pod),
    since: view.now,
    line: held ? ('unschedulable' as const) : ('active' as const),
    event: 'UnschedulablePodAdd',
    ...(held && { held }),
  }
  const queue = withNewcomer(slice.queue, newcomer, backoffLimits(slice))
  return nominated({ ...slice, queue }, key, pod)
}

/** A promise of room has ended: Pods that are not more important may try again. */
function promiseEnded(slice: Scheduler, before: Pod, after: Pod | undefined, view: View): Scheduler {
  const promised = nominationOf(before)
  if (!promised || (after && nominationOf(after) === promised)) return slice
  const event: Event = { of: 'AssignedPod', change: 'Delete', before }
  return wake(slice, event, view, ({ priority }) => priority <= priorityOf(before))
}

function podWithdrawn(slice: Scheduler, before: Pod, key: string, view: View): Scheduler {
  const known: Scheduler = {
    ...slice,
    queue: withoutPod(slice.queue, key, backoffLimits(slice)),
    nominations: deleteSorted(slice.nominations, key),
    evictions: deleteSorted(slice.evictions, key),
    snapshot: displace(slice.snapshot, key),
  }
  return promiseEnded(known, before, undefined, view)
}

/** A promise that the Pod carried and no longer carries is forgotten; one that only the scheduler knows of is kept. */
function renewNomination(slice: Scheduler, before: Pod, after: Pod, key: string): Scheduler {
  if (nominationOf(after)) return nominated(slice, key, after)
  return nominationOf(before) ? { ...slice, nominations: deleteSorted(slice.nominations, key) } : slice
}

/** What a Pod's status says is no reason to try it again: the scheduler itself writes it. */
const isRewritten = (before: Pod, after: Pod): boolean =>
  before.spec !== after.spec ||
  before.metadata.labels !== after.metadata.labels ||
  before.metadata.annotations !== after.metadata.annotations ||
  before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp

function waitingPodChanged(slice: Scheduler, before: Pod, after: Pod, key: string, view: View): Scheduler {
  const queued = queuedPod(slice.queue, key)
  const known = renewNomination(slice, before, after, key)
  if (!queued || !isRewritten(before, after)) return promiseEnded(known, before, after, view)
  const priority = priorityOf(after)
  if (queued.line !== 'unschedulable')
    return { ...known, queue: withPod(known.queue, { ...queued, priority }, backoffLimits(slice)) }
  for (const change of podChanges(before, after)) {
    const event: Event = { of: 'UnschedulablePod', change, before, after }
    if (!isWorthwhile(known, queued, event, after, view)) continue
    return { ...known, queue: requeue(known, { ...queued, priority }, after, `UnschedulablePod${change}`, view.now) }
  }
  return known
}

/** Told apart by where the Pod was and where it is. A Pod that is over holds nothing any more, as if it were gone. */
function learnPod(slice: Scheduler, { key, before: old, after: now }: Change, view: View): Scheduler {
  const before = old && !isOver(old as Pod) ? (old as Pod) : undefined
  const after = now && !isOver(now as Pod) ? (now as Pod) : undefined
  if (before && after && before.metadata.uid !== after.metadata.uid) {
    const gone = learnPod(slice, { resource: 'pods', key, before, after: undefined }, view)
    return learnPod(gone, { resource: 'pods', key, before: undefined, after }, view)
  }
  const [wasPlaced, isPlaced] = [!!before?.spec.nodeName, !!after?.spec.nodeName]
  if (after && isPlaced)
    return wasPlaced ? podOnNodeChanged(slice, before!, after, key, view) : podPlaced(slice, after, key, view)
  if (before && wasPlaced) return podLeft(slice, before, key, view)
  if (before && after) return waitingPodChanged(slice, before, after, key, view)
  return after ? podArrived(slice, after, key, view) : before ? podWithdrawn(slice, before, key, view) : slice
}

// ---- the rest ----

type Service = KubeObject & { readonly spec?: { readonly selector?: Labels } }

function learnService(slice: Scheduler, { key, after }: Change): Scheduler {
  const selector = (after as Service | undefined)?.spec?.selector
  if (getSorted(slice.services, key) === selector) return slice
  return { ...slice, services: selector ? setSorted(slice.services, key, selector) : deleteSorted(slice.services, key) }
}

type Learn = (slice: Scheduler, change: Change, view: View) => Scheduler

const LEARN: Readonly<Record<string, Learn>> = { pods: learnPod, nodes: learnNode, services: learnService }

export const LEARNED: readonly ResourceName[] = Object.keys(LEARN)

export const learn: Learn = (slice, change, view) => LEARN[change.resource]?.(slice, change, view) ?? slice
