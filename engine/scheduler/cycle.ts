/**
 * One turn of the scheduler: a Pod is taken out of the queue and tried. Then it is bound, or others are asked to leave
 * for it, or it goes back to wait, and is told why.
 *
 * Upstream: pkg/scheduler/schedule_one.go
 */
import type { Key } from '../api/object.ts'
import type { AtClient } from '../client/component.ts'
import type { View } from '../client/controller.ts'
import type { Draw } from '../std/draw.ts'
import { deleteSorted, getSorted, setSorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import { attempt, type Fit, remembering, type Situation, type Unfit } from './attempt.ts'
import { beginEviction } from './eviction.ts'
import { type Incoming, incomingOf, priorityOf } from './incoming.ts'
import type { Pod } from './objects.ts'
import { bind, type Orders, recordFailed, writeStatus } from './orders.ts'
import { NOTHING_TO_DEALLOCATE } from './plugins/dynamic-resources.ts'
import { type Budget, type Candidate, preempt } from './preemption.ts'
import { DEFAULT_PREEMPTION, DYNAMIC_RESOURCES, type Profile } from './profile.ts'
import { type QueuedPod, takePod, withPod } from './queue.ts'
import { countReasons, noNodesText, tallyOfReasons } from './refusal.ts'
import { backoffLimits, type Scheduler } from './slice.ts'
import { assignedOf, displace, place } from './snapshot.ts'
import { profileOf, requeue, wake } from './waking.ts'

type Step = readonly [Scheduler, Orders]

// ---- it fits ----

function assume(slice: Scheduler, { key, pod }: Incoming, { node, start }: Fit): Step {
  const assumed = { ...assignedOf(pod, node), assumed: true as const }
  const nominations = slice.nominations.size > 0 ? deleteSorted(slice.nominations, key) : slice.nominations
  return [{ ...slice, start, nominations, snapshot: place(slice.snapshot, key, assumed) }, [bind(pod, key, node)]]
}

// ---- it does not ----

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function unfitText(nodes: number, { beforehand, verdicts, absent }: Unfit): string {
  if (beforehand) return noNodesText(nodes, beforehand.refusal.reasons.join(', '))
  const counts = new Map<string, number>()
  for (const { refusal } of verdicts.values()) countReasons(counts, refusal, 1)
  if (absent) countReasons(counts, absent.refusal, nodes - verdicts.size)
  return noNodesText(nodes, tallyOfReasons(counts))
}

/** What became of making room: a place that is promised, nothing to report, or why not. */
interface Remedy {
  readonly candidate?: Candidate
  readonly says: string
  /** The promise that the Pod had is void. */
  readonly forgets: boolean
}

const NO_REMEDY: Remedy = { says: '', forgets: false }

/** PostFilter: each plugin that could make room says why it cannot. */
export function remedy(situation: Situation, incoming: Incoming, unfit: Unfit, draw: Draw): Remedy {
  const { postFilters } = situation.profile
  if (unfit.beforehand) return postFilters.length > 0 ? { says: 'not found', forgets: false } : NO_REMEDY
  const said = postFilters.includes(DYNAMIC_RESOURCES) ? [NOTHING_TO_DEALLOCATE] : []
  if (!postFilters.includes(DEFAULT_PREEMPTION)) return { says: said.join(', '), forgets: false }
  const budgets = situation.view.list<Budget>('poddisruptionbudgets.policy')
  const tried = preempt(situation, incoming, unfit, remembering, budgets, draw)
  if ('candidate' in tried) return { candidate: tried.candidate, says: '', forgets: false }
  return { says: [...said, `preemption: ${tried.says}`].join(', '), forgets: tried.eligible }
}

/** Back to wait, in back-off if something went wrong, else aside until something happens. */
function putAside(slice: Scheduler, queued: QueuedPod, pod: Pod, refusedBy: readonly string[], now: Millis): Scheduler {
  const missed = refusedBy.length > 0
  const counts = missed ? { misses: queued.misses + 1, errors: 0 } : { errors: queued.errors + 1 }
  const failed: QueuedPod = { ...queued, ...counts, refusedBy, since: now, line: 'unschedulable', event: FAILURE }
  const queue = missed ? withPod(slice.queue, failed, backoffLimits(slice)) : requeue(slice, failed, pod, FAILURE, now)
  return { ...slice, queue }
}

const FAILURE = 'ScheduleAttemptFailure'

const notScheduled = (reason: string, message: string) =>
  ({ type: 'PodScheduled', status: 'False', reason, message }) as const

/** The Pod waits again and is told why. `nominated`: the node that is promised to it, or '' for none any more. */
function fail(
  slice: Scheduler,
  queued: QueuedPod,
  pod: Pod,
  failure: { readonly reason: string; readonly message: string; readonly refusedBy: readonly string[] },
  view: View,
  nominated?: string,
): Step {
  const waiting = putAside(slice, queued, pod, failure.refusedBy, view.now)
  const condition = notScheduled(failure.reason, failure.message)
  return [waiting, [recordFailed(pod, failure.message), ...writeStatus(pod, view, condition, nominated)]]
}

function promise(slice: Scheduler, { key, priority }: Incoming, node: string): Scheduler {
  const nominations = node
    ? setSorted(slice.nominations, key, { node, priority })
    : deleteSorted(slice.nominations, key)
  return { ...slice, nominations }
}

function miss(
  slice: Scheduler,
  queued: QueuedPod,
  situation: Situation,
  incoming: Incoming,
  unfit: Unfit,
  at: AtClient,
): Step {
  const { view } = at
  const { candidate, says, forgets } = remedy(situation, incoming, unfit, at.draw)
  const text = unfitText(situation.snapshot.facts.size, unfit)
  const failure = { reason: 'Unschedulable', message: says ? `${text} ${says}` : text, refusedBy: unfit.refusedBy }
  const searched = { ...slice, start: unfit.start }
  if (!candidate)
    return fail(
      forgets ? promise(searched, incoming, '') : searched,
      queued,
      incoming.pod,
      failure,
      view,
      forgets ? '' : undefined,
    )
  const [evicting, evictions] = beginEviction(searched, incoming.pod, incoming.key, candidate, view)
  const promised = promise(evicting, incoming, candidate.node)
  const [waiting, told] = fail(promised, queued, incoming.pod, failure, view, candidate.node)
  return [waiting, [...evictions, ...told]]
}

const NO_NODES = { reason: 'Unschedulable', message: 'no nodes available to schedule pods', refusedBy: [] }

export const situationOf = (slice: Scheduler, profile: Profile, view: View): Situation => ({
  profile,
  view,
  snapshot: slice.snapshot,
  services: slice.services,
  nominations: slice.nominations,
  start: slice.start,
})

function tryPod(slice: Scheduler, queued: QueuedPod, pod: Pod, at: AtClient): Step {
  const { view } = at
  const profile = profileOf(slice, pod)!
  if (slice.snapshot.facts.size === 0) return fail(slice, queued, pod, NO_NODES, view)
  const situation = situationOf(slice, profile, view)
  const incoming = incomingOf(pod)
  const outcome = attempt(situation, incoming)
  return outcome.fits ? assume(slice, incoming, outcome) : miss(slice, queued, situation, incoming, outcome, at)
}

/** Takes the next Pod in line and tries it. */
export function runCycle(slice: Scheduler, at: AtClient): Step {
  const taken = takePod(slice.queue, backoffLimits(slice))
  if (!taken) return [slice, []]
  const [queue, queued] = taken
  const pod = at.view.get<Pod>('pods', queued.key)
  const popped = { ...slice, queue }
  if (!pod || pod.metadata.uid !== queued.uid || pod.spec.nodeName) return [popped, []]
  if (pod.metadata.deletionTimestamp) return [popped, [recordFailed(pod, `skip schedule deleting pod: ${queued.key}`)]]
  return tryPod(popped, queued, pod, at)
}

/** A binding was refused: the room is given back, and the Pod is tried again after a back-off. */
export function bindingFailed(slice: Scheduler, key: Key, says: string, view: View): Step {
  const pod = view.get<Pod>('pods', key)
  const assumed = getSorted(slice.snapshot.assigned, key)
  if (!assumed?.assumed) return [slice, []]
  const freed = { ...slice, snapshot: displace(slice.snapshot, key) }
  if (!pod || pod.spec.nodeName) return [freed, []]
  const known = wake(freed, { of: 'AssignedPod', change: 'Delete', before: pod }, view)
  const message = `binding rejected: ${says}`
  return fail(known, returning(pod, key, known, view), pod, { reason: 'SchedulerError', message, refusedBy: [] }, view)
}

/** Its record in the queue is gone since it was taken out; it starts again as one that failed once. */
const returning = (pod: Pod, key: Key, { queue }: Scheduler, view: View): QueuedPod => ({
  key,
  uid: pod.metadata.uid,
  priority: priorityOf(pod),
  since: view.now,
  ordinal: queue.lastOrdinal,
  attempts: 1,
  misses: 0,
  errors: 0,
  refusedBy: [],
  line: 'active',
  event: FAILURE,
})
