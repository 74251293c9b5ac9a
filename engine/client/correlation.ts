/**
 * Keeps Events few: after nine messages that differ only in their wording the rest are counted in one, and an object about which a
 * component has said twenty-five things is heard of again only every five minutes.
 *
 * Upstream: staging/src/k8s.io/client-go/tools/record/events_cache.go
 * Left out: the recorder's own memory. What was said is looked up in the API server, so Events that expired are forgotten here too,
 * and what was left unsaid is not counted later.
 */
import type { Millis } from '../std/time.ts'
import { instantOf, minutes } from '../std/time.ts'

/** What of an Event that exists already matters here. */
export interface Said {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
}

export interface Saying {
  readonly type: string
  readonly reason: string
  readonly message: string
}

const COMBINED = '(combined from similar events): '

/** This many messages of one kind stand by themselves. */
const SINGLES = 9
const SIMILAR_WITHIN: Millis = minutes(10)

/** This much may be said about one object at once, and one thing more each time this passes. */
const BURST = 25
const REFILL: Millis = minutes(5)

const isCombined = ({ message = '' }: Said): boolean => message.startsWith(COMBINED)

const isSimilar = (said: Said, saying: Saying): boolean => said.type === saying.type && said.reason === saying.reason

const timeOf = (text: string | null | undefined): Millis => (text && instantOf(text)) || 0

/** The message as it will be told: by itself, or with those like it. */
export function toldMessage(saying: Saying, before: readonly Said[], now: Millis): string {
  let singles = 0
  for (const said of before) {
    if (!isSimilar(said, saying) || isCombined(said)) continue
    if (said.message === saying.message) return saying.message
    if (now - timeOf(said.lastTimestamp) <= SIMILAR_WITHIN) singles++
  }
  return singles < SINGLES ? saying.message : `${COMBINED}${saying.message}`
}

/** Whether this is the same Event as one that exists, which is then counted up. */
export const continues = (told: Saying, said: Said): boolean =>
  isSimilar(said, told) && (said.message === told.message || (isCombined(said) && isCombined(told)))

/** Whether too much was said about the object already. `before` is everything that this component has said of it. */
export function isSpam(before: readonly Said[], now: Millis): boolean {
  let spent = 0
  let first = now
  for (const { count = 1, firstTimestamp } of before) {
    spent += count
    first = Math.min(first, timeOf(firstTimestamp))
  }
  return spent - Math.floor((now - first) / REFILL) >= BURST
}
