/**
 * Chance without a die: a draw is a pure function of the seed and of what the draw is for. Adding a draw somewhere
 * changes no draw elsewhere, which keeps transcripts readable for years. Say who, what, and which of several:
 * two draws with the same purpose are the same draw.
 */
export type Purpose = string | number

/** Borrowed by lower floors: the seed is already given. 0 <= result < 1. */
export type Draw = (...purpose: readonly Purpose[]) => number

const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

function mixText(hash: number, text: string): number {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME)
  return Math.imul(hash ^ 0xff, PRIME)
}

const mixNumber = (hash: number, value: number): number =>
  Math.imul(Math.imul(Math.imul(hash ^ (value | 0), PRIME) ^ Math.floor(value / 0x100000000), PRIME) ^ 0xfe, PRIME)

/** Spreads the bits, so that purposes which differ in one letter have nothing in common (murmur3's finalizer). */
function avalanche(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function hashPurpose(seed: number, purpose: readonly Purpose[]): number {
  let hash = mixNumber(OFFSET, seed)
  for (const part of purpose) hash = typeof part === 'number' ? mixNumber(hash, part) : mixText(hash, part)
  return avalanche(hash)
}

export const draw = (seed: number, ...purpose: readonly Purpose[]): number => hashPurpose(seed, purpose) / 0x100000000

export const drawing =
  (seed: number): Draw =>
  (...purpose) =>
    hashPurpose(seed, purpose) / 0x100000000

export const pick = <T>(list: readonly T[], drawn: number): T => list[Math.floor(drawn * list.length)]!

/** The letters upstream gives generated names and template hashes: none that could spell a word. */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** Five letters for `generateName`. Upstream: apimachinery util/rand. */
export function randomSuffix(draw: Draw, ...purpose: readonly Purpose[]): string {
  let suffix = ''
  for (let i = 0; i < 5; i++)
    suffix += SUFFIX_LETTERS.charAt(Math.floor(draw('suffix', i, ...purpose) * SUFFIX_LETTERS.length))
  return suffix
}

const hex = (drawn: number, digits: number): string =>
  Math.floor(drawn * 16 ** digits)
    .toString(16)
    .padStart(digits, '0')

/** A version 4 uid, as the API server gives one. */
export function randomUid(draw: Draw, ...purpose: readonly Purpose[]): string {
  const part = (ordinal: number, digits: number) => hex(draw('uid', ordinal, ...purpose), digits)
  const variant = (8 + Math.floor(draw('uid', 9, ...purpose) * 4)).toString(16)
  return `${part(0, 8)}-${part(1, 4)}-4${part(2, 3)}-${variant}${part(3, 3)}-${part(4, 6)}${part(5, 6)}`
}
