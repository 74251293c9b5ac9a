/** How an exercise begins: its cluster, its scene, and from where on the learner's deeds count. */

import { terminalOf } from '../cluster/person.ts'
import { newCluster, nodes } from '../cluster/presets/cluster.ts'
import { act, runUntil, settle } from '../cluster/run.ts'
import { answerPath } from '../cluster/teaching-commands.ts'
import { storeOf, type World } from '../cluster/world.ts'
import { isIdle } from '../shell/state.ts'
import { getSorted } from '../std/sorted.ts'
import { hours, minutes } from '../std/time.ts'
import type { Exercise } from './exercise.ts'
import type { Grading } from './grade.ts'

const TERMINAL = 'main'

/** Types a line and waits for it to end. */
export function typeLine(world: World, line: string): World {
  const entered = act(world, { type: 'line/entered', terminal: TERMINAL, line })
  return runUntil(entered, (now) => isIdle(terminalOf(now, TERMINAL).shell), entered.now + hours(1))
}

/** The world in which the learner begins. `files` are the texts of the scene's manifests by their paths. */
export function beginExercise(
  exercise: Exercise,
  files: Readonly<Record<string, string>>,
  seed = exercise.seed,
): World {
  const world = settle(newCluster({ seed, machines: nodes(exercise.nodes), files }), minutes(5))
  const applied = exercise.scene.reduce((next, path) => typeLine(next, `kubectl apply -f ${path}`), world)
  return exercise.scene.length > 0 ? settle(applied, applied.now + minutes(10)) : applied
}

/** What the learner has answered in the terminal, with what was answered elsewhere. */
export function gradingOf(
  exercise: Exercise,
  beginning: World,
  world: World,
  answers: Readonly<Record<string, string>> = {},
): Grading {
  const { files } = terminalOf(world, TERMINAL)
  const typed = exercise.tasks.flatMap(({ id }) => {
    const text = getSorted(files, answerPath(id))?.text
    return text === undefined ? [] : [[id, text] as const]
  })
  return { since: storeOf(beginning).revision, answers: { ...Object.fromEntries(typed), ...answers } }
}
