/**
 * What the learner has solved, on this computer only: no account, nothing sent. It can be taken along as a file.
 */
import { keep, kept } from './storage.ts'

export interface ExerciseProgress {
  readonly done: boolean
  /** Names of the tasks that were met at least once. */
  readonly met: readonly string[]
  readonly hints: readonly string[]
  readonly answers: Readonly<Record<string, string>>
}

export interface Progress {
  readonly format: 'kubefold progress 1'
  readonly exercises: Readonly<Record<string, ExerciseProgress>>
}

const NONE: Progress = { format: 'kubefold progress 1', exercises: {} }
const NOT_BEGUN: ExerciseProgress = { done: false, met: [], hints: [], answers: {} }

export const progress = (): Progress => kept<Progress>(localStorage, 'progress') ?? NONE

export const progressIn = (exercise: string): ExerciseProgress => progress().exercises[exercise] ?? NOT_BEGUN

/** Reads first, so that another tab's work is not lost. */
export function noteProgress(exercise: string, change: Partial<ExerciseProgress>): ExerciseProgress {
  const now = progress()
  const changed = { ...(now.exercises[exercise] ?? NOT_BEGUN), ...change }
  keep(localStorage, 'progress', { ...now, exercises: { ...now.exercises, [exercise]: changed } })
  return changed
}

export const eraseProgress = (): void => void keep(localStorage, 'progress', undefined)

export const exported = (): string => `${JSON.stringify(progress(), null, 2)}\n`

const isProgress = (value: unknown): value is Progress =>
  (value as Partial<Progress> | null)?.format === NONE.format && typeof (value as Progress).exercises === 'object'

const union = (one: readonly string[], other: readonly string[]): readonly string[] => [...new Set([...one, ...other])]

function merged(mine: ExerciseProgress, theirs: ExerciseProgress): ExerciseProgress {
  return {
    done: mine.done || theirs.done,
    met: union(mine.met, theirs.met ?? []),
    hints: union(mine.hints, theirs.hints ?? []),
    answers: { ...theirs.answers, ...mine.answers },
  }
}

/** Adds what a file says to what is known here; false when the file is none of ours. */
export function importProgress(text: string): boolean {
  try {
    const theirs: unknown = JSON.parse(text)
    if (!isProgress(theirs)) return false
    const mine = progress().exercises
    const both = Object.entries(theirs.exercises).map(
      ([name, one]) => [name, merged(mine[name] ?? NOT_BEGUN, one)] as const,
    )
    return keep(localStorage, 'progress', { ...NONE, exercises: { ...mine, ...Object.fromEntries(both) } })
  } catch {
    return false
  }
}
