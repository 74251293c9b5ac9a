/**
 * How long to leave something alone that keeps failing: ten seconds, twice as long each time, five minutes at most, and
 * forgotten after ten minutes without trouble. Containers and image pulls are counted by the same rule.
 *
 * Upstream: staging/src/k8s.io/client-go/util/flowcontrol/backoff.go
 */
import { type Millis, minutes, seconds } from '../../std/time.ts'

export interface BackOff {
  readonly delay: Millis
  readonly updatedAt: Millis
  /** Of an image: why the last pull failed. */
  readonly cause?: string
}

const FIRST: Millis = seconds(10)
const MOST: Millis = minutes(5)

const forgotten = (entry: BackOff, since: Millis): boolean => since - entry.updatedAt > 2 * MOST

/** Time still to wait, counted from `since`; 0: none. */
export function timeLeft(entry: BackOff | undefined, since: Millis, now: Millis): Millis {
  if (!entry || forgotten(entry, since)) return 0
  return Math.max(0, entry.delay - (now - since))
}

/** The entry after one more try that begins now. */
export const nextBackOff = (entry: BackOff | undefined, since: Millis, now: Millis): BackOff =>
  !entry || forgotten(entry, since)
    ? { delay: FIRST, updatedAt: now }
    : { delay: Math.min(entry.delay * 2, MOST), updatedAt: now }
