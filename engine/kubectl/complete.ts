/**
 * Completion: what may come next on a line. The real kubectl answers `__complete` with lines of words and descriptions and a
 * last line of hints for the shell; a terminal uses the words.
 *
 * Upstream: github.com/spf13/cobra/completions.go, staging/src/k8s.io/kubectl/pkg/util/completion
 */
import type { Client } from './client.ts'
import type { Command } from './command.ts'
import { completeArguments, completeFlagValue } from './complete-values.ts'
import { type Completion, FILTER_EXTENSIONS, NO_FILES, NO_SPACE } from './completion.ts'
import { findCommand } from './find-command.ts'
import { type Flags, parseFlags } from './flags.ts'
import type { Outcome } from './outcome.ts'
import type { Session } from './session.ts'

const DIRECTIVE_NAMES: readonly (readonly [number, string])[] = [
  [1, 'ShellCompDirectiveError'],
  [NO_SPACE, 'ShellCompDirectiveNoSpace'],
  [NO_FILES, 'ShellCompDirectiveNoFileComp'],
  [FILTER_EXTENSIONS, 'ShellCompDirectiveFilterFileExt'],
  [16, 'ShellCompDirectiveFilterDirs'],
  [32, 'ShellCompDirectiveKeepOrder'],
]

const directiveText = (directive: number): string =>
  DIRECTIVE_NAMES.filter(([bit]) => (directive & bit) !== 0)
    .map(([, name]) => name)
    .join(', ') || 'ShellCompDirectiveDefault'

const described = (name: string, about: string): string => `${name}\t${about}`

const visible = (command: Command): boolean => !command.hidden && !command.deprecated

const HELP_COMMAND = { name: 'help', short: 'Help about any command' }

function subcommands(root: Command, command: Command, prefix: string): readonly string[] {
  const own = (command.commands ?? []).filter(visible)
  const all = command === root ? [...own.filter(({ name }) => name !== 'help'), HELP_COMMAND] : own
  return all
    .filter(({ name }) => name.startsWith(prefix))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, short }) => described(name, short))
}

function flagNames(command: Command, flags: Flags, prefix: string): readonly string[] {
  const all: Flags = { ...flags, help: { kind: 'bool', short: 'h', help: `help for ${command.name}` } }
  const own = new Set(Object.keys(command.flags))
  const names = Object.keys(all).filter((name) => !all[name]!.hidden && !all[name]!.deprecated)
  const ordered = [
    ...names.filter((name) => !own.has(name) && name !== 'help').sort(),
    ...names.filter((name) => own.has(name) || name === 'help').sort(),
  ]
  return ordered.flatMap((name) => {
    const { short, help } = all[name]!
    const words = [`--${name}`, ...(short ? [`-${short}`] : [])]
    return words.filter((word) => word.startsWith(prefix)).map((word) => described(word, help))
  })
}

const takesValue = (flags: Flags, word: string | undefined): string | undefined => {
  if (word === undefined || !word.startsWith('-') || word.includes('=')) return undefined
  const name = word.startsWith('--')
    ? word.slice(2)
    : Object.keys(flags).find((key) => flags[key]!.short === word.slice(1))
  const flag = name === undefined ? undefined : flags[name]
  return flag && flag.kind !== 'bool' && flag.alone === undefined ? name : undefined
}

/** What may stand in place of the last word. */
export function completionsFor(
  root: Command,
  words: readonly string[],
  client: Client,
): { readonly completion: Completion; readonly err: string } {
  const prefix = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const found = findCommand(before, root)
  const { command, path, flags } = found
  const wanting = takesValue(flags, found.words.at(-1))
  const settled = wanting ? found.words.slice(0, -1) : found.words
  const line = parseFlags(flags, settled)
  if ('problem' in line) return { completion: { words: [], directive: NO_FILES }, err: '' }
  const session: Session = {
    client,
    commandPath: '__complete',
    flags: line.values,
    said: { out: '', err: '', warnings: 0 },
  }
  const invocation = { path, args: line.args, dashAt: line.dashAt, flags: line.values, session }
  const inFlag = /^(--[\w-]+)=(.*)$/s.exec(prefix)
  const answer = (): Completion => {
    if (inFlag) return completeFlagValue(invocation, command, inFlag[1]!.slice(2), inFlag[2]!)
    if (wanting) return completeFlagValue(invocation, command, wanting, prefix)
    if (prefix.startsWith('-')) return { words: flagNames(command, flags, prefix), directive: NO_FILES }
    if (command.commands && (line.args.length === 0 || command === root))
      return { words: subcommands(root, command, prefix), directive: NO_FILES }
    return completeArguments(invocation, command, prefix)
  }
  const completion = answer()
  return { completion, err: session.said.err }
}

/** `kubectl __complete …`, as shells call it. */
export function completeLine(
  root: Command,
  words: readonly string[],
  client: Client,
  withDescriptions: boolean,
): Outcome {
  const { completion, err } = completionsFor(root, words, client)
  const shown = withDescriptions ? completion.words : completion.words.map((word) => word.split('\t')[0]!)
  const out = [...shown, `:${completion.directive}`].map((line) => `${line}\n`).join('')
  return { out, err: `${err}Completion ended with directive: ${directiveText(completion.directive)}\n`, code: 0 }
}
