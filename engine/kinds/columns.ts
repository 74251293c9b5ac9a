/**
 * The words of which tables are made: columns, and the cells that many kinds share. What `kubectl get` prints is
 * decided here, by the server; kubectl only aligns it.
 *
 * Upstream: pkg/printers/internalversion/printers.go
 */
import type { Column } from '../api/kind.ts'
import { humanDuration } from '../std/human-duration.ts'
import { type Millis, parseUnix } from '../std/time.ts'

export const NAME: Column = { name: 'Name', type: 'string', format: 'name' }
export const AGE: Column = { name: 'Age', type: 'string' }

export const text = (name: string): Column => ({ name, type: 'string' })
export const integer = (name: string): Column => ({ name, type: 'integer' })
export const truth = (name: string): Column => ({ name, type: 'boolean' })
export const wide = (name: string): Column => ({ name, type: 'string', wide: true })

export const NONE = '<none>'
export const UNKNOWN = '<unknown>'
export const UNSET = '<unset>'

/** How long ago a timestamp was. */
export function age(timestamp: string | null | undefined, nowUnix: Millis): string {
  const then = timestamp ? parseUnix(timestamp) : undefined
  return then === undefined ? UNKNOWN : humanDuration(nowUnix - then)
}

/** At most three of a list, and how many more there are. */
export function firstThree(list: readonly (string | number)[], empty: string): string {
  if (list.length === 0) return empty
  const shown = list.slice(0, 3).join(',')
  return list.length > 3 ? `${shown} + ${list.length - 3} more...` : shown
}

/** `a=b,c=d`, by key. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {})
  return keys.length === 0
    ? NONE
    : keys
        .sort()
        .map((key) => `${key}=${labels![key]}`)
        .join(',')
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

const REQUIREMENT: Readonly<Record<string, (key: string, values: string) => string>> = {
  In: (key, values) => `${key} in (${values})`,
  NotIn: (key, values) => `${key} notin (${values})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
}

/** A selector in the notation of `-l`; `<none>` when it selects everything or is absent. */
export function selectorText(selector: Selector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({ key, said: `${key}=${value}` }))
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => ({
    key,
    said: REQUIREMENT[operator]?.(key, [...(values ?? [])].sort().join(',')) ?? '<error>',
  }))
  const all = [...labels, ...expressions].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return all.length === 0 ? NONE : all.map(({ said }) => said).join(',')
}

interface NamedImage {
  readonly name: string
  readonly image?: string
}

/** The two wide cells that say what a template runs. */
export const containerCells = (containers: readonly NamedImage[]): readonly [names: string, images: string] => [
  containers.map(({ name }) => name).join(','),
  containers.map(({ image }) => image ?? '').join(','),
]

export const CONTAINER_COLUMNS: readonly Column[] = [wide('Containers'), wide('Images')]
