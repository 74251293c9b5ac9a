/** Plays a script at the terminal of a world, as fast as the machine can, and prints the transcript. */
import { promptOf, terminalOf } from '../../engine/cluster/person.ts'
import { act, run } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { nextDue } from '../../engine/std/agenda.ts'
import { hours, type Millis } from '../../engine/std/time.ts'
import { startProgress } from '../progress.ts'
import { isPending, isQuiet, lastCode, printedReader, TERMINAL } from './printed.ts'
import { endsByKey, type ScriptStep } from './script.ts'

export interface Played {
  readonly world: World
  /** Of the last command, as a shell ends with it. */
  readonly code: number
}

/** A command that runs on for so long is ended. */
const LONGEST: Millis = hours(1)

const FACTS_AT_A_TIME = 500

const isContinued = (world: World): boolean => promptOf(terminalOf(world, TERMINAL)) === '> '

export function playScript(begin: World, steps: readonly ScriptStep[], print: (text: string) => void): Played {
  const reader = printedReader(begin)
  const progress = startProgress()
  let world = begin
  const show = () => {
    for (const { text } of reader.take(world)) print(text)
  }
  /** Until an instant, or until the command in front has ended where that is waited for. */
  const pass = (until: Millis, isOver: () => boolean) => {
    while (!isOver() && (nextDue(world.agenda) ?? Number.POSITIVE_INFINITY) <= until) {
      world = run(world, until, isOver === NEVER ? FACTS_AT_A_TIME : 1)
      show()
      progress.note(() => `${Math.round(world.now / 1000)} s into the cluster's time…`)
    }
    if (!isOver()) world = run(world, until)
    show()
  }

  const type = (line: string, isWaitedFor: boolean) => {
    print(`${isContinued(world) ? '>' : '$'} ${line}\n`)
    world = act(world, { type: 'line/entered', terminal: TERMINAL, line })
    show()
    if (!isWaitedFor || isPending(world) || isQuiet(world)) return
    pass(world.now + LONGEST, () => isQuiet(world))
    if (isQuiet(world)) return
    process.stderr.write(
      `kubefold shell: \`${line}\` runs on after an hour and is interrupted; write ^C where it is to end\n`,
    )
    world = act(world, { type: 'key/pressed', terminal: TERMINAL, press: 'interrupt' })
  }

  for (const [index, step] of steps.entries()) {
    if (step.do === 'type') {
      type(step.line, !endsByKey(steps, index))
      continue
    }
    print(`${step.text}\n`)
    if (step.do === 'wait') pass(world.now + step.time, NEVER)
    if (step.do === 'press') world = act(world, { type: 'key/pressed', terminal: TERMINAL, press: step.press })
    show()
  }
  progress.end()
  return { world, code: lastCode(world) }
}

const NEVER = (): boolean => false
