/**
 * The pattern of a text filter: options, then files or standard input, then a function from their texts to what is printed.
 */
import { afterInput, type Command, type CommandHost, type Finished } from '../command.ts'
import { type Arguments, type Grammar, type NamedText, readArguments, readFiles, usage } from './arguments.ts'

export interface Filter {
  readonly about: string
  readonly grammar: Grammar
  /** How many operands come before the files: 1 for `grep PATTERN`. */
  readonly leading?: number | ((args: Arguments) => number)
  readonly run: (texts: readonly NamedText[], args: Arguments, host: CommandHost) => Finished
}

const leadingOf = ({ leading = 0 }: Filter, args: Arguments): number =>
  typeof leading === 'number' ? leading : leading(args)

function needsInput(filter: Filter, host: CommandHost): boolean {
  const args = readArguments(host.argv, filter.grammar)
  if (typeof args === 'string' || isHelp(host)) return false
  const files = args.operands.slice(leadingOf(filter, args))
  return args.operands.length >= leadingOf(filter, args) && (files.length === 0 || files.includes('-'))
}

const isHelp = (host: CommandHost): boolean => host.argv[1] === '--help'

/** `Usage:` from the grammar, for `--help`. */
function help(filter: Filter, host: CommandHost): string {
  const { flags = '', values = '', long = {} } = filter.grammar
  const name = (letter: string) => Object.keys(long).find((key) => long[key] === letter)
  const row = (letter: string, value: string) => `  -${letter}${value}${name(letter) ? `, --${name(letter)}` : ''}\n`
  const rows =
    [...flags].map((letter) => row(letter, '')).join('') + [...values].map((letter) => row(letter, ' VALUE')).join('')
  return `Usage: ${host.argv[0]} [OPTION]... [FILE]...\n${filter.about}\n${rows ? `\nOptions:\n${rows}` : ''}`
}

function run(filter: Filter, input: string, host: CommandHost): Finished {
  if (isHelp(host)) return { out: help(filter, host) }
  const args = readArguments(host.argv, filter.grammar)
  if (typeof args === 'string') return usage(args)
  const leading = leadingOf(filter, args)
  if (args.operands.length < leading) return usage(`${host.argv[0]}: missing operand`)
  const { texts, err } = readFiles(host, args.operands.slice(leading), input)
  const done = filter.run(texts, args, host)
  return err === '' ? done : { ...done, err: err + (done.err ?? ''), code: done.code || 1 }
}

export const filter = (definition: Filter): Command =>
  afterInput(
    (host) => needsInput(definition, host),
    (input, host) => run(definition, input, host),
    definition.about,
  ) as Command
