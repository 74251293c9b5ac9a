/** From words to a command: walking down the tree as far as the words name one. Upstream: github.com/spf13/cobra. */
import type { Command } from './command.ts'
import { type Flags, flagByShort } from './flags.ts'
import { GLOBAL_FLAGS } from './global-flags.ts'

export interface FoundCommand {
  readonly command: Command
  /** The names as registered, `kubectl create configmap`. */
  readonly path: string
  readonly words: readonly string[]
  readonly flags: Flags
}

const flagsFor = (command: Command): Flags => ({ ...GLOBAL_FLAGS, ...command.flags })

/** Whether this flag, written alone, takes the next word. */
function takesNext(flags: Flags, word: string): boolean {
  if (word.includes('=')) return false
  const name = word.startsWith('--') ? word.slice(2) : flagByShort(flags, word.at(-1)!)
  const flag = name === undefined ? undefined : flags[name]
  if (!flag || flag.kind === 'bool' || flag.alone !== undefined) return false
  return word.startsWith('--') || word.length === 2
}

/** The place of the first word that is no flag and no flag's value. */
function firstWord(flags: Flags, words: readonly string[]): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (word === '--') return -1
    if (!word.startsWith('-') || word === '-') return at
    if (takesNext(flags, word)) at++
  }
  return -1
}

export const commandNamed = (commands: readonly Command[], name: string): Command | undefined =>
  commands.find((command) => command.name === name || command.aliases?.includes(name))

export function findCommand(words: readonly string[], command: Command, path: string = command.name): FoundCommand {
  const flags = flagsFor(command)
  const at = command.commands ? firstWord(flags, words) : -1
  const next = at < 0 ? undefined : commandNamed(command.commands!, words[at]!)
  if (!next) return { command, path, words, flags }
  return findCommand([...words.slice(0, at), ...words.slice(at + 1)], next, `${path} ${next.name}`)
}
