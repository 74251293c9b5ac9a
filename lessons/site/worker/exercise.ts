/**
 * The seam between the page and the exercises: how a graded exercise begins, and how far a world has come in it. Nothing here knows where the
 * files come from, so it runs in the page's worker and in a test alike.
 */
import { beginExercise, gradingOf } from '../../../engine/check/begin.ts'
import { type Exercise, readExercise } from '../../../engine/check/exercise.ts'
import { gradeWorld, type TaskResult } from '../../../engine/check/grade.ts'
import { HOME_FILES } from '../../../engine/cluster/presets/named.ts'
import type { World } from '../../../engine/cluster/world.ts'

export interface KnownExercise {
  readonly exercise: Exercise
  /** Manifests of the scene, by their paths below the exercise's folder. */
  readonly files: Readonly<Record<string, string>>
}

/** By id. */
export type Exercises = ReadonlyMap<string, KnownExercise>

export interface Graded {
  /** False when there is no grader for this exercise: the panel says so instead of praising. */
  readonly loaded: boolean
  readonly tasks: readonly TaskResult[]
  readonly done: boolean
}

const NOT_LOADED: Graded = { loaded: false, tasks: [], done: false }

/** Reads exercises out of texts by path: `…/01-pods/your-first-pod/exercise.yaml` and what lies beside it. */
export function exercisesFrom(texts: Readonly<Record<string, string>>): Exercises {
  const found = new Map<string, KnownExercise>()
  for (const [path, text] of Object.entries(texts)) {
    if (!path.endsWith('/exercise.yaml')) continue
    const exercise = readExercise(text)
    if (typeof exercise === 'string') throw new Error(`${path}: ${exercise}`)
    const folder = path.slice(0, -'exercise.yaml'.length)
    const files = exercise.scene.map((name) => [name, texts[folder + name] ?? ''] as const)
    found.set(exercise.id, { exercise, files: Object.fromEntries(files) })
  }
  return found
}

/** The world an exercise begins with; undefined when there is no such exercise. */
export function exerciseWorld(exercises: Exercises, id: string, seed: number): World | undefined {
  const known = exercises.get(id)
  return known && beginExercise(known.exercise, { ...HOME_FILES, ...known.files }, seed)
}

export function grade(exercises: Exercises, id: string, beginning: World, world: World): Graded {
  const known = exercises.get(id)
  if (!known) return NOT_LOADED
  const { tasks, done } = gradeWorld(known.exercise, world, gradingOf(known.exercise, beginning, world))
  return { loaded: true, tasks, done }
}
