/**
 * The terminal sessions in lessons are real: each `console` block is replayed in the lesson's own cluster, one after another, and what it
 * prints is what stands there. `$ command` is typed, `> more` goes on with it, `+30s` lets time pass, `# remarks` are kept as they are.
 */
import { terminalOf } from '../engine/cluster/person.ts'
import { act, run, runUntil } from '../engine/cluster/run.ts'
import type { World } from '../engine/cluster/world.ts'
import { isIdle } from '../engine/shell/state.ts'
import { parseDuration } from '../engine/std/duration.ts'
import { lastKey, sortedValues } from '../engine/std/sorted.ts'
import { hours } from '../engine/std/time.ts'

const TERMINAL = 'main'
const BLOCK = /^```console\n([\s\S]*?)^```$/gm

interface Step {
  /** The lines as they are written, without output. */
  readonly lines: readonly string[]
}

/** Lines that do something; what stands between them is output. */
const isStep = (line: string): boolean => /^[$+#] ?/.test(line)

function stepsOf(block: string): readonly Step[] {
  const steps: { lines: string[] }[] = []
  for (const line of block.split('\n')) {
    const last = steps.at(-1)
    if (isStep(line)) steps.push({ lines: [line] })
    else if (line.startsWith('> ') && last?.lines[0]?.startsWith('$ ')) last.lines.push(line)
  }
  return steps
}

/** Everything printed since, without the echo of what was typed. */
function printedSince(before: World, after: World): string {
  const from = (lastKey(terminalOf(before, TERMINAL).printed) ?? 0) + 1
  const pieces = sortedValues(terminalOf(after, TERMINAL).printed, from)
  return pieces
    .filter(({ stream }) => stream !== 'typed')
    .map(({ text }) => text)
    .join('')
}

const isQuiet = (world: World): boolean => isIdle(terminalOf(world, TERMINAL).shell)

function type(world: World, lines: readonly string[]): World {
  const typed = lines.reduce(
    (now, line) => act(now, { type: 'line/entered', terminal: TERMINAL, line: line.slice(2) }),
    world,
  )
  return runUntil(typed, isQuiet, typed.now + hours(1))
}

function follow(world: World, { lines }: Step): World {
  const [first = ''] = lines
  if (first.startsWith('$ ')) return type(world, lines)
  const pause = first.startsWith('+') ? parseDuration(first.slice(1)) : 0
  if (typeof pause === 'string') throw new Error(`${first}: ${pause}`)
  return run(world, world.now + pause)
}

/** The text with each block as the world prints it today. */
export function replayed(text: string, beginning: World): string {
  let world = beginning
  return text.replace(BLOCK, (_whole, block: string) => {
    const lines = stepsOf(block).map((step) => {
      const before = world
      world = follow(world, step)
      return `${step.lines.join('\n')}\n${printedSince(before, world)}`
    })
    return `\`\`\`console\n${lines.join('')}\`\`\``
  })
}

/** How many sessions a text has. */
export const countOfBlocks = (text: string): number => [...text.matchAll(BLOCK)].length
