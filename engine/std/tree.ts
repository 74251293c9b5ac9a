/**
 * Values as they stand in a manifest: JSON, with whole numbers beyond what a double can hold kept exact, because people
 * read them back in `-o yaml`. A tree is turned into plain JSON only when it leaves for the API server.
 */
export type Tree = null | boolean | number | bigint | string | readonly Tree[] | TreeMap

export interface TreeMap {
  readonly [key: string]: Tree
}

export const isMap = (value: unknown): value is TreeMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isList = (value: unknown): value is readonly Tree[] => Array.isArray(value)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Keys in the order Go's encoding/json writes those of a map. */
export const sortedKeysOf = (map: object): string[] => Object.keys(map).sort(compareText)

/** The same value with every map's keys in order, as an object without a Go type is printed. */
export function sortedTree(value: Tree): Tree {
  if (isList(value)) return value.map(sortedTree)
  if (!isMap(value)) return value
  return Object.fromEntries(sortedKeysOf(value).map((key) => [key, sortedTree(value[key]!)]))
}

/** Plain JSON of a tree: exact integers become the nearest double. */
export function plainTree(value: Tree): Exclude<Tree, bigint> {
  if (typeof value === 'bigint') return Number(value)
  if (isList(value)) return value.map(plainTree)
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainTree(item)]))
}

/** What stands at a path of keys, or undefined. */
export function treeAt(value: unknown, ...path: readonly (string | number)[]): Tree | undefined {
  let here = value
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Record<string | number, unknown>)[step]
  }
  return here as Tree | undefined
}

/** The value with something else at a path; maps on the way are made where they are missing. */
export function withTreeAt(value: Tree | undefined, path: readonly (string | number)[], leaf: Tree): Tree {
  const [step, ...rest] = path
  if (step === undefined) return leaf
  if (isList(value)) return value.map((item, index) => (index === step ? withTreeAt(item, rest, leaf) : item))
  const map = isMap(value) ? value : {}
  return { ...map, [step]: withTreeAt(map[step], rest, leaf) }
}

export function withoutKey(map: TreeMap, key: string): TreeMap {
  if (!(key in map)) return map
  const { [key]: _dropped, ...rest } = map
  return rest
}

export function sameTree(a: Tree | undefined, b: Tree | undefined): boolean {
  if (a === b) return true
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => sameTree(item, b[index]))
  if (!isMap(a) || !isMap(b)) return typeof a !== typeof b && isNumber(a) && isNumber(b) && Number(a) === Number(b)
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameTree(a[key], b[key]))
}

const isNumber = (value: Tree | undefined): boolean => typeof value === 'number' || typeof value === 'bigint'
