/**
 * Where Pods wait for a node: in the active line by priority, then by time; in back-off after a failure, so that a
 * hopeless Pod does not keep the others waiting; aside as long as nothing has happened that could help. When the active
 * line is empty, back-off is cut short.
 *
 * Upstream: pkg/scheduler/backend/queue
 * Left out: events that arrive while a Pod is being tried (an attempt takes no time here), groups of Pods.
 */
import type { Key } from '../api/object.ts'
import {
  deleteSorted,
  emptySorted,
  firstSorted,
  getSorted,
  type Sorted,
  setSorted,
  sortedValues,
} from '../std/sorted.ts'
import { type Millis, seconds } from '../std/time.ts'

export type Line = 'active' | 'backoff' | 'errors' | 'unschedulable'

export interface QueuedPod {
  readonly key: Key
  readonly uid: string
  readonly priority: number
  /** Since when it waits: its arrival, or its last failure. */
  readonly since: Millis
  /** Number of arrival, for equals. */
  readonly ordinal: number
  readonly attempts: number
  /** How often no node was found. */
  readonly misses: number
  /** How often in a row something went wrong. */
  readonly errors: number
  /** The plugins that refused it the last time. */
  readonly refusedBy: readonly string[]
  /** Why it may not be tried, and the plugin that says so. */
  readonly held?: { readonly plugin: string; readonly why: string }
  readonly line: Line
  /** What put it into this line, in upstream's name. */
  readonly event: string
}

export interface Queue {
  readonly pods: Sorted<QueuedPod>
  readonly lines: Readonly<Record<Line, Sorted<Key>>>
  readonly lastOrdinal: number
}

export const EMPTY_QUEUE: Queue = {
  pods: emptySorted(),
  lines: { active: emptySorted(), backoff: emptySorted(), errors: emptySorted(), unschedulable: emptySorted() },
  lastOrdinal: 0,
}

// ---- back-off ----

export interface BackoffLimits {
  readonly first: Millis
  readonly longest: Millis
}

/** Back-off ends together for all whose time is up within the same second, so that priority decides among them. */
const WINDOW = seconds(1)

const wholeWindow = (instant: Millis): Millis => Math.floor(instant / WINDOW) * WINDOW

function backoffEnd({ since, misses, errors }: QueuedPod, { first, longest }: BackoffLimits): Millis {
  const failures = errors > 0 ? errors : misses
  return failures === 0 ? since : wholeWindow(since + Math.min(first * 2 ** (failures - 1), longest))
}

export const isBackingOff = (pod: QueuedPod, limits: BackoffLimits, now: Millis): boolean =>
  pod.misses + pod.errors > 0 && backoffEnd(pod, limits) >= wholeWindow(now)

// ---- the order of each line ----

const HIGHEST_PRIORITY = 2 ** 31

const digits = (value: number, width: number): string => String(value).padStart(width, '0')

const byImportance = ({ priority, since, ordinal }: QueuedPod): string =>
  `${digits(HIGHEST_PRIORITY - priority, 10)}${digits(since, 14)}${digits(ordinal, 10)}`

const rankIn: Readonly<Record<Line, (pod: QueuedPod, limits: BackoffLimits) => string>> = {
  active: byImportance,
  backoff: (pod, limits) => digits(backoffEnd(pod, limits), 14) + byImportance(pod),
  errors: (pod, limits) => digits(backoffEnd(pod, limits), 14) + byImportance(pod),
  unschedulable: ({ key }) => key,
}

// ---- in and out ----

export const queuedPod = (queue: Queue, key: Key): QueuedPod | undefined => getSorted(queue.pods, key)

export function withoutPod(queue: Queue, key: Key, limits: BackoffLimits): Queue {
  const pod = getSorted(queue.pods, key)
  if (!pod) return queue
  const line = deleteSorted(queue.lines[pod.line], rankIn[pod.line](pod, limits))
  return { ...queue, pods: deleteSorted(queue.pods, key), lines: { ...queue.lines, [pod.line]: line } }
}

/** Puts the Pod into the line that it names, wherever it was. */
export function withPod(queue: Queue, pod: QueuedPod, limits: BackoffLimits): Queue {
  const cleared = withoutPod(queue, pod.key, limits)
  const line = setSorted(cleared.lines[pod.line], rankIn[pod.line](pod, limits), pod.key)
  return { ...cleared, pods: setSorted(cleared.pods, pod.key, pod), lines: { ...cleared.lines, [pod.line]: line } }
}

export type Newcomer = Pick<QueuedPod, 'key' | 'uid' | 'priority' | 'since' | 'line' | 'event'>

export function withNewcomer(queue: Queue, newcomer: Newcomer, limits: BackoffLimits): Queue {
  const ordinal = queue.lastOrdinal + 1
  const pod: QueuedPod = { ...newcomer, ordinal, attempts: 0, misses: 0, errors: 0, refusedBy: [] }
  return withPod({ ...queue, lastOrdinal: ordinal }, pod, limits)
}

/** Takes the Pod that is to be tried next. */
export function takePod(queue: Queue, limits: BackoffLimits): readonly [Queue, QueuedPod] | undefined {
  const next = firstSorted(queue.lines.active) ?? firstSorted(queue.lines.backoff)
  if (!next) return undefined
  const pod = getSorted(queue.pods, next[1])!
  return [withoutPod(queue, pod.key, limits), { ...pod, attempts: pod.attempts + 1 }]
}

export const hasPodToTry = ({ lines }: Queue): boolean => lines.active.size > 0 || lines.backoff.size > 0

const podsIn = ({ pods, lines }: Queue, line: Line): readonly QueuedPod[] =>
  sortedValues(lines[line]).map((key) => getSorted(pods, key)!)

export const waitingPods = (queue: Queue): readonly QueuedPod[] => podsIn(queue, 'unschedulable')

/** Pods whose back-off is over. */
export const rested = (queue: Queue, limits: BackoffLimits, now: Millis): readonly QueuedPod[] =>
  [...podsIn(queue, 'backoff'), ...podsIn(queue, 'errors')].filter((pod) => !isBackingOff(pod, limits, now))
