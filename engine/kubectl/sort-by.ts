/**
 * `--sort-by`: rows in the order of a field.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/get/sorter.go
 */

import { findResults, isProblem, parseJsonPath, relaxedJsonPath } from '../std/jsonpath.ts'
import { compareQuantities, parseQuantity } from '../std/quantity.ts'
import { isList, isMap, sortedKeysOf, type Tree } from '../std/tree.ts'
import { type Refusal, refuse } from './refusal.ts'

const CHUNK = /(\d+|\D+)/g

/** Text in which runs of digits count as numbers. */
export function naturalLess(a: string, b: string): boolean {
  const [left, right] = [a.match(CHUNK) ?? [], b.match(CHUNK) ?? []]
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [one, other] = [left[at]!, right[at]!]
    if (one === other) continue
    const numbers = /^\d/.test(one) && /^\d/.test(other)
    if (!numbers) return one < other
    return Number(one) === Number(other) ? one.length < other.length : Number(one) < Number(other)
  }
  return left.length < right.length
}

function textLess(a: string, b: string): boolean {
  const [left, right] = [parseQuantity(a), parseQuantity(b)]
  return left !== undefined && right !== undefined ? compareQuantities(left, right) < 0 : naturalLess(a, b)
}

function less(a: Tree, b: Tree): boolean {
  if (typeof a === 'string' && typeof b === 'string') return textLess(a, b)
  if ((typeof a === 'number' || typeof a === 'bigint') && (typeof b === 'number' || typeof b === 'bigint')) return a < b
  if (typeof a === 'boolean' && typeof b === 'boolean') return !a && b
  if (isMap(a) && isMap(b)) return sortedKeysOf(a).length < sortedKeysOf(b).length
  return isList(a) && isList(b) && a.length > 0 && b.length > 0 ? less(a[0]!, b[0]!) : false
}

/** The items in the order of a field; those without it come first. */
export function sortedBy<T>(items: readonly T[], objectOf: (item: T) => Tree, field: string): readonly T[] | Refusal {
  if (items.length === 0) return items
  const relaxed = relaxedJsonPath(field)
  const path = parseJsonPath(isProblem(relaxed) ? field : relaxed)
  if (isProblem(path)) return refuse(path.problem)
  const keyed: { item: T; value: Tree | undefined }[] = []
  for (const item of items) {
    const found = findResults(path, objectOf(item), { allowMissingKeys: true })
    if (isProblem(found)) return refuse(found.problem)
    keyed.push({ item, value: found[0]?.[0] })
  }
  if (keyed.length > 0 && keyed.every(({ value }) => value === undefined))
    return refuse(`couldn't find any field with path "${isProblem(relaxed) ? field : relaxed}" in the list of objects`)
  const before = (a: Tree | undefined, b: Tree | undefined): boolean =>
    a === undefined ? b !== undefined : b !== undefined && less(a, b)
  return keyed
    .sort((a, b) => (before(a.value, b.value) ? -1 : before(b.value, a.value) ? 1 : 0))
    .map(({ item }) => item)
}
