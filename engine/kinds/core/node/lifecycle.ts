/**
 * Watches over nodes. One that has not been heard of for fifty seconds is unknown: its Pods no longer count as ready, nothing new comes
 * to it, and what it runs is driven away; slowly, zone by zone, and not at all while no node is well, because then
 * it is more likely the network than the nodes.
 *
 * Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go
 * Left out: the round every five seconds (what is due is done when it is due); zones of more than fifty nodes that are half lost.
 * A Lease without `renewTime` counts as being renewed all the time; whoever stops renewing it writes when it last was.
 */
import { type Key, type KubeObject, keyFor } from '../../../api/object.ts'
import type { Change, Command, Controller, View } from '../../../client/controller.ts'
import { patch, record, updateStatus } from '../../../controllers/ask.ts'
import { instantOf, type Millis, seconds, timestamp } from '../../../std/time.ts'
import { conditionOf, type Pod, type PodCondition } from '../pod/pod-state.ts'
import {
  isNodeReady,
  LEASE_NAMESPACE,
  LEASES,
  type Node,
  type NodeCondition,
  type NodeLease,
  readiness,
  zoneOf,
} from './node.ts'
import { lacksEvictingTaint, schedulingTaints, startEvicting, stopEvicting } from './taints.ts'

/** So long may a node be silent. */
const GRACE: Millis = seconds(50)

/** One node of a zone every ten seconds. */
const EVICTION_INTERVAL: Millis = seconds(10)

const WATCHED_CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']

// ---- silence ----

function lastHeard(view: View, node: Node): Millis | undefined {
  const lease = view.get<NodeLease>(LEASES, keyFor(LEASE_NAMESPACE, node.metadata.name))
  const { renewTime } = lease?.spec ?? {}
  return renewTime === undefined ? undefined : instantOf(renewTime)
}

function unknown(old: NodeCondition | undefined, type: string, node: Node, now: Millis): NodeCondition {
  if (!old) {
    const message = 'Kubelet never posted node status.'
    const lastHeartbeatTime = node.metadata.creationTimestamp
    return {
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message,
      lastHeartbeatTime,
      lastTransitionTime: timestamp(now),
    }
  }
  if (old.status === 'Unknown') return old
  const message = 'Kubelet stopped posting node status.'
  return { ...old, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime: timestamp(now) }
}

/** The node's conditions when nobody can tell them any more. */
function silenced(node: Node, now: Millis): Node {
  const old = node.status?.conditions ?? []
  const known = old.map((condition) =>
    WATCHED_CONDITIONS.includes(condition.type) ? unknown(condition, condition.type, node, now) : condition,
  )
  const missing = WATCHED_CONDITIONS.filter((type) => !old.some((condition) => condition.type === type))
  const conditions = [...known, ...missing.map((type) => unknown(undefined, type, node, now))]
  return { ...node, status: { ...node.status, conditions } }
}

function unready(pod: Pod, now: Millis): Pod {
  const conditions = (pod.status?.conditions ?? []).map(
    (condition): PodCondition =>
      condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: timestamp(now) } : condition,
  )
  return { ...pod, status: { ...pod.status, conditions } }
}

/** Nobody can say that they are ready, so they are not. */
function markPods(view: View, name: string): readonly Command[] {
  return view.by<Pod>('pods', 'node', name).flatMap((pod): readonly Command[] => {
    if (conditionOf(pod, 'Ready')?.status !== 'True') return []
    return [{ ...updateStatus('pods', unready(pod, view.now)), batch: 0, tolerate: ['NotFound', 'Conflict'] }]
  })
}

const podEvents = (view: View, name: string): readonly Command[] =>
  view
    .by<Pod>('pods', 'node', name)
    .filter((pod) => conditionOf(pod, 'Ready')?.status === 'True')
    .map((pod) => record(pod, 'Warning', 'NodeNotReady', 'Node is not ready'))

function notReady(view: View, node: Node): readonly Command[] {
  const { name } = node.metadata
  const message = `Node ${name} status is now: NodeNotReady`
  return [record(node, 'Normal', 'NodeNotReady', message), ...markPods(view, name), ...podEvents(view, name)]
}

function goSilent(view: View, node: Node): readonly Command[] {
  const wasReady = isNodeReady(node)
  return [updateStatus('nodes', silenced(node, view.now)), ...(wasReady ? notReady(view, node) : [])]
}

// ---- labels ----

/** The older name of a label follows the newer. */
const FOLLOWING = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
] as const

function followLabels(node: Node): readonly Command[] {
  const present = node.metadata.labels ?? {}
  const labels: Record<string, string> = {}
  for (const [newer, older] of FOLLOWING) {
    const value = present[newer]
    if (value !== undefined && present[older] !== value) labels[older] = value
  }
  return Object.keys(labels).length > 0 ? [patch('nodes', node, 'strategic', { metadata: { labels } })] : []
}

// ---- one node ----

interface Known {
  readonly uid: string
  readonly wasReady: boolean
}

const nodeReference = (name: string, uid: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid, resourceVersion: '', creationTimestamp: '' },
})

function greet(node: Node, known: Known | undefined): readonly Command[] {
  const { name, uid } = node.metadata
  const greeting = `Node ${name} event: Registered Node ${name} in Controller`
  const next: Known = { uid, wasReady: isNodeReady(node) }
  const remembering: Command = { do: 'remember', value: next }
  if (known?.uid === uid) return known.wasReady === next.wasReady ? [] : [remembering]
  return [remembering, record(nodeReference(name, uid), 'Normal', 'RegisteredNode', greeting)]
}

function farewell(name: string, known: Known): readonly Command[] {
  const message = `Node ${name} event: Removing Node ${name} from Controller`
  return [
    { do: 'remember', value: undefined },
    record(nodeReference(name, known.uid), 'Normal', 'RemovingNode', message),
  ]
}

/** A kubelet itself said that it is not ready any more. */
const fellIll = (node: Node, known: Known | undefined): boolean =>
  known?.uid === node.metadata.uid && known.wasReady && readiness(node)?.status === 'False'

function reconcileNode(view: View, key: Key, known: Known | undefined): readonly Command[] {
  const node = view.get<Node>('nodes', key)
  if (!node) return known ? farewell(key, known) : []
  const heard = lastHeard(view, node)
  const left = heard === undefined ? undefined : heard + GRACE - view.now
  const greeting = greet(node, known)
  if (left !== undefined && left <= 0 && readiness(node)?.status !== 'Unknown')
    return [...greeting, ...goSilent(view, node), { do: 'lookAgain', after: 0 }]
  const stop = stopEvicting(node)
  return [
    ...greeting,
    ...(fellIll(node, known) ? notReady(view, node) : []),
    ...(stop ? [stop] : []),
    ...(left !== undefined && left > 0 ? [{ do: 'lookAgain', after: left } as const] : []),
  ]
}

// ---- what a node bears ----

const MARKS = 'marks/'

/** Labels and the taints that keep new Pods away. They are put on beside everything else, at once. */
function reconcileMarks(view: View, name: string): readonly Command[] {
  const node = view.get<Node>('nodes', name)
  if (!node) return []
  const taints = schedulingTaints(node, view.now)
  return [...followLabels(node), ...(taints ? [taints] : [])]
}

// ---- one zone ----

const ZONE = 'zone/'

/** Whether no node at all is ready: then nobody is driven away. */
const isAllLost = (nodes: readonly Node[]): boolean => !nodes.some(isNodeReady)

/** Nodes fall silent at one time, and who is first is chance. */
function firstInLine(view: View, nodes: readonly Node[]): Node | undefined {
  let [first, place] = [nodes[0], 1]
  if (nodes.length < 2) return first
  for (const node of nodes) {
    const drawn = view.draw('zone', node.metadata.uid)
    if (drawn < place) [first, place] = [node, drawn]
  }
  return first
}

/** Puts the taint that drives Pods away on one node of the zone after another. */
function reconcileZone(view: View, zone: string, last: Millis | undefined): readonly Command[] {
  const nodes = view.list<Node>('nodes')
  if (isAllLost(nodes)) return []
  const waiting = nodes.filter((node) => lacksEvictingTaint(node) && zoneOf(node) === zone)
  if (waiting.length === 0) return []
  const left = last === undefined ? 0 : last + EVICTION_INTERVAL - view.now
  if (left > 0) return [{ do: 'lookAgain', after: left }]
  const next = firstInLine(view, waiting)!
  const again: readonly Command[] = waiting.length > 1 ? [{ do: 'lookAgain', after: EVICTION_INTERVAL }] : []
  return [{ do: 'remember', value: view.now }, startEvicting(next, view.now), ...again]
}

function reconcile(view: View, key: Key, memory: unknown): readonly Command[] {
  if (key.startsWith(ZONE)) return reconcileZone(view, key.slice(ZONE.length), memory as Millis | undefined)
  if (key.startsWith(MARKS)) return reconcileMarks(view, key.slice(MARKS.length))
  return reconcileNode(view, key, memory as Known | undefined)
}

// ---- when to look ----

const knownHolds = new WeakMap<object, readonly Key[]>()

/** The zones in which nodes wait for the taint; worked out once for each version of the nodes. */
function waitingZones(view: View): readonly Key[] {
  const version = view.version?.('nodes')
  const known = version && knownHolds.get(version)
  if (known) return known
  const waiting = view.list<Node>('nodes').filter(lacksEvictingTaint)
  const zones = [...new Set(waiting.map((node) => `${ZONE}${zoneOf(node)}`))]
  if (version) knownHolds.set(version, zones)
  return zones
}

/** A node that is not ready is its zone's business; one that becomes ready may end a hold for every zone. */
function keysOfNode({ key, before, after }: Change, view: View): readonly Key[] {
  const [old, now] = [before as Node | undefined, after as Node | undefined]
  if (!now) return [key]
  const keys = [key, `${MARKS}${key}`]
  if (lacksEvictingTaint(now)) keys.push(`${ZONE}${zoneOf(now)}`)
  const isBack = old !== undefined && isNodeReady(now) && !isNodeReady(old)
  return isBack ? [...keys, ...waitingZones(view)] : keys
}

const keysOfLease = ({ key }: Change): readonly Key[] =>
  key.startsWith(`${LEASE_NAMESPACE}/`) ? [key.slice(LEASE_NAMESPACE.length + 1)] : []

export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  identity: 'node-controller',
  eventSource: 'node-controller',
  workers: 8,
  watches: { nodes: keysOfNode, [LEASES]: keysOfLease },
  reconcile,
}
