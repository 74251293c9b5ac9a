/**
 * A persistent sorted map: every version stays as it was, and versions share what they have in common.
 * The store, its indexes, every client's view and the agenda are made of it, which is why keeping an old
 * world, or a stale cache, costs a pointer. It is a B+ tree with 32 entries a node; keys are all strings
 * (in UTF-16 order) or all numbers. The nodes are plain data, so a map is written down as JSON as it stands.
 *
 * Left out: merging half-empty nodes after removals; an empty node is dropped, which is enough for a
 * map that is filled again.
 */
export interface Leaf<K extends string | number, V> {
  readonly height: 0
  readonly size: number
  readonly keys: readonly K[]
  readonly values: readonly V[]
}

interface Branch<K extends string | number, V> {
  readonly height: number
  readonly size: number
  /** The least key that was ever below each child. */
  readonly keys: readonly K[]
  readonly values: readonly Sorted<V, K>[]
}

export type Sorted<V, K extends string | number = string> = Leaf<K, V> | Branch<K, V>

const FANOUT = 32

const EMPTY: Leaf<never, never> = { height: 0, size: 0, keys: [], values: [] }

export const emptySorted = <V, K extends string | number = string>(): Sorted<V, K> => EMPTY as Sorted<V, K>

export const sortedSize = <V, K extends string | number>(map: Sorted<V, K>): number => map.size

/** Index of the first key that is not less than `key`. */
function lowerBound<K extends string | number>(keys: readonly K[], key: K): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the child in which `key` lies or would lie. */
function childIndex<K extends string | number>(keys: readonly K[], key: K): number {
  let low = 1
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! <= key) low = middle + 1
    else high = middle
  }
  return low - 1
}

const isLeaf = <V, K extends string | number>(node: Sorted<V, K>): node is Leaf<K, V> => node.height === 0

export function getSorted<V, K extends string | number>(map: Sorted<V, K>, key: K): V | undefined {
  let node = map
  while (!isLeaf(node)) node = node.values[childIndex(node.keys, key)]!
  const index = lowerBound(node.keys, key)
  return node.keys[index] === key ? node.values[index] : undefined
}

export const hasSorted = <V, K extends string | number>(map: Sorted<V, K>, key: K): boolean =>
  getSorted(map, key) !== undefined

const leaf = <V, K extends string | number>(keys: readonly K[], values: readonly V[]): Sorted<V, K> => ({
  height: 0,
  size: keys.length,
  keys,
  values,
})

function branch<V, K extends string | number>(
  height: number,
  keys: readonly K[],
  values: readonly Sorted<V, K>[],
): Sorted<V, K> {
  let size = 0
  for (const child of values) size += child.size
  return { height, size, keys, values }
}

function replaced<T>(list: readonly T[], index: number, value: T): readonly T[] {
  const copy = list.slice()
  copy[index] = value
  return copy
}

function inserted<T>(list: readonly T[], index: number, value: T): readonly T[] {
  const copy = new Array<T>(list.length + 1)
  for (let i = 0; i < index; i++) copy[i] = list[i]!
  copy[index] = value
  for (let i = index; i < list.length; i++) copy[i + 1] = list[i]!
  return copy
}

function removed<T>(list: readonly T[], index: number): readonly T[] {
  const copy = list.slice()
  copy.splice(index, 1)
  return copy
}

/** One node, or the two it was split into. Appending keeps the left node full, so that growing keys waste nothing. */
type Grown<V, K extends string | number> = readonly [Sorted<V, K>] | readonly [Sorted<V, K>, Sorted<V, K>]

function splitAt<V, K extends string | number, Item>(
  make: (keys: readonly K[], values: readonly Item[]) => Sorted<V, K>,
  keys: readonly K[],
  values: readonly Item[],
  index: number,
): Grown<V, K> {
  if (keys.length <= FANOUT) return [make(keys, values)]
  const at = index === keys.length - 1 ? keys.length - 1 : FANOUT >> 1
  return [make(keys.slice(0, at), values.slice(0, at)), make(keys.slice(at), values.slice(at))]
}

function insertIntoLeaf<V, K extends string | number>(node: Leaf<K, V>, key: K, value: V): Grown<V, K> {
  const index = lowerBound(node.keys, key)
  if (node.keys[index] !== key)
    return splitAt<V, K, V>(leaf, inserted(node.keys, index, key), inserted(node.values, index, value), index)
  return [node.values[index] === value ? node : leaf(node.keys, replaced(node.values, index, value))]
}

function insert<V, K extends string | number>(node: Sorted<V, K>, key: K, value: V): Grown<V, K> {
  if (isLeaf(node)) return insertIntoLeaf(node, key, value)
  const index = childIndex(node.keys, key)
  const child = node.values[index]!
  const [left, right] = insert(child, key, value)
  if (left === child && !right) return [node]
  const keys = key < node.keys[index]! ? replaced(node.keys, index, key) : node.keys
  const values = replaced(node.values, index, left)
  if (!right) return [branch(node.height, keys, values)]
  const make = (someKeys: readonly K[], children: readonly Sorted<V, K>[]) => branch(node.height, someKeys, children)
  return splitAt(make, inserted(keys, index + 1, right.keys[0]!), inserted(values, index + 1, right), index + 1)
}

/** The map with `value` at `key`; the same map if it was there already. */
export function setSorted<V, K extends string | number>(map: Sorted<V, K>, key: K, value: V): Sorted<V, K> {
  const [left, right] = insert(map, key, value)
  return right ? branch(left.height + 1, [left.keys[0]!, right.keys[0]!], [left, right]) : left
}

function without<V, K extends string | number>(node: Sorted<V, K>, key: K): Sorted<V, K> {
  if (isLeaf(node)) {
    const index = lowerBound(node.keys, key)
    return node.keys[index] === key ? leaf(removed(node.keys, index), removed(node.values, index)) : node
  }
  const index = childIndex(node.keys, key)
  const child = node.values[index]!
  const smaller = without(child, key)
  if (smaller === child) return node
  if (smaller.size > 0) return branch(node.height, node.keys, replaced(node.values, index, smaller))
  return branch(node.height, removed(node.keys, index), removed(node.values, index))
}

/** The map without `key`; the same map if it was not there. */
export function deleteSorted<V, K extends string | number>(map: Sorted<V, K>, key: K): Sorted<V, K> {
  let node = without(map, key)
  while (!isLeaf(node) && node.values.length === 1) node = node.values[0]!
  return node.size === 0 ? emptySorted() : node
}

/** Visits entries with `from <= key < to` in order, until `visit` returns false. Returns whether it went to the end. */
export function visitSorted<V, K extends string | number>(
  map: Sorted<V, K>,
  visit: (value: V, key: K) => boolean | undefined,
  from?: K,
  to?: K,
): boolean {
  if (isLeaf(map)) return visitLeaf(map, visit, from, to)
  const { keys, values } = map
  for (let i = from === undefined ? 0 : childIndex(keys, from); i < keys.length; i++) {
    if (to !== undefined && i > 0 && keys[i]! >= to) return true
    if (!visitSorted(values[i]!, visit, from, to)) return false
  }
  return true
}

function visitLeaf<V, K extends string | number>(
  { keys, values }: Leaf<K, V>,
  visit: (value: V, key: K) => boolean | undefined,
  from?: K,
  to?: K,
): boolean {
  for (let i = from === undefined ? 0 : lowerBound(keys, from); i < keys.length; i++) {
    if (to !== undefined && keys[i]! >= to) return true
    if (visit(values[i]!, keys[i]!) === false) return false
  }
  return true
}

export function sortedValues<V, K extends string | number>(map: Sorted<V, K>, from?: K, to?: K): V[] {
  const values: V[] = []
  visitSorted(map, (value) => void values.push(value), from, to)
  return values
}

export function sortedKeys<V, K extends string | number>(map: Sorted<V, K>, from?: K, to?: K): K[] {
  const keys: K[] = []
  visitSorted(map, (_value, key) => void keys.push(key), from, to)
  return keys
}

export function sortedEntries<V, K extends string | number>(map: Sorted<V, K>, from?: K, to?: K): [K, V][] {
  const entries: [K, V][] = []
  visitSorted(map, (value, key) => void entries.push([key, value]), from, to)
  return entries
}

/**
 * The values at many keys, which come in order: neighbours are found in the leaf where the last one was, so that a thousand
 * keys with one beginning cost little more than reading them. Keys that are not there are passed over.
 */
export function sortedPicked<V, K extends string | number>(map: Sorted<V, K>, keys: readonly K[]): V[] {
  const picked: V[] = []
  pick(map, keys, 0, undefined, picked)
  return picked
}

/** Takes the keys from `at` on that are below `end`; returns the index of the first that is not. */
function pick<V, K extends string | number>(
  node: Sorted<V, K>,
  keys: readonly K[],
  at: number,
  end: K | undefined,
  picked: V[],
): number {
  if (isLeaf(node)) return pickFromLeaf(node, keys, at, end, picked)
  while (at < keys.length && (end === undefined || keys[at]! < end)) {
    const child = childIndex(node.keys, keys[at]!)
    at = pick(node.values[child]!, keys, at, node.keys[child + 1] ?? end, picked)
  }
  return at
}

function pickFromLeaf<V, K extends string | number>(
  leafNode: Leaf<K, V>,
  keys: readonly K[],
  at: number,
  end: K | undefined,
  picked: V[],
): number {
  const { keys: here, values } = leafNode
  let slot = lowerBound(here, keys[at]!)
  while (at < keys.length) {
    const key = keys[at]!
    if (here[slot] === key) {
      picked.push(values[slot++]!)
      at++
    } else if (slot < here.length) {
      if (here[slot]! < key) slot++
      else at++
    } else if (end === undefined || key < end) at++
    else return at
  }
  return at
}

/** The entry with the least key. */
export function firstSorted<V, K extends string | number>(map: Sorted<V, K>): readonly [K, V] | undefined {
  let node = map
  while (!isLeaf(node)) node = node.values[0]!
  return node.size === 0 ? undefined : [node.keys[0]!, node.values[0]!]
}

/** The greatest key. */
export function lastKey<V, K extends string | number>(map: Sorted<V, K>): K | undefined {
  let node = map
  while (!isLeaf(node)) node = node.values.at(-1)!
  return node.keys.at(-1)
}

/** The range of string keys that begin with `prefix`: pass to the functions above as `from`, `to`. */
export const prefixEnd = (prefix: string): string => `${prefix}\uffff`

export const sortedFrom = <V, K extends string | number>(entries: Iterable<readonly [K, V]>): Sorted<V, K> => {
  let map = emptySorted<V, K>()
  for (const [key, value] of entries) map = setSorted(map, key, value)
  return map
}
