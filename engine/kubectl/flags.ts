/**
 * Flags of the command line, read the way every kubectl command reads them: `--name value`, `--name=value`, `-n value`,
 * `-nvalue`, `-it`, anywhere among the arguments until `--`. Which flags there are is data; this file knows only how they
 * are written and what is said when they are wrong.
 *
 * Upstream: github.com/spf13/pflag. Left out: flag names normalised from underscores.
 */
import { parseDuration } from '../std/duration.ts'
import { goQuote } from '../std/go-text.ts'

export type FlagKind =
  | 'string'
  | 'bool'
  | 'int'
  | 'int32'
  | 'int64'
  | 'duration'
  /** May be given several times, commas separate. */
  | 'stringSlice'
  /** May be given several times, commas are letters. */
  | 'stringArray'
  /** `key=value` pairs. */
  | 'pairs'

export interface Flag {
  readonly kind: FlagKind
  readonly short?: string
  /** As help prints it: `''`, `false`, `[]`, `0s`. The kind's own zero when absent. */
  readonly default?: string
  /** The value when the flag stands alone. Switches have `true`. */
  readonly alone?: string
  readonly help: string
  readonly hidden?: true
  readonly deprecated?: string
  /** Must be given. */
  readonly required?: true
  /** Accepted by the real kubectl and not by us: what to say. */
  readonly notModelled?: string
  /** What is said of a pair without `=`, when it is not the usual. */
  readonly malformed?: string
}

export type Flags = Readonly<Record<string, Flag>>

type FlagValue = string | boolean | number | readonly string[]

export interface FlagValues {
  readonly text: (name: string) => string
  readonly on: (name: string) => boolean
  readonly number: (name: string) => number
  readonly list: (name: string) => readonly string[]
  /** Whether it was given on the command line. */
  readonly given: (name: string) => boolean
}

const ZERO: Readonly<Record<FlagKind, FlagValue>> = {
  string: '',
  bool: false,
  int: 0,
  int32: 0,
  int64: 0,
  duration: 0,
  stringSlice: [],
  stringArray: [],
  pairs: [],
}

const LIMIT: Readonly<Partial<Record<FlagKind, bigint>>> = { int: 2n ** 63n, int64: 2n ** 63n, int32: 2n ** 31n }

const parseProblem = (parser: string, text: string, what: string): { readonly problem: string } => ({
  problem: `strconv.${parser}: parsing ${goQuote(text)}: ${what}`,
})

type Parsed = FlagValue | { readonly problem: string }

function parseInteger(kind: FlagKind, text: string): Parsed {
  if (!/^[+-]?(0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+|[0-9]+)$/.test(text))
    return parseProblem('ParseInt', text, 'invalid syntax')
  const value = BigInt(text.replace(/^[+-]/, '')) * (text.startsWith('-') ? -1n : 1n)
  const limit = LIMIT[kind]!
  return value >= limit || value < -limit ? parseProblem('ParseInt', text, 'value out of range') : Number(value)
}

const TRUE = /^(1|t|T|TRUE|true|True)$/
const FALSE = /^(0|f|F|FALSE|false|False)$/

/** One line of comma-separated values, in which quotes protect commas. */
function splitCommas(text: string): readonly string[] {
  if (text === '') return []
  const parts = text.match(/"(?:[^"]|"")*"|[^,]+|(?<=,|^)(?=,|$)/g) ?? []
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
}

function parseValue(
  { kind, malformed }: Pick<Flag, 'kind' | 'malformed'>,
  text: string,
  before: FlagValue | undefined,
): Parsed {
  switch (kind) {
    case 'string':
      return text
    case 'bool':
      return TRUE.test(text) || (FALSE.test(text) ? false : parseProblem('ParseBool', text, 'invalid syntax'))
    case 'duration': {
      const duration = parseDuration(text)
      return typeof duration === 'number' ? duration : { problem: duration }
    }
    case 'stringSlice':
      return [...((before as readonly string[] | undefined) ?? []), ...splitCommas(text)]
    case 'stringArray':
      return [...((before as readonly string[] | undefined) ?? []), text]
    case 'pairs': {
      const pairs = splitCommas(text)
      const wrong = pairs.find((pair) => !pair.includes('='))
      return wrong === undefined
        ? [...((before as readonly string[] | undefined) ?? []), ...pairs]
        : { problem: malformed ?? `${wrong} must be formatted as key=value` }
    }
    default:
      return parseInteger(kind, text)
  }
}

export function defaultOf(flag: Flag): FlagValue {
  if (flag.default === undefined) return ZERO[flag.kind]
  if (flag.kind === 'stringSlice' || flag.kind === 'stringArray' || flag.kind === 'pairs')
    return splitCommas(flag.default.replace(/^\[|\]$/g, ''))
  const parsed = parseValue(flag, flag.default, undefined)
  return typeof parsed === 'object' && 'problem' in parsed ? ZERO[flag.kind] : parsed
}

export interface ParsedLine {
  readonly args: readonly string[]
  /** How many of the arguments stand before `--`; -1 without it. */
  readonly dashAt: number
  readonly values: FlagValues
  readonly given: readonly string[]
  readonly help: boolean
}

export interface FlagProblem {
  readonly problem: string
}

const aloneValue = (flag: Flag): string | undefined => flag.alone ?? (flag.kind === 'bool' ? 'true' : undefined)

const HELP: Flag = { kind: 'bool', short: 'h', help: 'help for this command' }

/** Where reading stands: local to one parse. */
interface Reading {
  readonly flags: Flags
  readonly words: readonly string[]
  readonly values: Map<string, FlagValue>
  readonly given: string[]
  at: number
}

function setFlag(reading: Reading, name: string, text: string): FlagProblem | undefined {
  const flag = reading.flags[name] ?? HELP
  const before = reading.given.includes(name) ? reading.values.get(name) : undefined
  const parsed = parseValue(flag, text, before)
  if (typeof parsed === 'object' && 'problem' in parsed) {
    const shown = flag.short ? `-${flag.short}, --${name}` : `--${name}`
    return { problem: `invalid argument ${goQuote(text)} for ${goQuote(shown)} flag: ${parsed.problem}` }
  }
  reading.values.set(name, parsed)
  if (!reading.given.includes(name)) reading.given.push(name)
  return undefined
}

function readLong(reading: Reading, word: string): FlagProblem | undefined {
  const body = word.slice(2)
  if (body === '' || body.startsWith('-') || body.startsWith('=')) return { problem: `bad flag syntax: ${word}` }
  const equals = body.indexOf('=')
  const name = equals < 0 ? body : body.slice(0, equals)
  const flag = name === 'help' ? HELP : Object.hasOwn(reading.flags, name) ? reading.flags[name] : undefined
  if (!flag) return { problem: `unknown flag: --${name}` }
  if (equals >= 0) return setFlag(reading, name, body.slice(equals + 1))
  const alone = aloneValue(flag)
  if (alone !== undefined) return setFlag(reading, name, alone)
  if (reading.at >= reading.words.length) return { problem: `flag needs an argument: ${word}` }
  return setFlag(reading, name, reading.words[reading.at++]!)
}

export const flagByShort = (flags: Flags, short: string): string | undefined =>
  Object.keys(flags).find((name) => flags[name]!.short === short) ?? (short === 'h' ? 'help' : undefined)

function readShorts(reading: Reading, word: string): FlagProblem | undefined {
  for (let at = 1; at < word.length; at++) {
    const short = word[at]!
    const name = flagByShort(reading.flags, short)
    if (!name) return { problem: `unknown shorthand flag: ${quoteLetter(short)} in -${word.slice(at)}` }
    const rest = word.slice(at + 1)
    const alone = aloneValue(reading.flags[name] ?? HELP)
    if (rest.startsWith('=')) return setFlag(reading, name, rest.slice(1))
    if (alone === undefined && rest !== '') return setFlag(reading, name, rest)
    if (alone === undefined && reading.at >= reading.words.length)
      return { problem: `flag needs an argument: ${quoteLetter(short)} in -${word.slice(at)}` }
    const problem = setFlag(reading, name, alone ?? reading.words[reading.at++]!)
    if (problem || alone === undefined) return problem
  }
  return undefined
}

const quoteLetter = (letter: string): string => `'${letter}'`

const valuesOf = (flags: Flags, values: ReadonlyMap<string, FlagValue>, given: readonly string[]): FlagValues => {
  const value = (name: string): FlagValue => values.get(name) ?? defaultOf(flags[name]!)
  return {
    text: (name) => String(value(name)),
    on: (name) => value(name) === true,
    number: (name) => Number(value(name)),
    list: (name) => value(name) as readonly string[],
    given: (name) => given.includes(name),
  }
}

/** Reads a line after the command's name. */
export function parseFlags(flags: Flags, words: readonly string[]): ParsedLine | FlagProblem {
  const reading: Reading = { flags, words, values: new Map(), given: [], at: 0 }
  const args: string[] = []
  let dashAt = -1
  while (reading.at < words.length) {
    const word = words[reading.at++]!
    if (word === '--') {
      dashAt = args.length
      args.push(...words.slice(reading.at))
      break
    }
    if (word.length < 2 || !word.startsWith('-')) {
      args.push(word)
      continue
    }
    const problem = word.startsWith('--') ? readLong(reading, word) : readShorts(reading, word)
    if (problem) return problem
  }
  const values = valuesOf(flags, reading.values, reading.given)
  return { args, dashAt, values, given: reading.given, help: reading.values.get('help') === true }
}

/** The value of a flag as help prints it behind its name. */
export function printedDefault(flag: Flag): string {
  if (flag.kind === 'string') return `'${flag.default ?? ''}'`
  if (flag.default !== undefined) return flag.default
  return {
    bool: 'false',
    int: '0',
    int32: '0',
    int64: '0',
    duration: '0s',
    stringSlice: '[]',
    stringArray: '[]',
    pairs: '[]',
  }[flag.kind]
}
