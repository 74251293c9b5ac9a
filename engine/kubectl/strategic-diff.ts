/**
 * What must be sent so that one object becomes another: a strategic merge patch, made from two versions (`set image`,
 * `edit`) or from three (`apply`: what was applied last, what is wanted, what is there).
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch, jsonmergepatch
 */

import type { Field, TypeName } from '../api/schema.ts'
import { typeOf } from '../api/schema-table.ts'
import { goValue } from '../std/go-value.ts'
import { isList, isMap, sameTree, sortedKeysOf, type Tree, type TreeMap } from '../std/tree.ts'

interface DiffOptions {
  readonly ignoreDeletions?: true
  readonly ignoreChangesAndAdditions?: true
}

/** How the parts of a field are told apart and merged. */
interface Rule {
  readonly inside: TypeName | undefined
  readonly merges: boolean
  readonly replaces: boolean
  readonly retainsKeys: boolean
  readonly key: string
}

const NO_RULE: Rule = { inside: undefined, merges: false, replaces: false, retainsKeys: false, key: '' }

function insideOf(field: Field): TypeName | undefined {
  let is = field.is
  while ('list' in is || 'map' in is) is = 'list' in is ? is.list : is.map
  return 'type' in is ? is.type : undefined
}

function ruleFor(type: TypeName | undefined, name: string): Rule {
  const field = type === undefined ? undefined : typeOf(type).fields[name]
  if (!field) return NO_RULE
  const patch = field.patch ?? ''
  return {
    inside: insideOf(field),
    merges: patch.includes('merge'),
    replaces: patch === 'replace',
    retainsKeys: patch.includes('retainKeys'),
    key: field.patchKey ?? '',
  }
}

type Draft = Record<string, Tree>

/** The patch that leads from one map to another; empty when nothing differs. */
function diffMaps(
  original: TreeMap,
  modified: TreeMap,
  type: TypeName | undefined,
  options: DiffOptions,
  retainsKeys = false,
): Draft {
  const patch: Draft = {}
  for (const key of sortedKeysOf(modified))
    diffKey(patch, key, original[key], modified[key]!, ruleFor(type, key), options)
  if (!options.ignoreDeletions) for (const key of sortedKeysOf(original)) if (!(key in modified)) patch[key] = null
  if (!retainsKeys) return patch
  const dropped = Object.keys(original).some((key) => !(key in modified))
  const kept = sortedKeysOf(modified)
  if (kept.length > 0 && (Object.keys(patch).length > 0 || dropped)) patch.$retainKeys = kept
  return patch
}

function diffKey(
  patch: Draft,
  key: string,
  before: Tree | undefined,
  after: Tree,
  rule: Rule,
  options: DiffOptions,
): void {
  const take = (): void => {
    if (!options.ignoreChangesAndAdditions) patch[key] = after
  }
  if (before === undefined) {
    take()
    return
  }
  if (isMap(before) && isMap(after)) {
    if (rule.replaces) {
      if (!sameTree(before, after)) take()
      return
    }
    const inner = diffMaps(before, after, rule.inside, options, rule.retainsKeys)
    if (Object.keys(inner).length > 0) patch[key] = inner
    return
  }
  if (isList(before) && isList(after) && rule.merges) diffLists(patch, key, before, after, rule, options)
  else if (!sameTree(before, after)) take()
}

const keyText = (item: Tree, key: string): string => goValue(isMap(item) ? item[key] : item)

function diffLists(
  patch: Draft,
  key: string,
  before: readonly Tree[],
  after: readonly Tree[],
  rule: Rule,
  options: DiffOptions,
): void {
  if (before.length === 0) {
    if (after.length > 0 && !options.ignoreChangesAndAdditions) patch[key] = after
    return
  }
  const first = before[0] ?? after[0]
  if (isMap(first)) diffListsOfMaps(patch, key, before, after, rule, options)
  else diffListsOfScalars(patch, key, before, after, options)
}

function diffListsOfScalars(
  patch: Draft,
  key: string,
  before: readonly Tree[],
  after: readonly Tree[],
  options: DiffOptions,
): void {
  const added = options.ignoreChangesAndAdditions
    ? []
    : after.filter((item) => !before.some((other) => sameTree(item, other)))
  const removed = options.ignoreDeletions ? [] : before.filter((item) => !after.some((other) => sameTree(item, other)))
  if (added.length > 0) patch[key] = added
  if (removed.length > 0) patch[`$deleteFromPrimitiveList/${key}`] = removed
  const changed = !options.ignoreChangesAndAdditions && !sameTree(before, after)
  if (removed.length > 0 || changed) patch[`$setElementOrder/${key}`] = after
}

function diffListsOfMaps(
  patch: Draft,
  key: string,
  before: readonly Tree[],
  after: readonly Tree[],
  rule: Rule,
  options: DiffOptions,
): void {
  const changed: Tree[] = []
  for (const item of after) {
    const known = before.find((other) => keyText(other, rule.key) === keyText(item, rule.key))
    if (known === undefined && !options.ignoreChangesAndAdditions) changed.push(item)
    if (!isMap(known) || !isMap(item)) continue
    const inner = diffMaps(known, item, rule.inside, options, rule.retainsKeys)
    if (Object.keys(inner).length > 0) changed.push({ ...inner, [rule.key]: item[rule.key]! })
  }
  const gone = options.ignoreDeletions
    ? []
    : before.filter((item) => !after.some((other) => keyText(other, rule.key) === keyText(item, rule.key)))
  const deletions = [...gone]
    .sort((a, b) => (keyText(a, rule.key) < keyText(b, rule.key) ? -1 : 1))
    .map((item) => ({ $patch: 'delete', [rule.key]: (item as TreeMap)[rule.key]! }))
  const list = [...changed, ...deletions]
  const sameOrder = isSameOrder(before, after, rule.key)
  if (list.length > 0) patch[key] = list
  const orders = list.length > 0 || (!options.ignoreChangesAndAdditions && !sameOrder)
  if (orders) patch[`$setElementOrder/${key}`] = after.map((item) => ({ [rule.key]: (item as TreeMap)[rule.key]! }))
}

/** Whether the items that both lists have come in the same order. */
function isSameOrder(before: readonly Tree[], after: readonly Tree[], key: string): boolean {
  if (before.length !== after.length) return false
  return before.every((item, index) => keyText(item, key) === keyText(after[index]!, key))
}

/** Two versions: the patch from one to the other. */
export const twoWayPatch = (original: TreeMap, modified: TreeMap, type: TypeName | undefined): TreeMap =>
  diffMaps(original, modified, type, {})

/** Joins the patch of deletions with the patch of changes. */
function joinPatches(deletions: TreeMap, changes: TreeMap, type: TypeName | undefined): TreeMap {
  const joined: Draft = { ...deletions }
  for (const key of sortedKeysOf(changes)) {
    const before = joined[key]
    const after = changes[key]!
    const rule = ruleFor(type, key)
    if (isMap(before) && isMap(after)) joined[key] = joinPatches(before, after, rule.inside)
    else if (isList(before) && isList(after) && rule.merges && rule.key) joined[key] = joinLists(before, after, rule)
    else joined[key] = after
  }
  return joined
}

function joinLists(deletions: readonly Tree[], changes: readonly Tree[], rule: Rule): Tree[] {
  const rest = deletions.filter(
    (item) => !changes.some((other) => keyText(other, rule.key) === keyText(item, rule.key)),
  )
  const merged = changes.map((item) => {
    const known = deletions.find((other) => keyText(other, rule.key) === keyText(item, rule.key))
    return isMap(known) && isMap(item) ? joinPatches(known, item, rule.inside) : item
  })
  return [...rest, ...merged]
}

/** Three versions: everything that differs from what is there, and what was applied once and is not wanted any more. */
export function threeWayPatch(
  lastApplied: TreeMap,
  wanted: TreeMap,
  current: TreeMap,
  type: TypeName | undefined,
): TreeMap {
  const changes = diffMaps(current, wanted, type, { ignoreDeletions: true })
  const deletions = diffMaps(lastApplied, wanted, type, { ignoreChangesAndAdditions: true })
  return joinPatches(deletions, changes, type)
}

// ---- merge patches ---------------------------------------------------------------------------------

/** A JSON merge patch from one object to another. */
export function mergeDiff(original: TreeMap, modified: TreeMap): TreeMap {
  const patch: Draft = {}
  for (const key of sortedKeysOf(modified)) {
    const [before, after] = [original[key], modified[key]!]
    if (isMap(before) && isMap(after)) {
      const inner = mergeDiff(before, after)
      if (Object.keys(inner).length > 0) patch[key] = inner
    } else if (before === undefined || !sameTree(before, after)) patch[key] = after
  }
  for (const key of sortedKeysOf(original)) if (!(key in modified)) patch[key] = null
  return patch
}

/** Only the nulls of a patch, or everything but them. */
function keepNulls(patch: TreeMap, nulls: boolean): TreeMap {
  const kept: Draft = {}
  for (const key of sortedKeysOf(patch)) {
    const value = patch[key]!
    if (isMap(value)) {
      const inner = keepNulls(value, nulls)
      if (Object.keys(inner).length > 0 || (!nulls && Object.keys(value).length === 0)) kept[key] = inner
    } else if ((value === null) === nulls) kept[key] = value
  }
  return kept
}

const joinPlain = (first: TreeMap, second: TreeMap): TreeMap => {
  const joined: Draft = { ...first }
  for (const key of Object.keys(second)) {
    const [before, after] = [joined[key], second[key]!]
    joined[key] = isMap(before) && isMap(after) ? joinPlain(before, after) : after
  }
  return joined
}

/** The same three-way rule for kinds without merge keys, as custom resources are. */
export const threeWayMergePatch = (lastApplied: TreeMap, wanted: TreeMap, current: TreeMap): TreeMap =>
  joinPlain(keepNulls(mergeDiff(current, wanted), false), keepNulls(mergeDiff(lastApplied, wanted), true))
