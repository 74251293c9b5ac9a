/**
 * Options of the small text commands: single letters, alone or together, some with a value. An option that is not known is refused
 * in one line, as the real ones do.
 */
import { absolutePath, type CommandHost, type Finished, isFileFailure } from '../command.ts'

export interface Arguments {
  readonly flags: ReadonlySet<string>
  readonly values: Readonly<Record<string, string>>
  readonly operands: readonly string[]
}

export interface Grammar {
  /** Letters that stand alone. */
  readonly flags?: string
  /** Letters that take a value. */
  readonly values?: string
  /** Long names, each standing for a letter. */
  readonly long?: Readonly<Record<string, string>>
}

/** Reads the arguments behind a command's name; a sentence when one of them is not known. */
export function readArguments(argv: readonly string[], grammar: Grammar): Arguments | string {
  const flags = new Set<string>()
  const values: Record<string, string> = {}
  const operands: string[] = []
  const rest = argv.slice(1)
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      operands.push(...rest)
      break
    }
    if (!arg.startsWith('-') || arg === '-') operands.push(arg)
    else {
      const problem = arg.startsWith('--')
        ? readLong(arg, rest, grammar, flags, values)
        : readShort(arg, rest, grammar, flags, values)
      if (problem) return `${argv[0]}: ${problem}\nTry '${argv[0]} --help' for more information.`
    }
  }
  return { flags, values, operands }
}

function readLong(
  arg: string,
  rest: string[],
  grammar: Grammar,
  flags: Set<string>,
  values: Record<string, string>,
): string | undefined {
  const [name = '', value] = arg.slice(2).split(/=(.*)/s)
  const letter = grammar.long?.[name]
  if (letter === undefined) return `unrecognized option '${arg}'`
  if (grammar.values?.includes(letter)) values[letter] = value ?? rest.shift() ?? ''
  else flags.add(letter)
  return undefined
}

function readShort(
  arg: string,
  rest: string[],
  grammar: Grammar,
  flags: Set<string>,
  values: Record<string, string>,
): string | undefined {
  for (let i = 1; i < arg.length; i++) {
    const letter = arg.charAt(i)
    if (grammar.values?.includes(letter)) {
      const value = arg.slice(i + 1) || rest.shift()
      if (value === undefined) return `option requires an argument -- '${letter}'`
      values[letter] = value
      return undefined
    }
    if (!grammar.flags?.includes(letter)) return `invalid option -- '${letter}'`
    flags.add(letter)
  }
  return undefined
}

export interface NamedText {
  readonly name: string
  readonly text: string
}

/** The files that operands name, `-` and none being standard input, and complaints about those that cannot be read. */
export function readFiles(
  host: CommandHost,
  operands: readonly string[],
  input: string,
): { readonly texts: readonly NamedText[]; readonly err: string } {
  const texts: NamedText[] = []
  let err = ''
  for (const name of operands.length > 0 ? operands : ['-']) {
    const text = name === '-' ? input : host.files.read(absolutePath(host.directory, name))
    if (isFileFailure(text)) err += `${host.argv[0]}: ${name}: ${text.failure}\n`
    else texts.push({ name, text })
  }
  return { texts, err }
}

export const usage = (problem: string, code = 2): Finished => ({ err: `${problem}\n`, code })

/** Lines without their ends; a last line without an end counts. */
export const linesOf = (text: string): string[] => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

export const joinLines = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`)
