/**
 * Every exercise proves three things: its start meets no task, its solution, typed at the real prompt, meets all of them for many
 * seeds, and each recorded mistake is caught by the task it names, with the sentence it names.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { beginExercise, gradingOf, typeLine } from '../engine/check/begin.ts'
import { type Exercise, readExercise } from '../engine/check/exercise.ts'
import { gradeWorld, sceneProblem } from '../engine/check/grade.ts'
import type { World } from '../engine/cluster/world.ts'

const ROOT = import.meta.dirname
const SEEDS = 20

const folders = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('exercise.yaml'))
  .map((path) => join(ROOT, path, '..'))

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')

function exerciseIn(folder: string): Exercise {
  const exercise = readExercise(read(folder, 'exercise.yaml'))
  if (typeof exercise === 'string') throw new Error(`${folder}: ${exercise}`)
  return exercise
}

const filesOf = (folder: string, { scene }: Exercise): Record<string, string> =>
  Object.fromEntries(scene.map((path) => [path, read(folder, path)]))

const linesOf = (script: string): string[] =>
  script.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))

const play = (beginning: World, script: string): World => linesOf(script).reduce(typeLine, beginning)

const graded = (exercise: Exercise, beginning: World, world: World) =>
  gradeWorld(exercise, world, gradingOf(exercise, beginning, world))

test('there are exercises', () => {
  expect(folders.length).toBeGreaterThanOrEqual(2)
})

for (const folder of folders) {
  const exercise = exerciseIn(folder)

  test(`${exercise.id}: the scene is as told, and nothing is met at the start`, () => {
    const world = beginExercise(exercise, filesOf(folder, exercise))
    expect(sceneProblem(exercise, world)).toBeUndefined()
    expect(graded(exercise, world, world).tasks.filter(({ state }) => state === 'met')).toEqual([])
  })

  test(`${exercise.id}: the solution meets every task, for ${SEEDS} seeds`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const beginning = beginExercise(exercise, filesOf(folder, exercise), seed)
      const { tasks, done } = graded(exercise, beginning, play(beginning, read(folder, 'solution.sh')))
      expect({ seed, left: tasks.filter(({ state }) => state !== 'met'), done }).toEqual({ seed, left: [], done: true })
    }
  })

  const mistakes = join(folder, 'mistakes')
  for (const name of existsSync(mistakes) ? readdirSync(mistakes) : [])
    test(`${exercise.id}: the mistake ${name} is caught`, () => {
      const script = read(mistakes, name)
      const [, catches] = /^# catches: (\S+)/m.exec(script) ?? []
      const [, says] = /^# says: (\S+)/m.exec(script) ?? []
      const beginning = beginExercise(exercise, filesOf(folder, exercise))
      const { tasks, done } = graded(exercise, beginning, play(beginning, script))
      expect(done).toBe(false)
      expect(tasks.find(({ id }) => id === catches)).toMatchObject({
        state: expect.not.stringMatching('met'),
        unmet: { says },
      })
    })
}
