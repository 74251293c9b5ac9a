/** The words of a jq program. */

export type Token =
  | { readonly is: 'number'; readonly value: number; readonly at: number }
  | { readonly is: 'text'; readonly parts: readonly TextPart[]; readonly format?: string; readonly at: number }
  | { readonly is: 'field' | 'name' | 'keyword' | 'variable' | 'format'; readonly text: string; readonly at: number }
  | { readonly is: 'operator' | 'wrong'; readonly text: string; readonly at: number }
  | { readonly is: 'end'; readonly at: number }

/** A stretch of a string, or the words between `\(` and `)`. */
export type TextPart = string | readonly Token[]

/** A program that cannot be understood: where, and in which words of the parser jq is built with. */
export interface SyntaxProblem {
  readonly syntax: string
  readonly at: number
}

const syntaxProblem = (syntax: string, at: number): SyntaxProblem => ({ syntax, at })

const KEYWORDS: ReadonlySet<string> = new Set(
  'def if then elif else end as reduce foreach try catch label import include and or __loc__'.split(' '),
)

const OPERATORS = [
  '?//=',
  '?//',
  '//=',
  '|=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '==',
  '!=',
  '<=',
  '>=',
  '//',
  '..',
  ...'.[](){}|,:;=<>+-*/%$?'.split(''),
]

const WORDS: readonly (readonly ['number' | 'field' | 'name' | 'format' | 'variable', RegExp])[] = [
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['field', /\.[a-zA-Z_]\w*/y],
  ['variable', /\$[a-zA-Z_]\w*(?:::\w+)*/y],
  ['format', /@[a-zA-Z0-9_]+/y],
  ['name', /[a-zA-Z_]\w*(?:::\w+)*/y],
]

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

interface Read<Value> {
  readonly value: Value
  readonly to: number
}

function readText(source: string, from: number): Read<readonly TextPart[]> {
  const parts: TextPart[] = []
  let text = ''
  for (let at = from + 1; at < source.length; at++) {
    const letter = source.charAt(at)
    if (letter === '"') return { value: [...parts, text], to: at + 1 }
    if (letter !== '\\') text += letter
    else if (source.charAt(at + 1) === '(') {
      const inner = readTokens(source, at + 2, true)
      parts.push(text, inner.value)
      text = ''
      at = inner.to - 1
    } else if (source.charAt(at + 1) === 'u') {
      text += String.fromCharCode(Number.parseInt(source.slice(at + 2, at + 6), 16))
      at += 5
    } else text += ESCAPES[source.charAt(++at)] ?? source.charAt(at)
  }
  const expected = 'QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END'
  throw syntaxProblem(`syntax error, unexpected $end, expecting ${expected}`, from + 1)
}

function readWord(source: string, at: number): Read<Token> | undefined {
  for (const [is, pattern] of WORDS) {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0]
    if (text === undefined) continue
    const to = at + text.length
    if (is === 'number') return { value: { is, value: Number(text), at }, to }
    if (is === 'name') return { value: { is: KEYWORDS.has(text) ? 'keyword' : 'name', text, at }, to }
    return { value: { is, text: text.slice(1), at }, to }
  }
  return undefined
}

function readToken(source: string, at: number, open: string[]): Read<Token> {
  if (source.charAt(at) === '"') {
    const { value, to } = readText(source, at)
    return { value: { is: 'text', parts: value, at }, to }
  }
  const word = readWord(source, at)
  if (word) return word
  const text = OPERATORS.find((operator) => source.startsWith(operator, at))
  const closes = text !== undefined && ')]}'.includes(text)
  if (text === undefined || (closes && open.pop() !== text))
    return { value: { is: 'wrong', text: source.charAt(at), at }, to: at + 1 }
  const closer = CLOSERS[text]
  if (closer) open.push(closer)
  return { value: { is: 'operator', text, at }, to: at + text.length }
}

const BLANK = /(?:\s|#[^\n]*)*/y

/** All words up to the end, or up to the bracket that ends an interpolation. */
export function readTokens(source: string, from = 0, inText = false): Read<readonly Token[]> {
  const tokens: Token[] = []
  const open: string[] = []
  let last = 0
  for (let at = from; ; ) {
    BLANK.lastIndex = at
    at += BLANK.exec(source)![0].length
    if (at >= source.length || (inText && open.length === 0 && source.charAt(at) === ')'))
      return { value: [...tokens, { is: 'end', at: last }], to: at + 1 }
    const { value, to } = readToken(source, at, open)
    tokens.push(value)
    last = value.is === 'text' ? to - 1 : value.at
    at = to
  }
}

const TERMINALS: Partial<Record<Token['is'], string>> = {
  number: 'LITERAL',
  text: 'QQSTRING_START',
  field: 'FIELD',
  name: 'IDENT',
  variable: "'$'",
  format: 'FORMAT',
  wrong: 'INVALID_CHARACTER',
  end: '$end',
}

/** How the parser's complaints call a word. */
function terminalOf(token: Token): string {
  const known = TERMINALS[token.is]
  if (known !== undefined || !('text' in token)) return known ?? ''
  return token.is === 'operator' && token.text.length === 1 ? `'${token.text}'` : token.text
}

export const unexpected = (token: Token, expecting?: string): SyntaxProblem =>
  syntaxProblem(`syntax error, unexpected ${terminalOf(token)}${expecting ? `, expecting ${expecting}` : ''}`, token.at)
