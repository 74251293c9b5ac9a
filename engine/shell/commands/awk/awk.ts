/**
 * awk: patterns and what to do with the lines that match them. Fields, variables, arrays, conditions, loops, printf and the usual
 * functions.
 *
 * Upstream: POSIX.1-2024, awk
 * Left out: functions of one's own, getline, output into files and commands, locale, `$++i`.
 */
import { afterInput, type Command, type CommandHost, type Finished } from '../../command.ts'
import { formatted } from '../../format.ts'
import { type Arguments, linesOf, type NamedText, readArguments, readFiles, usage } from '../arguments.ts'
import { regularSource } from '../grep.ts'
import { type AwkProblem, type Expression, parseProgram, type Rule, type Statement } from './syntax.ts'

type Value = string | number

interface Machine {
  readonly variables: Map<string, Value>
  readonly arrays: Map<string, Map<string, Value>>
  fields: string[]
  out: string
  /** Ranges that have begun and not ended, by the index of their rule. */
  readonly open: Set<number>
  steps: number
}

/** How a statement ended, when not at its end. */
type Jump = { readonly to: 'next' | 'exit' | 'break' | 'continue'; readonly code: number } | undefined

const problem = (awk: string): AwkProblem => ({ awk })

const MOST_STEPS = 2_000_000

const textOf = (value: Value): string =>
  typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))

const numberOf = (value: Value): number => (typeof value === 'number' ? value : Number.parseFloat(value.trim()) || 0)

const LOOKS_NUMERIC = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/

const isNumeric = (value: Value): boolean => typeof value === 'number' || LOOKS_NUMERIC.test(value)

const isTrue = (value: Value): boolean => (isNumeric(value) ? numberOf(value) !== 0 : value !== '')

const get = (machine: Machine, name: string): Value => {
  if (name === 'NF') return machine.fields.length
  return machine.variables.get(name) ?? ''
}

function splitFields(machine: Machine, line: string): void {
  const separator = textOf(get(machine, 'FS'))
  machine.variables.set('$0', line)
  machine.fields = fieldsOf(line, separator)
}

function fieldsOf(line: string, separator: string): string[] {
  if (line === '') return []
  if (separator === ' ')
    return line
      .trim()
      .split(/\s+/)
      .filter((field) => field !== '')
  if (separator.length === 1) return line.split(separator === '|' ? '|' : separator)
  return line.split(new RegExp(regularSource(separator, true)))
}

function setField(machine: Machine, index: number, value: Value): void {
  if (index === 0) return splitFields(machine, textOf(value))
  while (machine.fields.length < index) machine.fields.push('')
  machine.fields[index - 1] = textOf(value)
  machine.variables.set('$0', machine.fields.join(textOf(get(machine, 'OFS'))))
}

const arrayOf = (machine: Machine, name: string): Map<string, Value> => {
  const known = machine.arrays.get(name) ?? new Map<string, Value>()
  machine.arrays.set(name, known)
  return known
}

const keyOf = (machine: Machine, index: readonly Expression[]): string =>
  index.map((part) => textOf(evaluate(machine, part))).join('\x1c')

function assign(machine: Machine, target: Expression, value: Value): Value {
  if (target.is === 'variable') {
    machine.variables.set(target.name, value)
    if (target.name === '$0') splitFields(machine, textOf(value))
  } else if (target.is === 'field') setField(machine, numberOf(evaluate(machine, target.index)), value)
  else if (target.is === 'element') arrayOf(machine, target.name).set(keyOf(machine, target.index), value)
  else throw problem('syntax error at source line 1: assignment to what is no variable')
  return value
}

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => {
    if (right === 0) throw problem('division by zero')
    return left / right
  },
  '%': (left, right) => left % right,
  '^': (left, right) => left ** right,
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function compare(left: Value, right: Value): number {
  if (isNumeric(left) && isNumeric(right)) return numberOf(left) - numberOf(right)
  const [a, b] = [textOf(left), textOf(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

const patternOf = (machine: Machine, expression: Expression): RegExp =>
  new RegExp(
    regularSource(expression.is === 'match' ? expression.source : textOf(evaluate(machine, expression)), true),
    'g',
  )

function binary(machine: Machine, { operator, left, right }: Extract<Expression, { is: 'binary' }>): Value {
  if (operator === '&&') return Number(isTrue(evaluate(machine, left)) && isTrue(evaluate(machine, right)))
  if (operator === '||') return Number(isTrue(evaluate(machine, left)) || isTrue(evaluate(machine, right)))
  const value = evaluate(machine, left)
  if (operator === '~' || operator === '!~')
    return Number(textOf(value).search(patternOf(machine, right)) >= 0 === (operator === '~'))
  const other = evaluate(machine, right)
  if (operator === 'concatenation') return textOf(value) + textOf(other)
  const comparison = COMPARISONS[operator]
  return comparison
    ? Number(comparison(compare(value, other)))
    : ARITHMETIC[operator]!(numberOf(value), numberOf(other))
}

function evaluate(machine: Machine, expression: Expression): Value {
  if (++machine.steps > MOST_STEPS) throw problem('this program runs on and on; it was stopped')
  switch (expression.is) {
    case 'number':
    case 'text':
      return expression.value
    case 'match':
      return Number(textOf(get(machine, '$0')).search(patternOf(machine, expression)) >= 0)
    case 'variable':
      return get(machine, expression.name)
    case 'field':
      return fieldAt(machine, numberOf(evaluate(machine, expression.index)))
    case 'element':
      return arrayOf(machine, expression.name).get(keyOf(machine, expression.index)) ?? ''
    case 'in':
      return Number(arrayOf(machine, expression.name).has(keyOf(machine, expression.index)))
    case 'binary':
      return binary(machine, expression)
    case 'choice':
      return evaluate(machine, isTrue(evaluate(machine, expression.condition)) ? expression.yes : expression.no)
    case 'call':
      return call(machine, expression.name, expression.args)
    default:
      return change(machine, expression)
  }
}

const fieldAt = (machine: Machine, index: number): Value =>
  index === 0 ? get(machine, '$0') : (machine.fields[index - 1] ?? '')

function change(machine: Machine, expression: Extract<Expression, { is: 'assign' | 'step' | 'unary' }>): Value {
  if (expression.is === 'unary') {
    const value = evaluate(machine, expression.of)
    return expression.operator === '!'
      ? Number(!isTrue(value))
      : expression.operator === '-'
        ? -numberOf(value)
        : numberOf(value)
  }
  if (expression.is === 'step') {
    const old = numberOf(evaluate(machine, expression.target))
    assign(machine, expression.target, old + expression.by)
    return expression.before ? old + expression.by : old
  }
  const { target, operator, value } = expression
  const right = evaluate(machine, value)
  if (operator === '') return assign(machine, target, right)
  return assign(machine, target, ARITHMETIC[operator]!(numberOf(evaluate(machine, target)), numberOf(right)))
}

type Call = (machine: Machine, args: readonly Expression[]) => Value

const textArgument = (machine: Machine, args: readonly Expression[], at: number): string =>
  args[at] ? textOf(evaluate(machine, args[at])) : textOf(get(machine, '$0'))

const numeric =
  (compute: (value: number) => number): Call =>
  (machine, args) =>
    compute(numberOf(evaluate(machine, args[0]!)))

function substitute(all: boolean): Call {
  return (machine, args) => {
    const [pattern, text, target = { is: 'field', index: { is: 'number', value: 0 } } as const] = args
    const replacement = textOf(evaluate(machine, text!))
    let count = 0
    const found = patternOf(machine, pattern!)
    const changed = textOf(evaluate(machine, target)).replace(found, (whole) => {
      if (!all && count > 0) return whole
      count++
      return replacement.replace(/\\?&/g, (mark) => (mark === '&' ? whole : '&'))
    })
    if (count > 0) assign(machine, target, changed)
    return count
  }
}

const split: Call = (machine, [text, name, separator]) => {
  if (name?.is !== 'variable') throw problem('split needs the name of an array')
  const parts = fieldsOf(
    textOf(evaluate(machine, text!)),
    separator
      ? textOf(separator.is === 'match' ? separator.source : evaluate(machine, separator))
      : textOf(get(machine, 'FS')),
  )
  machine.arrays.set(name.name, new Map(parts.map((part, at) => [String(at + 1), part])))
  return parts.length
}

const length: Call = (machine, args) => {
  const [first] = args
  if (first?.is === 'variable' && machine.arrays.has(first.name)) return machine.arrays.get(first.name)!.size
  return textArgument(machine, args, 0).length
}

const substring: Call = (machine, args) => {
  const text = textArgument(machine, args, 0)
  const start = Math.round(numberOf(evaluate(machine, args[1]!)))
  const end = args[2] ? start + Math.round(numberOf(evaluate(machine, args[2]))) : Number.POSITIVE_INFINITY
  return text.slice(Math.max(start, 1) - 1, Math.max(end - 1, 0))
}

const match: Call = (machine, args) => {
  const found = patternOf(machine, args[1]!).exec(textArgument(machine, args, 0))
  machine.variables.set('RSTART', found ? found.index + 1 : 0)
  machine.variables.set('RLENGTH', found ? found[0].length : -1)
  return found ? found.index + 1 : 0
}

const CALLS: Readonly<Record<string, Call>> = {
  length,
  substr: substring,
  index: (machine, args) => textArgument(machine, args, 0).indexOf(textArgument(machine, args, 1)) + 1,
  split,
  sub: substitute(false),
  gsub: substitute(true),
  match,
  toupper: (machine, args) => textArgument(machine, args, 0).toUpperCase(),
  tolower: (machine, args) => textArgument(machine, args, 0).toLowerCase(),
  sprintf: (machine, args) => format(machine, args),
  int: numeric(Math.trunc),
  sqrt: numeric(Math.sqrt),
  exp: numeric(Math.exp),
  log: numeric(Math.log),
  sin: numeric(Math.sin),
  cos: numeric(Math.cos),
}

function call(machine: Machine, name: string, args: readonly Expression[]): Value {
  const known = CALLS[name]
  if (!known) throw problem(`calling undefined function ${name}`)
  return known(machine, args)
}

const format = (machine: Machine, args: readonly Expression[]): string => {
  const [pattern = '', ...values] = args.map((arg) => textOf(evaluate(machine, arg)))
  return formatted(pattern, values.length > 0 ? values : ['']).text
}

function print(machine: Machine, { args, formatted: isFormatted }: Extract<Statement, { is: 'print' }>): undefined {
  if (isFormatted) machine.out += format(machine, args)
  else {
    const values = args.length > 0 ? args.map((arg) => textOf(evaluate(machine, arg))) : [textOf(get(machine, '$0'))]
    machine.out += values.join(textOf(get(machine, 'OFS'))) + textOf(get(machine, 'ORS'))
  }
  return undefined
}

function loop(machine: Machine, goesOn: () => boolean, body: Statement, next: () => void): Jump {
  while (goesOn()) {
    const jump = run(machine, body)
    if (jump?.to === 'break') return undefined
    if (jump && jump.to !== 'continue') return jump
    next()
  }
  return undefined
}

function runLoop(machine: Machine, statement: Extract<Statement, { is: 'while' | 'for' | 'each' }>): Jump {
  if (statement.is === 'each') {
    const keys = [...arrayOf(machine, statement.name).keys()]
    const more = () => keys.length > 0 && machine.variables.set(statement.variable, keys.shift()!) !== undefined
    return loop(machine, more, statement.body, () => {})
  }
  if (statement.is === 'while') {
    let first = statement.atLeastOnce
    const more = () => {
      const goesOn = first || isTrue(evaluate(machine, statement.condition))
      first = false
      return goesOn
    }
    return loop(machine, more, statement.body, () => {})
  }
  if (statement.first) run(machine, statement.first)
  const more = () => !statement.condition || isTrue(evaluate(machine, statement.condition))
  return loop(machine, more, statement.body, () => void (statement.next && run(machine, statement.next)))
}

function run(machine: Machine, statement: Statement): Jump {
  switch (statement.is) {
    case 'expression':
      evaluate(machine, statement.value)
      return undefined
    case 'print':
      return print(machine, statement)
    case 'block':
      return runAll(machine, statement.body)
    case 'if': {
      const branch = isTrue(evaluate(machine, statement.condition)) ? statement.then : statement.otherwise
      return branch && run(machine, branch)
    }
    case 'delete':
      if (statement.index) arrayOf(machine, statement.name).delete(keyOf(machine, statement.index))
      else machine.arrays.set(statement.name, new Map())
      return undefined
    case 'jump':
      return { to: statement.to, code: statement.value ? numberOf(evaluate(machine, statement.value)) : 0 }
    default:
      return runLoop(machine, statement)
  }
}

function runAll(machine: Machine, body: readonly Statement[]): Jump {
  for (const statement of body) {
    const jump = run(machine, statement)
    if (jump) return jump
  }
  return undefined
}

const PRINT: Statement = { is: 'print', args: [], formatted: false }

function applies(machine: Machine, rule: Rule, index: number): boolean {
  if (!rule.pattern) return true
  const begins = machine.open.has(index) || isTrue(evaluate(machine, rule.pattern))
  if (!rule.until || !begins) return begins
  if (isTrue(evaluate(machine, rule.until))) machine.open.delete(index)
  else machine.open.add(index)
  return true
}

function runRules(machine: Machine, rules: readonly Rule[], when: Rule['when']): Jump {
  for (const [index, rule] of rules.entries()) {
    if (rule.when !== when || (when === 'line' && !applies(machine, rule, index))) continue
    const jump = run(machine, rule.action ?? PRINT)
    if (jump?.to === 'next') return undefined
    if (jump) return jump
  }
  return undefined
}

function runLines(machine: Machine, rules: readonly Rule[], texts: readonly NamedText[]): Jump {
  let count = 0
  for (const { name, text } of texts)
    for (const [index, line] of linesOf(text).entries()) {
      machine.variables.set('NR', ++count)
      machine.variables.set('FNR', index + 1)
      machine.variables.set('FILENAME', name === '-' ? '' : name)
      splitFields(machine, line)
      const jump = runRules(machine, rules, 'line')
      if (jump) return jump
    }
  return undefined
}

const UNESCAPED: Readonly<Record<string, string>> = { '\\t': '\t', '\\n': '\n' }

function newMachine({ values }: Arguments, host: CommandHost): Machine {
  const variables = new Map<string, Value>([
    ['FS', UNESCAPED[values.F ?? ''] ?? values.F ?? ' '],
    ['OFS', ' '],
    ['ORS', '\n'],
    ['NR', 0],
  ])
  for (const [at, arg] of host.argv.entries()) {
    if (arg !== '-v') continue
    const [name = '', value = ''] = (host.argv[at + 1] ?? '').split(/=(.*)/s)
    variables.set(name, value)
  }
  const environment = new Map<string, Value>(Object.entries(host.environment))
  return { variables, arrays: new Map([['ENVIRON', environment]]), fields: [], out: '', open: new Set(), steps: 0 }
}

const argumentsOf = (host: CommandHost) => readArguments(host.argv, { values: 'Fv' })

function runProgram(input: string, host: CommandHost): Finished {
  const args = argumentsOf(host)
  if (typeof args === 'string') return usage(args)
  const [program, ...files] = args.operands
  if (program === undefined) return usage("Usage: awk [-F SEPARATOR] [-v NAME=VALUE] 'PROGRAM' [FILE]...")
  const machine = newMachine(args, host)
  try {
    const rules = parseProgram(program)
    const { texts, err } = readFiles(host, files, input)
    const jump = runRules(machine, rules, 'BEGIN') ?? runLines(machine, rules, texts)
    const end = jump?.to === 'exit' && jump.code !== 0 ? undefined : runRules(machine, rules, 'END')
    return { out: machine.out, err, code: err ? 2 : ((end ?? jump)?.code ?? 0) }
  } catch (thrown) {
    const { awk } = thrown as Partial<AwkProblem>
    if (awk === undefined && !(thrown instanceof SyntaxError)) throw thrown
    return { out: machine.out, err: `awk: ${awk ?? 'this regular expression cannot be read'}\n`, code: 2 }
  }
}

/** A program that has only BEGIN rules does not wait for input. */
const needsInput = (host: CommandHost): boolean => {
  const args = argumentsOf(host)
  if (typeof args === 'string' || args.operands.length !== 1) return false
  return !/^\s*BEGIN\s*\{[^}]*\}\s*$/.test(args.operands[0]!)
}

export const awk = afterInput(needsInput, runProgram, "Do something with each line: awk '{print $1}'.") as Command
