/**
 * What a subcommand of `kubefold` is: a name, what it is for, its flags as a table, and what it does. Parsing, `--help` and the errors
 * about flags are the same for all and follow from the table.
 */
import { parseArgs } from 'node:util'

export interface Flag {
  /** Absent: the flag is on or off. */
  readonly value?: string
  readonly default?: string
  readonly help: string
}

export interface Given {
  readonly args: readonly string[]
  /** The value of a flag, or its default, or undefined. */
  readonly text: (flag: string) => string | undefined
  readonly isOn: (flag: string) => boolean
  /** A number within limits; a usage problem if it is none. */
  readonly number: (flag: string, limits: Limits) => number
}

export interface Limits {
  readonly least: number
  readonly most?: number
  readonly whole?: boolean
}

export interface Subcommand {
  readonly name: string
  /** `DIR… [flags]` */
  readonly usage: string
  readonly about: string
  /** More lines for `--help`. */
  readonly details?: string
  readonly flags: Readonly<Record<string, Flag>>
  /** The most arguments beside flags; none when absent. */
  readonly takes?: number
  /** Ends with the exit code. */
  readonly run: (given: Given) => Promise<number> | number
}

/** How the command ends; what check promises about them is in its own help. */
export const EXIT = { good: 0, found: 1, usage: 2, internal: 3, inconclusive: 4 } as const

/** The command line, or something it names, cannot be used as it is. */
export class UsageProblem extends Error {}

const flagLine = ([name, { value, default: usual, help }]: readonly [string, Flag]): readonly [string, string] => [
  `--${name}${value ? ` ${value}` : ''}`,
  usual ? `${help} [${usual}]` : help,
]

/** Two columns, the first as wide as it must be. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}

export function helpOf({ name, usage, about, details, flags }: Subcommand): string {
  const rows = [...Object.entries(flags).map(flagLine), ['--help', 'This text.'] as const]
  return [`Usage: kubefold ${name} ${usage}`, about, ...(details ? [details] : []), columns(rows)].join('\n\n')
}

type Values = Readonly<Record<string, string | boolean | undefined>>

function numberOf(
  values: Values,
  flag: string,
  { least, most = Number.MAX_SAFE_INTEGER, whole = true }: Limits,
): number {
  const text = String(values[flag])
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (number >= least && number <= most && (!whole || Number.isInteger(number))) return number
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw new UsageProblem(`--${flag} wants a ${whole ? 'whole ' : ''}number ${range}, not "${text}"`)
}

export function parseFlags(command: Subcommand, argv: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries({ ...command.flags, help: { help: '' } as Flag }).map(([name, flag]) => [
      name,
      flag.value
        ? { type: 'string' as const, ...(flag.default !== undefined && { default: flag.default }) }
        : { type: 'boolean' as const },
    ]),
  )
  const { values: found, positionals } = parsed(argv, options)
  const values = found as Values
  const { takes = 0 } = command
  if (!values.help && positionals.length > takes)
    throw new UsageProblem(
      `"${positionals[takes]}" is one argument too many; flags are written as --${positionals[takes]}`,
    )
  return {
    args: positionals,
    text: (flag) => values[flag] as string | undefined,
    isOn: (flag) => values[flag] === true,
    number: (flag, limits) => numberOf(values, flag, limits),
  }
}

function parsed(argv: readonly string[], options: NonNullable<Parameters<typeof parseArgs>[0]>['options']) {
  try {
    return parseArgs({ args: [...argv], options: options!, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageProblem((error as Error).message.replace(/\. To specify a positional.*$/s, ''))
  }
}
