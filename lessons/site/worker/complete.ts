/**
 * Completion at the prompt. kubectl is asked what may follow, in a fork of the world that nobody sees; names of commands and of files are
 * looked up.
 */

import { terminalOf } from '../../../engine/cluster/person.ts'
import { act } from '../../../engine/cluster/run.ts'
import { borrowFiles } from '../../../engine/cluster/terminal.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { NO_SPACE } from '../../../engine/kubectl/completion.ts'
import { isProblem } from '../../../engine/machine/runtime/file-tree.ts'
import { BUILTINS } from '../../../engine/shell/builtins.ts'
import { absolutePath } from '../../../engine/shell/command.ts'
import { EDITORS } from '../../../engine/shell/commands/editors.ts'
import { COMMANDS } from '../../../engine/shell/commands/index.ts'
import { directoryOf, isIdle } from '../../../engine/shell/state.ts'
import { lastKey, sortedValues } from '../../../engine/std/sorted.ts'
import type { Completed } from './messages.ts'
import { TERMINAL } from './session.ts'

/** Where one command ends and another begins. */
const SEPARATOR = /^(.*)(?:\||&&|;|\$\(|`)\s*/s

interface Words {
  readonly words: readonly string[]
  /** Of the last word, in the whole line. */
  readonly from: number
}

/** The words of the command in which the line ends; the last one is being typed. */
function wordsAt(line: string): Words {
  const start = SEPARATOR.exec(line)?.[0].length ?? 0
  const words = line.slice(start).split(/\s+/)
  if (words[0] === '' && words.length > 1) words.shift()
  return { words, from: line.length - words.at(-1)!.length }
}

export const commandNames = (): readonly string[] =>
  [
    ...new Set(
      [COMMANDS, EDITORS, BUILTINS].flatMap(Object.keys).concat('kubectl', 'k', 'answer', 'poweroff', 'poweron'),
    ),
  ]
    .filter((name) => /^\w/.test(name))
    .sort()

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** What a line would print, in a world that is thrown away. */
export function tryOut(world: World, line: string): string {
  const after = act(world, { type: 'line/entered', terminal: TERMINAL, line })
  const from = (lastKey(terminalOf(world, TERMINAL).printed) ?? 0) + 1
  const printed = sortedValues(terminalOf(after, TERMINAL).printed, from)
  return printed
    .filter(({ stream }) => stream === 'stdout')
    .map(({ text }) => text)
    .join('')
}

interface Offer {
  readonly words: readonly string[]
  readonly open: boolean
  readonly files: boolean
}

const NO_FILES = 4

function kubectlOffer(world: World, words: readonly string[]): Offer {
  const lines = tryOut(world, `kubectl __complete ${words.map(quoted).join(' ')}`)
    .split('\n')
    .filter(Boolean)
  const directive = Number(lines.at(-1)?.slice(1) ?? NO_FILES)
  return {
    words: lines.slice(0, -1).map((text) => text.split('\t')[0]!),
    open: (directive & NO_SPACE) !== 0,
    files: (directive & NO_FILES) === 0,
  }
}

function filesOffer(world: World, prefix: string): Offer {
  const terminal = terminalOf(world, TERMINAL)
  const { tree } = borrowFiles(terminal, () => world.now)
  const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const path = absolutePath(directoryOf(terminal.shell), directory)
  const names = tree.list(path)
  const inside = path === '/' ? '' : path
  const words = (isProblem(names) ? [] : names)
    .filter((name) => !name.startsWith('.') || prefix.slice(directory.length).startsWith('.'))
    .map((name) => directory + name + (tree.stat(`${inside}/${name}`)?.kind === 'directory' ? '/' : ''))
  const found = words.filter((word) => word.startsWith(prefix))
  return { words: found, open: found.length === 1 && found[0]!.endsWith('/'), files: false }
}

function offerFor(world: World, words: readonly string[]): Offer {
  const word = words.at(-1)!
  if (words.length === 1)
    return { words: commandNames().filter((name) => name.startsWith(word)), open: false, files: false }
  if (words[0] !== 'kubectl' && words[0] !== 'k') return filesOffer(world, word)
  const offer = kubectlOffer(world, words.slice(1))
  const wantsFile = /^(-f|--filename|-k|--kustomize)$/.test(words.at(-2)!)
  return offer.files || wantsFile ? filesOffer(world, word) : offer
}

/** What could stand where the line ends. */
export function complete(world: World, line: string): Completed {
  const { words, from } = wordsAt(line)
  if (!isIdle(terminalOf(world, TERMINAL).shell)) return { from, words: [], open: false }
  const offer = offerFor(world, words)
  const known = [...new Set(offer.words)].filter((word) => word.startsWith(words.at(-1)!))
  return { from, words: known, open: offer.open }
}
