/** Base64, as Secrets carry their data. The engine knows neither Buffer nor atob. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

const VALUES: readonly number[] = (() => {
  const values = new Array<number>(128).fill(-1)
  for (let i = 0; i < LETTERS.length; i++) values[LETTERS.charCodeAt(i)] = i
  return values
})()

/** How many bytes a canonical text stands for. */
export const base64Length = (text: string): number =>
  (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0)

/** UTF-8 bytes of a text. */
export function utf8Bytes(text: string): readonly number[] {
  const bytes: number[] = []
  for (const letter of text) {
    const code = letter.codePointAt(0)!
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return bytes
}

export function encodeBase64(bytes: readonly number[]): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]]
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    text += LETTERS.charAt(bits >> 18) + LETTERS.charAt((bits >> 12) & 63)
    text += b === undefined ? '=' : LETTERS.charAt((bits >> 6) & 63)
    text += c === undefined ? '=' : LETTERS.charAt(bits & 63)
  }
  return text
}

export const base64OfText = (text: string): string => encodeBase64(utf8Bytes(text))

/** The bytes of a canonical text. */
export function decodeBase64(text: string): readonly number[] {
  const bytes: number[] = []
  for (let i = 0; i + 3 < text.length; i += 4) {
    const [a, b, c, d] = [0, 1, 2, 3].map((offset) => VALUES[text.charCodeAt(i + offset)]!) as [
      number,
      number,
      number,
      number,
    ]
    bytes.push((a << 2) | (b >> 4))
    if (c >= 0) bytes.push(((b & 15) << 4) | (c >> 2))
    if (d >= 0) bytes.push(((c & 3) << 6) | d)
  }
  return bytes
}

const continuation = (byte: number | undefined): number => ((byte ?? 0) & 63) >>> 0

/** The text that well-formed UTF-8 bytes stand for. */
export function textOfUtf8(bytes: readonly number[]): string {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i]!
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    let code = length === 1 ? lead : lead & (0x7f >> length)
    for (let j = 1; j < length; j++) code = (code << 6) | continuation(bytes[i + j])
    text += String.fromCodePoint(Math.min(code, 0x10ffff))
    i += length
  }
  return text
}

export const textOfBase64 = (text: string): string => textOfUtf8(decodeBase64(text))
