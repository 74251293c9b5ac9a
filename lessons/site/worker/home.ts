/** The files of the terminal that the editor offers: those in the home directory, without hidden ones. */
import { terminalOf } from '../../../engine/cluster/person.ts'
import { HOME } from '../../../engine/cluster/terminal.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { getSorted, sortedEntries } from '../../../engine/std/sorted.ts'
import { TERMINAL } from './session.ts'

const inHome = `${HOME}/`

export const filesIn = (world: World): readonly string[] =>
  sortedEntries(terminalOf(world, TERMINAL).files, inHome, `${HOME}0`)
    .filter(([path, { kind }]) => kind === 'file' && !path.includes('/.'))
    .map(([path]) => path.slice(inHome.length))

export const pathOf = (name: string): string => (name.startsWith('/') ? name : inHome + name)

export const fileIn = (world: World, name: string): string | undefined =>
  getSorted(terminalOf(world, TERMINAL).files, pathOf(name))?.text
