/**
 * What Go's encoding/json says about a text that is not a JSON object, for the few places where a string must hold
 * one (the registry credentials in a Secret).
 */
import { goQuote } from '../../std/go-text.ts'

/** A mistake, or where the value ended. */
type Read = string | number

const isMistake = (read: Read): read is string => typeof read === 'string'

/** A letter in Go's single quotes. */
const quoted = (letter: string): string =>
  letter === "'" ? `'\\''` : letter === '"' ? `'"'` : `'${goQuote(letter).slice(1, -1)}'`

const END = 'unexpected end of JSON input'

const wrong = (text: string, position: number, where: string): string =>
  position >= text.length ? END : `invalid character ${quoted(text.charAt(position))} ${where}`

function skipSpace(text: string, position: number): number {
  while (' \t\r\n'.includes(text.charAt(position)) && position < text.length) position++
  return position
}

const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' }

function readLiteral(text: string, start: number, literal: string): Read {
  for (let i = 1; i < literal.length; i++)
    if (text.charAt(start + i) !== literal.charAt(i))
      return wrong(text, start + i, `in literal ${literal} (expecting '${literal.charAt(i)}')`)
  return start + literal.length
}

const HEX = /^[0-9a-fA-F]$/

function readEscape(text: string, position: number): Read {
  const letter = text.charAt(position)
  if (letter !== 'u') {
    return letter !== '' && '"\\/bfnrt'.includes(letter) ? position + 1 : wrong(text, position, 'in string escape code')
  }
  for (let i = 1; i <= 4; i++)
    if (!HEX.test(text.charAt(position + i))) return wrong(text, position + i, 'in \\u hexadecimal character escape')
  return position + 5
}

function readString(text: string, start: number): Read {
  let position = start + 1
  while (position < text.length) {
    const letter = text.charAt(position)
    if (letter === '"') return position + 1
    if (letter < ' ') return wrong(text, position, 'in string literal')
    const next = letter === '\\' ? readEscape(text, position + 1) : position + 1
    if (isMistake(next)) return next
    position = next
  }
  return END
}

function skipDigits(text: string, position: number): number {
  while (/^\d$/.test(text.charAt(position))) position++
  return position
}

function readDigits(text: string, position: number, where: string): Read {
  const end = skipDigits(text, position)
  return end === position ? wrong(text, position, where) : end
}

function readNumber(text: string, start: number): Read {
  const first = text.charAt(start) === '-' ? start + 1 : start
  let end: Read = text.charAt(first) === '0' ? first + 1 : readDigits(text, first, 'in numeric literal')
  if (!isMistake(end) && text.charAt(end) === '.') {
    end = readDigits(text, end + 1, 'after decimal point in numeric literal')
  }
  if (isMistake(end) || !/^[eE]$/.test(text.charAt(end))) return end
  const sign = /^[+-]$/.test(text.charAt(end + 1)) ? 1 : 0
  return readDigits(text, end + 1 + sign, 'in exponent of numeric literal')
}

/** The rest of a list or object: items, commas and the closing bracket. */
function readItems(
  text: string,
  start: number,
  close: string,
  readItem: (position: number) => Read,
  after: string,
): Read {
  let position = skipSpace(text, start + 1)
  if (text.charAt(position) === close) return position + 1
  for (;;) {
    const end = readItem(position)
    if (isMistake(end)) return end
    position = skipSpace(text, end)
    if (text.charAt(position) === close) return position + 1
    if (text.charAt(position) !== ',') return wrong(text, position, after)
    position = skipSpace(text, position + 1)
  }
}

function readMember(text: string, position: number): Read {
  if (text.charAt(position) !== '"') return wrong(text, position, 'looking for beginning of object key string')
  const key = readString(text, position)
  if (isMistake(key)) return key
  const colon = skipSpace(text, key)
  return text.charAt(colon) === ':' ? readValue(text, colon + 1) : wrong(text, colon, 'after object key')
}

function readValue(text: string, from: number): Read {
  const start = skipSpace(text, from)
  const letter = text.charAt(start)
  if (letter === '{') {
    return readItems(text, start, '}', (position) => readMember(text, position), 'after object key:value pair')
  }
  if (letter === '[') {
    return readItems(text, start, ']', (position) => readValue(text, position), 'after array element')
  }
  if (letter === '"') return readString(text, start)
  if (LITERALS[letter]) return readLiteral(text, start, LITERALS[letter])
  return /^[-\d]$/.test(letter) ? readNumber(text, start) : wrong(text, start, 'looking for beginning of value')
}

const KINDS: Readonly<Record<string, string>> = { '[': 'array', '"': 'string', t: 'bool', f: 'bool' }

/** Undefined when the text is a JSON object, or null. */
export function mistakeInJson(text: string): string | undefined {
  const end = readValue(text, 0)
  if (isMistake(end)) return end
  const rest = skipSpace(text, end)
  if (rest < text.length) return wrong(text, rest, 'after top-level value')
  const letter = text.charAt(skipSpace(text, 0))
  if (letter === '{' || letter === 'n') return undefined
  return `json: cannot unmarshal ${KINDS[letter] ?? 'number'} into Go value of type map[string]interface {}`
}
