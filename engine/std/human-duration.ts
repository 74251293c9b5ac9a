/**
 * Ages as `kubectl get` shows them: two units while the larger one is small, one when it is not.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go
 */
import type { Millis } from './time.ts'

const withRest = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${unit}` : `${large}${unit}${small}${smallUnit}`

export function humanDuration(duration: Millis): string {
  const seconds = Math.trunc(duration / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  if (hours < 192) return withRest(Math.trunc(hours / 24), 'd', hours % 24, 'h')
  const days = Math.trunc(hours / 24)
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.trunc(days / 365)
  return hours < 24 * 365 * 8 ? withRest(years, 'y', days % 365, 'd') : `${years}y`
}
