/**
 * kubectl's JSONPath: a template with `{…}` expressions, ranges, filters and slices. It is a dialect of its own: no
 * leading `$` is needed, dots are escaped in keys, and what is missing prints nothing.
 *
 * Upstream: staging/src/k8s.io/client-go/util/jsonpath (parser.go, jsonpath.go).
 */
import { goQuote } from './go-text.ts'
import { goJsonOf, goType, goValue, isGoInteger } from './go-value.ts'
import { isList, isMap, sortedKeysOf, type Tree } from './tree.ts'

/** One of the three numbers of `[from:to:step]`. */
interface Bound {
  readonly value: number
  readonly known: boolean
  /** The end of `[3]`, which is only there because of its beginning. */
  readonly derived?: true
}

type Node =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'field'; readonly name: string }
  | { readonly is: 'identifier'; readonly name: string }
  | { readonly is: 'literal'; readonly value: number | boolean }
  | { readonly is: 'slice'; readonly bounds: readonly [Bound, Bound, Bound] }
  | {
      readonly is: 'filter'
      readonly left: readonly Node[]
      readonly right: readonly Node[]
      readonly operator: string
    }
  | { readonly is: 'union'; readonly members: readonly (readonly Node[])[] }
  | { readonly is: 'wildcard' }
  | { readonly is: 'recursive' }
  | { readonly is: 'list'; readonly nodes: readonly Node[] }

export interface JsonPath {
  readonly template: string
  readonly nodes: readonly Node[]
}

export interface JsonPathProblem {
  readonly problem: string
}

export const isProblem = (value: unknown): value is JsonPathProblem =>
  typeof value === 'object' && value !== null && 'problem' in value

const problem = (text: string): JsonPathProblem => ({ problem: text })

// ---- parsing -----------------------------------------------------------------------------------

const isTerminator = (letter: string | undefined): boolean => letter === undefined || /[\s.,[\]$@{}]/.test(letter)

const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/
const KEY = /^'([^']*)'$/
const COMPARISON = /^([^!<>=]+)([!<>=]+)(.+?)$/

/** Reads one template; `at` moves forward. A class in all but name, alive only while it parses. */
interface Reader {
  readonly input: string
  at: number
}

/** What stands between braces, or what is wrong with it. */
type Parsed = Node[] | JsonPathProblem

export function parseJsonPath(template: string): JsonPath | JsonPathProblem {
  const nodes = parseTemplate({ input: template, at: 0 })
  return isProblem(nodes) ? nodes : { template, nodes }
}

function parseTemplate(reader: Reader): Parsed {
  const nodes: Node[] = []
  while (reader.at < reader.input.length) {
    const open = reader.input.indexOf('{', reader.at)
    const end = open < 0 ? reader.input.length : open
    if (end > reader.at) nodes.push({ is: 'text', text: reader.input.slice(reader.at, end) })
    reader.at = end
    if (open < 0) break
    reader.at++
    const inner = parseAction(reader)
    if (isProblem(inner)) return inner
    nodes.push({ is: 'list', nodes: inner })
  }
  return nodes
}

const parsePart = (text: string): Parsed => parseAction({ input: `${text}}`, at: 0 })

function parseAction(reader: Reader): Parsed {
  const nodes: Node[] = []
  for (;;) {
    const found = parseStep(reader)
    if (found === 'end') return nodes
    if (isProblem(found)) return found
    nodes.push(...found)
  }
}

function parseStep(reader: Reader): Parsed | 'end' {
  const { input } = reader
  if (input.startsWith('[?(', reader.at)) return parseFilter(reader)
  if (input.startsWith('..', reader.at)) return parseRecursive(reader)
  const letter = input[reader.at]
  reader.at++
  if (letter === '}') return 'end'
  if (letter === undefined || letter === '\n' || letter === '\r') return problem('unclosed action')
  if (letter === ' ' || letter === '@' || letter === '$') return []
  if (letter === '[') return parseBrackets(reader)
  if (letter === '"' || letter === "'") return parseQuoted(reader, letter)
  if (letter === '.') return parseField(reader)
  reader.at--
  if (/[+\-\d]/.test(letter)) return parseNumber(reader)
  if (/[\p{L}\p{Nd}_]/u.test(letter)) return parseIdentifier(reader)
  const code = letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
  return problem(`unrecognized character in action: U+${code} '${letter}'`)
}

function readWord(reader: Reader): string {
  const begin = reader.at
  while (!isTerminator(reader.input[reader.at])) reader.at += reader.input[reader.at] === '\\' ? 2 : 1
  reader.at = Math.min(reader.at, reader.input.length)
  return reader.input.slice(begin, reader.at)
}

function parseField(reader: Reader): Parsed {
  const name = readWord(reader)
  return [name === '*' ? { is: 'wildcard' } : { is: 'field', name: name.replaceAll('\\', '') }]
}

function parseRecursive(reader: Reader): Parsed {
  reader.at += 2
  const next = reader.input[reader.at]
  if (next === undefined || !/[\p{L}\p{Nd}_]/u.test(next)) return [{ is: 'recursive' }]
  const field = parseField(reader)
  return isProblem(field) ? field : [{ is: 'recursive' }, ...field]
}

function parseIdentifier(reader: Reader): Parsed {
  const begin = reader.at
  while (!isTerminator(reader.input[reader.at])) reader.at++
  const name = reader.input.slice(begin, reader.at)
  if (name === 'true' || name === 'false') return [{ is: 'literal', value: name === 'true' }]
  return [{ is: 'identifier', name }]
}

function parseNumber(reader: Reader): Parsed {
  const [text] = /^[+-]?[\d.]*/.exec(reader.input.slice(reader.at))!
  reader.at += text.length
  const value = Number(text)
  return text === '' || Number.isNaN(value) ? problem(`cannot parse number ${text}`) : [{ is: 'literal', value }]
}

function parseQuoted(reader: Reader, quote: string): Parsed {
  const begin = reader.at
  for (; reader.input[reader.at] !== quote || reader.input[reader.at - 1] === '\\'; reader.at++) {
    const letter = reader.input[reader.at]
    if (letter === undefined || letter === '\n') return problem('unterminated quoted string')
  }
  const text = reader.input.slice(begin, reader.at++)
  return [{ is: 'text', text: unquote(text) }]
}

const UNQUOTED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' }

const unquote = (text: string): string =>
  text.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (_all, code: string) =>
    code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (UNQUOTED[code] ?? code),
  )

function parseBrackets(reader: Reader): Parsed {
  const begin = reader.at
  const end = reader.input.slice(begin).search(/[\]\n]/)
  if (end < 0 || reader.input[begin + end] === '\n') return problem('unterminated array')
  reader.at = begin + end + 1
  const text = reader.input.slice(begin, begin + end)
  const members = text.split(',')
  if (members.length > 1) return parseUnion(members)
  const key = KEY.exec(text)
  return key ? parsePart(`.${key[1]}`) : parseSlice(text === '*' ? ':' : text)
}

function parseUnion(texts: readonly string[]): Parsed {
  const members: (readonly Node[])[] = []
  for (const text of texts) {
    const member = parsePart(`[${text.replace(/^ +| +$/g, '')}]`)
    if (isProblem(member)) return member
    members.push(member)
  }
  return [{ is: 'union', members }]
}

function parseSlice(text: string): Parsed {
  const match = SLICE.exec(text)
  if (!match) return problem(`invalid array index ${text}`)
  const [, from, to, step] = match
  const first = boundOf(from)
  const second: Bound = to ? boundOf(to.slice(1)) : { value: first.value + 1, known: true, derived: true }
  if (from === '' && !to) return [{ is: 'slice', bounds: [first, { value: 1, known: true, derived: true }, UNKNOWN] }]
  return [{ is: 'slice', bounds: [first, second, step ? boundOf(step.slice(1)) : UNKNOWN] }]
}

const UNKNOWN: Bound = { value: 0, known: false }

const boundOf = (text: string | undefined): Bound => (text ? { value: Number(text), known: true } : UNKNOWN)

/** The end of a filter: a closing parenthesis outside of quotes. */
function filterEnd(reader: Reader): number | JsonPathProblem {
  let quote: string | undefined
  let closed = false
  for (let at = reader.at; at < reader.input.length; at++) {
    const letter = reader.input[at]!
    if (letter === '\n') break
    if ((letter === '"' || letter === "'") && quote === undefined) quote = letter
    else if (letter === quote && reader.input[at - 1] !== '\\') closed = true
    else if (letter === ')' && (quote !== undefined) === closed) return at
  }
  return problem('unterminated filter')
}

function parseFilter(reader: Reader): Parsed {
  reader.at += 3
  const end = filterEnd(reader)
  if (typeof end !== 'number') return end
  const text = reader.input.slice(reader.at, end)
  if (reader.input[end + 1] !== ']') return problem('unclosed array expect ]')
  reader.at = end + 2
  const match = COMPARISON.exec(text)
  const left = parsePart(match ? match[1]! : text)
  if (isProblem(left)) return left
  const right = match ? parsePart(match[3]!) : []
  return isProblem(right) ? right : [{ is: 'filter', left, right, operator: match ? match[2]! : 'exists' }]
}

// ---- finding -----------------------------------------------------------------------------------

export interface FindOptions {
  readonly allowMissingKeys: boolean
}

/** State of one evaluation: how many ranges are open, and where the last one ended. */
interface Walk extends FindOptions {
  openRanges: number
  beginning: number
  ending: number
  lastEnd: Node | undefined
}

/** Carries a message out of nested steps; it never leaves `findResults`. */
type Found = Tree[] | JsonPathProblem

export function findResults(path: JsonPath, data: Tree, options: FindOptions): Tree[][] | JsonPathProblem {
  return findIn(path.nodes, data, { ...options, openRanges: 0, beginning: 0, ending: 0, lastEnd: undefined })
}

function findIn(nodes: readonly Node[], data: Tree | undefined, walk: Walk): Tree[][] | JsonPathProblem {
  const all: Tree[][] = []
  const start = data === undefined ? [] : [data]
  for (let at = 0; at < nodes.length; at++) {
    const results = walkNode(start, nodes[at]!, walk)
    if (isProblem(results)) return results
    if (walk.ending > 0 && walk.ending <= walk.openRanges) {
      walk.ending--
      walk.lastEnd = nodes[at]!
      break
    }
    if (walk.beginning === 0) {
      all.push(results)
      continue
    }
    const ranged = findInRange(nodes.slice(at + 1), results, walk)
    if (isProblem(ranged)) return ranged
    all.push(...ranged)
    const end = walk.lastEnd ? nodes.indexOf(walk.lastEnd, at + 1) : -1
    if (end >= 0) at = end
  }
  return all
}

function findInRange(nodes: readonly Node[], items: readonly Tree[], walk: Walk): Tree[][] | JsonPathProblem {
  walk.beginning--
  walk.openRanges++
  const all: Tree[][] = []
  for (const item of items.length > 0 ? items : [undefined]) {
    const results = findIn(nodes, item, walk)
    if (isProblem(results)) return results
    if (items.length > 0) all.push(...results)
  }
  walk.openRanges--
  return all
}

function walkNodes(input: readonly Tree[], nodes: readonly Node[], walk: Walk): Found {
  let current: Tree[] = [...input]
  for (const node of nodes) {
    const next = walkNode(current, node, walk)
    if (isProblem(next)) return next
    current = next
  }
  return current
}

function walkNode(input: readonly Tree[], node: Node, walk: Walk): Found {
  switch (node.is) {
    case 'list':
      return walkNodes(input, node.nodes, walk)
    case 'text':
      return [node.text]
    case 'literal':
      return input.map(() => node.value)
    case 'identifier':
      return walkIdentifier(input, node.name, walk)
    case 'field':
      return walkField(input, node.name, walk)
    case 'slice':
      return walkEach(input, (value) => walkSlice(value, node.bounds))
    case 'filter':
      return walkEach(input, (value) => walkFilter(value, node, walk))
    case 'union':
      return walkEach(node.members, (member) => walkNodes(input, member, walk))
    case 'wildcard':
      return input.flatMap(childrenOf)
    case 'recursive':
      return walkRecursive(input)
  }
}

function walkEach<T>(input: readonly T[], step: (value: T) => Found): Found {
  const all: Tree[] = []
  for (const value of input) {
    if (value === null) continue
    const found = step(value)
    if (isProblem(found)) return found
    all.push(...found)
  }
  return all
}

function walkIdentifier(input: readonly Tree[], name: string, walk: Walk): Found {
  if (name === 'range') {
    walk.beginning++
    return [...input]
  }
  if (name !== 'end') return problem(`unrecognized identifier ${name}`)
  if (walk.openRanges === 0) return problem('not in range, nothing to end')
  walk.ending++
  return []
}

function walkField(input: readonly Tree[], name: string, walk: Walk): Found {
  const found = input.flatMap((value) => (isMap(value) && Object.hasOwn(value, name) ? [value[name]!] : []))
  return found.length === 0 && input.length > 0 && !walk.allowMissingKeys ? problem(`${name} is not found`) : found
}

const outOfBounds = (index: number, length: number): JsonPathProblem =>
  problem(`array index out of bounds: index ${index}, length ${length}`)

function walkSlice(value: Tree, [from, to, step]: readonly [Bound, Bound, Bound]): Found {
  if (!isList(value)) return problem(`${goType(value)} is not array or slice`)
  const length = value.length
  const begin = from.value < 0 ? from.value + length : from.value
  let end = to.known ? to.value : length
  if (end < 0 || (end === 0 && to.derived)) end += length
  if (begin === end) return []
  if (begin >= length || begin < 0) return outOfBounds(begin, length)
  if (end > length || end < 0) return outOfBounds(end - 1, length)
  if (begin > end) return problem(`starting index ${begin} is greater than ending index ${end}`)
  if (!step.known) return value.slice(begin, end)
  if (step.value <= 0) return problem('step must be > 0')
  return value.slice(begin, end).filter((_item, index) => index % step.value === 0)
}

function walkFilter(value: Tree, filter: Node & { is: 'filter' }, walk: Walk): Found {
  if (!isList(value)) return problem(`${goValue(value)} is not array or slice and cannot be filtered`)
  const kept: Tree[] = []
  for (const item of value) {
    const passes = passesFilter(item, filter, walk)
    if (isProblem(passes)) return passes
    if (passes) kept.push(item)
  }
  return kept
}

function passesFilter(item: Tree, filter: Node & { is: 'filter' }, walk: Walk): boolean | JsonPathProblem {
  const lefts = walkNodes([item], filter.left, walk)
  if (filter.operator === 'exists') return !isProblem(lefts) && lefts.length > 0
  if (isProblem(lefts)) return lefts
  if (lefts.length === 0) return false
  const rights = walkNodes([item], filter.right, walk)
  if (isProblem(rights)) return rights
  if (rights.length === 0) return false
  if (lefts.length > 1 || rights.length > 1) return problem('can only compare one element at a time')
  return compare(lefts[0]!, rights[0]!, filter.operator)
}

const kindOf = (value: Tree): string =>
  typeof value === 'string' || typeof value === 'boolean'
    ? typeof value
    : isGoInteger(value)
      ? 'int'
      : typeof value === 'number'
        ? 'float'
        : 'other'

const COMPARE: Readonly<Record<string, (a: string | number | bigint, b: string | number | bigint) => boolean>> = {
  '==': (a, b) => a === b || (typeof a !== typeof b && String(a) === String(b)),
  '!=': (a, b) => !(a === b || (typeof a !== typeof b && String(a) === String(b))),
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

function compare(left: Tree, right: Tree, operator: string): boolean | JsonPathProblem {
  const test = COMPARE[operator]
  if (!test) return problem(`unrecognized filter operator ${operator}`)
  const kind = kindOf(left)
  if (kind === 'other' || kindOf(right) === 'other') return problem('invalid type for comparison')
  if (kind !== kindOf(right)) return problem('incompatible types for comparison')
  if (kind === 'boolean' && operator !== '==' && operator !== '!=') return problem('invalid type for comparison')
  return test(left as string, right as string)
}

const childrenOf = (value: Tree): readonly Tree[] =>
  isList(value) ? value : isMap(value) ? sortedKeysOf(value).map((key) => value[key]!) : []

const walkRecursive = (input: readonly Tree[]): Tree[] =>
  input.flatMap((value) => {
    const children = childrenOf(value)
    return children.length === 0 ? [] : [value, ...walkRecursive(children)]
  })

// ---- printing ----------------------------------------------------------------------------------

const printOne = (value: Tree): string =>
  isList(value) || isMap(value) ? goJsonOf(value) : value === null ? '<nil>' : goValue(value)

/** What `-o jsonpath` prints. */
export function printJsonPath(path: JsonPath, data: Tree, options: FindOptions): string | JsonPathProblem {
  const all = findResults(path, data, options)
  return isProblem(all) ? all : all.map((results) => results.map(printOne).join(' ')).join('')
}

/** What `-o jsonpath-as-json` prints: every expression as a list. */
export function printJsonPathAsJson(path: JsonPath, data: Tree, options: FindOptions): string | JsonPathProblem {
  const all = findResults(path, data, options)
  return isProblem(all) ? all : all.map((results) => `${goJsonOf(results, { indent: '    ' })}\n`).join('')
}

const RELAXED = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/

/** `x.y`, `.x.y` and `{x.y}` for `{.x.y}`: what --sort-by and custom columns take. */
export function relaxedJsonPath(text: string): string | JsonPathProblem {
  if (text === '') return text
  const match = RELAXED.exec(text)
  if (!match)
    return problem(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    )
  return `{.${match[1] || match[2]}}`
}

/** The values of a relaxed path in an object. */
export function valuesAt(path: JsonPath, data: Tree): Tree[] | JsonPathProblem {
  const all = findResults(path, data, { allowMissingKeys: true })
  return isProblem(all) ? all : all.flat()
}

export const quotedTemplate = (path: JsonPath): string => goQuote(path.template)
