/**
 * jq: what people put behind `kubectl … -o json`. Programs are read, checked and run here; kubectl's JSON goes in, values or bare
 * texts come out.
 *
 * Upstream: jq 1.6
 * Left out: modules, `input_line_number`, `$__loc__`, SQL-style and streaming functions, date formats, colours, `--stream`, `--seq`;
 * keys of an object that look like whole numbers come first.
 */
import { EPOCH } from '../../../std/time.ts'
import { afterInput, type Command, type CommandHost, type Finished } from '../../command.ts'
import { type NamedText, readFiles } from '../arguments.ts'
import { evaluate, isSpecial, type Scope, type Session } from './evaluate.ts'
import { plainFunction, preludeFunction } from './functions.ts'
import { type Input, type InputProblem, readInputs } from './inputs.ts'
import { isProblem, isTrue, type Json, type Writing, write } from './json.ts'
import type { SyntaxProblem } from './lex.ts'
import { type Filter, parseProgram } from './syntax.ts'
import { undefinedNames } from './undefined-names.ts'

interface Options {
  readonly flags: ReadonlySet<string>
  readonly indent: string
  readonly variables: Readonly<Record<string, Json>>
  readonly operands: readonly string[]
}

const LONG: Readonly<Record<string, string>> = {
  'raw-output': 'r',
  'compact-output': 'c',
  'exit-status': 'e',
  slurp: 's',
  'null-input': 'n',
  'raw-input': 'R',
  'sort-keys': 'S',
  'join-output': 'j',
  'ascii-output': 'a',
  'monochrome-output': 'M',
  'color-output': 'C',
  help: 'h',
  tab: 't',
}

const SHORT = 'rcesnRSjaMCh'

const HINT =
  'Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n'

const wrongUse = (words: string): Finished => ({ err: `jq: ${words}\n${HINT}`, code: 2 })

type Takes = (host: CommandHost, text: string) => Json | Finished

function jsonArgument(_host: CommandHost, text: string): Json | Finished {
  try {
    return JSON.parse(text) as Json
  } catch {
    return wrongUse('invalid JSON text passed to --argjson')
  }
}

function fileArgument(host: CommandHost, path: string): string | Finished {
  const { texts, err } = readFiles(host, [path], '')
  return texts[0]?.text ?? { err, code: 2 }
}

/** Options that name a variable and give it a value. */
const VARIABLES: Readonly<Record<string, Takes>> = {
  arg: (_host, text) => text,
  argjson: jsonArgument,
  rawfile: (host, path) => fileArgument(host, path) as Json,
  slurpfile: (host, path) => {
    const text = fileArgument(host, path)
    return typeof text === 'string'
      ? readInputs(text).flatMap((input) => ('value' in input ? [input.value] : []))
      : text
  },
}

const isFinished = (value: Json | Finished): value is Finished =>
  typeof value === 'object' && value !== null && 'code' in value && 'err' in value

interface Reading {
  readonly host: CommandHost
  readonly rest: string[]
  readonly flags: Set<string>
  readonly variables: Record<string, Json>
  indent: string
}

function readVariable(reading: Reading, option: string): Finished | undefined {
  const [name, text] = [reading.rest.shift(), reading.rest.shift()]
  if (name === undefined || text === undefined)
    return wrongUse(
      `--${option} takes two parameters (e.g. --${option} ${option === 'arg' ? 'varname value' : 'varname text'})`,
    )
  const value = VARIABLES[option]!(reading.host, text)
  if (isFinished(value)) return value
  reading.variables[name] = value
  return undefined
}

function readLongOption(reading: Reading, option: string): Finished | undefined {
  if (Object.hasOwn(VARIABLES, option)) return readVariable(reading, option)
  if (option === 'indent') {
    const count = Number(reading.rest.shift())
    if (!(count >= 0 && count <= 7)) return wrongUse('--indent takes a number between -1 and 7')
    reading.indent = ' '.repeat(count)
    return undefined
  }
  const letter = Object.hasOwn(LONG, option) ? LONG[option] : undefined
  if (letter === undefined) return wrongUse(`Unknown option --${option}`)
  if (letter === 't') reading.indent = '\t'
  reading.flags.add(letter)
  return undefined
}

function readOption(reading: Reading, arg: string): Finished | undefined {
  if (arg.startsWith('--')) return readLongOption(reading, arg.slice(2))
  const unknown = [...arg.slice(1)].some((letter) => !SHORT.includes(letter))
  if (unknown) return wrongUse(`Unknown option ${arg}`)
  for (const letter of arg.slice(1)) reading.flags.add(letter)
  return undefined
}

function readOptions(host: CommandHost): Options | Finished {
  const rest = host.argv.slice(1)
  const reading: Reading = { host, rest, flags: new Set(), variables: {}, indent: '  ' }
  const operands: string[] = []
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') operands.push(...rest.splice(0))
    else if (!arg.startsWith('-') || arg === '-') operands.push(arg)
    else {
      const wrong = readOption(reading, arg)
      if (wrong) return wrong
    }
  }
  return { flags: reading.flags, indent: reading.indent, variables: reading.variables, operands }
}

/** A complaint about a place in the program: the line, and blanks as far as the place is in. */
function compileError(source: string, { syntax, at }: SyntaxProblem): string {
  const start = source.lastIndexOf('\n', at - 1) + 1
  const line = source.slice(start).split('\n')[0]!
  const number = source.slice(0, start).split('\n').length
  return `jq: error: ${syntax} at <top-level>, line ${number}:\n${line}${' '.repeat(at - start)}\n`
}

const compileErrors = (source: string, problems: readonly SyntaxProblem[]): Finished => ({
  err: `${problems.map((one) => compileError(source, one)).join('')}jq: ${problems.length} compile error${problems.length > 1 ? 's' : ''}\n`,
  code: 3,
})

const isBuiltIn = (name: string): boolean =>
  !name.startsWith('_') && (isSpecial(name) || plainFunction(name) !== undefined || preludeFunction(name) !== undefined)

function compile(source: string, variables: readonly string[]): Filter | Finished {
  let filter: Filter
  try {
    filter = parseProgram(source)
  } catch (thrown) {
    if (typeof thrown !== 'object' || thrown === null || !('syntax' in thrown)) throw thrown
    const { syntax, at } = thrown as SyntaxProblem
    return compileErrors(source, [{ syntax: `${syntax} (Unix shell quoting issues?)`, at }])
  }
  const unknown = undefinedNames(filter, isBuiltIn, variables)
  if (unknown.length === 0) return filter
  return compileErrors(
    source,
    unknown.map(({ name, at }) => ({ syntax: `${name} is not defined`, at })),
  )
}

interface Run {
  readonly filter: Filter
  readonly options: Options
  readonly scope: Scope
  out: string
  err: string
  code: number
  last: Json | undefined
}

function show(run: Run, value: Json): void {
  const { flags, indent } = run.options
  const writing: Writing = {
    ...(!flags.has('c') && indent !== '' && { indent }),
    sortKeys: flags.has('S'),
    ascii: flags.has('a'),
  }
  const raw = flags.has('r') || flags.has('j')
  run.out += raw && typeof value === 'string' ? value : write(value, writing)
  if (!flags.has('j')) run.out += '\n'
  run.last = value
}

function runOn(run: Run, value: Json, place: string): void {
  try {
    evaluate(run.filter, run.scope, { value }, (found) => show(run, found.value))
  } catch (thrown) {
    if (isProblem(thrown)) {
      const said = typeof thrown.jq === 'string' ? `: ${thrown.jq}` : ` (not a string): ${write(thrown.jq)}`
      run.err += `jq: error (at ${place})${said}\n`
    } else if (thrown instanceof RangeError) run.err += `jq: error (at ${place}): the program calls itself too deeply\n`
    else throw thrown
    run.code = 5
  }
}

type Queue = readonly (Input | InputProblem)[]

const rawInputs = (text: string): Queue =>
  text
    .split('\n')
    .flatMap((line, at, all) => (at === all.length - 1 && line === '' ? [] : [{ value: line, line: at + 1 }]))

/** What the program gets, one value after another, with what went wrong at its place. */
function queueOf({ flags }: Options, texts: readonly NamedText[]): Queue {
  const text = texts.map((file) => file.text).join('')
  if (flags.has('R')) return flags.has('s') ? [{ value: text, line: 0 }] : rawInputs(text)
  const inputs = readInputs(text)
  if (!flags.has('s')) return inputs
  const wrong = inputs.find((input) => 'complaint' in input)
  const all = inputs.flatMap((input) => ('value' in input ? [input.value] : []))
  return wrong ? [wrong] : [{ value: all, line: text.split('\n').length - 1 }]
}

function runAll(run: Run, queue: (Input | InputProblem)[], from: string): void {
  if (run.options.flags.has('n')) runOn(run, null, '<unknown>')
  else
    for (let next = queue.shift(); next; next = queue.shift()) {
      if ('complaint' in next) {
        run.err += `${next.complaint}\n`
        run.code = 4
        return
      }
      runOn(run, next.value, `${from}:${next.line}`)
    }
}

function sessionFor(host: CommandHost, queue: (Input | InputProblem)[]): Session {
  const inputs = (): Json | undefined => {
    const next = queue.shift()
    return next && 'value' in next ? next.value : undefined
  }
  return { steps: 0, inputs, environment: host.environment, unixSeconds: () => (EPOCH + host.now()) / 1000 }
}

const exitCode = ({ options, code, last }: Run): number => {
  if (code !== 0 || !options.flags.has('e')) return code
  return last === undefined ? 4 : isTrue(last) ? 0 : 1
}

const HELP =
  'Usage:\tjq [options] <jq filter> [file...]\n\tjq [options] -n <jq filter>\n\n' +
  'Options: -c one line each, -r texts without quotes, -n no input, -s all inputs as one array, -R lines as texts,\n' +
  '-S keys in order, -j no line ends, -e exit by the last value, --arg NAME TEXT, --argjson NAME JSON,\n' +
  '--rawfile NAME FILE, --slurpfile NAME FILE, --tab, --indent N.\n'

function runJq(input: string, host: CommandHost): Finished {
  const options = readOptions(host)
  if (!('operands' in options)) return options
  const [program, ...files] = options.operands
  if (options.flags.has('h')) return { out: HELP }
  if (program === undefined && host.isTerminal.input) return { err: HELP, code: 2 }
  const source = program ?? '.'
  const filter = compile(source, [...Object.keys(options.variables), '__prog_args'])
  if (!('is' in filter)) return filter
  const { texts, err } = readFiles(host, files, input)
  const complaints = err.replace(/^jq: (.*): (.*)$/gm, 'jq: error: Could not open file $1: $2')
  const queue = [...queueOf(options, texts)]
  const variables = { ...options.variables, __prog_args: options.variables }
  const scope: Scope = { session: sessionFor(host, queue), variables, functions: {} }
  const run: Run = {
    filter,
    options,
    scope,
    out: '',
    err: complaints,
    code: complaints === '' ? 0 : 2,
    last: undefined,
  }
  runAll(run, queue, files.at(-1) ?? '<stdin>')
  return { out: run.out, err: run.err, code: exitCode(run) }
}

function needsInput(host: CommandHost): boolean {
  const options = readOptions(host)
  if (!('operands' in options) || options.flags.has('h')) return false
  const [program = '', ...files] = options.operands
  if (files.length > 0 || (program === '' && host.isTerminal.input)) return false
  return !options.flags.has('n') || /\binputs?\b/.test(program)
}

export const jq = afterInput(needsInput, runJq, 'Take JSON apart: jq -r FILTER.') as Command
