/**
 * Sets of field paths, in the very form in which `managedFields` stores them: `{"f:spec": {"f:replicas": {}}}`. Sets
 * with the same members are the same pointer, so that the many objects that one controller made share one set, and
 * union and difference of two sets are looked up rather than computed.
 *
 * A node without entries stands for the path itself; a node with entries stands for its own path only if it
 * has the entry `.`. The empty set is `undefined`.
 *
 * Upstream: sigs.k8s.io/structured-merge-diff/fieldpath
 */
import type { FieldsV1 } from '../object.ts'

export type FieldSet = FieldsV1 | undefined

/** The path itself and nothing below. */
export const LEAF: FieldsV1 = {}

const SELF = '.'

/** The caches below are cut off when they hold this many sets, so that a long life does not fill the memory. */
const MOST_SETS = 200_000

let numbers = new WeakMap<FieldsV1, number>([[LEAF, 0]])
let sets = new Map<string, FieldsV1>()
let lastNumber = 0

/** Sets made after this are no longer the same pointers as those made before, which costs time but changes nothing. */
function forgetSets(): void {
  numbers = new WeakMap<FieldsV1, number>([[LEAF, 0]])
  sets = new Map()
  start = newStep()
}

export const isMember = (node: FieldsV1): boolean => node === LEAF || SELF in node || isBare(node)

function isBare(node: FieldsV1): boolean {
  for (const _ in node) return false
  return true
}

const ORDER: Readonly<Record<string, number>> = { '.': 0, f: 1, k: 2, v: 3, i: 4 }

const byPathElement = (a: string, b: string): number =>
  ORDER[a.charAt(0)]! - ORDER[b.charAt(0)]! || (a < b ? -1 : a > b ? 1 : 0)

type Entries = readonly (readonly [element: string, below: FieldsV1])[]

/** The one node with these entries, which come in stored order and must themselves be such nodes. */
function interned(elements: readonly string[], nodes: readonly FieldsV1[]): FieldSet {
  if (elements.length === 0) return undefined
  if (elements.length === 1 && elements[0] === SELF) return LEAF
  let signature = ''
  for (let i = 0; i < elements.length; i++) signature += `${elements[i]}\u0000${numbers.get(nodes[i]!)}\u0001`
  const known = sets.get(signature)
  if (known) return known
  const node: Record<string, FieldsV1> = {}
  for (let i = 0; i < elements.length; i++) node[elements[i]!] = nodes[i]!
  sets.set(signature, node)
  numbers.set(node, ++lastNumber)
  return node
}

function nodeOf(entries: Entries): FieldSet {
  const sorted = [...entries].sort(([a], [b]) => byPathElement(a, b))
  return interned(
    sorted.map(([element]) => element),
    sorted.map(([, below]) => below),
  )
}

/** The set with these entries below it. */
export const setFrom = (entries: Entries): FieldSet =>
  nodeOf(entries.map(([element, below]) => [element, canonical(below)] as const))

/** The one pointer for a set that came from outside. */
export function canonical(set: FieldsV1): FieldsV1 {
  if (numbers.has(set)) return set
  const entries = Object.keys(set).map((element) => [element, canonical(set[element]!)] as const)
  return nodeOf(entries) ?? LEAF
}

// ---- building a set entry by entry ----

/** A set being built. The same entries in the same order lead to the same step, which remembers its set. */
export interface Step {
  readonly before: Step | undefined
  readonly element: string
  readonly below: FieldsV1
  readonly leaves: Map<string, Step>
  readonly branches: Map<string, Map<FieldsV1, Step>>
  set: FieldSet
  known: boolean
}

const newStep = (before?: Step, element = '', below = LEAF): Step => ({
  before,
  element,
  below,
  leaves: new Map(),
  branches: new Map(),
  set: undefined,
  known: before === undefined,
})

let start = newStep()

/** Where every set begins. */
export function emptyStep(): Step {
  if (sets.size > MOST_SETS) forgetSets()
  return start
}

function afterBranch(step: Step, element: string, below: FieldsV1): Step {
  let known = step.branches.get(element)
  if (!known) step.branches.set(element, (known = new Map()))
  let next = known.get(below)
  if (!next) known.set(below, (next = newStep(step, element, below)))
  return next
}

/** The step after adding one entry. */
export function withEntry(step: Step, element: string, below: FieldsV1): Step {
  if (below !== LEAF) return afterBranch(step, element, below)
  let next = step.leaves.get(element)
  if (!next) step.leaves.set(element, (next = newStep(step, element)))
  return next
}

export const withSelf = (step: Step): Step => withEntry(step, SELF, LEAF)

function entriesOf(step: Step): Entries {
  const entries: [string, FieldsV1][] = []
  for (let at = step; at.before; at = at.before) entries.push([at.element, at.below])
  return entries
}

/** The set that was built. */
export function setOf(step: Step): FieldSet {
  if (!step.known) {
    step.set = nodeOf(entriesOf(step))
    step.known = true
  }
  return step.set
}

// ---- algebra ----

type Operation = (a: FieldsV1, b: FieldsV1) => FieldSet

/** Looks the result up by the two pointers. */
function remembering(operation: Operation): Operation {
  const results = new WeakMap<FieldsV1, WeakMap<FieldsV1, FieldsV1 | null>>()
  return (a, b) => {
    let known = results.get(a)
    if (!known) results.set(a, (known = new WeakMap()))
    let result = known.get(b)
    if (result === undefined) known.set(b, (result = operation(canonical(a), canonical(b)) ?? null))
    return result ?? undefined
  }
}

/** Keeps of `a` what `keep` says, entry by entry. */
function kept(a: FieldsV1, b: FieldsV1, keep: (a: FieldsV1, b: FieldsV1 | undefined) => FieldSet, self: boolean): FieldSet {
  const elements: string[] = self ? [SELF] : []
  const nodes: FieldsV1[] = self ? [LEAF] : []
  for (const element in a) {
    if (element === SELF) continue
    const node = keep(a[element]!, b[element])
    if (!node) continue
    elements.push(element)
    nodes.push(node)
  }
  return interned(elements, nodes)
}

/** Merges the entries of two nodes, both in stored order. */
const unionOf: Operation = remembering((a, b) => {
  const self = isMember(a) || isMember(b)
  const elements: string[] = self ? [SELF] : []
  const nodes: FieldsV1[] = self ? [LEAF] : []
  const left = Object.keys(a).filter((element) => element !== SELF)
  const right = Object.keys(b).filter((element) => element !== SELF)
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    const order = i >= left.length ? 1 : j >= right.length ? -1 : byPathElement(left[i]!, right[j]!)
    const element = order <= 0 ? left[i]! : right[j]!
    elements.push(element)
    nodes.push(union(a[element], b[element])!)
    if (order <= 0) i++
    if (order >= 0) j++
  }
  return interned(elements, nodes)
})

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (!a || a === b) return b
  return b ? unionOf(a, b) : a
}

const differenceOf: Operation = remembering((a, b) => kept(a, b, difference, isMember(a) && !isMember(b)))

/** The paths of `a` that are not in `b`; what lies below a path of `b` stays. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => (a && b ? differenceOf(a, b) : a)

const intersectionOf: Operation = remembering((a, b) => kept(a, b, intersection, isMember(a) && isMember(b)))

export const intersection = (a: FieldSet, b: FieldSet): FieldSet => (a && b ? intersectionOf(a, b) : undefined)

const withoutSubtreesOf: Operation = remembering((a, b) =>
  isMember(b) ? undefined : kept(a, b, withoutSubtrees, isMember(a)),
)

/** The paths of `a` that are neither in `b` nor below a path of `b`. */
export const withoutSubtrees = (a: FieldSet, b: FieldSet): FieldSet => (a && b ? withoutSubtreesOf(a, b) : a)

// ---- paths as people read them ----

const KEY_VALUE = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))

export function elementText(element: string): string {
  const rest = element.slice(2)
  if (element.startsWith('f:')) return `.${rest}`
  if (element.startsWith('v:')) return `[=${KEY_VALUE(JSON.parse(rest))}]`
  if (element.startsWith('i:')) return `[${rest}]`
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>)
  return `[${keys.map(([key, value]) => `${key}=${KEY_VALUE(value)}`).join(',')}]`
}

/** Every path of a set: `.spec.containers[name="c"].image`. Paths that end here come before those that go on. */
export function pathsOf(set: FieldSet, prefix = ''): readonly string[] {
  if (!set) return []
  const elements = Object.keys(set).filter((element) => element !== SELF)
  const here = elements.filter((element) => isMember(set[element]!)).map((element) => prefix + elementText(element))
  const deeper = elements.flatMap((element) => {
    const node = set[element]!
    return isBare(node) ? [] : pathsOf(node, prefix + elementText(element))
  })
  return [...here, ...deeper]
}
