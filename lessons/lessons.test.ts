/** Every lesson in both languages: its terminal sessions are real, and the two tell the same. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { beginningOf, presetOfExercise } from './site/worker/beginnings.ts'
import { exercisesFrom } from './site/worker/exercise.ts'
import { countOfBlocks, replayed } from './transcript.ts'

const LESSONS = fileURLToPath(new URL('.', import.meta.url))

const files = globSync('[0-9]*/*/*.mdx', { cwd: LESSONS }).sort()

const EXERCISE_FILES = resolve(LESSONS, '../exercises')

const EXERCISES = exercisesFrom(
  Object.fromEntries(
    globSync('*/*/{exercise.yaml,scene/**/*.yaml}', { cwd: EXERCISE_FILES }).map((file) => [
      file,
      readFileSync(resolve(EXERCISE_FILES, file), 'utf8'),
    ]),
  ),
)

interface FrontMatter {
  readonly title: string
  readonly stage: { readonly exercise: string }
}

const read = (file: string): string => readFileSync(resolve(LESSONS, file), 'utf8')

const frontMatter = (text: string): FrontMatter => parse(/^---\n([\s\S]*?)\n---/.exec(text)![1]!)

const commandsIn = (text: string): readonly string[] => text.match(/^\$ .*$/gm) ?? []

describe('a lesson', () => {
  it('exists, more than once', () => expect(files.length).toBeGreaterThanOrEqual(4))

  it.each(files)('%s shows what its cluster prints (rewrite with --update, and read the difference)', async (file) => {
    const text = read(file)
    const { exercise: id } = frontMatter(text).stage
    const { seed } = EXERCISES.get(id)!.exercise
    expect(countOfBlocks(text)).toBeGreaterThan(3)
    await expect(replayed(text, beginningOf(presetOfExercise(id), seed, EXERCISES)!)).toMatchFileSnapshot(
      resolve(LESSONS, file),
    )
  })

  it.each([...new Set(files.map(dirname))])('%s is the same in both languages', (lesson) => {
    const [english, chinese] = [read(`${lesson}/en.mdx`), read(`${lesson}/zh-cn.mdx`)]
    expect(commandsIn(chinese)).toEqual(commandsIn(english))
    expect(frontMatter(chinese).stage).toEqual(frontMatter(english).stage)
    expect(frontMatter(chinese).title).not.toBe(frontMatter(english).title)
  })
})
