/** What a terminal has printed since one last looked. */
import { terminalOf } from '../../engine/cluster/person.ts'
import type { PrintedText } from '../../engine/cluster/terminal.ts'
import type { World } from '../../engine/cluster/world.ts'
import { isIdle } from '../../engine/shell/state.ts'
import { lastKey, sortedEntries } from '../../engine/std/sorted.ts'

export const TERMINAL = 'main'

export const isQuiet = (world: World): boolean => isIdle(terminalOf(world, TERMINAL).shell)

export const lastCode = (world: World): number => terminalOf(world, TERMINAL).shell.tasks[0]!.scope.lastCode

/** Of a command that is not complete yet. */
export const isPending = (world: World): boolean => terminalOf(world, TERMINAL).pending !== ''

export interface Reader {
  /** Pieces that are new in this world; what was typed is not among them. */
  readonly take: (world: World) => readonly PrintedText[]
}

export function printedReader(begin: World): Reader {
  let told = lastKey(terminalOf(begin, TERMINAL).printed) ?? 0
  return {
    take: (world) => {
      const entries = sortedEntries(terminalOf(world, TERMINAL).printed, told + 1)
      told = entries.at(-1)?.[0] ?? told
      return entries.map(([, piece]) => piece).filter(({ stream }) => stream !== 'typed')
    },
  }
}
