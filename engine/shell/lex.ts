/**
 * The letters of a script made into words, operators and line ends. Words keep what was quoted, because that decides what is
 * split and what is matched against file names.
 */
import { parseScript } from './parse.ts'
import type { Operation, Script, Word, WordPart } from './syntax.ts'

export type Token =
  | { readonly is: 'word'; readonly word: Word; readonly raw: string; readonly at: number; readonly line: number }
  | {
      readonly is: 'operator'
      readonly text: string
      readonly at: number
      readonly line: number
      readonly descriptor?: number
    }
  | { readonly is: 'newline'; readonly at: number; readonly line: number }
  | { readonly is: 'end'; readonly at: number; readonly line: number }

/** Thrown inside the lexer and parser only, and caught at their door. */
export const INCOMPLETE = { incomplete: true } as const
export interface SyntaxProblem {
  readonly problem: string
}
export const syntaxProblem = (problem: string): SyntaxProblem => ({ problem })

/** Longest first. */
const OPERATORS = [
  '<<<',
  '<<-',
  '&&',
  '||',
  ';;',
  '>>',
  '<<',
  '>&',
  '<&',
  '&>',
  '>|',
  '<>',
  '((',
  '|',
  '&',
  ';',
  '<',
  '>',
  '(',
  ')',
]

interface Pending {
  readonly token: number
  readonly end: string
  readonly stripTabs: boolean
  readonly quoted: boolean
}

interface Reader {
  readonly text: string
  at: number
  line: number
}

const peek = (reader: Reader, ahead = 0): string => reader.text.charAt(reader.at + ahead)

const startsWith = (reader: Reader, text: string): boolean => reader.text.startsWith(text, reader.at)

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y

function matchAt(pattern: RegExp, reader: Reader): string {
  pattern.lastIndex = reader.at
  return pattern.exec(reader.text)?.[0] ?? ''
}

/** Adds text to the last piece when it is of the same kind. */
function addText(parts: WordPart[], text: string, quoted: boolean): void {
  const last = parts.at(-1)
  if (last?.is === 'text' && last.quoted === quoted) parts[parts.length - 1] = { ...last, text: last.text + text }
  else parts.push({ is: 'text', text, quoted })
}

function readSingleQuoted(reader: Reader, parts: WordPart[]): void {
  const end = reader.text.indexOf("'", reader.at + 1)
  if (end < 0) throw INCOMPLETE
  addText(parts, reader.text.slice(reader.at + 1, end), true)
  reader.at = end + 1
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  e: '\x1b',
  0: '\0',
}

/** `$'…'` */
function readAnsiQuoted(reader: Reader, parts: WordPart[]): void {
  let text = ''
  for (reader.at += 2; peek(reader) !== "'"; reader.at++) {
    if (reader.at >= reader.text.length) throw INCOMPLETE
    if (peek(reader) !== '\\') text += peek(reader)
    else text += ESCAPES[peek(reader, 1)] ?? `\\${peek(reader, 1)}`
    if (peek(reader) === '\\') reader.at++
  }
  addText(parts, text, true)
  reader.at++
}

function readDoubleQuoted(reader: Reader, parts: WordPart[]): void {
  reader.at++
  const before = parts.length
  addText(parts, '', true)
  readUntil(reader, parts, '"', true)
  if (parts.length > before + 1 && parts[before]?.is === 'text' && (parts[before] as { text: string }).text === '')
    parts.splice(before, 1)
  reader.at++
}

/** Reads quoted text with expansions up to `end` (not consumed); '' reads to the end of the text. */
function readUntil(reader: Reader, parts: WordPart[], end: string, inDoubleQuotes: boolean): void {
  while (reader.at < reader.text.length) {
    const letter = peek(reader)
    if (end !== '' && letter === end) return
    if (letter === '\\') readEscapeInQuotes(reader, parts, inDoubleQuotes)
    else if (letter === '$' || letter === '`') readExpansion(reader, parts, true)
    else {
      addText(parts, letter, true)
      reader.at++
    }
  }
  if (end !== '') throw INCOMPLETE
}

function readEscapeInQuotes(reader: Reader, parts: WordPart[], inDoubleQuotes: boolean): void {
  const next = peek(reader, 1)
  const special = next === '$' || next === '`' || next === '\\' || (inDoubleQuotes && next === '"')
  if (next === '\n') reader.at += 2
  else {
    addText(parts, special ? next : `\\${next}`, true)
    reader.at += 2
  }
}

/** The index of the bracket that closes the one before `from`, minding quotes; throws when there is none. */
function closing(text: string, from: number, open: string, close: string): number {
  let depth = 1
  for (let i = from; i < text.length; i++) {
    const letter = text.charAt(i)
    if (letter === '\\') i++
    else if (letter === "'" || letter === '"') i = skipQuoted(text, i)
    else if (letter === open) depth++
    else if (letter === close && --depth === 0) return i
  }
  throw INCOMPLETE
}

function skipQuoted(text: string, from: number): number {
  const quote = text.charAt(from)
  for (let i = from + 1; i < text.length; i++) {
    if (text.charAt(i) === '\\' && quote === '"') i++
    else if (text.charAt(i) === quote) return i
  }
  throw INCOMPLETE
}

function scriptOf(text: string): Script {
  const parsed = parseScript(text)
  if ('error' in parsed) throw syntaxProblem(parsed.error)
  if ('incomplete' in parsed) throw INCOMPLETE
  return parsed.script
}

/** Something that begins with `$` or a back-quote. */
function readExpansion(reader: Reader, parts: WordPart[], quoted: boolean): void {
  if (peek(reader) === '`') return readBackQuoted(reader, parts, quoted)
  if (startsWith(reader, '$((')) return readArithmetic(reader, parts, quoted)
  if (startsWith(reader, '$(')) return readSubstitution(reader, parts, quoted)
  if (startsWith(reader, '${')) return readBraced(reader, parts, quoted)
  if (startsWith(reader, "$'") && !quoted) return readAnsiQuoted(reader, parts)
  reader.at++
  const name = matchAt(NAME, reader) || matchAt(/[0-9@*#?$!-]/y, reader)
  if (name === '') addText(parts, '$', quoted)
  else parts.push({ is: 'parameter', name, quoted })
  reader.at += name.length
}

function readBackQuoted(reader: Reader, parts: WordPart[], quoted: boolean): void {
  const end = skipQuoted(reader.text, reader.at)
  parts.push({ is: 'substitution', script: scriptOf(reader.text.slice(reader.at + 1, end)), quoted })
  reader.at = end + 1
}

function readSubstitution(reader: Reader, parts: WordPart[], quoted: boolean): void {
  const end = closing(reader.text, reader.at + 2, '(', ')')
  parts.push({ is: 'substitution', script: scriptOf(reader.text.slice(reader.at + 2, end)), quoted })
  reader.at = end + 1
}

function readArithmetic(reader: Reader, parts: WordPart[], quoted: boolean): void {
  const end = closing(reader.text, reader.at + 3, '(', ')')
  if (reader.text.charAt(end + 1) !== ')') return readSubstitution(reader, parts, quoted)
  parts.push({ is: 'arithmetic', text: quotedWord(reader.text.slice(reader.at + 3, end)), quoted })
  reader.at = end + 2
}

/** A text in which only expansions are special, as in a here-document. */
export function quotedWord(text: string): Word {
  const parts: WordPart[] = []
  readUntil({ text, at: 0, line: 1 }, parts, '', false)
  return parts
}

/** A word that stands alone as text: the part behind `:-` in a parameter. */
function innerWord(text: string, quoted: boolean): Word {
  if (quoted) return quotedWord(text)
  const reader = { text, at: 0, line: 1 }
  const parts: WordPart[] = []
  while (reader.at < text.length) readPart(reader, parts)
  return parts
}

const OPERATION = /^(:?[-=?+]|##?|%%?|\/\/?|\^\^|,,|:)/

function operationOf(text: string, quoted: boolean): Operation | undefined {
  const kind = OPERATION.exec(text)?.[1]
  if (!kind) return undefined
  const rest = text.slice(kind.length)
  if (kind === ':') {
    const [offset = '', length] = rest.split(':')
    return {
      kind: 'slice',
      colon: false,
      word: quotedWord(offset),
      ...(length !== undefined && { second: quotedWord(length) }),
    }
  }
  if (kind.startsWith('/')) {
    const slash = rest.indexOf('/')
    const pattern = slash < 0 ? rest : rest.slice(0, slash)
    const second = innerWord(slash < 0 ? '' : rest.slice(slash + 1), quoted)
    return { kind: kind as '/', colon: false, word: innerWord(pattern, quoted), second }
  }
  return { kind: kind.replace(':', '') as '-', colon: kind.startsWith(':'), word: innerWord(rest, quoted) }
}

function readBraced(reader: Reader, parts: WordPart[], quoted: boolean): void {
  const end = closing(reader.text, reader.at + 2, '{', '}')
  const inside = reader.text.slice(reader.at + 2, end)
  reader.at = end + 1
  const length = /^#([A-Za-z_]\w*|[0-9@*])$/.exec(inside)
  if (length) return void parts.push({ is: 'parameter', name: length[1]!, quoted, operation: LENGTH })
  const name = /^([A-Za-z_]\w*|[0-9]+|[@*#?$!-])/.exec(inside)?.[0]
  const operation = name === undefined ? undefined : operationOf(inside.slice(name.length), quoted)
  if (name === undefined || (inside.length > name.length && !operation))
    throw syntaxProblem(`\${${inside}}: bad substitution`)
  parts.push({ is: 'parameter', name, quoted, ...(operation && { operation }) })
}

const LENGTH: Operation = { kind: 'length', colon: false, word: [] }

/** One piece of an unquoted word. */
function readPart(reader: Reader, parts: WordPart[]): void {
  const letter = peek(reader)
  if (letter === "'") return readSingleQuoted(reader, parts)
  if (letter === '"') return readDoubleQuoted(reader, parts)
  if (letter === '$' || letter === '`') return readExpansion(reader, parts, false)
  if (letter !== '\\') {
    addText(parts, letter, false)
    reader.at++
    return
  }
  if (reader.at + 1 >= reader.text.length) throw INCOMPLETE
  if (peek(reader, 1) !== '\n') addText(parts, peek(reader, 1), true)
  reader.at += 2
}

const ENDS_WORD = /[\s;&|<>()]/

function readWord(reader: Reader): Token {
  const { at, line } = reader
  const parts: WordPart[] = []
  while (reader.at < reader.text.length && !ENDS_WORD.test(peek(reader))) readPart(reader, parts)
  return { is: 'word', word: parts, raw: reader.text.slice(at, reader.at), at, line }
}

function skipBlank(reader: Reader): void {
  for (;;) {
    if (peek(reader) === ' ' || peek(reader) === '\t') reader.at++
    else if (startsWith(reader, '\\\n')) reader.at += 2
    else if (peek(reader) === '#' && /(^|[\s;&|(])$/.test(reader.text.slice(0, reader.at))) {
      const end = reader.text.indexOf('\n', reader.at)
      reader.at = end < 0 ? reader.text.length : end
    } else return
  }
}

/** Reads the here-documents that were announced on the line that just ended. */
function readHereDocuments(reader: Reader, pending: Pending[], tokens: Token[]): void {
  for (const { token, end, stripTabs, quoted } of pending.splice(0)) {
    const lines: string[] = []
    for (;;) {
      if (reader.at >= reader.text.length) throw INCOMPLETE
      const stop = reader.text.indexOf('\n', reader.at)
      const whole = reader.text.slice(reader.at, stop < 0 ? reader.text.length : stop)
      reader.at = stop < 0 ? reader.text.length : stop + 1
      const line = stripTabs ? whole.replace(/^\t+/, '') : whole
      if (line === end) break
      lines.push(`${line}\n`)
    }
    const text = lines.join('')
    const word: Word = quoted ? [{ is: 'text', text, quoted: true }] : quotedWord(text)
    tokens[token] = { ...(tokens[token] as Extract<Token, { is: 'word' }>), word }
  }
}

const plainText = (word: Word): string => word.map((part) => (part.is === 'text' ? part.text : '')).join('')

function readOperator(reader: Reader, tokens: Token[]): void {
  const { at, line } = reader
  const last = tokens.at(-1)
  const text = OPERATORS.find((operator) => startsWith(reader, operator))!
  reader.at += text.length
  const redirect = text.startsWith('<') || text.startsWith('>')
  const touches = last?.is === 'word' && last.at + last.raw.length === at && /^\d+$/.test(last.raw)
  if (redirect && touches) tokens.pop()
  const descriptor = redirect && touches ? { descriptor: Number(last.raw) } : {}
  tokens.push({ is: 'operator', text, at, line, ...descriptor })
}

function noteHereDocument(tokens: readonly Token[], pending: Pending[]): void {
  const operator = tokens.at(-2)
  const last = tokens.at(-1)
  if (last?.is !== 'word' || operator?.is !== 'operator' || (operator.text !== '<<' && operator.text !== '<<-')) return
  const quoted = last.word.some((part) => part.quoted)
  pending.push({ token: tokens.length - 1, end: plainText(last.word), stripTabs: operator.text === '<<-', quoted })
}

/** The tokens of a script; throws INCOMPLETE or a SyntaxProblem. */
export function tokensOf(text: string): readonly Token[] {
  const reader: Reader = { text, at: 0, line: 1 }
  const tokens: Token[] = []
  const pending: Pending[] = []
  for (;;) {
    skipBlank(reader)
    const { at, line } = reader
    if (at >= text.length) break
    if (peek(reader) === '\n') {
      tokens.push({ is: 'newline', at, line })
      reader.at++
      reader.line++
      readHereDocuments(reader, pending, tokens)
    } else if (OPERATORS.some((operator) => startsWith(reader, operator))) readOperator(reader, tokens)
    else {
      tokens.push(readWord(reader))
      noteHereDocument(tokens, pending)
    }
  }
  if (pending.length > 0) throw INCOMPLETE
  tokens.push({ is: 'end', at: text.length, line: reader.line })
  return tokens
}
