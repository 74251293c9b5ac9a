/**
 * The seam between the page and the exercises: how a graded exercise begins, and how far a history has come in it. The grader reads
 * histories and nothing else, so it can run here, in a test and in a terminal alike.
 */
import type { History } from '../../../engine/cluster/history.ts'
import type { World } from '../../../engine/cluster/world.ts'

export interface GradedTask {
  readonly name: string
  readonly state: 'pending' | 'met' | 'missed'
  /** Key of the sentence that says what is still wrong, with names from the learner's own cluster to be filled in. */
  readonly says?: string
  readonly facts?: Readonly<Record<string, string>>
}

export interface Graded {
  /** False when there is no grader for this exercise: the panel says so instead of praising. */
  readonly loaded: boolean
  readonly tasks: readonly GradedTask[]
  readonly done: boolean
}

export const NOT_LOADED: Graded = { loaded: false, tasks: [], done: false }

/** The world an exercise begins with; undefined when there is no such exercise. */
export const exerciseWorld = (_exercise: string, _seed: number): World | undefined => undefined

export const grade = (_exercise: string, _history: History, _answers: Readonly<Record<string, string>>): Graded => NOT_LOADED
