/**
 * Puts a configuration onto what is there, and takes out what its manager no longer asks for. Items of named lists keep their places;
 * those that the configuration names follow its order among themselves.
 *
 * Upstream: sigs.k8s.io/structured-merge-diff/{typed,merge}
 * Left out: translating the paths of a manager that speaks another version of the type.
 */
import { namedSet } from './compare.ts'
import { difference, type FieldSet, intersection, isMember, LEAF, setFrom, union } from './field-set.ts'
import { itemElement, type Json, type JsonMap, type Shape, valueElement } from './shape.ts'

type List = readonly Json[]

const elementOf = (shape: Shape, item: Json): string =>
  (shape.is === 'keyed' ? itemElement(shape, item) : valueElement(item)) ?? ''

/** What lies behind a field or key; fields that no schema knows are taken as they are. */
const inside = (shape: Shape, name: string): Shape | undefined => {
  if (shape.is === 'struct') return shape.fields.get(name)
  return shape.is === 'map' || shape.is === 'keyed' ? shape.item : undefined
}

function mergeMaps(live: JsonMap, config: JsonMap, shape: Shape): JsonMap {
  const result: Record<string, Json> = { ...live }
  for (const name of Object.keys(config)) {
    const part = inside(shape, name)
    result[name] = part ? merged(live[name], config[name], part) : config[name]
  }
  return result
}

/** Where both lists have an item, the configuration's order decides; the others stay where they stood. */
function mergeLists(live: List, config: List, shape: Shape): List {
  const names = live.map((item) => elementOf(shape, item))
  const wanted = config.map((item) => elementOf(shape, item))
  const shared = wanted.filter((name) => names.includes(name))
  const result: Json[] = []
  let l = 0
  let r = 0
  let next = 0
  const take = (name: string, item: Json) => {
    result.push(mergedItem(live[names.indexOf(name)], item, shape))
    if (shared[next] === name) next++
  }
  while (l < live.length || r < config.length) {
    const name = names[l]
    const isShared = name !== undefined && wanted.includes(name)
    if (isShared && r < config.length && name !== wanted[r] && shared[next] !== name) l++
    else if (isShared && name === wanted[r]) {
      l++
      take(name, config[r++])
    } else if (name !== undefined && !isShared) result.push(live[l++])
    else if (r < config.length) take(wanted[r]!, config[r++])
    else l++
  }
  return result
}

const mergedItem = (live: Json, config: Json, shape: Shape): Json =>
  shape.is === 'keyed' ? merged(live, config, shape.item) : config

/** The configuration onto the live value. */
export function merged(live: Json, config: Json, shape: Shape): Json {
  if (shape.is === 'leaf' || config === null || live === undefined || live === null) return config
  if (Array.isArray(live)) return mergeLists(live, config as List, shape)
  return mergeMaps(live as JsonMap, config as JsonMap, shape)
}

/** A value without the paths of a set; a container that loses all its parts is null. */
export function withoutPaths(value: Json, set: FieldSet, shape: Shape): Json {
  if (!set || shape.is === 'leaf' || value === null || value === undefined) return value
  return Array.isArray(value) ? itemsWithout(value, set, shape) : fieldsWithout(value as JsonMap, set, shape)
}

function itemsWithout(list: List, set: NonNullable<FieldSet>, shape: Shape): Json {
  const kept = list
    .filter((item) => !isNamedIn(set, elementOf(shape, item)))
    .map((item) => withoutPaths(item, set[elementOf(shape, item)], shape.is === 'keyed' ? shape.item : shape))
  return kept.length > 0 ? kept : null
}

const isNamedIn = (set: NonNullable<FieldSet>, element: string): boolean =>
  set[element] !== undefined && isMember(set[element])

function fieldsWithout(map: JsonMap, set: NonNullable<FieldSet>, shape: Shape): Json {
  const kept = Object.keys(map).filter((name) => !isNamedIn(set, `f:${name}`))
  const entries = kept.map((name) => {
    const part = inside(shape, name)
    return [name, part ? withoutPaths(map[name], set[`f:${name}`], part) : map[name]] as const
  })
  return entries.length > 0 ? Object.fromEntries(entries) : null
}

/** Fields of structs count as named when something below them is. */
export function withNamedFields(set: FieldSet, shape: Shape | undefined): FieldSet {
  if (!set || set === LEAF) return set
  const entries = Object.entries(set).map(([element, below]) => {
    if (element === '.') return [element, below] as const
    const name = element.slice(2)
    const part =
      shape && (element.startsWith('f:') ? inside(shape, name) : shape.is === 'keyed' ? shape.item : undefined)
    const deeper = withNamedFields(below, part) ?? LEAF
    const isField = shape?.is === 'struct' && shape.fields.has(name)
    return [
      element,
      isField && !isMember(deeper) ? setFrom([...Object.entries(deeper), ['.', LEAF]])! : deeper,
    ] as const
  })
  return setFrom(entries)
}

/** Takes out what the manager owned by its last configuration, asks for no more, and nobody else owns. */
export function pruned(value: Json, shape: Shape, last: FieldSet, ownedByAnyone: FieldSet): Json {
  if (!last) return value
  const named = (set: FieldSet) => withNamedFields(set, shape)
  const whole = named(namedSet(value, shape))
  const mine = named(last)
  const bare = withoutPaths(value, mine, shape)
  const keep = union(named(namedSet(bare, shape)), named(ownedByAnyone))
  const owned = withoutPaths(value, difference(whole, keep), shape)
  const gone = difference(whole, named(namedSet(owned, shape)))
  return withoutPaths(value, intersection(gone, mine), shape)
}
