/**
 * The scheduler gives each Pod a node. It takes one Pod after the other, asks the plugins, and tells the API server where the Pod goes;
 * until the answer comes it already counts the Pod as being there, so that the next one can be placed at once.
 *
 * Upstream: pkg/scheduler
 * Left out: volumes and devices (waiting for either before binding), extenders, taking the next node of the ranking for a
 * Pod just like the one before (opportunistic batching), leader election.
 */
import type { AtClient, ClientFact, Component } from '../client/component.ts'
import type { Millis } from '../std/time.ts'
import { bindingFailed, runCycle } from './cycle.ts'
import { evictionAnswered } from './eviction.ts'
import type { SchedulerFact } from './fact.ts'
import { learn } from './news.ts'
import type { Pod } from './objects.ts'
import { BINDING, EVICTION, type Orders, recordScheduled, splitTag } from './orders.ts'
import { hasPodToTry, type QueuedPod, rested, waitingPods } from './queue.ts'
import { backoffLimits, type Scheduler } from './slice.ts'
import { requeue } from './waking.ts'

type Step = readonly [Scheduler, Orders]

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

function bindingAnswered(slice: Scheduler, key: string, { status }: Arrived, { view }: AtClient): Step {
  if (status?.status === 'Failure') return bindingFailed(slice, key, status.message ?? '', view)
  const pod = view.get<Pod>('pods', key)
  const node = slice.snapshot.assigned && nodeOf(slice, key)
  return [slice, pod && node ? [recordScheduled(pod, key, node)] : NO_ORDERS]
}
