/**
 * Bytes that may or may not be text: files of ConfigMaps, values of Secrets, what `base64decode` is given. Where bytes
 * are not UTF-8, that is an answer and not an accident.
 */
import { decodeBase64 } from './base64.ts'

/** The length of the letter that begins with this byte, or 0 if none does. */
function letterLength(byte: number): number {
  if (byte < 0x80) return 1
  if (byte < 0xc2 || byte > 0xf4) return 0
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
}

const LEAST_CODE = [0, 0, 0x80, 0x800, 0x10000]

function letterAt(bytes: readonly number[], at: number, length: number): string | undefined {
  let code = length === 1 ? bytes[at]! : bytes[at]! & (0xff >> (length + 1))
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]
    if (byte === undefined || (byte & 0xc0) !== 0x80) return undefined
    code = (code << 6) | (byte & 63)
  }
  if (code < LEAST_CODE[length]! || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return undefined
  return String.fromCodePoint(code)
}

/** The text these bytes spell, or undefined when they are not UTF-8. */
export function utf8TextOf(bytes: readonly number[]): string | undefined {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = letterLength(bytes[at]!)
    const letter = length === 0 ? undefined : letterAt(bytes, at, length)
    if (letter === undefined) return undefined
    text += letter
    at += length
  }
  return text
}

const NOT_BASE64 = /[^A-Za-z0-9+/]/

/** Go's strict reading of base64: the bytes, or the place of the letter that is wrong. */
export function strictBase64(text: string): readonly number[] | { readonly corruptAt: number } {
  const whole = text.replace(/[\r\n]/g, '')
  const body = whole.replace(/={1,2}$/, '')
  const wrong = body.search(NOT_BASE64)
  if (wrong >= 0) return { corruptAt: wrong }
  return whole.length % 4 === 0 ? decodeBase64(whole) : { corruptAt: body.length - (body.length % 4) }
}
