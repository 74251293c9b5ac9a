/** Values inside of values: found, replaced and taken out by the path that leads to them. */
import { compare, isList, isObject, type Json, type JsonObject, kindOf, problem } from './json.ts'

/** Keys, indexes, and `{start, end}` for slices. */
export type Path = readonly Json[]

const shownKey = (key: Json): string => (typeof key === 'string' ? `string ${JSON.stringify(key)}` : kindOf(key))

/** Where an index points; one below zero counts from the end. */
const placeOf = (list: readonly Json[], index: number): number => {
  const whole = Math.floor(index)
  return whole < 0 ? list.length + whole : whole
}

/** `value[key]`. */
export function elementOf(value: Json, key: Json): Json {
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key) ? value[key]! : null
  if (isList(value) && typeof key === 'number') return value[placeOf(value, key)] ?? null
  if (isObject(key) && (isList(value) || typeof value === 'string' || value === null))
    return sliceOf(value, key.start ?? null, key.end ?? null)
  if (value === null && (typeof key === 'string' || typeof key === 'number' || key === null)) return null
  if (isList(value) && isList(key)) return indexesOf(value, key)
  throw problem(`Cannot index ${kindOf(value)} with ${shownKey(key)}`)
}

/** Where a list, or a text, occurs in another. */
export function indexesOf(whole: readonly Json[], part: readonly Json[]): readonly number[] {
  if (part.length === 0) return []
  return whole
    .map((_item, at) => at)
    .filter((at) =>
      part.every((item, offset) => at + offset < whole.length && compare(whole[at + offset]!, item) === 0),
    )
}

interface Range {
  readonly from: number
  readonly to: number
}

function rangeOf(length: number, start: Json, end: Json): Range {
  const bound = (value: Json, otherwise: number, round: (number: number) => number): number => {
    if (value === null) return otherwise
    if (typeof value !== 'number') throw problem('Start and end indices of an array slice must be numbers')
    const whole = round(value)
    return Math.min(Math.max(whole < 0 ? length + whole : whole, 0), length)
  }
  const from = bound(start, 0, Math.floor)
  return { from, to: Math.max(from, bound(end, length, Math.ceil)) }
}

export function sliceOf(value: Json, start: Json, end: Json): Json {
  if (value === null) return null
  if (typeof value !== 'string' && !isList(value)) throw problem(`Cannot index ${kindOf(value)} with object`)
  const letters: string | readonly Json[] = value
  const { from, to } = rangeOf(letters.length, start, end)
  return letters.slice(from, to)
}

export const getPath = (value: Json, path: Path): Json =>
  path.reduce<Json>((found, key) => (found === null ? null : elementOf(found, key)), value)

function withItem(list: readonly Json[], index: number, item: Json): Json {
  const at = placeOf(list, index)
  if (at < 0) throw problem('Out of bounds negative array index')
  const items = [...list]
  while (items.length < at) items.push(null)
  items[at] = item
  return items
}

function withSlice(list: readonly Json[], { start = null, end = null }: JsonObject, items: Json): Json {
  if (!isList(items)) throw problem('A slice of an array can only be assigned another array')
  const { from, to } = rangeOf(list.length, start, end)
  return [...list.slice(0, from), ...items, ...list.slice(to)]
}

function withElement(value: Json, key: Json, element: Json): Json {
  if (typeof key === 'string' && (value === null || isObject(value))) return { ...value, [key]: element }
  if (typeof key === 'number' && (value === null || isList(value))) return withItem(value ?? [], key, element)
  if (isObject(key) && (value === null || isList(value))) return withSlice(value ?? [], key, element)
  throw problem(`Cannot index ${kindOf(value)} with ${shownKey(key)}`)
}

export function setPath(value: Json, path: Path, next: Json): Json {
  const [key, ...rest] = path
  if (key === undefined) return next
  const inner = rest.length === 0 ? next : setPath(elementOf(value, key), rest, next)
  return withElement(value, key, inner)
}

function without(value: Json, key: Json): Json {
  if (value === null) return null
  if (isObject(value) && typeof key === 'string')
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  if (isList(value) && typeof key === 'number') {
    const gone = placeOf(value, key)
    return value.filter((_item, at) => at !== gone)
  }
  if (isList(value) && isObject(key)) {
    const { from, to } = rangeOf(value.length, key.start ?? null, key.end ?? null)
    return value.filter((_item, at) => at < from || at >= to)
  }
  throw problem(`Cannot delete field at ${isObject(value) ? 'object' : 'array'} index of ${kindOf(value)}`)
}

function deletePath(value: Json, [key, ...rest]: Path): Json {
  if (value === null || key === undefined) return null
  if (rest.length === 0) return without(value, key)
  const inner = elementOf(value, key)
  return inner === null ? value : withElement(value, key, deletePath(inner, rest))
}

/** The last first, so that indexes stay true. */
export const deletePaths = (value: Json, paths: readonly Path[]): Json =>
  [...paths].sort((a, b) => compare(b, a)).reduce(deletePath, value)
