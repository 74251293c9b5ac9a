/**
 * The wire form of protobuf: a message is a row of numbered values, each a varint, a fixed number or a piece of bytes. Bytes are a
 * string here, one character a byte, because that is what the body of a request is.
 *
 * Upstream: github.com/gogo/protobuf
 * Left out: groups, which nobody writes any more.
 */
import { utf8Bytes } from '../../std/base64.ts'
import { utf8TextOf } from '../../std/bytes.ts'

/** Varints keep their 64 bits; `fixed` has 4 or 8 bytes, least first. */
export type WireValue = { readonly varint: bigint } | { readonly bytes: string } | { readonly fixed: string }

export interface WireField {
  readonly number: number
  readonly value: WireValue
}

/** The values of a message in their order, or in Go's words why it is none. */
export type WireMessage = { readonly fields: readonly WireField[] } | { readonly problem: string }

const VARINT = 0
const BYTES = 2

const FIXED_LENGTHS: Readonly<Record<number, number>> = { 1: 8, 5: 4 }

interface Reader {
  readonly bytes: string
  at: number
  problem: string | undefined
}

function fail(reader: Reader, problem: string): undefined {
  reader.problem ??= problem
  return undefined
}

const MOST_VARINT_BYTES = 10

/** Up to seven bytes fit into a number; only longer ones need more. */
function readVarint(reader: Reader): bigint {
  let value = 0n
  let small = 0
  for (let index = 0; index < MOST_VARINT_BYTES; index++) {
    const byte = reader.bytes.charCodeAt(reader.at++)
    if (Number.isNaN(byte)) return fail(reader, 'unexpected EOF') ?? 0n
    if (index < 7) small += (byte & 127) * 2 ** (7 * index)
    else value += BigInt(byte & 127) << BigInt(7 * index)
    if (byte < 128) return index < 7 ? BigInt(small) : value + BigInt(small)
  }
  return fail(reader, 'proto: integer overflow') ?? 0n
}

function take(reader: Reader, length: number): string {
  const end = reader.at + length
  if (end > reader.bytes.length) return fail(reader, 'unexpected EOF') ?? ''
  const piece = reader.bytes.slice(reader.at, end)
  reader.at = end
  return piece
}

function readValue(reader: Reader, wireType: number): WireValue | undefined {
  if (wireType === VARINT) return { varint: readVarint(reader) }
  if (wireType === BYTES) return { bytes: take(reader, Number(readVarint(reader))) }
  const length = FIXED_LENGTHS[wireType]
  return length === undefined ? fail(reader, `proto: illegal wireType ${wireType}`) : { fixed: take(reader, length) }
}

export function readMessage(bytes: string): WireMessage {
  const reader: Reader = { bytes, at: 0, problem: undefined }
  const fields: WireField[] = []
  while (reader.at < bytes.length) {
    const tag = Number(readVarint(reader))
    const number = Math.floor(tag / 8)
    const value = readValue(reader, tag & 7)
    if (number === 0) fail(reader, `proto: illegal tag 0 (wire type ${tag & 7})`)
    if (reader.problem !== undefined) return { problem: reader.problem }
    fields.push({ number, value: value! })
  }
  return { fields }
}

export const bytesOfText = (text: string): string => String.fromCharCode(...utf8Bytes(text))

export const byteList = (bytes: string): readonly number[] => Array.from(bytes, (letter) => letter.charCodeAt(0))

const ASCII = /^[\0-\x7f]*$/

/** Undefined when the bytes are no UTF-8. */
export const textOfBytes = (bytes: string): string | undefined =>
  ASCII.test(bytes) ? bytes : utf8TextOf(byteList(bytes))

// ---- writing ----

export function writeVarint(value: bigint): string {
  let rest = BigInt.asUintN(64, value)
  let bytes = ''
  for (; rest > 127n; rest >>= 7n) bytes += String.fromCharCode(Number(rest & 127n) | 128)
  return bytes + String.fromCharCode(Number(rest))
}

const WIRE_TYPES = { varint: VARINT, bytes: BYTES }

export function writeField({ number, value }: WireField): string {
  if ('varint' in value) return writeVarint(BigInt(number * 8 + WIRE_TYPES.varint)) + writeVarint(value.varint)
  if ('bytes' in value)
    return writeVarint(BigInt(number * 8 + WIRE_TYPES.bytes)) + writeVarint(BigInt(value.bytes.length)) + value.bytes
  return writeVarint(BigInt(number * 8 + (value.fixed.length === 8 ? 1 : 5))) + value.fixed
}
