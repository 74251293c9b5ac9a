/**
 * Commands that a real terminal does not have, for learning: what would be done by hand at a machine's power switch, and answers to
 * questions of an exercise.
 */
import { atOnce, type Command, type Finished } from '../shell/command.ts'
import { hasSorted, sortedKeys } from '../std/sorted.ts'
import type { FaultFact } from './fact.ts'
import { onFault } from './faults.ts'
import { HOME } from './terminal.ts'
import { traceFrom } from './trace-command.ts'
import type { World } from './world.ts'

interface Desk {
  world: World
}

function power(desk: Desk, name: string | undefined, on: boolean): Finished {
  const machines = sortedKeys(desk.world.machines)
  if (name === undefined || !machines.includes(name)) {
    const command = on ? 'poweron' : 'poweroff'
    return { err: `usage: ${command} NODE, one of ${machines.join(', ')}\n`, code: 1 }
  }
  if (hasSorted(desk.world.faults.down, name) !== on)
    return { err: `${name} is ${on ? 'on' : 'off'} already\n`, code: 1 }
  const fact: FaultFact = { type: on ? 'machine/booted' : 'machine/crashed', machine: name }
  desk.world = onFault(desk.world, fact)
  return { out: `${name} has ${on ? 'power again' : 'lost its power'}\n` }
}

const ANSWERS = `${HOME}/.answers`

/** Where the answer to a task is kept. */
export const answerPath = (task: string): string => `${ANSWERS}/${task}`

const answer: Command = atOnce(({ argv, files }) => {
  const [, task, ...words] = argv
  if (task === undefined || words.length === 0 || !/^[\w-]+$/.test(task))
    return { err: 'usage: answer TASK WORDS…\n', code: 1 }
  files.makeDirectory(ANSWERS)
  const failed = files.write(answerPath(task), words.join(' '))
  return failed ? { err: `answer: ${failed.failure}\n`, code: 1 } : { out: 'noted\n' }
}, 'Answer a question of the exercise: answer TASK WORDS…')

export const teachingCommands = (desk: Desk): Readonly<Record<string, Command>> => ({
  answer,
  trace: atOnce(({ argv }) => traceFrom(desk.world, argv), 'Follow a request: trace POD HOST:PORT'),
  poweroff: atOnce(({ argv }) => power(desk, argv[1], false), 'Take the power from a machine: poweroff NODE'),
  poweron: atOnce(({ argv }) => power(desk, argv[1], true), 'Give a machine its power back: poweron NODE'),
})
