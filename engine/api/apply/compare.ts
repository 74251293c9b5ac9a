/**
 * What changed between two versions of an object, as sets of paths. Everything in this file walks the two versions side by side and
 * turns away where they share a pointer, so the cost is that of the change, not of the object.
 *
 * Upstream: sigs.k8s.io/structured-merge-diff/typed/compare.go
 */
import { equalJson } from '../equal.ts'
import type { FieldsV1 } from '../object.ts'
import { emptyStep, type FieldSet, LEAF, type Step, setOf, withEntry, withSelf } from './field-set.ts'
import {
  isEmptyMap,
  itemElement,
  type Json,
  type JsonMap,
  type KeyedShape,
  type SetShape,
  type Shape,
  valueElement,
} from './shape.ts'

const isEmpty = (value: Json): boolean =>
  value === undefined || value === null || (Array.isArray(value) ? value.length === 0 : isEmptyMap(value as object))

/** How the parts of a container are reached: a walk tells each part of `parts` with its element and shape. */
type Visit = (element: string, part: Json, shape: Shape) => void

const names = new Map<string, string>()

/** `f:name`; there are few names, and they are asked for all the time. */
function fieldElement(name: string): string {
  let element = names.get(name)
  if (!element) {
    element = `f:${name}`
    if (names.size < 10_000) names.set(name, element)
  }
  return element
}

const SCALAR: Shape = { is: 'leaf', of: 'any' }

function visitParts(value: Json, shape: Shape, visit: Visit): void {
  if (value === null) return
  if (shape.is === 'struct') visitFields(value as JsonMap, shape.fields, visit)
  else if (shape.is === 'map')
    for (const key in value as JsonMap) visit(`f:${key}`, (value as JsonMap)[key], shape.item)
  else if (shape.is === 'keyed') visitItems(value as readonly Json[], shape, visit)
  else for (const item of value as readonly Json[]) visit(valueElement(item), item, SCALAR)
}

function visitFields(value: JsonMap, fields: ReadonlyMap<string, Shape>, visit: Visit): void {
  for (const name in value) {
    const shape = fields.get(name)
    if (shape) visit(fieldElement(name), value[name], shape)
  }
}

function visitItems(list: readonly Json[], shape: KeyedShape, visit: Visit): void {
  for (const item of list) {
    const element = itemElement(shape, item)
    if (element) visit(element, item, shape.item)
  }
}

/** What a comparison gave, if the same two values were compared before. */
function known(old: Json | undefined, now: object, shape: Shape): FieldSet | 'unknown' {
  if (shape.is !== 'struct' || !shape.memory) return 'unknown'
  const compared = shape.memory.get(now)
  return compared && compared.old === old ? compared.set : 'unknown'
}

function keep(old: Json | undefined, now: object, shape: Shape, set: FieldSet): FieldSet {
  if (shape.is === 'struct') shape.memory?.set(now, { old, set })
  return set
}

/** Every path of something that was not there before: its parts, and itself. */
function wholeSet(value: Json, shape: Shape): FieldsV1 {
  if (shape.is === 'leaf' || isEmpty(value)) return LEAF
  const before = known(undefined, value as object, shape)
  if (before !== 'unknown') return before!
  let step: Step = emptyStep()
  visitParts(value, shape, (element, part, below) => void (step = withEntry(step, element, wholeSet(part, below))))
  return keep(undefined, value as object, shape, setOf(withSelf(step)))!
}

type Compare = (old: Json | undefined, now: Json | undefined, shape: Shape) => FieldSet

function changedFields(
  old: JsonMap,
  now: JsonMap,
  shapeOf: (name: string) => Shape | undefined,
  compare: Compare,
): FieldSet {
  let step: Step = emptyStep()
  for (const name in now) {
    const before = old[name]
    const after = now[name]
    if (before === after) continue
    const shape = shapeOf(name)
    const below = shape && compare(before, after, shape)
    if (below) step = withEntry(step, fieldElement(name), below)
  }
  return setOf(step)
}

const nameOf = (item: Json, shape: KeyedShape | SetShape): string | undefined =>
  shape.is === 'keyed' ? itemElement(shape, item) : valueElement(item)

const NO_ITEMS: readonly Json[] = []

const isSameItem = (a: Json, b: Json, shape: KeyedShape | SetShape): boolean =>
  shape.is === 'keyed' && shape.keys.every((key) => (a as JsonMap)?.[key] === (b as JsonMap)?.[key])

/** Items are mostly where they were; only when they are not, the others are searched. */
function counterpart(old: readonly Json[], index: number, item: Json, shape: KeyedShape | SetShape): Json | undefined {
  const same = old[index]
  if (same !== undefined && isSameItem(same, item, shape)) return same
  const element = nameOf(item, shape)
  return old.find((candidate) => nameOf(candidate, shape) === element)
}

function changedItems(
  old: readonly Json[],
  now: readonly Json[],
  shape: KeyedShape | SetShape,
  compare: Compare,
): FieldSet {
  const part = shape.is === 'keyed' ? shape.item : SCALAR
  let step: Step = emptyStep()
  for (let i = 0; i < now.length; i++) {
    const item = now[i]
    if (item === old[i]) continue
    const changed = compare(counterpart(old, i, item, shape), item, part)
    const element = changed && nameOf(item, shape)
    if (element) step = withEntry(step, element, changed)
  }
  return setOf(step)
}

const NOTHING: JsonMap = {}

/** Runs `compare` over the parts of `now` beside those of `old`. */
function overParts(old: Json, now: Json, shape: Shape, compare: Compare): FieldSet {
  if (shape.is === 'struct')
    return changedFields((old ?? NOTHING) as JsonMap, now as JsonMap, (name) => shape.fields.get(name), compare)
  if (shape.is === 'map') return changedFields((old ?? NOTHING) as JsonMap, now as JsonMap, () => shape.item, compare)
  if (shape.is === 'leaf') return undefined
  return changedItems((old ?? NO_ITEMS) as readonly Json[], now as readonly Json[], shape, compare)
}

/** The paths that were added or got another value. */
export function changedSet(old: Json | undefined, now: Json | undefined, shape: Shape): FieldSet {
  if (old === now || now === undefined) return undefined
  if (old === undefined) return wholeSet(now, shape)
  if (shape.is === 'leaf' || (isEmpty(old) && isEmpty(now))) return equalJson(old, now) ? undefined : LEAF
  if (now === null) return undefined
  const before = known(old, now as object, shape)
  return before !== 'unknown' ? before : keep(old, now as object, shape, overParts(old, now, shape, changedSet))
}

/** The paths that are no longer there. */
export function removedSet(old: Json | undefined, now: Json | undefined, shape: Shape): FieldSet {
  if (old === now || old === undefined) return undefined
  if (now === undefined) return wholeSet(old, shape)
  if (shape.is === 'leaf' || isEmpty(old)) return undefined
  return overParts(now, old, shape, (after, before, below) => removedSet(before, after, below))
}

/** Every path that a configuration names: unlike `wholeSet`, a struct or list with parts is not itself named. */
export function namedSet(value: Json, shape: Shape): FieldSet {
  if (shape.is === 'leaf') return LEAF
  if (value === null || value === undefined) return undefined
  let step: Step = emptyStep()
  const items = shape.is !== 'struct'
  visitParts(value, shape, (element, part, below) => {
    const named = namedPart(part, below, items)
    if (named) step = withEntry(step, element, named)
  })
  return setOf(step)
}

const isEmptyPart = (part: Json): boolean =>
  part === null || (typeof part === 'object' && !Array.isArray(part) && isEmptyMap(part as object))

/** Items of maps and lists are named themselves, fields of structs only when there is nothing in them. */
function namedPart(part: Json, shape: Shape, item: boolean): FieldSet {
  const named = namedSet(part, shape)
  return item || isEmptyPart(part) ? withSelfMember(named) : named
}

function withSelfMember(set: FieldSet): FieldsV1 {
  if (!set || set === LEAF) return LEAF
  let step: Step = emptyStep()
  for (const element in set) step = withEntry(step, element, set[element]!)
  return '.' in set ? set : setOf(withSelf(step))!
}
