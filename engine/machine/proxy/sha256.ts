/**
 * SHA-256 (FIPS 180-4) of a short text, and base32 (RFC 4648), by which kube-proxy names its chains: a chain's name
 * may have 28 letters at most, and the names of Services do not fit.
 */
const ROUND = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]

const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** UTF-8, written out because the engine has no TextEncoder. */
function bytesOf(text: string): number[] {
  const encoded = encodeURIComponent(text)
  const bytes: number[] = []
  for (let i = 0; i < encoded.length; i++) {
    if (encoded[i] !== '%') bytes.push(encoded.charCodeAt(i))
    else bytes.push(Number.parseInt(encoded.slice(i + 1, (i += 2) + 1), 16))
  }
  return bytes
}

function padded(bytes: number[]): number[] {
  const bits = bytes.length * 8
  const all = [...bytes, 0x80]
  while (all.length % 64 !== 56) all.push(0)
  return [...all, 0, 0, 0, 0, (bits >>> 24) & 255, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255]
}

function schedule(bytes: readonly number[], from: number): number[] {
  const words: number[] = []
  for (let i = 0; i < 16; i++) {
    const at = from + i * 4
    words.push((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)
  }
  for (let i = 16; i < 64; i++) {
    const near = words[i - 2]!
    const far = words[i - 15]!
    const first = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3)
    const second = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10)
    words.push((words[i - 16]! + first + words[i - 7]! + second) | 0)
  }
  return words
}

function compress(state: readonly number[], words: readonly number[]): number[] {
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g)
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + ROUND[i]! + words[i]!) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]!) | 0)
}

/** The digest as 32 bytes. */
export function sha256(text: string): number[] {
  const bytes = padded(bytesOf(text))
  let state: readonly number[] = START
  for (let from = 0; from < bytes.length; from += 64) state = compress(state, schedule(bytes, from))
  return state.flatMap((word) => [(word >>> 24) & 255, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The first `length` letters of the base32 form of some bytes. */
export function base32(bytes: readonly number[], length: number): string {
  let text = ''
  for (let bit = 0; text.length < length; bit += 5) {
    const at = bit >> 3
    const pair = (bytes[at]! << 8) | (bytes[at + 1] ?? 0)
    text += ALPHABET[(pair >> (11 - (bit & 7))) & 31]
  }
  return text
}
