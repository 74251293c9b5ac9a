/**
 * The scheduler's part of the world: what it knows, who waits, and what it has promised. Plain data.
 */
import type { Key } from '../api/object.ts'
import { emptySorted, type Sorted } from '../std/sorted.ts'
import { seconds } from '../std/time.ts'
import type { Configuration } from './configuration.ts'
import type { SchedulerFact } from './fact.ts'
import type { Nominations } from './nominations.ts'
import { type BackoffLimits, EMPTY_QUEUE, type Queue } from './queue.ts'
import type { Services } from './services.ts'
import { emptySnapshot, type Snapshot } from './snapshot.ts'

/** Others are being made to leave for a Pod: all but the last one have been asked, and are awaited. */
export interface Eviction {
  readonly awaited: number
  readonly last: { readonly key: Key; readonly uid: string }
  readonly node: string
}

export interface Scheduler {
  readonly configuration: Configuration
  readonly snapshot: Snapshot
  readonly services: Services
  readonly queue: Queue
  readonly nominations: Nominations
  /** Where in the order of nodes the next search begins. */
  readonly start: number
  /** By the key of the Pod that others leave for. */
  readonly evictions: Sorted<Eviction>
  /** Which of its own facts are on their way. */
  readonly coming: Readonly<Record<SchedulerFact['type'], boolean>>
}

export const newScheduler = (configuration: Configuration = {}): Scheduler => ({
  configuration,
  snapshot: emptySnapshot(),
  services: emptySorted(),
  queue: EMPTY_QUEUE,
  nominations: emptySorted(),
  start: 0,
  evictions: emptySorted(),
  coming: { 'cycle/due': false, 'backoff/flushed': false, 'unschedulable/flushed': false },
})

const FIRST_BACKOFF_SECONDS = 1
const LONGEST_BACKOFF_SECONDS = 10

export const backoffLimits = ({ configuration }: Pick<Scheduler, 'configuration'>): BackoffLimits => ({
  first: seconds(configuration.podInitialBackoffSeconds ?? FIRST_BACKOFF_SECONDS),
  longest: seconds(configuration.podMaxBackoffSeconds ?? LONGEST_BACKOFF_SECONDS),
})
