/**
 * JSON as Go reads it: duplicate names are found, numbers keep their digits where a double would lose them, and what is
 * wrong is said in the same words. Clients see those words, so `JSON.parse` is not enough.
 *
 * Upstream: sigs.k8s.io/json, encoding/json/scanner.go
 * Left out: a name that comes twice takes its last value (upstream merges the values when both are objects); values may
 * be nested 1,000 deep (upstream 10,000), which fits on every stack.
 */

/** A number whose text says more than its value: `1.0`, `1e3`, 9223372036854775807. Decoding turns it into a plain one. */
export type ExactNumber = number & { readonly text: string }

export const isExactNumber = (value: unknown): value is ExactNumber => value instanceof Number

/** A name that came again when its object already had `position` names. */
export interface Duplicate {
  readonly name: string
  readonly position: number
}

export type Duplicates = ReadonlyMap<object, readonly Duplicate[]>

export type ParsedJson =
  | { readonly value: unknown; readonly duplicates?: Duplicates }
  /** `invalid character 'x' looking for beginning of value` */
  | { readonly problem: string }

const MAX_DEPTH = 1000

interface Reader {
  readonly text: string
  at: number
  depth: number
  problem: string | undefined
  duplicates: Map<object, Duplicate[]> | undefined
}

const TAB = 9
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92

function skipSpace(reader: Reader): void {
  for (const { text } = reader; ; reader.at++) {
    const code = text.charCodeAt(reader.at)
    if (code !== SPACE && code !== LINE_FEED && code !== TAB && code !== CARRIAGE_RETURN) return
  }
}

/** The first byte of a letter in UTF-8, which is all that Go looks at. */
function firstByte(letter: number): number {
  if (letter < 0x80) return letter
  if (letter < 0x800) return 0xc0 | (letter >> 6)
  return letter < 0x10000 ? 0xe0 | (letter >> 12) : 0xf0 | (letter >> 18)
}

const NAMED_LETTERS: Readonly<Record<string, string>> = {
  "'": "'\\''",
  '"': "'\"'",
  '\\': "'\\\\'",
  '\n': "'\\n'",
  '\t': "'\\t'",
  '\r': "'\\r'",
  '\b': "'\\b'",
  '\f': "'\\f'",
  '\v': "'\\v'",
  '\u0007': "'\\a'",
}

function quotedLetter(code: number): string {
  const letter = String.fromCharCode(code)
  const named = NAMED_LETTERS[letter]
  if (named) return named
  if (code < SPACE || code === 0x7f) return `'\\x${code.toString(16).padStart(2, '0')}'`
  return code >= 0x80 && code < 0xa0 ? `'\\u00${code.toString(16)}'` : `'${letter}'`
}

/** Remembers the first problem: where the text ends, or a letter that is out of place. */
function fail(reader: Reader, context: string): undefined {
  const letter = reader.text.codePointAt(reader.at)
  reader.problem ??=
    letter === undefined
      ? 'unexpected end of JSON input'
      : `invalid character ${quotedLetter(firstByte(letter))} ${context}`
  return undefined
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

const LONE_SURROGATE = /\p{Surrogate}/gu

function readHex(reader: Reader): number {
  let code = 0
  for (let i = 0; i < 4; i++, reader.at++) {
    const digit = Number.parseInt(reader.text[reader.at] ?? '', 16)
    if (Number.isNaN(digit)) {
      fail(reader, 'in \\u hexadecimal character escape')
      return 0
    }
    code = code * 16 + digit
  }
  return code
}

/** One escape, the backslash already behind. */
function readEscape(reader: Reader): string {
  const letter = reader.text[reader.at] ?? ''
  const known = ESCAPES[letter]
  if (known === undefined && letter !== 'u') {
    fail(reader, 'in string escape code')
    return ''
  }
  reader.at++
  return known ?? String.fromCharCode(readHex(reader))
}

/** A string, its quote already behind; half of a surrogate pair becomes U+FFFD. */
function readString(reader: Reader): string {
  const { text } = reader
  let result = ''
  let start = reader.at
  for (;;) {
    const code = text.charCodeAt(reader.at)
    if (code === QUOTE || code === BACKSLASH) result += text.slice(start, reader.at)
    else if (code >= SPACE) {
      reader.at++
      continue
    } else return fail(reader, 'in string literal') ?? ''
    reader.at++
    if (code === QUOTE) return result.replace(LONE_SURROGATE, '\ufffd')
    result += readEscape(reader)
    if (reader.problem) return ''
    start = reader.at
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Where a number goes wrong: `-`, `1.`, `1e`. */
function numberContext(read: string): string {
  if (read.endsWith('.')) return 'after decimal point in numeric literal'
  return /[eE][+-]?$/.test(read) ? 'in exponent of numeric literal' : 'in numeric literal'
}

const BROKEN_NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.(?:\d+(?:[eE][+-]?)?)?|[eE][+-]?)?)?/y

function readNumber(reader: Reader): number | ExactNumber | undefined {
  const { text, at } = reader
  NUMBER.lastIndex = at
  const digits = NUMBER.exec(text)?.[0]
  const after = digits === undefined ? '' : text[at + digits.length]
  if (digits === undefined || after === '.' || after === 'e' || after === 'E') {
    BROKEN_NUMBER.lastIndex = at
    const read = BROKEN_NUMBER.exec(text)![0]
    reader.at = at + read.length
    return fail(reader, numberContext(read))
  }
  reader.at = at + digits.length
  const number = Number(digits)
  return String(number) === digits ? number : exactNumber(digits)
}

export const exactNumber = (text: string): ExactNumber => Object.assign(Object(Number(text)) as number, { text })

const LITERALS: Readonly<Record<string, readonly [word: string, value: boolean | null]>> = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
}

function readLiteral(reader: Reader, [word, value]: readonly [string, boolean | null]): boolean | null | undefined {
  for (let i = 0; i < word.length; i++, reader.at++)
    if (reader.text[reader.at] !== word[i]) return fail(reader, `in literal ${word} (expecting '${word[i]}')`)
  return value
}

function noteDuplicate(reader: Reader, object: object, name: string, position: number): void {
  reader.duplicates ??= new Map()
  const known = reader.duplicates.get(object)
  if (known) known.push({ name, position })
  else reader.duplicates.set(object, [{ name, position }])
}

/** `"name":`, then the value stands next. */
function readName(reader: Reader): string | undefined {
  skipSpace(reader)
  if (reader.text.charCodeAt(reader.at) !== QUOTE) return fail(reader, 'looking for beginning of object key string')
  reader.at++
  const name = readString(reader)
  if (reader.problem) return undefined
  skipSpace(reader)
  if (reader.text[reader.at] !== ':') return fail(reader, 'after object key')
  reader.at++
  return name
}

/** `__proto__` is a name like any other. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}

function readObject(reader: Reader): object | undefined {
  const object: Record<string, unknown> = {}
  let position = 0
  skipSpace(reader)
  if (closes(reader, '}')) return object
  for (;;) {
    const name = readName(reader)
    if (name === undefined) return undefined
    if (Object.hasOwn(object, name)) noteDuplicate(reader, object, name, position)
    else position++
    put(object, name, readValue(reader))
    if (reader.problem) return undefined
    skipSpace(reader)
    if (closes(reader, '}')) return object
    if (!closes(reader, ',')) return fail(reader, 'after object key:value pair')
  }
}

function readArray(reader: Reader): readonly unknown[] | undefined {
  const items: unknown[] = []
  skipSpace(reader)
  if (closes(reader, ']')) return items
  for (;;) {
    items.push(readValue(reader))
    if (reader.problem) return undefined
    skipSpace(reader)
    if (closes(reader, ']')) return items
    if (!closes(reader, ',')) return fail(reader, 'after array element')
  }
}

function closes(reader: Reader, letter: string): boolean {
  const found = reader.text[reader.at] === letter
  if (found) reader.at++
  return found
}

function readNested(reader: Reader, read: (reader: Reader) => unknown): unknown {
  reader.at++
  if (++reader.depth > MAX_DEPTH) {
    reader.problem ??= 'exceeded max depth'
    return undefined
  }
  const value = read(reader)
  reader.depth--
  return value
}

function readValue(reader: Reader): unknown {
  skipSpace(reader)
  const letter = reader.text[reader.at] ?? ''
  if (letter === '"') {
    reader.at++
    return readString(reader)
  }
  if (letter === '{') return readNested(reader, readObject)
  if (letter === '[') return readNested(reader, readArray)
  if (letter === '-' || (letter >= '0' && letter <= '9')) return readNumber(reader)
  const literal = LITERALS[letter]
  return literal ? readLiteral(reader, literal) : fail(reader, 'looking for beginning of value')
}

export function parseJson(text: string): ParsedJson {
  const reader: Reader = { text, at: 0, depth: 0, problem: undefined, duplicates: undefined }
  const value = readValue(reader)
  if (!reader.problem) {
    skipSpace(reader)
    if (reader.at < text.length) fail(reader, 'after top-level value')
  }
  if (reader.problem) return { problem: reader.problem }
  return { value, ...(reader.duplicates && { duplicates: reader.duplicates }) }
}

/** The value with plain numbers only; the very same where there was nothing else. */
export function withPlainNumbers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (isExactNumber(value)) return value.valueOf()
  if (Array.isArray(value)) return mapped(value, value.map(withPlainNumbers))
  const entries = Object.entries(value)
  const plain = entries.map(([name, inner]) => [name, withPlainNumbers(inner)] as const)
  return plain.every(([, inner], i) => inner === entries[i]![1]) ? value : Object.fromEntries(plain)
}

const mapped = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] =>
  after.every((item, i) => item === before[i]) ? before : after
