/**
 * The scheduler gives each Pod a node. It takes one Pod after the other, asks the plugins, and tells the API server
 * where the Pod goes; until the answer comes it already counts the Pod as being there, so that the next one can be
 * placed at once.
 *
 * Upstream: pkg/scheduler
 * Left out: volumes and devices (waiting for either before binding), extenders, taking the next node of the ranking for
 * a Pod just like the one before (opportunistic batching), leader election.
 */
import type { Key, ResourceName } from '../api/object.ts'
import { isFailure } from '../api/status.ts'
import type { AtClient, ClientFact, Component } from '../client/component.ts'
import type { View } from '../client/controller.ts'
import { getSorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import { bindingFailed, runCycle } from './cycle.ts'
import { evictionAnswered } from './eviction.ts'
import type { SchedulerFact } from './fact.ts'
import { LEARNED, learn } from './news.ts'
import type { Pod } from './objects.ts'
import { BINDING, EVICTION, type Orders, recordScheduled, splitTag } from './orders.ts'
import { hasPodToTry, type QueuedPod, rested, waitingPods } from './queue.ts'
import { backoffLimits, type Scheduler } from './slice.ts'
import { requeue } from './waking.ts'

type Step = readonly [Scheduler, Orders]

export { newScheduler, type Scheduler } from './slice.ts'

/** Of these resources it wants to hear. */
export const SCHEDULER_WATCHES: readonly ResourceName[] = LEARNED

const NO_ORDERS: Orders = []

/** How long one turn takes. */
const CYCLE: Millis = 1
const BACKOFF_CLOCK: Millis = 1_000
const WAITING_CLOCK: Millis = 30_000
const LONGEST_WAIT: Millis = 300_000

// ---- its own facts ----

type Handle<Fact> = (slice: Scheduler, fact: Fact, at: AtClient) => Step

function requeueAll(slice: Scheduler, pods: readonly QueuedPod[], event: string, { view }: AtClient): Step {
  for (const queued of pods) {
    const pod = view.get<Pod>('pods', queued.key)
    if (pod) slice = { ...slice, queue: requeue(slice, queued, pod, event, view.now) }
  }
  return [slice, NO_ORDERS]
}

const flushBackoff: Handle<SchedulerFact> = (slice, _, at) =>
  requeueAll(slice, rested(slice.queue, backoffLimits(slice), at.now), 'BackoffComplete', at)

/** What nobody has woken for five minutes is tried again; upstream does not trust its hints blindly either. */
const flushWaiting: Handle<SchedulerFact> = (slice, _, at) => {
  const forgotten = waitingPods(slice.queue).filter(({ since, held }) => !held && at.now - since > LONGEST_WAIT)
  return requeueAll(slice, forgotten, 'UnschedulableTimeout', at)
}

const OWN: Readonly<Record<SchedulerFact['type'], Handle<SchedulerFact>>> = {
  'cycle/due': (slice, _, at) => runCycle(slice, at),
  'backoff/flushed': flushBackoff,
  'unschedulable/flushed': flushWaiting,
}

// ---- news and answers ----

type Delivered = Extract<ClientFact, { type: 'changes/delivered' }>
type Arrived = Extract<ClientFact, { type: 'response/arrived' }>

const hear: Handle<Delivered> = (slice, { changes }, { view }) => {
  for (const change of changes) slice = learn(slice, change, view)
  return [slice, NO_ORDERS]
}

function bindingAnswered(slice: Scheduler, key: Key, { status }: Arrived, view: View): Step {
  if (isFailure(status)) return bindingFailed(slice, key, status.message ?? '', view)
  const pod = view.get<Pod>('pods', key)
  const placed = getSorted(slice.snapshot.assigned, key)
  return [slice, pod && placed ? [recordScheduled(pod, key, placed.node)] : NO_ORDERS]
}

const answer: Handle<Arrived> = (slice, fact, { view }) => {
  const [about, key] = splitTag(fact.tag)
  if (about === BINDING) return bindingAnswered(slice, key, fact, view)
  return about === EVICTION ? evictionAnswered(slice, key, view) : [slice, NO_ORDERS]
}

// ---- which facts it needs next ----

const untilNext = (clock: Millis, now: Millis): Millis => clock - (now % clock)

interface Alarm {
  readonly type: SchedulerFact['type']
  readonly isNeeded: (slice: Scheduler) => boolean
  readonly delay: (now: Millis, just: string) => Millis
}

/** Nobody ticks: a clock runs only while somebody waits for it. */
const ALARMS: readonly Alarm[] = [
  {
    type: 'cycle/due',
    isNeeded: ({ queue }) => hasPodToTry(queue),
    delay: (_, just) => (just === 'cycle/due' ? CYCLE : 0),
  },
  {
    type: 'backoff/flushed',
    isNeeded: ({ queue: { lines } }) => lines.backoff.size + lines.errors.size > 0,
    delay: (now) => untilNext(BACKOFF_CLOCK, now),
  },
  {
    type: 'unschedulable/flushed',
    isNeeded: ({ queue }) => queue.lines.unschedulable.size > 0,
    delay: (now) => untilNext(WAITING_CLOCK, now),
  },
]

function withAlarms([slice, orders]: Step, just: string, now: Millis): Step {
  for (const { type, isNeeded, delay } of ALARMS) {
    if (slice.coming[type] || !isNeeded(slice)) continue
    slice = { ...slice, coming: { ...slice.coming, [type]: true } }
    orders = [...orders, { do: 'after', delay: delay(now, just), fact: { type } }]
  }
  return [slice, orders]
}

function happen(slice: Scheduler, fact: SchedulerFact | ClientFact, at: AtClient): Step {
  if (fact.type === 'changes/delivered') return hear(slice, fact, at)
  if (fact.type === 'response/arrived') return answer(slice, fact, at)
  return OWN[fact.type]({ ...slice, coming: { ...slice.coming, [fact.type]: false } }, fact, at)
}

export const scheduler: Component<Scheduler, SchedulerFact> = (slice, fact, at) =>
  withAlarms(happen(slice, fact, at), fact.type, at.now)
