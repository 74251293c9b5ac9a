/**
 * Sets of field paths, in the very form in which `managedFields` stores them: `{"f:spec": {"f:replicas": {}}}`. Sets
 * that many objects have in common are one pointer, and every operation returns the pointer it was given where nothing
 * changes, so that most of them look at a handful of entries.
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

function isBare(node: FieldsV1): boolean {
  for (const _ in node) return false
  return true
}

export const isMember = (node: FieldsV1): boolean => node === LEAF || SELF in node || isBare(node)

/** Names of fields, then keys of lists, then values, then positions. */
const ORDER = '.fkvi'

function byPathElement(a: string, b: string): number {
  const [left, right] = [a.charCodeAt(0), b.charCodeAt(0)]
  if (left !== right) return ORDER.indexOf(a.charAt(0)) - ORDER.indexOf(b.charAt(0))
  return a < b ? -1 : a > b ? 1 : 0
}

type Entry = readonly [element: string, below: FieldsV1]

/** A node with these entries, in stored order. */
function nodeWith(entries: readonly Entry[]): FieldSet {
  if (entries.length === 0) return undefined
  if (entries.length === 1 && entries[0]![0] === SELF) return LEAF
  const node: Record<string, FieldsV1> = {}
  for (const [element, below] of entries) node[element] = below
  return node
}

const inOrder = (entries: readonly Entry[]): readonly Entry[] => [...entries].sort(([a], [b]) => byPathElement(a, b))

export const setFrom = (entries: readonly Entry[]): FieldSet => nodeWith(inOrder(entries))

// ---- building a set entry by entry ----

/**
 * A set being built. The same entries in the same order lead to the same step, which remembers its set: that is how sets come
 * to be shared. Entries that no other object has (an address, a uid) are not remembered.
 */
export interface Step {
  readonly before: Step | undefined
  readonly element: string
  readonly below: FieldsV1
  readonly isShared: boolean
  leaves: Map<string, Step> | undefined
  branches: Map<string, Map<FieldsV1, Step>> | undefined
  set: FieldSet
  isKnown: boolean
}

const newStep = (before: Step | undefined, element: string, below: FieldsV1, isShared: boolean): Step => ({
  before,
  element,
  below,
  isShared,
  leaves: undefined,
  branches: undefined,
  set: undefined,
  isKnown: before === undefined,
})

/** The memory is cut off when it holds this many sets: a pure function that forgets is the same function. */
const MOST_SETS = 100_000

let shared = new WeakSet<FieldsV1>([LEAF])
let start = newStep(undefined, '', LEAF, true)
let remembered = 0

/** Where every set begins. */
export function emptyStep(): Step {
  if (remembered > MOST_SETS) {
    shared = new WeakSet<FieldsV1>([LEAF])
    start = newStep(undefined, '', LEAF, true)
    remembered = 0
  }
  return start
}

/** Items that are told apart by what only one object has. */
const isUnique = (element: string): boolean =>
  element.startsWith('v:') || element.startsWith('k:{"ip"') || element.startsWith('k:{"uid"')

function leafStep(step: Step, element: string): Step {
  const leaves = (step.leaves ??= new Map())
  let next = leaves.get(element)
  if (!next) leaves.set(element, (next = newStep(step, element, LEAF, true)))
  return next
}

function branchStep(step: Step, element: string, below: FieldsV1): Step {
  const branches = (step.branches ??= new Map())
  let known = branches.get(element)
  if (!known) branches.set(element, (known = new Map()))
  let next = known.get(below)
  if (!next) known.set(below, (next = newStep(step, element, below, true)))
  return next
}

/** The step after adding one entry. */
export function withEntry(step: Step, element: string, below: FieldsV1): Step {
  if (!step.isShared || isUnique(element)) return newStep(step, element, below, false)
  if (below === LEAF) return leafStep(step, element)
  return shared.has(below) ? branchStep(step, element, below) : newStep(step, element, below, false)
}

export const withSelf = (step: Step): Step => withEntry(step, SELF, LEAF)

function built(step: Step): FieldSet {
  const entries: Entry[] = []
  for (let at = step; at.before; at = at.before) entries.push([at.element, at.below])
  return nodeWith(inOrder(entries))
}

/** The set that was built. */
export function setOf(step: Step): FieldSet {
  if (step.isKnown) return step.set
  step.set = built(step)
  step.isKnown = true
  if (step.isShared && step.set) {
    shared.add(step.set)
    remembered++
  }
  return step.set
}

/** The node with these entries, which are in stored order: one for all who have the same. */
function sharedNode(entries: readonly Entry[]): FieldSet {
  let step: Step = emptyStep()
  for (const [element, below] of entries) step = withEntry(step, element, below)
  return setOf(step)
}

// ---- algebra ----

/** Keeps of `a` what `keep` says, entry by entry; `a` itself when that is all. */
function kept(a: FieldsV1, b: FieldsV1, keep: (a: FieldsV1, b: FieldSet) => FieldSet, self: boolean): FieldSet {
  let same = self === isMember(a)
  const entries: Entry[] = self ? [[SELF, LEAF]] : []
  for (const element in a) {
    if (element === SELF) continue
    const before = a[element]!
    const after = keep(before, b[element])
    if (after) entries.push([element, after])
    if (after !== before) same = false
  }
  return same ? a : sharedNode(entries)
}

/** Whether every path of `b` is in `a`. */
function includes(a: FieldsV1, b: FieldsV1): boolean {
  if (a === b) return true
  if (isMember(b) && !isMember(a)) return false
  for (const element in b) {
    const node = a[element]
    if (element !== SELF && (!node || !includes(node, b[element]!))) return false
  }
  return true
}

function merged(a: FieldsV1, b: FieldsV1): FieldSet {
  const entries: Entry[] = isMember(a) || isMember(b) ? [[SELF, LEAF]] : []
  for (const element in a) if (element !== SELF) entries.push([element, union(a[element], b[element])!])
  for (const element in b) if (element !== SELF && !(element in a)) entries.push([element, b[element]!])
  return sharedNode(inOrder(entries))
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (!a || a === b) return b
  if (!b || includes(a, b)) return a
  return includes(b, a) ? b : merged(a, b)
}

/** The paths of `a` that are not in `b`; what lies below a path of `b` stays. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet =>
  a && b ? kept(a, b, difference, isMember(a) && !isMember(b)) : a

export const intersection = (a: FieldSet, b: FieldSet): FieldSet =>
  a && b ? kept(a, b, intersection, isMember(a) && isMember(b)) : undefined

/** The paths of `a` that are neither in `b` nor below a path of `b`. */
export function withoutSubtrees(a: FieldSet, b: FieldSet): FieldSet {
  if (!a || !b) return a
  return isMember(b) ? undefined : kept(a, b, withoutSubtrees, isMember(a))
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  return a === b || (a !== undefined && b !== undefined && includes(a, b) && includes(b, a))
}

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
