/**
 * Which Pods go first when there are too many. The ones that serve nobody yet go before the ones that do; among equals the cheaper,
 * the ones that share a node with more of their kind, the ones that became ready or were made later. Times are compared in
 * powers of two, so that one does not always lose the youngest.
 *
 * Upstream: pkg/controller/controller_utils.go (ActivePodsWithRanks), pkg/controller/replicaset/replica_set.go
 */

import type { Draw } from '../../../std/draw.ts'
import { instantOf, type Millis } from '../../../std/time.ts'
import { type ContainerStatus, isPodReady, type Pod, readySince } from '../../core/pod/pod-state.ts'

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

const COST = /^(?:0|-?[1-9]\d*)$/

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? ''
  return COST.test(text) ? Number(text) : 0
}

const mostRestarts = (statuses: readonly ContainerStatus[]): number =>
  statuses.reduce((most, status) => Math.max(most, status.restartCount ?? 0), 0)

function sidecarRestarts({ spec, status }: Pod): number {
  const sidecars = new Set(spec.initContainers?.filter((one) => one.restartPolicy === 'Always').map(({ name }) => name))
  return mostRestarts(status?.initContainerStatuses?.filter(({ name }) => sidecars.has(name)) ?? [])
}

/** Everything about a Pod that decides, worked out once. */
interface Candidate {
  readonly pod: Pod
  readonly ready: boolean
  readonly readyAt: Millis | undefined
  readonly createdAt: Millis
  /** Each of these decides if all before it are equal; the least goes first. */
  readonly before: readonly number[]
  readonly restarts: readonly number[]
  readonly drawn: number
}

function candidateOf(pod: Pod, neighbours: number, draw: Draw): Candidate {
  const ready = isPodReady(pod)
  const phase = PHASES[pod.status?.phase ?? ''] ?? 0
  return {
    pod,
    ready,
    readyAt: readySince(pod),
    createdAt: instantOf(pod.metadata.creationTimestamp) ?? 0,
    before: [pod.spec.nodeName ? 1 : 0, phase, ready ? 1 : 0, deletionCost(pod), -neighbours],
    restarts: [-mostRestarts(pod.status?.containerStatuses ?? []), -sidecarRestarts(pod)],
    drawn: draw('victim', pod.metadata.uid),
  }
}

function compareInOrder(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

/** The whole power of two of an age in nanoseconds. */
const magnitude = (age: Millis): number => (age > 0 ? Math.floor(Math.log2(age * 1e6)) : -1)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The younger goes first; within one power of two the uid decides, which is as good as chance. */
function compareAges(a: Candidate, b: Candidate, since: 'readyAt' | 'createdAt', now: Millis): number {
  const [first, second] = [a[since], b[since]]
  if (first === second) return 0
  if (first === undefined) return -1
  if (second === undefined) return 1
  return magnitude(now - first) - magnitude(now - second) || compareText(a.pod.metadata.uid, b.pod.metadata.uid)
}

const compareCandidates = (a: Candidate, b: Candidate, now: Millis): number =>
  compareInOrder(a.before, b.before) ||
  (a.ready && b.ready ? compareAges(a, b, 'readyAt', now) : 0) ||
  compareInOrder(a.restarts, b.restarts) ||
  compareAges(a, b, 'createdAt', now)

/** Up to this many are sorted by insertion. */
const FEW = 12

/**
 * The order is not transitive where uids decide between ages of one magnitude, so the way of sorting shows: few are inserted one by one,
 * as Go's sort does.
 */
function inOrder(candidates: readonly Candidate[], now: Millis): readonly Candidate[] {
  if (candidates.length > FEW) return [...candidates].sort((a, b) => compareCandidates(a, b, now))
  const sorted: Candidate[] = []
  for (const candidate of candidates) {
    let place = sorted.length
    while (place > 0 && compareCandidates(candidate, sorted[place - 1]!, now) < 0) place--
    sorted.splice(place, 0, candidate)
  }
  return sorted
}

function countByNode(pods: readonly Pod[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { spec } of pods) counts.set(spec.nodeName ?? '', (counts.get(spec.nodeName ?? '') ?? 0) + 1)
  return counts
}

/** `related` are the active Pods of all ReplicaSets under the same Deployment; what is equal in all this goes by draw. */
export function chooseVictims(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  now: Millis,
  draw: Draw,
): readonly Pod[] {
  if (count >= pods.length) return pods
  const onNode = countByNode(related)
  const candidates = pods.map((pod) => candidateOf(pod, onNode.get(pod.spec.nodeName ?? '') ?? 0, draw))
  return inOrder(
    candidates.sort((a, b) => a.drawn - b.drawn),
    now,
  )
    .slice(0, count)
    .map(({ pod }) => pod)
}
