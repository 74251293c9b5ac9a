/** SHA-256 of a text, for the names of generated ConfigMaps and Secrets. */
import { utf8Bytes } from './base64.ts'

const isPrime = (value: number): boolean => {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false
  return true
}

const PRIMES = Array.from({ length: 311 }, (_item, index) => index + 2)
  .filter(isPrime)
  .slice(0, 64)
const fraction = (value: number): number => ((value - Math.floor(value)) * 0x100000000) | 0
const ROUND = PRIMES.map((prime) => fraction(Math.cbrt(prime)))
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))

const rotate = (value: number, by: number): number => (value >>> by) | (value << (32 - by))

function padded(bytes: readonly number[]): readonly number[] {
  const all = [...bytes, 0x80]
  while (all.length % 64 !== 56) all.push(0)
  const bits = bytes.length * 8
  for (let shift = 7; shift >= 0; shift--) all.push(Math.floor(bits / 256 ** shift) & 255)
  return all
}

function wordsOf(bytes: readonly number[], from: number): number[] {
  const words: number[] = []
  for (let at = from; at < from + 64; at += 4)
    words.push((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)
  for (let at = 16; at < 64; at++) {
    const [a, b] = [words[at - 15]!, words[at - 2]!]
    const small = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)
    const large = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10)
    words.push((words[at - 16]! + small + words[at - 7]! + large) | 0)
  }
  return words
}

function compress(state: readonly number[], words: readonly number[]): number[] {
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number]
  for (const [round, word] of words.entries()) {
    const choice = (e & f) ^ (~e & g)
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + ROUND[round]! + word) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
  }
  return [a, b, c, d, e, f, g, h].map((value, index) => (value + state[index]!) | 0)
}

export function sha256(text: string): string {
  const bytes = padded(utf8Bytes(text))
  let state: readonly number[] = START
  for (let at = 0; at < bytes.length; at += 64) state = compress(state, wordsOf(bytes, at))
  return state.map((value) => (value >>> 0).toString(16).padStart(8, '0')).join('')
}
