/**
 * How a machine becomes a Node: its kubelet comes up, makes itself known, is given a range of addresses, sets up the network with
 * it and reports that it is ready. Afterwards it speaks only when something has changed.
 *
 * Upstream: pkg/kubelet/kubelet_node_status.go, flannel-io/flannel
 * Left out: certificates for kubelets, CSINode.
 */
import type { Draft, KubeObject } from '../api/object.ts'
import type { Node, Pod } from '../api/types.generated.ts'
import type { ClientFact } from '../client/component.ts'
import type { Ask, Change } from '../client/controller.ts'
import { visitSorted } from '../std/sorted.ts'
import { type Millis, microTimestamp, seconds, timestamp } from '../std/time.ts'
import { LEASE_SECONDS, leaseRenewTime } from './heartbeat.ts'
import { added } from './kubelet/pod-changes.ts'
import { IDLE_WORKER, isOver, NONE, type PodRecord, withWorker } from './kubelet/pod-record.ts'
import { isTerminal } from './kubelet/pod-status.ts'
import { wake } from './kubelet/pod-worker.ts'
import { FLANNEL_CONDITION, flannelAnnotations, flannelStarts } from './network/flannel.ts'
import { isNetworkReady, nodeConditions, nodeStatus } from './node-status.ts'
import type { Kubelet } from './slice.ts'
import { after, forgetRecord, keepRecord, record as recordEvent, recordOf, type Turn } from './turn.ts'

const withKubelet = (turn: Turn, change: Partial<Kubelet>): void => {
  turn.machine = { ...turn.machine, kubelet: { ...turn.machine.kubelet, ...change } }
}

/** Events about a Node name it by its name, even where a uid belongs. */
const nodeReference = ({ machine }: Turn): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: machine.name, uid: machine.name, resourceVersion: '', creationTimestamp: '' },
})

const say = (turn: Turn, reason: string, message: string): void =>
  recordEvent(turn, nodeReference(turn), 'Normal', reason, message)

const FINE = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'] as const

export function kubeletStarted(turn: Turn): void {
  const { now } = turn.at
  withKubelet(turn, {
    running: true,
    startedAt: now,
    stoppedAt: null,
    readyAt: isNetworkReady(turn.machine) ? now : null,
  })
  say(turn, 'Starting', 'Starting kubelet.')
  for (const reason of FINE) say(turn, reason, `Node ${turn.machine.name} status is now: ${reason}`)
  say(turn, 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
  turn.orders.push({
    do: 'ask',
    ask: { verb: 'create', resource: 'nodes', name: turn.machine.name, body: nodeBody(turn) },
    tag: 'node create',
  })
  takeUpPods(turn)
}

export function kubeletStopped(turn: Turn): void {
  turn.orders.push({ do: 'ask', ask: leasePatch(turn.machine.name, leaseRenewTime(turn.machine, turn.at.now)) })
  withKubelet(turn, { running: false, stoppedAt: turn.at.now })
}

const LABELS = (name: string): Readonly<Record<string, string>> => ({
  'beta.kubernetes.io/arch': 'amd64',
  'beta.kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': 'linux',
})

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

function nodeBody(turn: Turn): Draft {
  const { machine, at } = turn
  const ready = machine.kubelet.readyAt !== null
  const taints = ready ? machine.taints : [NOT_READY, ...machine.taints]
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: machine.name,
      labels: { ...LABELS(machine.name), ...machine.labels },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: taints.length > 0 ? { taints } : {},
    status: nodeStatus(machine, at.now),
  }
}

/** A kubelet that comes back finds what it had: workers begin anew, and pods that went meanwhile are ended. */
function takeUpPods(turn: Turn): void {
  const wanted = new Map(turn.at.view.by<Pod>('pods', 'node', turn.machine.name).map((pod) => [pod.metadata.uid, pod]))
  const uids: string[] = []
  visitSorted(turn.machine.pods, (_record, uid) => void uids.push(uid))
  for (const uid of uids) takeUp(turn, recordOf(turn, uid)!, wanted.get(uid))
  for (const [uid, pod] of wanted) if (!recordOf(turn, uid)) keepRecord(turn, added(turn, pod))
}

function takeUp(turn: Turn, record: PodRecord, pod: Pod | undefined): void {
  if (isOver(record)) {
    if (!pod) forgetRecord(turn, record.pod.metadata.uid)
    return
  }
  const ending = !pod || pod.metadata.deletionTimestamp !== undefined || isTerminal(pod.status?.phase)
  const fresh: PodRecord = {
    ...record,
    ...(pod && { pod }),
    worker: { ...IDLE_WORKER, phase: ending ? 'terminating' : 'syncing' },
    seen: record.runtime,
    relistAt: null,
    telling: false,
    removed: !pod,
    probes: NONE,
    stopping: NONE,
    failures: NONE,
  }
  keepRecord(turn, wake(turn, ending ? withWorker(fresh, { phase: 'terminating' }) : fresh))
}

const LEASE_NAMESPACE = 'kube-node-lease'

/**
 * A Lease that is being renewed is stored without the time of its renewal: that would be a write every ten seconds. Whoever stops
 * renewing writes when it last did; whoever begins again takes it away.
 */
export const leasePatch = (name: string, renewedAt: Millis | undefined): Ask => ({
  verb: 'patch',
  patchType: 'merge',
  resource: 'leases.coordination.k8s.io',
  namespace: LEASE_NAMESPACE,
  name,
  body: { spec: { renewTime: renewedAt === undefined ? null : microTimestamp(renewedAt) } },
})

function createLease(turn: Turn, node: KubeObject): void {
  const { name } = turn.machine
  const owner = { apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }
  const body = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: LEASE_NAMESPACE, ownerReferences: [owner] },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS },
  }
  turn.orders.push({
    do: 'ask',
    ask: { verb: 'create', resource: 'leases.coordination.k8s.io', namespace: LEASE_NAMESPACE, name, body },
  })
}

export function nodeAnswered(
  turn: Turn,
  { tag, object, status }: Extract<ClientFact, { type: 'response/arrived' }>,
): void {
  if (tag === 'node create') {
    if (status && status.reason !== 'AlreadyExists') {
      after(turn, seconds(7), { type: 'kubelet/started' })
      return
    }
    withKubelet(turn, { registered: true })
    if (object) createLease(turn, object)
    else {
      turn.orders.push({ do: 'ask', ask: leasePatch(turn.machine.name, undefined) })
      tellNode(turn)
    }
  }
}

/** The range of addresses arrives with the Node; flannel takes it, and the machine is ready. */
export function onNodeChange(turn: Turn, { after: node }: Change): void {
  const podCidr = (node as Node | undefined)?.spec?.podCIDR
  if (!node) return
  withNodeUid(turn, node)
  if (podCidr === undefined || turn.machine.network.podCidr === podCidr || !turn.machine.kubelet.running) return
  turn.machine = { ...turn.machine, network: flannelStarts(turn.machine.network, podCidr) }
  askOfNode(turn, '', { metadata: { annotations: flannelAnnotations(turn.machine.network) } })
  const when = timestamp(turn.at.now)
  const conditions = [{ ...FLANNEL_CONDITION, lastHeartbeatTime: when, lastTransitionTime: when }]
  askOfNode(turn, 'status', { status: { conditions } })
  withKubelet(turn, { readyAt: turn.at.now })
  tellNode(turn)
  say(turn, 'NodeReady', `Node ${turn.machine.name} status is now: NodeReady`)
}

function withNodeUid(turn: Turn, { metadata }: KubeObject): void {
  if (turn.machine.kubelet.nodeUid !== metadata.uid) withKubelet(turn, { nodeUid: metadata.uid })
}

function askOfNode(turn: Turn, subresource: string, body: Draft): void {
  const ask = { verb: 'patch', patchType: 'strategic', resource: 'nodes', name: turn.machine.name, body } as const
  turn.orders.push({ do: 'ask', ask: subresource ? { ...ask, subresource } : ask })
}

/** Conditions and images as they are now. */
export function tellNode(turn: Turn): void {
  const { images } = nodeStatus(turn.machine, turn.at.now)
  const conditions = nodeConditions(turn.machine, turn.at.now)
  withKubelet(turn, { statusDue: false })
  askOfNode(turn, 'status', { status: { conditions, ...(images && { images }) } })
}

/** The kubelet looks at its Node's status every ten seconds. */
const STATUS_PERIOD: Millis = seconds(10)

/** Something that the Node tells has changed. */
export function nodeChanged(turn: Turn): void {
  const { kubelet } = turn.machine
  if (kubelet.statusDue || !kubelet.registered) return
  withKubelet(turn, { statusDue: true })
  const next = STATUS_PERIOD - ((turn.at.now - kubelet.startedAt) % STATUS_PERIOD)
  after(turn, next, { type: 'node/statusDue' })
}
