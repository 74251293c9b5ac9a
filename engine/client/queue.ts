/**
 * The work queue of a controller: never the same key twice at once, never a change forgotten. A key that is added while a
 * worker has it is kept aside and queued again when that worker is done.
 *
 * Upstream: staging/src/k8s.io/client-go/util/workqueue/{queue,default_rate_limiters}.go
 * Left out: the overall token bucket (10 a second, 100 at once) beside the back-off per key.
 */
import type { Key } from '../api/object.ts'
import { deleteSorted, emptySorted, firstSorted, getSorted, hasSorted, type Sorted, setSorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'

export interface WorkQueue {
  /** Keys in line, by their number in the line. */
  readonly line: Sorted<Key, number>
  readonly lastNumber: number
  /** Keys that must be looked at: those in line, and those to be queued again when their worker is done. */
  readonly dirty: Sorted<true>
  readonly processing: Sorted<true>
  /** How often each key failed in a row. */
  readonly failures: Sorted<number>
}

export const EMPTY_QUEUE: WorkQueue = {
  line: emptySorted(),
  lastNumber: 0,
  dirty: emptySorted(),
  processing: emptySorted(),
  failures: emptySorted(),
}

const inLine = (queue: WorkQueue, key: Key): WorkQueue => {
  const lastNumber = queue.lastNumber + 1
  return { ...queue, lastNumber, line: setSorted(queue.line, lastNumber, key) }
}

export function addKey(queue: WorkQueue, key: Key): WorkQueue {
  if (hasSorted(queue.dirty, key)) return queue
  const dirty = { ...queue, dirty: setSorted(queue.dirty, key, true as const) }
  return hasSorted(queue.processing, key) ? dirty : inLine(dirty, key)
}

/** Hands the first key in line to a worker. */
export function takeKey(queue: WorkQueue): readonly [WorkQueue, Key] | undefined {
  const first = firstSorted(queue.line)
  if (!first) return undefined
  const [number, key] = first
  const line = deleteSorted(queue.line, number)
  const dirty = deleteSorted(queue.dirty, key)
  return [{ ...queue, line, dirty, processing: setSorted(queue.processing, key, true as const) }, key]
}

/** The worker has finished with the key. */
export function finishKey(queue: WorkQueue, key: Key): WorkQueue {
  const done = { ...queue, processing: deleteSorted(queue.processing, key) }
  return hasSorted(queue.dirty, key) ? inLine(done, key) : done
}

const FIRST_RETRY: Millis = 5
const LONGEST_RETRY: Millis = 1_000_000

/** Counts a failure and says after how long to try again: 5 ms, 10 ms, 20 ms … 1,000 s. */
export function failKey(queue: WorkQueue, key: Key): readonly [WorkQueue, Millis] {
  const failed = getSorted(queue.failures, key) ?? 0
  const delay = Math.min(FIRST_RETRY * 2 ** failed, LONGEST_RETRY)
  return [{ ...queue, failures: setSorted(queue.failures, key, failed + 1) }, delay]
}

export const forgiveKey = (queue: WorkQueue, key: Key): WorkQueue =>
  queue.failures.size === 0 ? queue : { ...queue, failures: deleteSorted(queue.failures, key) }
