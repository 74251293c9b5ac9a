/**
 * How far a learner has come: each task's check, asked of the world as it is, of everything that happened since the exercise began, of a
 * copy in which time runs on, or of what the learner says. A check answers why not, with names from the
 * learner's own cluster.
 *
 * Left out: checks over seeds and perturbed copies (`for every seed`, `if … then`); the past beyond the store's history of changes.
 */
import type { KubeObject } from '../api/object.ts'
import { run } from '../cluster/run.ts'
import { storeOf, type World } from '../cluster/world.ts'
import { changesSince, getObject, type LoggedChange, listObjects, objectsByIndex } from '../etcd/store.ts'
import { seconds } from '../std/time.ts'
import { treeAt } from '../std/tree.ts'
import type { Check, Exercise, Subject, Task, Where } from './exercise.ts'

/** Why a check does not hold: the key of a sentence, and what to fill into it. */
export interface Unmet {
  readonly says: string
  readonly facts: Readonly<Record<string, string>>
}

export interface TaskResult {
  readonly id: string
  readonly state: 'pending' | 'met' | 'missed'
  readonly unmet?: Unmet
}

export interface Graded {
  readonly tasks: readonly TaskResult[]
  readonly score: { readonly got: number; readonly of: number }
  readonly done: boolean
}

// ---- what a check says of objects ---------------------------------------------------------------------

/** A key, an index, or the element of a list in which a field has a value. */
type Step = string | number | { readonly field: string; readonly value: string }

const STEP = /\["([^"]+)"\]|\[(\d+)\]|\[(\w+)=([^\]]+)\]|([^.[\]]+)/g

/** `spec.containers[0].image`, `metadata.labels["app"]` and `status.conditions[type=Ready].status` as steps. */
const stepsOf = (path: string): readonly Step[] =>
  [...path.matchAll(STEP)].map(([, quoted, index, field, value, name]) => {
    if (field !== undefined) return { field, value: value! }
    return index === undefined ? (quoted ?? name)! : Number(index)
  })

function valueAt(object: KubeObject, path: string): unknown {
  let here: unknown = object
  for (const step of stepsOf(path)) {
    if (typeof step !== 'object') here = treeAt(here, step)
    else here = Array.isArray(here) ? here.find((item) => String(treeAt(item, step.field)) === step.value) : undefined
  }
  return here
}

const GLOB = /[.+?^${}()|[\]\\]/g

const matchesGlob = (text: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replace(GLOB, '\\$&').replaceAll('*', '.*')}$`, 's').test(text)

function holdsAt(object: KubeObject, path: string, wanted: string | number | boolean): boolean {
  const value = valueAt(object, path)
  if (wanted === 'absent' || wanted === 'present') return (value === undefined) === (wanted === 'absent')
  if (typeof wanted !== 'string') return value === wanted
  const least = /^>=(\d+)$/.exec(wanted)
  if (least) return typeof value === 'number' && value >= Number(least[1])
  return value !== undefined && value !== null && matchesGlob(String(value), wanted)
}

const failing = (object: KubeObject, where: Where = {}): readonly string[] =>
  Object.keys(where).filter((path) => !holdsAt(object, path, where[path]!))

const hasLabels = (object: KubeObject, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value)

const isSubject = (object: KubeObject, { namespace = 'default', name, labels = {} }: Subject): boolean =>
  (name === undefined || object.metadata.name === name) &&
  (object.metadata.namespace === undefined || object.metadata.namespace === namespace) &&
  hasLabels(object, labels)

function objectsOf(world: World, subject: Subject): readonly KubeObject[] {
  const { resource, namespace = 'default', name, labels } = subject
  const store = storeOf(world)
  if (name !== undefined) {
    const object = getObject(store, resource, `${namespace}/${name}`) ?? getObject(store, resource, name)
    return object ? [object] : []
  }
  const [label] = Object.entries(labels ?? {})
  const narrowed = label && objectsByIndex(store, resource, 'label', `${namespace}/${label[0]}=${label[1]}`)
  const candidates = narrowed && narrowed.length > 0 ? narrowed : listObjects(store, resource, namespace)
  return candidates.filter((object) => isSubject(object, subject))
}

const subjectName = ({ resource, name, labels }: Subject): string =>
  name ??
  `${resource} ${Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',')}`

// ---- sentences ---------------------------------------------------------------------------------------------

function missing(world: World, subject: Subject): Unmet {
  const others = listObjects(storeOf(world), subject.resource, subject.namespace ?? 'default')
  const nearest = others
    .map(({ metadata }) => metadata.name)
    .slice(0, 3)
    .join(', ')
  return {
    says: 'not-there',
    facts: { object: subjectName(subject), resource: subject.resource, nearest: nearest || '–' },
  }
}

function unlike(object: KubeObject, where: Where): Unmet {
  const [path = ''] = failing(object, where)
  const found = valueAt(object, path)
  const text = found === undefined ? '–' : typeof found === 'object' ? JSON.stringify(found) : String(found)
  return { says: 'differs', facts: { object: object.metadata.name, path, wanted: String(where[path]), found: text } }
}

const named = (unmet: Unmet | undefined, says: string | undefined): Unmet | undefined =>
  unmet && says !== undefined ? { says, facts: unmet.facts } : unmet

// ---- checks ------------------------------------------------------------------------------------------------

function unmetNow(world: World, check: Check): Unmet | undefined {
  if ('all' in check) return check.all.map((part) => unmetNow(world, part)).find((unmet) => unmet !== undefined)
  return named(unmetPart(world, check), check.says)
}

function unmetPart(world: World, check: Exclude<Check, { all: unknown }>): Unmet | undefined {
  if ('object' in check) return unmetObject(world, check.object, check.where ?? {})
  if ('absent' in check) return unmetAbsence(world, check.absent, check.where ?? {})
  if ('count' in check) return unmetCount(world, check)
  return { says: 'not-yet', facts: {} }
}

function unmetObject(world: World, subject: Subject, where: Where): Unmet | undefined {
  const objects = objectsOf(world, subject)
  if (objects.length === 0) return missing(world, subject)
  return objects.some((object) => failing(object, where).length === 0) ? undefined : unlike(objects[0]!, where)
}

function unmetAbsence(world: World, subject: Subject, where: Where): Unmet | undefined {
  const there = objectsOf(world, subject).find((object) => failing(object, where).length === 0)
  return there && { says: 'still-there', facts: { object: there.metadata.name } }
}

function unmetCount(
  world: World,
  { count, where = {}, least = 0, most }: Extract<Check, { count: unknown }>,
): Unmet | undefined {
  const found = objectsOf(world, count).filter((object) => failing(object, where).length === 0).length
  if (found >= least && (most === undefined || found <= most)) return undefined
  const wanted = most === undefined ? `${least}` : least === most ? `${least}` : `${least}–${most}`
  return { says: 'count', facts: { object: subjectName(count), found: String(found), wanted } }
}

/** Whether one change satisfies a check about one object. */
function satisfiedBy(change: LoggedChange, check: Check): boolean {
  if ('all' in check) return check.all.every((part) => satisfiedBy(change, part))
  if ('object' in check)
    return change.resource === check.object.resource && matches(change.after, check.object, check.where)
  if ('deleted' in check)
    return (
      !change.after && change.resource === check.deleted.resource && matches(change.before, check.deleted, check.where)
    )
  return false
}

const matches = (object: KubeObject | undefined, subject: Subject, where: Where = {}): boolean =>
  object !== undefined && isSubject(object, subject) && failing(object, where).length === 0

/** Parts of a check may have held at different moments. */
function unmetEver(world: World, changes: readonly LoggedChange[], check: Check): Unmet | undefined {
  if ('all' in check)
    return check.all.map((part) => unmetEver(world, changes, part)).find((unmet) => unmet !== undefined)
  if (changes.some((change) => satisfiedBy(change, check))) return undefined
  if ('deleted' in check)
    return named({ says: 'not-deleted', facts: { object: subjectName(check.deleted) } }, check.says)
  return unmetNow(world, check)
}

/** The first state since the beginning in which it did not hold. */
function unmetAlways(changes: readonly LoggedChange[], check: Check): Unmet | undefined {
  if ('all' in check) return check.all.map((part) => unmetAlways(changes, part)).find((unmet) => unmet !== undefined)
  if (!('object' in check)) return undefined
  const { object: subject, where = {} } = check
  const broken = changes.find(
    ({ resource, after }) =>
      resource === subject.resource && after && isSubject(after, subject) && failing(after, where).length > 0,
  )
  return broken && named(unlike(broken.after!, where), check.says)
}

const sameAnswer = (said: string, wanted: string): boolean => said.trim().toLowerCase() === wanted.trim().toLowerCase()

/** An answer about an object counts if it was true at any time: the object may be gone by now. */
function unmetAnswer(
  world: World,
  changes: readonly LoggedChange[],
  check: Check,
  said: string | undefined,
): Unmet | undefined {
  if (said === undefined || said.trim() === '') return { says: 'no-answer', facts: {} }
  if ('oneOf' in check)
    return check.oneOf.some((text) => sameAnswer(said, text))
      ? undefined
      : named({ says: 'wrong-answer', facts: { said } }, check.says)
  if (!('equals' in check)) return { says: 'no-answer', facts: {} }
  const past = changes.filter(
    ({ resource, after }) => resource === check.equals.resource && after && isSubject(after, check.equals),
  )
  const objects = [...objectsOf(world, check.equals), ...past.map(({ after }) => after!)]
  if (objects.length === 0) return missing(world, check.equals)
  const right = objects.some((object) => sameAnswer(said, String(valueAt(object, check.path) ?? '')))
  return right
    ? undefined
    : named({ says: 'wrong-answer', facts: { said, object: subjectName(check.equals) } }, check.says)
}

/** What is yet to be shown in a copy of the world that nobody touches. */
function unmetEventually(world: World, task: Task): Unmet | undefined {
  const now = unmetNow(world, task.check)
  return now && unmetNow(run(world, world.now + seconds(task.within ?? 60)), task.check)
}

export interface Grading {
  /** The revision at which the learner began. */
  readonly since: number
  readonly answers: Readonly<Record<string, string>>
}

function unmetTask(
  world: World,
  task: Task,
  changes: readonly LoggedChange[],
  answers: Grading['answers'],
): Unmet | undefined {
  switch (task.mode) {
    case 'level':
      return unmetNow(world, task.check)
    case 'edge':
      return unmetEver(world, changes, task.check)
    case 'always':
      return unmetAlways(changes, task.check)
    case 'eventually':
      return unmetEventually(world, task)
    case 'answer':
      return unmetAnswer(world, changes, task.check, answers[task.id])
  }
}

/** Grades a world that began as the exercise's own. */
export function gradeWorld(exercise: Exercise, world: World, { since, answers }: Grading): Graded {
  const changes = changesSince(storeOf(world), since) ?? []
  const met = new Set<string>()
  const tasks = exercise.tasks.map((task): TaskResult => {
    const waits = task.needs.some((id) => !met.has(id))
    const unmet = waits
      ? { says: 'first', facts: { task: task.needs.find((id) => !met.has(id))! } }
      : unmetTask(world, task, changes, answers)
    if (!unmet) met.add(task.id)
    return {
      id: task.id,
      state: unmet ? (task.mode === 'always' ? 'missed' : 'pending') : 'met',
      ...(unmet && { unmet }),
    }
  })
  const weightOf = (wanted: (task: Task) => boolean) =>
    exercise.tasks.filter(wanted).reduce((sum, { weight }) => sum + weight, 0)
  const score = { got: weightOf(({ id }) => met.has(id)), of: weightOf(() => true) }
  return { tasks, score, done: met.size === tasks.length }
}

/** Whether the scene is what the prose says it is; why not, otherwise. */
export const sceneProblem = (exercise: Exercise, world: World): Unmet | undefined =>
  exercise.holds.map((check) => unmetNow(world, check)).find((unmet) => unmet !== undefined)
