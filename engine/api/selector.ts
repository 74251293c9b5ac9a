/**
 * Label selectors: how Services find Pods, controllers their own, and people what they look for. There are two spellings,
 * the text of `kubectl get -l` and the LabelSelector inside objects; both become the same list of requirements.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/labels/selector.go, apis/meta/v1/helpers.go
 */
import { labelValue, qualifiedName } from './validate/formats.ts'
import { printed } from './validate/problems.ts'

export type Operator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!'

export interface Requirement {
  readonly key: string
  readonly operator: Operator
  readonly values: readonly string[]
}

/** All of them must hold. None holds for everything. */
export type Selector = readonly Requirement[]

export type Labels = Readonly<Record<string, string>>

/** The LabelSelector of a spec. */
export interface LabelSelector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export interface SelectorMistake {
  readonly mistake: string
}

export const EVERYTHING: Selector = []

export const isMistake = (parsed: Selector | SelectorMistake): parsed is SelectorMistake => 'mistake' in parsed

const INTEGER = /^[+-]?\d+$/

const isInteger = (text: string | undefined): boolean => text !== undefined && INTEGER.test(text)

function compares(operator: 'gt' | 'lt', value: string | undefined, bound: string | undefined): boolean {
  if (!isInteger(value) || !isInteger(bound)) return false
  return operator === 'gt' ? Number(value) > Number(bound) : Number(value) < Number(bound)
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels[key]
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'gt':
    case 'lt':
      return compares(operator, value, values[0])
    default:
      return value !== undefined && values.includes(value)
  }
}

const NO_LABELS: Labels = {}

export function matchesLabels(selector: Selector, labels: Labels | undefined): boolean {
  for (const requirement of selector) if (!holds(requirement, labels ?? NO_LABELS)) return false
  return true
}

const EXPRESSION: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

const byKey = (a: Requirement, b: Requirement): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

const exactly = (labels: Labels): Requirement[] =>
  Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] }))

/** Requirements of a map of labels, as a Service or ReplicationController has it. */
export const selectorOfLabels = (labels: Labels): Selector => exactly(labels).sort(byKey)

const known = new WeakMap<LabelSelector, Selector | undefined>()

function requirementsOf(selector: LabelSelector): Selector | undefined {
  const requirements = exactly(selector.matchLabels ?? {})
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const meant = EXPRESSION[operator]
    if (!meant) return undefined
    requirements.push({ key, operator: meant, values: values ?? [] })
  }
  return requirements.sort(byKey)
}

/** What a LabelSelector asks for. An absent one selects nothing, which is said by `undefined`; an empty one everything. */
export function selectorOf(selector: LabelSelector | undefined): Selector | undefined {
  if (!selector) return undefined
  if (!known.has(selector)) known.set(selector, requirementsOf(selector))
  return known.get(selector)
}

export function matchesSelector(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  const requirements = selectorOf(selector)
  return requirements !== undefined && matchesLabels(requirements, labels)
}

const listed = (values: readonly string[]): string => `(${[...values].sort().join(',')})`

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} ${listed(values)}`
    case 'gt':
      return `${key}>${values[0]}`
    case 'lt':
      return `${key}<${values[0]}`
    default:
      return `${key}${operator}${values[0]}`
  }
}

/** As `kubectl` and the scale subresource print it. */
export const selectorText = (selector: Selector): string => selector.map(requirementText).join(',')

// ---- the grammar of `-l` ----

type TokenType = 'identifier' | 'end' | 'error' | 'in' | 'notin' | Symbol
type Symbol = ')' | '(' | ',' | '!' | '==' | '=' | '!=' | '>' | '<'

interface Token {
  readonly type: TokenType
  readonly text: string
}

const SYMBOLS: ReadonlySet<string> = new Set([')', '(', ',', '!', '==', '=', '!=', '>', '<'])
const SPECIAL = '=!(),><'
const SPACE = ' \t\r\n'

/** The longest symbol at `start`. A special letter that makes no symbol is an error. */
function symbolAt(text: string, start: number): Token {
  const two = text.slice(start, start + 2)
  const symbol = SYMBOLS.has(two) ? two : text.charAt(start)
  return { type: symbol as Symbol, text: symbol }
}

function wordAt(text: string, start: number): Token {
  let end = start
  while (end < text.length && !SPECIAL.includes(text.charAt(end)) && !SPACE.includes(text.charAt(end))) end++
  const word = text.slice(start, end)
  return { type: word === 'in' || word === 'notin' ? word : 'identifier', text: word }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (let i = 0; i < text.length; ) {
    if (SPACE.includes(text.charAt(i))) {
      i++
      continue
    }
    const token = SPECIAL.includes(text.charAt(i)) ? symbolAt(text, i) : wordAt(text, i)
    tokens.push(token)
    i += token.text.length
  }
  return [...tokens, { type: 'end', text: '' }]
}

/** Where the parser stands. Local to one parse. */
interface Cursor {
  readonly tokens: readonly Token[]
  next: number
}

const mistake = (text: string): SelectorMistake => ({ mistake: text })
const expected = (found: Token, what: string): SelectorMistake => mistake(`found '${found.text}', expected: ${what}`)
const failed = (value: object): value is SelectorMistake => 'mistake' in value

/** In places for keys and values the words `in` and `notin` are names like any other. */
const asValue = (token: Token): Token =>
  token.type === 'in' || token.type === 'notin' ? { type: 'identifier', text: token.text } : token

const peek = (cursor: Cursor): Token => asValue(cursor.tokens[cursor.next]!)
const rawPeek = (cursor: Cursor): Token => cursor.tokens[cursor.next]!

function consume(cursor: Cursor): Token {
  const token = peek(cursor)
  if (token.type !== 'end') cursor.next++
  return token
}

const OPERATORS: Readonly<Partial<Record<TokenType, Operator>>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
}

function parseOperator(cursor: Cursor): Operator | SelectorMistake {
  const token = rawPeek(cursor)
  consume(cursor)
  return OPERATORS[token.type] ?? expected(token, 'in, notin, =, ==, !=, gt, lt')
}

/** What stands between two commas may be nothing, which is the empty value. */
function parseIdentifiers(cursor: Cursor): readonly string[] | SelectorMistake {
  const values = new Set<string>()
  for (;;) {
    const token = consume(cursor)
    const next = peek(cursor)
    if (token.type === 'identifier') {
      values.add(token.text)
      if (next.type === ')') return [...values].sort()
      if (next.type !== ',') return expected(next, "',' or ')'")
    } else if (token.type === ',') {
      if (values.size === 0) values.add('')
      if (next.type === ')') return [...values.add('')].sort()
      if (next.type === ',') {
        consume(cursor)
        values.add('')
      }
    } else return expected(token, "',', or identifier")
  }
}

function parseValues(cursor: Cursor): readonly string[] | SelectorMistake {
  const open = consume(cursor)
  if (open.type !== '(') return mistake(`found '${open.text}' expected: '('`)
  const first = peek(cursor)
  if (first.type === ')') {
    consume(cursor)
    return []
  }
  if (first.type !== 'identifier' && first.type !== ',') return expected(first, "',', ')' or identifier")
  const values = parseIdentifiers(cursor)
  if (!failed(values)) consume(cursor)
  return values
}

function parseExactValue(cursor: Cursor): readonly string[] | SelectorMistake {
  const next = peek(cursor)
  if (next.type === 'end' || next.type === ',') return ['']
  const token = consume(cursor)
  return token.type === 'identifier' ? [token.text] : expected(token, 'identifier')
}

const invalidAt = (path: string, value: unknown, details: readonly string[]): string | undefined =>
  details.length > 0 ? `${path}: Invalid value: ${printed(value)}: ${details.join('; ')}` : undefined

const OPERAND: Readonly<Partial<Record<Operator, (values: readonly string[]) => string | undefined>>> = {
  in: (values) =>
    invalidAt('values', values, values.length > 0 ? [] : ["for 'in', 'notin' operators, values set can't be empty"]),
  notin: (values) => OPERAND.in!(values),
  gt: ([value]) =>
    invalidAt('values[0]', value, isInteger(value) ? [] : ["for 'Gt', 'Lt' operators, the value must be an integer"]),
  lt: (values) => OPERAND.gt!(values),
}

/** What is wrong with a requirement whose grammar is right. */
function requirementMistake({ operator, values }: Requirement): string | undefined {
  const mistakes = [OPERAND[operator]?.(values)]
  values.forEach((value, index) => void mistakes.push(invalidAt(`values[${index}]`, value, labelValue(value))))
  const said = mistakes.filter((text) => text !== undefined)
  return said.length > 1 ? `[${said.join(', ')}]` : said[0]
}

const ends = (token: Token): boolean => token.type === 'end' || token.type === ','

function parseRequirement(cursor: Cursor): Requirement | SelectorMistake {
  let token = consume(cursor)
  const absent = token.type === '!'
  if (absent) token = consume(cursor)
  if (token.type !== 'identifier') return expected(token, 'identifier')
  const wrongKey = invalidAt('<nil>', token.text, qualifiedName(token.text))
  if (wrongKey) return mistake(wrongKey)
  if (absent || ends(peek(cursor))) return { key: token.text, operator: absent ? '!' : 'exists', values: [] }
  return parseComparison(token.text, cursor)
}

function parseComparison(key: string, cursor: Cursor): Requirement | SelectorMistake {
  const operator = parseOperator(cursor)
  if (typeof operator !== 'string') return operator
  const values = operator === 'in' || operator === 'notin' ? parseValues(cursor) : parseExactValue(cursor)
  if (failed(values)) return values
  const requirement = { key, operator, values }
  const wrong = requirementMistake(requirement)
  return wrong ? mistake(wrong) : requirement
}

const begins = (token: Token): boolean => token.type === 'identifier' || token.type === '!'

function parseTokens(cursor: Cursor): Selector | SelectorMistake {
  const requirements: Requirement[] = []
  for (;;) {
    const token = peek(cursor)
    if (token.type === 'end') return requirements.sort(byKey)
    if (!begins(token)) return expected(token, "!, identifier, or 'end of string'")
    const requirement = parseRequirement(cursor)
    if (failed(requirement)) return mistake(`unable to parse requirement: ${requirement.mistake}`)
    requirements.push(requirement)
    const separator = consume(cursor)
    if (!ends(separator)) return expected(separator, "',' or 'end of string'")
    if (separator.type === ',' && !begins(peek(cursor))) return expected(peek(cursor), "identifier after ','")
  }
}

/** `app=web,tier in (a, b),!old` */
export const parseSelector = (text: string): Selector | SelectorMistake =>
  parseTokens({ tokens: tokensOf(text), next: 0 })
