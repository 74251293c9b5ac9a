/**
 * Base64 as Go's decoder takes it: line breaks are skipped, spare bits of the last letter are not looked at, and the
 * error names the first byte that is wrong.
 *
 * Upstream: encoding/base64/base64.go
 */
import { decodeBase64, encodeBase64 } from '../std/base64.ts'

export type ReadBytes = { readonly text: string } | { readonly corruptAt: number }

const LETTER = /[A-Za-z0-9+/]/

/** Without line breaks, and where each letter stood. */
function lettersOf(text: string): { readonly letters: string; readonly places: readonly number[] } {
  const places: number[] = []
  for (let i = 0; i < text.length; i++) if (text[i] !== '\n' && text[i] !== '\r') places.push(i)
  return { letters: text.replace(/[\r\n]/g, ''), places }
}

/** The place of the padding's mistake in a group of four that begins at `start`, or -1. */
function paddingMistake(letters: string, start: number): number {
  const first = letters.indexOf('=', start)
  const within = first - start
  if (within < 2) return first
  if (within === 3) return letters.length > first + 1 ? first + 1 : -1
  if (letters.length === first + 1) return letters.length
  if (letters[first + 1] !== '=') return first
  return letters.length > first + 2 ? first + 2 : -1
}

/** The first mistake, or -1. */
function mistakeIn(letters: string): number {
  for (let i = 0; i < letters.length; i++) {
    if (LETTER.test(letters[i]!)) continue
    return letters[i] === '=' ? paddingMistake(letters, i - (i % 4)) : i
  }
  const left = letters.length % 4
  return left === 0 ? -1 : letters.length - left
}

const CLEAN = /^(?:[A-Za-z0-9+/]{4})*$/

/** The canonical text of the same bytes, or where they are corrupt. */
export function readBase64(text: string): ReadBytes {
  if (CLEAN.test(text)) return { text }
  const { letters, places } = lettersOf(text)
  const mistake = mistakeIn(letters)
  if (mistake >= 0) return { corruptAt: places[mistake] ?? text.length }
  const canonical = encodeBase64(decodeBase64(letters))
  return { text: canonical === text ? text : canonical }
}
