/**
 * JSON patch (RFC 6902), with the liberties of the library that the API server uses: `replace` of a map's missing key adds it, a
 * path without its first slash loses its first part, and an index may count from the end. Whatever does not apply,
 * refuses the whole patch; the API does not say why.
 *
 * Upstream: gopkg.in/evanphx/json-patch.v4
 */
import { equalJson } from './equal.ts'
import { isMap } from './merge-patch.ts'

type Json = unknown

export interface Operation {
  readonly op?: string
  readonly path?: string
  readonly from?: string
  readonly value?: Json
}

/** Stands for "does not apply": JSON has no undefined. */
type Changed = Json | undefined

/** What to do in the map or list that the path leads to. */
type Change = (container: Json, key: string) => Changed

const decoded = (part: string): string => (part.includes('~') ? part.replaceAll('~1', '/').replaceAll('~0', '~') : part)

const INTEGER = /^[+-]?\d+$/

function indexIn(length: number, key: string): number | undefined {
  if (!INTEGER.test(key)) return undefined
  const index = Number(key)
  if (index >= length || index < -length) return undefined
  return index < 0 ? index + length : index
}

function child(container: Json, key: string): Changed {
  if (!Array.isArray(container)) return isMap(container) ? container[key] : undefined
  const index = indexIn(container.length, key)
  return index === undefined ? undefined : container[index]
}

function replaced(container: Json, key: string, value: Json): Changed {
  if (isMap(container)) return { ...container, [key]: value }
  if (!Array.isArray(container)) return undefined
  const index = indexIn(container.length, key)
  return index === undefined ? undefined : container.with(index, value)
}

function added(container: Json, key: string, value: Json): Changed {
  if (!Array.isArray(container)) return replaced(container, key, value)
  if (key === '-') return [...container, value]
  const index = indexIn(container.length + 1, key)
  return index === undefined ? undefined : container.toSpliced(index, 0, value)
}

function removed(container: Json, key: string): Changed {
  if (Array.isArray(container)) {
    const index = indexIn(container.length, key)
    return index === undefined ? undefined : container.toSpliced(index, 1)
  }
  if (!isMap(container) || !(key in container)) return undefined
  const { [key]: _, ...rest } = container
  return rest
}

function changedAt(document: Json, parts: readonly string[], change: Change): Changed {
  const key = decoded(parts[0]!)
  if (parts.length === 1) return change(document, key)
  const inner = child(document, key)
  if (inner === undefined || inner === null) return undefined
  const changed = changedAt(inner, parts.slice(1), change)
  return changed === undefined ? undefined : replaced(document, key, changed)
}

/** The part before the first slash is dropped, whatever it is. */
function changed(document: Json, path: string | undefined, change: Change): Changed {
  const parts = (path ?? '').split('/').slice(1)
  return parts.length === 0 ? undefined : changedAt(document, parts, change)
}

/** Undefined: there is no such place. Null: there is, and nothing in it. */
function valueAt(document: Json, path: string | undefined): Changed {
  let found: Json = null
  const seen = changed(document, path, (container, key) => {
    if (Array.isArray(container) && indexIn(container.length, key) === undefined) return undefined
    found = child(container, key) ?? null
    return container
  })
  return seen === undefined ? undefined : found
}

const adding =
  (value: Json): Change =>
  (container, key) =>
    added(container, key, value)

function replacing(document: Json, { path, value = null }: Operation): Changed {
  if (path === '') return value
  return changed(document, path, (container, key) => replaced(container, key, value))
}

function moving(document: Json, { from, path }: Operation): Changed {
  const value = valueAt(document, from)
  if (value === undefined) return undefined
  const without = changed(document, from, removed)
  return without === undefined ? undefined : changed(without, path, adding(value))
}

function copying(document: Json, { from, path }: Operation): Changed {
  const value = valueAt(document, from)
  return value === undefined ? undefined : changed(document, path, adding(value))
}

function testing(document: Json, { path, value = null }: Operation): Changed {
  const found = path === '' ? document : valueAt(document, path)
  return found !== undefined && equalJson(found, value) ? document : undefined
}

const OPERATIONS: Readonly<Record<string, (document: Json, operation: Operation) => Changed>> = {
  add: (document, { path, value = null }) => changed(document, path, adding(value)),
  remove: (document, { path }) => changed(document, path, removed),
  replace: replacing,
  move: moving,
  copy: copying,
  test: testing,
}

/** The patched document; undefined if one of the operations does not apply. */
export function jsonPatch(document: Json, operations: readonly Operation[]): Json | undefined {
  let result: Changed = document
  for (const operation of operations) {
    result = OPERATIONS[operation.op ?? '']?.(result, operation)
    if (result === undefined) return undefined
  }
  return result
}
