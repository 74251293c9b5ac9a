/** A jq program once it is understood, and how its words are read into it. */
import type { Json } from './json.ts'
import { readTokens, type Token, unexpected } from './lex.ts'

export type Filter =
  | { readonly is: 'identity' | 'everything' }
  | { readonly is: 'value'; readonly value: Json }
  | { readonly is: 'text'; readonly parts: readonly (string | Filter)[]; readonly format: string }
  | { readonly is: 'format'; readonly name: string }
  | { readonly is: 'index'; readonly of: Filter; readonly key: Filter }
  | { readonly is: 'slice'; readonly of: Filter; readonly from?: Filter; readonly to?: Filter }
  | { readonly is: 'iterate' | 'negative'; readonly of: Filter }
  | { readonly is: 'list'; readonly of?: Filter }
  | { readonly is: 'object'; readonly entries: readonly Entry[] }
  | { readonly is: 'pipe' | 'comma' | 'alternative' | 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly is: 'binary'; readonly operator: string; readonly left: Filter; readonly right: Filter }
  | { readonly is: 'assign'; readonly operator: string; readonly left: Filter; readonly right: Filter }
  | { readonly is: 'if'; readonly condition: Filter; readonly then: Filter; readonly otherwise: Filter }
  | { readonly is: 'try'; readonly body: Filter; readonly handler?: Filter }
  | { readonly is: 'bind'; readonly source: Filter; readonly pattern: Pattern; readonly body: Filter }
  | {
      readonly is: 'reduce' | 'foreach'
      readonly source: Filter
      readonly pattern: Pattern
      readonly start: Filter
      readonly update: Filter
      readonly extract?: Filter
    }
  | { readonly is: 'define'; readonly definition: Definition; readonly rest: Filter }
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Filter[]; readonly at: number }
  | { readonly is: 'variable'; readonly name: string; readonly at: number }
  | { readonly is: 'label'; readonly name: string; readonly body: Filter }
  | { readonly is: 'break'; readonly name: string }

export interface Entry {
  readonly key: Filter
  readonly value: Filter
}

export type Pattern =
  | { readonly is: 'variable'; readonly name: string }
  | { readonly is: 'list'; readonly items: readonly Pattern[] }
  | { readonly is: 'object'; readonly fields: readonly { readonly key: Filter; readonly value: Pattern }[] }

export interface Definition {
  readonly name: string
  readonly parameters: readonly string[]
  readonly body: Filter
}

interface Reader {
  readonly tokens: readonly Token[]
  at: number
}

const IDENTITY: Filter = { is: 'identity' }

const textValue = (value: string): Filter => ({ is: 'value', value })

const peek = (reader: Reader, ahead = 0): Token => reader.tokens[Math.min(reader.at + ahead, reader.tokens.length - 1)]!

const take = (reader: Reader): Token => {
  const token = peek(reader)
  reader.at++
  return token
}

const is = (token: Token, text: string): boolean =>
  (token.is === 'operator' || token.is === 'keyword') && token.text === text

function took(reader: Reader, text: string): boolean {
  if (!is(peek(reader), text)) return false
  reader.at++
  return true
}

function expect(reader: Reader, text: string, expecting?: string): void {
  if (!took(reader, text)) throw unexpected(peek(reader), expecting)
}

function readName(reader: Reader, kind: 'name' | 'variable', expecting?: string): string {
  const token = take(reader)
  if (token.is !== kind) throw unexpected(token, expecting)
  return token.text
}

/** `f | g`, `f as $x | g`, `def f: …; g`: what binds least. */
function readPipe(reader: Reader): Filter {
  if (took(reader, 'def')) return { is: 'define', definition: readDefinition(reader), rest: readPipe(reader) }
  if (took(reader, 'label')) {
    const name = readName(reader, 'variable')
    expect(reader, '|')
    return { is: 'label', name, body: readPipe(reader) }
  }
  const left = readComma(reader)
  return took(reader, '|') ? { is: 'pipe', left, right: readPipe(reader) } : left
}

function readDefinition(reader: Reader): Definition {
  const name = readName(reader, 'name')
  const parameters: string[] = []
  if (took(reader, '('))
    do {
      const token = take(reader)
      if (token.is === 'variable') parameters.push(`$${token.text}`)
      else if (token.is === 'name') parameters.push(token.text)
      else throw unexpected(token)
    } while (took(reader, ';'))
  if (parameters.length > 0) expect(reader, ')')
  expect(reader, ':')
  const body = readPipe(reader)
  expect(reader, ';')
  return { name, parameters, body }
}

function readComma(reader: Reader): Filter {
  let left = readOperators(reader, 0)
  while (took(reader, ',')) left = { is: 'comma', left, right: readOperators(reader, 0) }
  return left
}

interface Level {
  readonly operators: readonly string[]
  readonly joins: 'left' | 'right' | 'never'
  readonly make: (operator: string, left: Filter, right: Filter) => Filter
}

/** From what binds least to what binds most. */
const LEVELS: readonly Level[] = [
  { operators: ['//'], joins: 'right', make: (_, left, right) => ({ is: 'alternative', left, right }) },
  {
    operators: ['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='],
    joins: 'never',
    make: (operator, left, right) => ({ is: 'assign', operator, left, right }),
  },
  { operators: ['or'], joins: 'left', make: (_, left, right) => ({ is: 'or', left, right }) },
  { operators: ['and'], joins: 'left', make: (_, left, right) => ({ is: 'and', left, right }) },
  ...(
    [
      [['==', '!=', '<', '<=', '>', '>='], 'never'],
      [['+', '-'], 'left'],
      [['*', '/', '%'], 'left'],
    ] as const
  ).map(
    ([operators, joins]): Level => ({
      operators,
      joins,
      make: (operator, left, right) => ({ is: 'binary', operator, left, right }),
    }),
  ),
]

function readOperators(reader: Reader, depth: number): Filter {
  const level = LEVELS[depth]
  if (!level) return readUnary(reader)
  let left = readOperators(reader, depth + 1)
  for (let joined = false; ; joined = true) {
    const operator = level.operators.find((text) => is(peek(reader), text))
    if (operator === undefined) return left
    if (joined && level.joins === 'never') throw unexpected(peek(reader))
    reader.at++
    const right = readOperators(reader, level.joins === 'right' ? depth : depth + 1)
    left = level.make(operator, left, right)
  }
}

function readUnary(reader: Reader): Filter {
  if (took(reader, '-')) return { is: 'negative', of: readUnary(reader) }
  const term = readPostfix(reader)
  if (!took(reader, 'as')) return term
  const pattern = readPattern(reader)
  expect(reader, '|')
  return { is: 'bind', source: term, pattern, body: readPipe(reader) }
}

function readPattern(reader: Reader): Pattern {
  const token = take(reader)
  if (token.is === 'variable') return { is: 'variable', name: token.text }
  if (is(token, '[')) {
    const items: Pattern[] = []
    do items.push(readPattern(reader))
    while (took(reader, ','))
    expect(reader, ']')
    return { is: 'list', items }
  }
  if (!is(token, '{')) throw unexpected(token, "'$' or '[' or '{'")
  const fields: { key: Filter; value: Pattern }[] = []
  do fields.push(readPatternField(reader))
  while (took(reader, ','))
  expect(reader, '}')
  return { is: 'object', fields }
}

function readPatternField(reader: Reader): { key: Filter; value: Pattern } {
  const token = peek(reader)
  if (token.is !== 'variable') {
    const key = readKey(reader)
    expect(reader, ':')
    return { key, value: readPattern(reader) }
  }
  reader.at++
  const value: Pattern = took(reader, ':') ? readPattern(reader) : { is: 'variable', name: token.text }
  return { key: textValue(token.text), value }
}

function readPostfix(reader: Reader): Filter {
  let term = readTerm(reader)
  for (;;) {
    const token = peek(reader)
    if (token.is === 'field') {
      reader.at++
      term = { is: 'index', of: term, key: textValue(token.text) }
    } else if (is(token, '.') && peek(reader, 1).is === 'text') {
      reader.at++
      term = { is: 'index', of: term, key: readTerm(reader) }
    } else if (is(token, '[') || (is(token, '.') && is(peek(reader, 1), '['))) {
      reader.at += is(token, '.') ? 2 : 1
      term = readBrackets(reader, term)
    } else if (is(token, '?')) {
      reader.at++
      term = { is: 'try', body: term }
    } else return term
  }
}

/** Behind `[`: `]`, `2]`, `1:]`, `:2]`. */
function readBrackets(reader: Reader, of: Filter): Filter {
  if (took(reader, ']')) return { is: 'iterate', of }
  if (took(reader, ':')) {
    const to = readPipe(reader)
    expect(reader, ']')
    return { is: 'slice', of, to }
  }
  const key = readPipe(reader)
  if (!took(reader, ':')) {
    expect(reader, ']')
    return { is: 'index', of, key }
  }
  if (took(reader, ']')) return { is: 'slice', of, from: key }
  const to = readPipe(reader)
  expect(reader, ']')
  return { is: 'slice', of, from: key, to }
}

function readTerm(reader: Reader): Filter {
  const token = take(reader)
  switch (token.is) {
    case 'number':
      return { is: 'value', value: token.value }
    case 'text':
      return textFilter(token.parts, 'text')
    case 'format':
      return readFormat(reader, token.text)
    case 'field':
      return { is: 'index', of: IDENTITY, key: textValue(token.text) }
    case 'variable':
      return { is: 'variable', name: token.text, at: token.at }
    case 'name':
      return readCall(reader, token.text, token.at)
    case 'keyword':
      return readKeyword(reader, token)
    case 'operator':
      return readBracketed(reader, token)
    default:
      throw unexpected(token, reader.at === 1 && token.is === 'wrong' ? '$end' : undefined)
  }
}

function readFormat(reader: Reader, name: string): Filter {
  const next = peek(reader)
  if (next.is !== 'text') return { is: 'format', name }
  reader.at++
  return textFilter(next.parts, name)
}

const textFilter = (parts: Extract<Token, { is: 'text' }>['parts'], format: string): Filter => ({
  is: 'text',
  format,
  parts: parts.map((part) => (typeof part === 'string' ? part : parseTokens(part))),
})

const CONSTANTS: Readonly<Record<string, Json>> = { null: null, true: true, false: false }

function readCall(reader: Reader, name: string, at: number): Filter {
  if (Object.hasOwn(CONSTANTS, name)) return { is: 'value', value: CONSTANTS[name]! }
  if (name === 'break') return { is: 'break', name: readName(reader, 'variable') }
  const args: Filter[] = []
  if (took(reader, '(')) {
    do args.push(readPipe(reader))
    while (took(reader, ';'))
    expect(reader, ')', "';' or ')'")
  }
  return { is: 'call', name, args, at }
}

function readKeyword(reader: Reader, token: Extract<Token, { text: string }>): Filter {
  if (token.text === 'if') return readIf(reader)
  if (token.text === 'reduce' || token.text === 'foreach') return readFold(reader, token.text)
  if (token.text !== 'try') throw unexpected(token, reader.at === 1 ? '$end' : undefined)
  const body = readPostfix(reader)
  return took(reader, 'catch') ? { is: 'try', body, handler: readPostfix(reader) } : { is: 'try', body }
}

function readIf(reader: Reader): Filter {
  const condition = readPipe(reader)
  expect(reader, 'then')
  const then = readPipe(reader)
  if (took(reader, 'elif')) return { is: 'if', condition, then, otherwise: readIf(reader) }
  const otherwise = took(reader, 'else') ? readPipe(reader) : IDENTITY
  expect(reader, 'end')
  return { is: 'if', condition, then, otherwise }
}

function readFold(reader: Reader, word: 'reduce' | 'foreach'): Filter {
  const source = readPostfix(reader)
  expect(reader, 'as')
  const pattern = readPattern(reader)
  expect(reader, '(')
  const start = readPipe(reader)
  expect(reader, ';')
  const update = readPipe(reader)
  const extract = word === 'foreach' && took(reader, ';') ? readPipe(reader) : undefined
  expect(reader, ')')
  return { is: word, source, pattern, start, update, ...(extract && { extract }) }
}

function readBracketed(reader: Reader, token: Extract<Token, { text: string }>): Filter {
  switch (token.text) {
    case '..':
      return { is: 'everything' }
    case '.': {
      const next = peek(reader)
      return next.is === 'text' ? { is: 'index', of: IDENTITY, key: readTerm(reader) } : IDENTITY
    }
    case '(': {
      const inner = readPipe(reader)
      expect(reader, ')')
      return inner
    }
    case '[': {
      if (took(reader, ']')) return { is: 'list' }
      const of = readPipe(reader)
      expect(reader, ']')
      return { is: 'list', of }
    }
    case '{':
      return readObject(reader)
    default:
      throw unexpected(token, reader.at === 1 ? '$end' : undefined)
  }
}

function readObject(reader: Reader): Filter {
  const entries: Entry[] = []
  if (!took(reader, '}')) {
    do entries.push(readEntry(reader))
    while (took(reader, ','))
    expect(reader, '}', is(peek(reader), '}') ? undefined : "'}'")
  }
  return { is: 'object', entries }
}

/** `a: 1`, `"a b": 1`, `(.key): 1`, `a`, `$a`, `@base64 "x": 1`. */
function readEntry(reader: Reader): Entry {
  const token = peek(reader)
  if (token.is === 'variable') {
    reader.at++
    return { key: textValue(token.text), value: { is: 'variable', name: token.text, at: token.at } }
  }
  const key = readKey(reader)
  if (took(reader, ':')) return { key, value: readEntryValue(reader) }
  if (is(token, '(')) throw unexpected(peek(reader))
  return { key, value: { is: 'index', of: IDENTITY, key } }
}

/** Values join with `|` and `-`, and else need brackets of their own. */
function readEntryValue(reader: Reader): Filter {
  const left = took(reader, '-') ? ({ is: 'negative', of: readPostfix(reader) } as const) : readOperators(reader, 0)
  return took(reader, '|') ? { is: 'pipe', left, right: readEntryValue(reader) } : left
}

function readKey(reader: Reader): Filter {
  const token = take(reader)
  if (token.is === 'name' || token.is === 'keyword') return textValue(token.text)
  if (token.is === 'text') return textFilter(token.parts, 'text')
  if (token.is === 'format') return readFormat(reader, token.text)
  if (token.is === 'number') return { is: 'value', value: token.value }
  if (!is(token, '(')) throw unexpected(token)
  const key = readPipe(reader)
  expect(reader, ')')
  return key
}

function parseTokens(tokens: readonly Token[]): Filter {
  const reader: Reader = { tokens, at: 0 }
  if (peek(reader).is === 'end') return IDENTITY
  const filter = readPipe(reader)
  const next = peek(reader)
  if (next.is !== 'end') throw unexpected(next, '$end')
  return filter
}

/** Throws a SyntaxProblem when the text is no program. */
export const parseProgram = (source: string): Filter => parseTokens(readTokens(source).value)

/** Definitions alone, one behind the other. */
export function parseDefinitions(source: string): readonly Definition[] {
  const reader: Reader = { tokens: readTokens(source).value, at: 0 }
  const definitions: Definition[] = []
  while (took(reader, 'def')) definitions.push(readDefinition(reader))
  return definitions
}
