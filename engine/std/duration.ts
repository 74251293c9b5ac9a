/**
 * Durations as people write and read them in Go programs: `1h30m`, `2m0s`, `500ms`. Flags take them, and timeouts and
 * probes show them.
 *
 * Upstream: time.ParseDuration and Duration.String. Left out: nothing below a millisecond is kept.
 */
import { goQuote } from './go-text.ts'
import type { Millis } from './time.ts'

const UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

const PART = /^(\d*\.?\d*)([^\d.]*)/

/** Milliseconds, or Go's words about what is wrong. */
export function parseDuration(text: string): Millis | string {
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0
  if (rest === '') return `time: invalid duration ${goQuote(text)}`
  let total = 0
  while (rest !== '') {
    const [all, count = '', unit = ''] = PART.exec(rest)!
    if (!/\d/.test(count)) return `time: invalid duration ${goQuote(text)}`
    if (unit === '') return `time: missing unit in duration ${goQuote(text)}`
    if (UNIT[unit] === undefined) return `time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`
    total += Number(count) * UNIT[unit]
    rest = rest.slice(all.length)
  }
  return sign * total
}

const fraction = (value: number): string => String(Number(value.toFixed(9)))

/** Duration.String: `1h0m5s`, `1.5s`, `300ms`, `0s`. */
export function formatDuration(duration: Millis): string {
  if (duration < 0) return `-${formatDuration(-duration)}`
  if (duration === 0) return '0s'
  if (duration < 1) return `${fraction(duration * 1000)}µs`
  if (duration < 1000) return `${fraction(duration)}ms`
  const hours = Math.floor(duration / 3_600_000)
  const minutes = Math.floor(duration / 60_000) % 60
  const seconds = `${fraction((duration % 60_000) / 1000)}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
