/**
 * How many requests a client may send: so many a second on average, and so many more at once after a quiet time. This, and
 * not the work itself, is what a large rollout waits for.
 *
 * Upstream: staging/src/k8s.io/client-go/util/flowcontrol/throttle.go
 */
import type { Millis } from '../std/time.ts'

export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
}

/** What kube-controller-manager allows each of its controllers (`--kube-api-qps`, `--kube-api-burst`). */
export const CONTROLLER_RATE: RateLimit = { perSecond: 20, burst: 30 }

/** A bucket that fills up with time; each request takes a token out of it. */
export interface Bucket {
  readonly tokens: number
  readonly filledAt: Millis
}

/** Filled up at the first look. */
export const NO_TOKENS_YET: Bucket = { tokens: 0, filledAt: -1_000_000_000 }

export const filled = (bucket: Bucket, { perSecond, burst }: RateLimit, now: Millis): Bucket => ({
  tokens: Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * perSecond) / 1000),
  filledAt: now,
})

export const withoutTokens = (bucket: Bucket, count: number): Bucket => ({ ...bucket, tokens: bucket.tokens - count })

/** How long until a request may be sent. */
export const waitFor = ({ tokens }: Bucket, { perSecond }: RateLimit): Millis =>
  tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / perSecond)
