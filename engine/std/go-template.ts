/**
 * Go's text/template over JSON: what `-o go-template` takes. Conditions, ranges, variables, pipelines and the built-in
 * functions, with Go's own words when a template or its data is wrong.
 *
 * Upstream: text/template and text/template/parse. Left out: methods, `call`, complex numbers, `html` and `js`
 * escapes beyond the usual letters, custom delimiters.
 */
import { byteLength } from './byte-length.ts'
import { strictBase64, utf8TextOf } from './bytes.ts'
import { goQuote } from './go-text.ts'
import { formatGo, goType, goValue, isGoInteger } from './go-value.ts'
import { isList, isMap, sortedKeysOf, type Tree } from './tree.ts'

// ---- words -------------------------------------------------------------------------------------

interface Word {
  readonly is: 'name' | 'field' | 'variable' | 'text' | 'number' | 'symbol' | 'end'
  readonly text: string
  readonly at: number
  /** Whether a blank stands before it, which separates arguments. */
  readonly apart: boolean
}

const WORD =
  /(\s+)|(\.[\p{L}_][\p{L}\p{N}_]*)|(\$[\p{L}\p{N}_]*)|([\p{L}_][\p{L}\p{N}_]*)|("(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*')|([-+]?(?:0[xob][\da-fA-F]+|\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+))|(:=|[|(),.=])/uy

const WORD_KINDS = ['', 'blank', 'field', 'variable', 'name', 'text', 'number', 'symbol'] as const

/** What is wrong with a template: where it does not parse. */
export interface TemplateProblem {
  readonly problem: string
}

/** Thrown inside this file only: a template is refused from deep within, as a whole. */
interface Refusal {
  readonly refusal: string
  /** Text printed before it happened. */
  readonly printed?: string
}

const refuse = (refusal: string): never => {
  throw { refusal } satisfies Refusal
}

const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refusal' in value

const lineAt = (source: string, at: number): number => source.slice(0, at).split('\n').length

// ---- tree --------------------------------------------------------------------------------------

type Operand =
  | { readonly is: 'dot' }
  | { readonly is: 'nil' }
  | { readonly is: 'constant'; readonly value: Tree; readonly text: string }
  | { readonly is: 'field'; readonly names: readonly string[]; readonly at: number }
  | { readonly is: 'variable'; readonly name: string; readonly names: readonly string[]; readonly at: number }
  | { readonly is: 'chain'; readonly of: Operand; readonly names: readonly string[]; readonly at: number }
  | { readonly is: 'function'; readonly name: string; readonly at: number }
  | { readonly is: 'pipeline'; readonly pipeline: Pipeline }

interface Call {
  readonly operands: readonly Operand[]
  readonly at: number
  readonly text: string
}

interface Pipeline {
  readonly declares: readonly string[]
  readonly assigns: boolean
  readonly calls: readonly Call[]
}

type Node =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'action'; readonly pipeline: Pipeline }
  | {
      readonly is: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }
  | { readonly is: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined; readonly at: number }
  | { readonly is: 'break' | 'continue' }

export interface Template {
  readonly source: string
  readonly nodes: readonly Node[]
  readonly named: Readonly<Record<string, readonly Node[]>>
}

// ---- parsing -----------------------------------------------------------------------------------

interface Piece {
  readonly is: 'text' | 'action'
  readonly text: string
  readonly at: number
}

interface Parser {
  readonly source: string
  readonly pieces: readonly Piece[]
  next: number
  readonly named: Record<string, readonly Node[]>
}

const parseRefusal = (source: string, at: number, message: string): never =>
  refuse(`template: output:${lineAt(source, at)}: ${message}`)

/** Where the action that begins at `from` ends, past any quoted text in it. */
function actionEnd(source: string, from: number): number {
  const inside = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\}\}|\}|$/gy
  for (let at = from; at <= source.length; at++) {
    inside.lastIndex = at
    const match = inside.exec(source)
    if (!match) continue
    if (match[0] === '}}') return at
    if (match[0] === '}') return parseRefusal(source, at, "bad character U+007D '}'")
    if (match[0] === '') break
    at += match[0].length - 1
  }
  return parseRefusal(source, from, 'unclosed action')
}

function cut(source: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  let trimNext = false
  while (at <= source.length) {
    const open = source.indexOf('{{', at)
    const end = open < 0 ? source.length : open
    const trims = /^-\s/.test(source.slice(end + 2, end + 4))
    let text = source.slice(at, end)
    if (trimNext) text = text.trimStart()
    if (open >= 0 && trims) text = text.trimEnd()
    if (text !== '') pieces.push({ is: 'text', text, at })
    if (open < 0) break
    const begin = end + 2 + (trims ? 2 : 0)
    const comment = source.startsWith('/*', begin)
    const close = comment ? commentEnd(source, begin) : actionEnd(source, begin)
    trimNext = /\s-$/.test(source.slice(begin, close))
    if (!comment) pieces.push({ is: 'action', text: source.slice(begin, trimNext ? close - 1 : close), at: begin })
    at = close + 2
  }
  return pieces
}

function commentEnd(source: string, begin: number): number {
  const end = source.indexOf('*/', begin)
  return end < 0 ? parseRefusal(source, begin, 'unclosed comment') : source.indexOf('}}', end)
}

function wordsOf({ text, at }: Piece, source: string): Word[] {
  const words: Word[] = []
  let apart = false
  for (let here = 0; here < text.length; ) {
    WORD.lastIndex = here
    const match = WORD.exec(text)
    if (!match) return parseRefusal(source, at + here, `unexpected ${badLetter(text, here)} in command`)
    const kind = WORD_KINDS[match.findIndex((group, index) => index > 0 && group !== undefined)]!
    if (kind !== 'blank') words.push({ is: kind as Word['is'], text: match[0], at: at + here, apart })
    apart = kind === 'blank'
    here += match[0].length
  }
  words.push({ is: 'end', text: '', at: at + text.length, apart })
  return words
}

const badLetter = (text: string, at: number): string => {
  const letter = String.fromCodePoint(text.codePointAt(at)!)
  return letter === '"'
    ? 'unterminated quoted string'
    : `bad character U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${letter}'`
}

/** Reads the words of one action. */
interface Reader {
  readonly source: string
  readonly words: readonly Word[]
  at: number
}

const peek = (reader: Reader): Word => reader.words[reader.at]!
const take = (reader: Reader): Word => reader.words[reader.at++]!

const isSymbol = (word: Word, text: string): boolean => word.is === 'symbol' && word.text === text

export function parseTemplate(source: string): Template | TemplateProblem {
  try {
    const parser: Parser = { source, pieces: cut(source), next: 0, named: {} }
    const { nodes, ended } = parseList(parser)
    if (ended) parseRefusal(source, parser.pieces[parser.next - 1]?.at ?? 0, `unexpected {{${ended}}}`)
    return { source, nodes, named: parser.named }
  } catch (thrown) {
    if (isRefusal(thrown)) return { problem: thrown.refusal }
    throw thrown
  }
}

interface List {
  readonly nodes: readonly Node[]
  readonly ended: '' | 'end' | 'else'
  /** What follows `else`: `if` or `with` and its condition. */
  readonly reader?: Reader
}

function parseList(parser: Parser): List {
  const nodes: Node[] = []
  while (parser.next < parser.pieces.length) {
    const piece = parser.pieces[parser.next++]!
    if (piece.is === 'text') {
      nodes.push({ is: 'text', text: piece.text })
      continue
    }
    const reader: Reader = { source: parser.source, words: wordsOf(piece, parser.source), at: 0 }
    const keyword = peek(reader).is === 'name' ? peek(reader).text : ''
    if (keyword === 'end') return { nodes, ended: 'end' }
    if (keyword === 'else') {
      take(reader)
      return { nodes, ended: 'else', reader }
    }
    const node = parseAction(parser, reader, keyword)
    if (node) nodes.push(node)
  }
  return { nodes, ended: '' }
}

function parseAction(parser: Parser, reader: Reader, keyword: string): Node | undefined {
  switch (keyword) {
    case 'if':
    case 'with':
    case 'range':
      take(reader)
      return parseControl(parser, reader, keyword)
    case 'define':
    case 'block':
      take(reader)
      return parseDefinition(parser, reader, keyword)
    case 'template': {
      const { at } = take(reader)
      return parseUse(parser, reader, at)
    }
    case 'break':
    case 'continue':
      return { is: keyword }
    default:
      return { is: 'action', pipeline: parsePipeline(reader, 'command') }
  }
}

function parseControl(parser: Parser, reader: Reader, is: 'if' | 'with' | 'range'): Node {
  const pipeline = parsePipeline(reader, is)
  const body = parseList(parser)
  if (body.ended === '') parseRefusal(parser.source, parser.source.length, 'unexpected EOF')
  if (body.ended === 'end') return { is, pipeline, body: body.nodes, otherwise: [] }
  const chained = body.reader && peek(body.reader).is === 'name' ? (take(body.reader).text as 'if' | 'with') : undefined
  if (chained) return { is, pipeline, body: body.nodes, otherwise: [parseControl(parser, body.reader!, chained)] }
  const otherwise = parseList(parser)
  if (otherwise.ended !== 'end') parseRefusal(parser.source, parser.source.length, 'unexpected EOF')
  return { is, pipeline, body: body.nodes, otherwise: otherwise.nodes }
}

function parseDefinition(parser: Parser, reader: Reader, keyword: 'define' | 'block'): Node | undefined {
  const { text, at } = take(reader)
  const name = constantOf(text) as string
  const pipeline = keyword === 'block' ? parsePipeline(reader, 'block clause') : undefined
  parser.named[name] = parseList(parser).nodes
  return pipeline ? { is: 'template', name, pipeline, at } : undefined
}

function parseUse(parser: Parser, reader: Reader, at: number): Node {
  const word = take(reader)
  if (word.is !== 'text') parseRefusal(parser.source, word.at, `unexpected ${describeWord(word)} in template clause`)
  const pipeline = peek(reader).is === 'end' ? undefined : parsePipeline(reader, 'template clause')
  return { is: 'template', name: constantOf(word.text) as string, pipeline, at }
}

const describeWord = (word: Word): string => (word.is === 'end' ? '"}}"' : goQuote(word.text))

function parsePipeline(reader: Reader, context: string): Pipeline {
  const declared = parseDeclarations(reader)
  const calls: Call[] = []
  for (;;) {
    calls.push(parseCall(reader, context))
    if (!isSymbol(peek(reader), '|')) break
    take(reader)
  }
  return { ...declared, calls }
}

function parseDeclarations(reader: Reader): Pick<Pipeline, 'declares' | 'assigns'> {
  const words = reader.words.slice(reader.at, reader.at + 4)
  const names = words[0]?.is === 'variable' ? [words[0].text] : []
  if (names.length > 0 && isSymbol(words[1]!, ',') && words[2]?.is === 'variable') names.push(words[2].text)
  const sign = names.length > 0 ? words[names.length * 2 - 1] : undefined
  if (!sign || (!isSymbol(sign, ':=') && !isSymbol(sign, '='))) return { declares: [], assigns: false }
  reader.at += names.length * 2
  return { declares: names, assigns: sign.text === '=' }
}

function parseCall(reader: Reader, context: string): Call {
  const first = peek(reader)
  const operands: Operand[] = []
  while (peek(reader).is !== 'end' && !isSymbol(peek(reader), '|') && !isSymbol(peek(reader), ')'))
    operands.push(parseOperand(reader, context))
  if (operands.length === 0)
    parseRefusal(reader.source, first.at, first.is === 'end' ? `missing value for ${context}` : 'empty command')
  const last = reader.words[reader.at - 1]!
  return { operands, at: first.at, text: reader.source.slice(first.at, last.at + last.text.length).trim() }
}

function parseOperand(reader: Reader, context: string): Operand {
  const operand = parseTerm(reader, context)
  const chained: Word[] = []
  while (peek(reader).is === 'field' && !peek(reader).apart) chained.push(take(reader))
  if (chained.length === 0) return operand
  const names = chained.map((word) => word.text.slice(1))
  const at = chained[0]!.at
  if (operand.is === 'field' || operand.is === 'variable')
    return { ...operand, names: [...operand.names, ...names], at }
  return { is: 'chain', of: operand, names, at }
}

function parseTerm(reader: Reader, context: string): Operand {
  const word = take(reader)
  const { text, at } = word
  if (word.is === 'field') return { is: 'field', names: [text.slice(1)], at }
  if (word.is === 'variable') return { is: 'variable', name: text, names: [], at }
  if (word.is === 'text' || word.is === 'number') return { is: 'constant', value: constantOf(text), text }
  if (word.is === 'symbol' && text === '.') return { is: 'dot' }
  if (word.is === 'symbol' && text === '(') {
    const pipeline = parsePipeline(reader, 'parenthesized pipeline')
    if (!isSymbol(take(reader), ')')) parseRefusal(reader.source, at, 'unclosed left paren')
    return { is: 'pipeline', pipeline }
  }
  if (word.is === 'name' && (text === 'true' || text === 'false'))
    return { is: 'constant', value: text === 'true', text }
  if (word.is === 'name' && text === 'nil') return { is: 'nil' }
  if (word.is === 'name' && isFunction(text)) return { is: 'function', name: text, at }
  if (word.is === 'name') return parseRefusal(reader.source, at, `function ${goQuote(text)} not defined`)
  return parseRefusal(reader.source, at, `unexpected ${describeWord(word)} in ${context}`)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' }

function constantOf(text: string): Tree {
  if (text.startsWith('`')) return text.slice(1, -1)
  if (!/^["']/.test(text)) return Number(text.replaceAll('_', ''))
  const value = text
    .slice(1, -1)
    .replace(/\\(u[\da-fA-F]{4}|x[\da-fA-F]{2}|.)/g, (_all, code: string) =>
      code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
    )
  return text.startsWith("'") ? value.codePointAt(0)! : value
}

// ---- functions ---------------------------------------------------------------------------------

/** A value a template works with; undefined is Go's zero value, which prints `<no value>`. */
type Value = Tree | undefined

export const isTrue = (value: Value): boolean => {
  if (value === null || value === undefined || value === false || value === '') return false
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) !== 0
  return isList(value) ? value.length > 0 : isMap(value) ? Object.keys(value).length > 0 : true
}

const sizeOf = (value: Value): number => {
  if (typeof value === 'string') return byteLength(value)
  if (isList(value)) return value.length
  if (isMap(value)) return Object.keys(value).length
  return refuse(value === undefined || value === null ? 'len of nil pointer' : `len of type ${goType(value)}`)
}

function indexInto(value: Value, key: Value): Value {
  if (value === undefined || value === null) return refuse('index of untyped nil')
  if (isList(value) || typeof value === 'string') {
    if (!isGoInteger(key)) return refuse(`cannot index slice/array with type ${goType(key)}`)
    const at = Number(key)
    if (at < 0 || at >= value.length) return refuse(`index out of range: ${at}`)
    return typeof value === 'string' ? value.charCodeAt(at) : value[at]
  }
  if (!isMap(value)) return refuse(`can't index item of type ${goType(value)}`)
  if (typeof key !== 'string') return refuse(`value has type ${goType(key)}; should be string`)
  return Object.hasOwn(value, key) ? value[key] : undefined
}

function sliceOf(value: Value, ...bounds: readonly Value[]): Value {
  if (typeof value !== 'string' && !isList(value)) return refuse(`can't slice item of type ${goType(value)}`)
  const [from = 0, to = value.length] = bounds.map(Number)
  for (const bound of [from, to]) if (bound < 0 || bound > value.length) refuse(`index out of range: ${bound}`)
  if (from > to) refuse(`invalid slice index: ${from} > ${to}`)
  return value.slice(from, to)
}

const comparable = (value: Value): string => {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number' || typeof value === 'bigint') return isGoInteger(value) ? 'int' : 'float'
  return value === undefined || value === null ? 'nil' : refuse('invalid type for comparison')
}

function same(a: Value, b: Value): boolean {
  const [left, right] = [comparable(a), comparable(b)]
  if (left === 'nil' || right === 'nil') return left === right
  if (left !== right) return refuse('incompatible types for comparison')
  return a === b || (left === 'int' && Number(a) === Number(b))
}

function less(a: Value, b: Value): boolean {
  const [left, right] = [comparable(a), comparable(b)]
  if (left !== right) return refuse('incompatible types for comparison')
  if (left === 'bool' || left === 'nil') return refuse('invalid type for comparison')
  return (a as number) < (b as number)
}

/** fmt.Sprint: a blank between two operands of which neither is a string. */
const sprint = (values: readonly Value[]): string =>
  values
    .map((value, index) => {
      const apart = index > 0 && typeof value !== 'string' && typeof values[index - 1] !== 'string'
      return (apart ? ' ' : '') + goValue(value)
    })
    .join('')

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }

function decoded(text: Value): string {
  if (typeof text !== 'string') return refuse(`wrong type for value; expected string; got ${goType(text)}`)
  const bytes = strictBase64(text)
  if ('corruptAt' in bytes) return refuse(`base64 decode failed: illegal base64 data at input byte ${bytes.corruptAt}`)
  return utf8TextOf(bytes) ?? bytes.map((byte) => String.fromCharCode(byte)).join('')
}

function exists(value: Value, ...keys: readonly Value[]): boolean {
  let here = value
  for (const key of keys) {
    const found = isMap(here) ? here[String(key)] : isList(here) ? here[Number(key)] : undefined
    if (found === undefined || found === null) return false
    here = found
  }
  return true
}

const FUNCTIONS: Readonly<Record<string, (...args: readonly Value[]) => Value>> = {
  not: (value) => !isTrue(value),
  len: (value) => sizeOf(value),
  index: (value, ...keys) => keys.reduce<Value>(indexInto, value),
  slice: (value, ...bounds) => sliceOf(value, ...bounds),
  print: (...values) => sprint(values),
  println: (...values) => `${values.map(goValue).join(' ')}\n`,
  printf: (format, ...values) => formatGo(String(format), values),
  html: (...values) => sprint(values).replace(/[&<>"']/g, (letter) => HTML[letter]!),
  js: (...values) => sprint(values).replace(/['"\\<>]/g, (letter) => `\\${letter}`),
  urlquery: (...values) => encodeURIComponent(sprint(values)).replaceAll('%20', '+'),
  eq: (first, ...others) =>
    others.length === 0 ? refuse('missing argument for comparison') : others.some((other) => same(first, other)),
  ne: (a, b) => !same(a, b),
  lt: (a, b) => less(a, b),
  le: (a, b) => less(a, b) || same(a, b),
  gt: (a, b) => !(less(a, b) || same(a, b)),
  ge: (a, b) => !less(a, b),
  exists: (value, ...keys) => exists(value, ...keys),
  base64decode: (text) => decoded(text),
}

const isFunction = (name: string): boolean => name === 'and' || name === 'or' || Object.hasOwn(FUNCTIONS, name)

// ---- executing ---------------------------------------------------------------------------------

interface Run {
  readonly template: Template
  readonly missingKeyIsError: boolean
  readonly variables: [name: string, value: Value][]
  out: string
}

interface Place {
  readonly at: number
  readonly text: string
}

function runRefusal(run: Run, { at, text }: Place, message: string): never {
  const { source } = run.template
  const column = at - (source.lastIndexOf('\n', at - 1) + 1)
  return refuse(`template: output:${lineAt(source, at)}:${column}: executing "output" at <${text}>: ${message}`)
}

export interface Executed {
  readonly out: string
  /** Go's error, when the data did not suit the template. */
  readonly problem?: string
}

export function executeTemplate(template: Template, data: Tree, missingKeyIsError = false): Executed {
  const run: Run = { template, missingKeyIsError, variables: [['$', data]], out: '' }
  try {
    runNodes(run, data, template.nodes)
    return { out: run.out }
  } catch (thrown) {
    if (isRefusal(thrown)) return { out: run.out, problem: thrown.refusal }
    throw thrown
  }
}

/** How a list of nodes came to its end: `break` and `continue` stop it early. */
type Ending = 'done' | 'break' | 'continue'

function runNodes(run: Run, dot: Value, nodes: readonly Node[]): Ending {
  const depth = run.variables.length
  let ending: Ending = 'done'
  for (const node of nodes) {
    ending = runNode(run, dot, node)
    if (ending !== 'done') break
  }
  run.variables.length = depth
  return ending
}

function runNode(run: Run, dot: Value, node: Node): Ending {
  switch (node.is) {
    case 'text':
      run.out += node.text
      return 'done'
    case 'action': {
      const value = evaluatePipeline(run, dot, node.pipeline)
      if (node.pipeline.declares.length === 0)
        run.out += value === undefined || value === null ? '<no value>' : goValue(value)
      return 'done'
    }
    case 'if':
    case 'with':
      return runCondition(run, dot, node)
    case 'range':
      return runRange(run, dot, node)
    case 'template':
      return runTemplate(run, dot, node)
    default:
      return node.is
  }
}

function runCondition(run: Run, dot: Value, node: Node & { is: 'if' | 'with' | 'range' }): Ending {
  const depth = run.variables.length
  const value = evaluatePipeline(run, dot, node.pipeline)
  const inner = node.is === 'with' ? value : dot
  const ending = isTrue(value) ? runNodes(run, inner, node.body) : runNodes(run, dot, node.otherwise)
  run.variables.length = depth
  return ending
}

function itemsOf(run: Run, value: Value, pipeline: Pipeline): (readonly [Value, Value])[] {
  if (value === undefined || value === null) return []
  if (isList(value)) return value.map((item, index) => [index, item])
  if (isMap(value)) return sortedKeysOf(value).map((key) => [key, value[key]])
  if (isGoInteger(value)) return Array.from({ length: Number(value) }, (_item, index) => [index, index])
  const call = pipeline.calls.at(-1)!
  return runRefusal(run, call, `range can't iterate over ${goValue(value)}`)
}

function runRange(run: Run, dot: Value, node: Node & { is: 'if' | 'with' | 'range' }): Ending {
  const depth = run.variables.length
  const { declares } = node.pipeline
  const value = evaluatePipeline(run, dot, { ...node.pipeline, declares: [] })
  const items = itemsOf(run, value, node.pipeline)
  if (items.length === 0) return runNodes(run, dot, node.otherwise)
  for (const [key, item] of items) {
    if (declares.length === 1) run.variables.push([declares[0]!, item])
    if (declares.length === 2) run.variables.push([declares[0]!, key], [declares[1]!, item])
    const ending = runNodes(run, item, node.body)
    run.variables.length = depth
    if (ending === 'break') break
  }
  return 'done'
}

function runTemplate(run: Run, dot: Value, node: Node & { is: 'template' }): Ending {
  const nodes = run.template.named[node.name]
  if (!nodes)
    return runRefusal(
      run,
      { at: node.at, text: `{{template ${goQuote(node.name)}}}` },
      `template ${goQuote(node.name)} not defined`,
    )
  const value = node.pipeline ? evaluatePipeline(run, dot, node.pipeline) : undefined
  const inner: Run = { ...run, variables: [['$', value]] }
  runNodes(inner, value, nodes)
  run.out = inner.out
  return 'done'
}

function evaluatePipeline(run: Run, dot: Value, { calls, declares, assigns }: Pipeline): Value {
  let value: Value
  for (const [index, call] of calls.entries()) value = evaluateCall(run, dot, call, index > 0 ? [value] : [])
  for (const name of declares) {
    const known = assigns ? run.variables.findLast(([other]) => other === name) : undefined
    if (known) known[1] = value
    else run.variables.push([name, value])
  }
  return value
}

function evaluateCall(run: Run, dot: Value, call: Call, final: readonly Value[]): Value {
  const [first, ...rest] = call.operands as [Operand, ...Operand[]]
  if (first.is === 'function') return evaluateFunction(run, dot, first.name, call, final)
  if (rest.length > 0 || final.length > 0)
    runRefusal(
      run,
      call,
      `can't give argument to non-function ${call.operands.length > 0 ? call.text.split(' ')[0] : ''}`,
    )
  return evaluateOperand(run, dot, first)
}

function evaluateFunction(run: Run, dot: Value, name: string, call: Call, final: readonly Value[]): Value {
  const operands = call.operands.slice(1)
  if (name === 'and' || name === 'or') {
    let value: Value = final[0]
    for (const operand of operands) {
      value = evaluateOperand(run, dot, operand)
      if (isTrue(value) === (name === 'or')) return value
    }
    return final.length > 0 ? final[0] : value
  }
  const args = [...operands.map((operand) => evaluateOperand(run, dot, operand)), ...final]
  try {
    return FUNCTIONS[name]!(...args)
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown
    return runRefusal(run, call, `error calling ${name}: ${thrown.refusal}`)
  }
}

function evaluateOperand(run: Run, dot: Value, operand: Operand): Value {
  switch (operand.is) {
    case 'dot':
      return dot
    case 'nil':
      return undefined
    case 'constant':
      return operand.value
    case 'field':
      return fieldsOf(run, dot, operand.names, { at: operand.at, text: `.${operand.names.join('.')}` })
    case 'variable':
      return variableOf(run, operand)
    case 'chain':
      return fieldsOf(run, evaluateOperand(run, dot, operand.of), operand.names, {
        at: operand.at,
        text: `.${operand.names.join('.')}`,
      })
    case 'function':
      return evaluateFunction(run, dot, operand.name, { operands: [operand], at: operand.at, text: operand.name }, [])
    case 'pipeline':
      return evaluatePipeline(run, dot, operand.pipeline)
  }
}

function variableOf(run: Run, { name, names, at }: Operand & { is: 'variable' }): Value {
  const known = run.variables.findLast(([other]) => other === name)
  const place = { at, text: [name, ...names].join('.') }
  if (!known) return runRefusal(run, place, `undefined variable: ${name}`)
  return fieldsOf(run, known[1], names, place)
}

function fieldsOf(run: Run, from: Value, names: readonly string[], place: Place): Value {
  let value = from
  for (const name of names) {
    if (value === undefined || value === null) {
      if (run.missingKeyIsError) runRefusal(run, place, `nil data; no entry for key ${goQuote(name)}`)
      return undefined
    }
    if (!isMap(value)) return runRefusal(run, place, `can't evaluate field ${name} in type interface {}`)
    if (!Object.hasOwn(value, name) && run.missingKeyIsError)
      runRefusal(run, place, `map has no entry for key ${goQuote(name)}`)
    value = Object.hasOwn(value, name) ? value[name] : undefined
  }
  return value
}
