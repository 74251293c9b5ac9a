/** Exercises as pages need them while the site is built: where they begin, and their prose by language. */
import { parse } from 'yaml'
import type { Language } from '../page/strings.ts'
import { presetOfExercise } from '../worker/beginnings.ts'
import { exercisesFrom } from '../worker/exercise.ts'
import type { Beginning } from '../worker/messages.ts'

const FILES = import.meta.glob<string>('../../../exercises/*/*/*.{yaml,sh,mdx}', {
  query: '?raw',
  import: 'default',
  eager: true,
})

const EXERCISES = exercisesFrom(FILES)

/** What an exercise says in one language. Sentences of checks are by their keys. */
export interface ExerciseProse {
  readonly title: string
  readonly tasks: readonly {
    readonly id: string
    readonly text: string
    readonly answered: boolean
    readonly hints: readonly string[]
  }[]
  readonly says: Readonly<Record<string, string>>
  readonly solution: readonly string[]
}

interface FrontMatter {
  readonly title?: string
  readonly tasks?: Readonly<Record<string, string>>
  readonly hints?: Readonly<Record<string, readonly string[]>>
  readonly says?: Readonly<Record<string, string>>
}

const folderOf = (id: string): string | undefined => {
  const path = Object.keys(FILES).find(
    (file) => file.endsWith('/exercise.yaml') && FILES[file]!.includes(`id: ${id}\n`),
  )
  return path?.slice(0, -'exercise.yaml'.length)
}

function frontMatterOf(text: string | undefined): FrontMatter {
  const matter = /^---\n([\s\S]*?)\n---/.exec(text ?? '')?.[1]
  return matter === undefined ? {} : (parse(matter) as FrontMatter)
}

const linesOf = (script: string): readonly string[] =>
  script.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))

export function proseOf(id: string, language: Language): ExerciseProse | undefined {
  const folder = folderOf(id)
  const known = EXERCISES.get(id)
  if (folder === undefined || !known) return undefined
  const { title = id, tasks = {}, hints = {}, says = {} } = frontMatterOf(FILES[`${folder}${language}.mdx`])
  return {
    title,
    tasks: known.exercise.tasks.map((task) => ({
      id: task.id,
      text: tasks[task.id] ?? task.id,
      answered: task.mode === 'answer',
      hints: hints[task.id] ?? [],
    })),
    says,
    solution: linesOf(FILES[`${folder}solution.sh`] ?? ''),
  }
}

/** Where the stage of a page begins. */
export function beginningFor({
  preset,
  exercise,
}: {
  readonly preset?: string | undefined
  readonly exercise?: string | undefined
}): Beginning {
  const known = exercise === undefined ? undefined : EXERCISES.get(exercise)
  if (known) return { preset: presetOfExercise(known.exercise.id), seed: known.exercise.seed }
  return { preset: preset ?? 'three-nodes', seed: 1 }
}
