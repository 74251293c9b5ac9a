/**
 * Strategic merge patch: like a merge patch, but lists whose items have a name (containers by `name`, ports by `port`) are merged item
 * by item, and directives (`$patch`, `$retainKeys`, `$setElementOrder`, `$deleteFromPrimitiveList`) say what cannot be said by
 * leaving out.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch
 */
import { goValue } from '../std/go-value.ts'
import { equalJson } from './equal.ts'
import { isMap } from './merge-patch.ts'
import type { Field, FieldType, TypeName } from './schema.ts'
import { hasType, typeOf } from './schema-table.ts'

type Json = unknown
type JsonMap = { readonly [key: string]: Json }
type List = readonly Json[]

export interface PatchMistake {
  readonly code: 400 | 500
  readonly mistake: string
}

/** The first mistake that was found, if any. Local to one patch. */
interface Trouble {
  mistake?: PatchMistake
}

const note = (trouble: Trouble, mistake: string, code: 400 | 500 = 500): void => {
  trouble.mistake ??= { code, mistake }
}

const PATCH = '$patch'
const RETAIN_KEYS = '$retainKeys'
const ORDER_PREFIX = '$setElementOrder/'
const DELETE_PREFIX = '$deleteFromPrimitiveList/'

/** How a field is patched: what it holds, and the key by which its items are told apart. */
interface Rule {
  readonly inside: TypeName | undefined
  readonly merges: boolean
  readonly key: string | undefined
}

const insideOf = (is: FieldType): TypeName | undefined => {
  if ('type' in is) return is.type
  if ('list' in is) return insideOf(is.list)
  return 'map' in is ? insideOf(is.map) : undefined
}

const FREE: Rule = { inside: undefined, merges: false, key: undefined }

function ruleFor(type: TypeName | undefined, name: string): Rule {
  const field: Field | undefined = type && hasType(type) ? typeOf(type).fields[name] : undefined
  if (!field) return FREE
  return { inside: insideOf(field.is), merges: field.patch?.startsWith('merge') ?? false, key: field.patchKey }
}

const isDirective = (key: string): boolean => key === PATCH || key === RETAIN_KEYS || key.startsWith(ORDER_PREFIX)

const isNothing = (key: string, value: Json): boolean =>
  value === null || isDirective(key) || key.startsWith(DELETE_PREFIX)

/** Whether a part of a patch has neither directives nor anything to remove, so that it can be taken as it is. */
function isPlain(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every((item) => !(isMap(item) && PATCH in item) && isPlain(item))
  for (const key in value) {
    const inner = (value as JsonMap)[key]
    if (isNothing(key, inner) || !isPlain(inner)) return false
  }
  return true
}

/** What a patch says where there was nothing: without its directives, and without what it would remove. */
const plain = (value: Json): Json => (isPlain(value) ? value : stripped(value))

function stripped(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => !isMap(item) || item[PATCH] === undefined).map(plain)
  if (!isMap(value)) return value
  const entries = Object.entries(value).filter(([key, inner]) => !isNothing(key, inner))
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]))
}

const badPatchType = (type: Json, patch: JsonMap): string =>
  `unknown patch type: ${goValue(type)} in map: ${goValue(patch)}`

function without(map: JsonMap, key: string): JsonMap {
  const { [key]: _, ...rest } = map
  return rest
}

function mergeMaps(original: JsonMap, patch: JsonMap, type: TypeName | undefined, trouble: Trouble): JsonMap {
  const directive = patch[PATCH]
  if (directive === 'replace') return plain(without(patch, PATCH)) as JsonMap
  if (directive === 'delete') return {}
  if (directive !== undefined) note(trouble, badPatchType(directive, patch))
  const result: Record<string, Json> = { ...retained(original, patch, trouble) }
  const ordered = applyOrders(result, patch, type, trouble)
  for (const key of Object.keys(patch))
    if (!isDirective(key) && !ordered.has(key)) mergeField(result, key, patch[key], type, trouble)
  return changesNothing(original, patch, result) ? original : result
}

const fieldOf = (key: string): string =>
  key.startsWith(ORDER_PREFIX) || key.startsWith(DELETE_PREFIX) ? key.slice(key.indexOf('/') + 1) : key

/** Whether the patched map holds the very values that were there. */
function changesNothing(original: JsonMap, patch: JsonMap, result: JsonMap): boolean {
  if (RETAIN_KEYS in patch) return false
  for (const key in patch) {
    const name = key.startsWith('$') ? fieldOf(key) : key
    if (name !== PATCH && (result[name] !== original[name] || name in result !== name in original)) return false
  }
  return true
}

/** `$retainKeys` clears everything that it does not name; it must name whatever the patch sets. */
function retained(original: JsonMap, patch: JsonMap, trouble: Trouble): JsonMap {
  const kept = patch[RETAIN_KEYS]
  if (kept === undefined) return original
  const set = Object.keys(patch).filter((key) => !isDirective(key) && patch[key] !== null)
  if (!Array.isArray(kept) || set.some((key) => !kept.includes(key)))
    note(trouble, 'invalid patch format of retainKeys', 400)
  const names: List = Array.isArray(kept) ? kept : []
  return Object.fromEntries(Object.entries(original).filter(([key]) => names.includes(key)))
}

function mergeField(
  result: Record<string, Json>,
  name: string,
  patch: Json,
  type: TypeName | undefined,
  trouble: Trouble,
): void {
  const original = result[name]
  if (name.startsWith(DELETE_PREFIX)) deleteScalars(result, name.slice(DELETE_PREFIX.length), patch)
  else if (patch === null) delete result[name]
  else if (original === undefined || original === null) result[name] = plain(patch)
  else result[name] = mergeValues(original, patch, ruleFor(type, name), trouble)
}

function deleteScalars(result: Record<string, Json>, name: string, patch: Json): void {
  const list = result[name]
  if (Array.isArray(list) && Array.isArray(patch)) result[name] = list.filter((item) => !patch.includes(item))
}

function mergeValues(original: Json, patch: Json, rule: Rule, trouble: Trouble): Json {
  if (isMap(original) && isMap(patch)) return mergeMaps(original, patch, rule.inside, trouble)
  if (Array.isArray(original) && Array.isArray(patch))
    return rule.merges ? mergeLists(original, patch, rule, trouble) : plainList(patch)
  return plain(patch)
}

const plainList = (list: List): Json => plain(list)

// ---- lists ----

const keyIn = (item: Json, key: string | undefined): Json => (key === undefined ? item : (item as JsonMap)[key])

const noMergeKey = (item: JsonMap, key: string): string =>
  `map: ${goValue(item)} does not contain declared merge key: ${key}`

/** Carries out the items that are directives. */
function specialItems(original: List, patch: List, key: string, trouble: Trouble): readonly [List, List] {
  let left = original
  let replaces = false
  const rest: Json[] = []
  for (const item of patch as readonly JsonMap[]) {
    const directive = item[PATCH]
    if (directive === undefined) rest.push(item)
    else if (directive === 'replace') replaces = true
    else if (directive !== 'delete') note(trouble, badPatchType(directive, item))
    else if (!(key in item)) note(trouble, noMergeKey(item, key))
    else left = left.filter((candidate) => !equalJson(keyIn(candidate, key), item[key]))
  }
  return replaces ? [rest.map(plain), []] : [left, rest]
}

function mergeItems(original: List, patch: List, key: string, inside: TypeName | undefined, trouble: Trouble): List {
  const result = [...original]
  for (const item of patch as readonly JsonMap[]) {
    if (!(key in item)) {
      note(trouble, noMergeKey(item, key))
      continue
    }
    const at = result.findIndex((candidate) => equalJson(keyIn(candidate, key), item[key]))
    if (at < 0) result.push(plain(item))
    else result[at] = mergeMaps(result[at] as JsonMap, item, inside, trouble)
  }
  return result
}

function mergeLists(original: List, patch: List, rule: Rule, trouble: Trouble): List {
  if (![...original, ...patch].some(isMap))
    return inOrder([...new Set([...original, ...patch])], patch, original, undefined)
  const { key } = rule
  if (key === undefined) {
    note(trouble, `cannot merge lists without merge key for ${rule.inside ?? ''}`)
    return original
  }
  const [left, rest] = specialItems(original, patch, key, trouble)
  const merged = inOrder(mergeItems(left, rest, key, rule.inside, trouble), rest, left, key)
  return merged.length === original.length && merged.every((item, i) => item === original[i]) ? original : merged
}

const positionIn = (order: List, item: Json, key: string | undefined): number =>
  order.findIndex((candidate) => equalJson(keyIn(candidate, key), keyIn(item, key)))

const sortedBy = (items: List, order: List, key: string | undefined): List =>
  [...items].sort((a, b) => positionIn(order, a, key) - positionIn(order, b, key))

/** Items that the patch names stand in its order, the others in theirs; between the two the server's order decides. */
function inOrder(merged: List, wanted: List, server: List, key: string | undefined): List {
  const isWanted = (item: Json) => positionIn(wanted, item, key) >= 0
  const named = sortedBy(merged.filter(isWanted), wanted, key)
  const others = sortedBy(
    merged.filter((item) => !isWanted(item)),
    server,
    key,
  )
  return interleaved(others, named, (item) => positionIn(server, item, key))
}

function interleaved(left: List, right: List, place: (item: Json) => number): List {
  const result: Json[] = []
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    const [l, r] = [place(left[i]), place(right[j])]
    result.push(l >= 0 && r >= 0 && l < r ? left[i++] : right[j++])
  }
  return [...result, ...left.slice(i), ...right.slice(j)]
}

// ---- $setElementOrder ----

/** Lists for which the patch gives an order are merged here; returns their names. */
function applyOrders(
  result: Record<string, Json>,
  patch: JsonMap,
  type: TypeName | undefined,
  trouble: Trouble,
): ReadonlySet<string> {
  const done = new Set<string>()
  for (const directive of Object.keys(patch)) {
    if (!directive.startsWith(ORDER_PREFIX)) continue
    const name = directive.slice(ORDER_PREFIX.length)
    done.add(name)
    const order = (patch[directive] ?? []) as List
    applyOrder(result, name, patch[name] as List | undefined, order, ruleFor(type, name), trouble)
  }
  return done
}

function applyOrder(
  result: Record<string, Json>,
  name: string,
  patch: List | undefined,
  order: List,
  rule: Rule,
  trouble: Trouble,
): void {
  const original = result[name] as List | undefined
  if (patch) checkOrder(patch, order, rule.key, trouble)
  if (!original && !patch) return
  const merged = patch ? mergeLists(original ?? [], patch, rule, trouble) : (original as List)
  result[name] = inOrder(merged, order, original ?? [], rule.key)
}

/** The patch must come in the order that it demands. */
function checkOrder(patch: List, order: List, key: string | undefined, trouble: Trouble): void {
  const kept = patch.filter((item) => !isMap(item) || item[PATCH] === undefined)
  let next = 0
  for (const item of order) if (next < kept.length && equalJson(keyIn(kept[next], key), keyIn(item, key))) next++
  if (next < kept.length)
    note(
      trouble,
      `The order in patch list:\n${goValue(patch)}\n doesn't match $setElementOrder list:\n${goValue(order)}\n`,
    )
}

/** The patched object, or what is wrong with the patch. */
export function strategicMerge(original: JsonMap, patch: JsonMap, type: TypeName): JsonMap | PatchMistake {
  const trouble: Trouble = {}
  const result = mergeMaps(original, patch, type, trouble)
  return trouble.mistake ?? result
}

export const isPatchMistake = (result: JsonMap | PatchMistake): result is PatchMistake =>
  'mistake' in result && 'code' in result && !('metadata' in result)
