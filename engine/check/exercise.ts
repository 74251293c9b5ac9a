/**
 * An exercise as data: the world it begins with, and the tasks in it, each with a check. It holds no prose; sentences are named by keys
 * that each language fills in.
 *
 * Left out: variables that differ from learner to learner, traffic, forbidden commands, budgets.
 */
import { parseYaml } from '../std/yaml.ts'

/** When a check must hold. */
export type Mode =
  /** Now; it may cease to. */
  | 'level'
  /** At least once since the exercise began. */
  | 'edge'
  /** In every state since then. */
  | 'always'
  /** In a copy of the world in which time runs on and nobody touches anything. */
  | 'eventually'
  /** The learner says it. */
  | 'answer'

/** Which objects a check speaks about. */
export interface Subject {
  /** `pods`, `deployments.apps` */
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Paths and what must stand there: a value, a text with `*`, `>=4`, `absent` or `present`. */
export type Where = Readonly<Record<string, string | number | boolean>>

export type Check =
  | { readonly object: Subject; readonly where?: Where; readonly says?: string }
  | { readonly absent: Subject; readonly where?: Where; readonly says?: string }
  /** One of them was deleted. Only since the exercise began. */
  | { readonly deleted: Subject; readonly where?: Where; readonly says?: string }
  | {
      readonly count: Subject
      readonly where?: Where
      readonly least?: number
      readonly most?: number
      readonly says?: string
    }
  /** What the learner must say: the value at a path of an object, or one of these texts. */
  | { readonly equals: Subject; readonly path: string; readonly says?: string }
  | { readonly oneOf: readonly string[]; readonly says?: string }
  | { readonly all: readonly Check[] }

export interface Task {
  readonly id: string
  readonly mode: Mode
  readonly weight: number
  /** Tasks that must be met first. */
  readonly needs: readonly string[]
  readonly check: Check
  /** For `eventually`: how long is waited, in seconds. */
  readonly within?: number
}

export interface Exercise {
  readonly id: string
  readonly level: string
  readonly minutes: number
  readonly nodes: number
  readonly seed: number
  /** Paths of manifests below the exercise's folder, applied before the learner begins. */
  readonly scene: readonly string[]
  /** What must hold of the scene, or it is not what the prose says. */
  readonly holds: readonly Check[]
  readonly tasks: readonly Task[]
}

const MODES: readonly string[] = ['level', 'edge', 'always', 'eventually', 'answer']

type Fields = { readonly [name: string]: unknown }

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const CHECKS = ['object', 'absent', 'deleted', 'count', 'equals', 'oneOf', 'all']

/** Thrown inside this file only. */
const wrong = (place: string, what: string): { readonly exercise: string } => ({ exercise: `${place}: ${what}` })

function checkOf(value: unknown, place: string): Check {
  if (!isFields(value)) throw wrong(place, 'a check is a map')
  const kinds = CHECKS.filter((kind) => kind in value)
  if (kinds.length !== 1) throw wrong(place, `a check has exactly one of ${CHECKS.join(', ')}`)
  if (kinds[0] === 'all')
    return { all: (value.all as unknown[]).map((part, at) => checkOf(part, `${place}.all[${at}]`)) }
  if (kinds[0] !== 'oneOf') subjectOf(value[kinds[0]!], `${place}.${kinds[0]}`)
  return value as unknown as Check
}

function subjectOf(value: unknown, place: string): void {
  if (!isFields(value) || typeof value.resource !== 'string')
    throw wrong(place, 'needs a resource, like pods or deployments.apps')
  if (value.name === undefined && value.labels === undefined) throw wrong(place, 'needs a name or labels')
}

function taskOf(id: string, value: unknown): Task {
  const place = `tasks.${id}`
  if (!isFields(value)) throw wrong(place, 'a task is a map')
  const { mode = 'level', weight = 1, needs = [], check, within } = value
  if (!MODES.includes(String(mode))) throw wrong(`${place}.mode`, `one of ${MODES.join(', ')}`)
  const task = {
    id,
    mode: mode as Mode,
    weight: Number(weight),
    needs: needs as string[],
    check: checkOf(check, `${place}.check`),
  }
  return within === undefined ? task : { ...task, within: Number(within) }
}

function exerciseOf(value: unknown): Exercise {
  if (!isFields(value)) throw wrong('exercise.yaml', 'is not a map')
  const { id, level = 'do', minutes = 10, world = {}, scene = {}, tasks } = value
  if (typeof id !== 'string') throw wrong('id', 'is missing')
  if (!isFields(tasks) || Object.keys(tasks).length === 0) throw wrong('tasks', 'there are none')
  const { nodes = 3, seed = 1 } = world as Fields
  const { apply = [], holds = [] } = scene as Fields
  return {
    id,
    level: String(level),
    minutes: Number(minutes),
    nodes: Number(nodes),
    seed: Number(seed),
    scene: apply as string[],
    holds: (holds as unknown[]).map((check, at) => checkOf(check, `scene.holds[${at}]`)),
    tasks: Object.entries(tasks).map(([name, task]) => taskOf(name, task)),
  }
}

/** Reads `exercise.yaml`; a sentence with the place when it is wrong. */
export function readExercise(text: string): Exercise | string {
  const parsed = parseYaml(text)
  if (!parsed.ok) return `line ${parsed.problem.line}: ${parsed.problem.message}`
  try {
    return exerciseOf(parsed.value)
  } catch (thrown) {
    const { exercise } = thrown as { readonly exercise?: string }
    if (exercise === undefined) throw thrown
    return exercise
  }
}
