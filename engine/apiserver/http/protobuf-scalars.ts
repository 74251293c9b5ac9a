/**
 * Values that are no structs of fields, as protobuf carries them and as JSON does: times as seconds and nanoseconds, quantities as
 * messages that hold a text, what may be anything as JSON inside a message.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/{apis/meta/v1,api/resource,util/intstr,runtime}/generated.proto
 * Left out: 64-bit integers beyond 2^53 lose digits, as everywhere here.
 */
import type { Scalar } from '../../api/schema.ts'
import { decodeBase64, encodeBase64 } from '../../std/base64.ts'
import { parseJson, withPlainNumbers } from '../../std/json.ts'
import { parseUnix, unixTimestamp } from '../../std/time.ts'
import { byteList, bytesOfText, readMessage, textOfBytes, type WireValue, writeField } from './protobuf-wire.ts'

/** A value as JSON has it, or why the bytes are none of this type. `value` is undefined for no time at all. */
export type Read = { readonly value: unknown } | { readonly problem: string }

export interface ScalarForm {
  readonly read: (wire: WireValue) => Read
  readonly write: (value: unknown) => WireValue
}

const illegal = (field: string, wire: WireValue): Read => ({
  problem: `proto: wrong wireType = ${'varint' in wire ? 0 : 'bytes' in wire ? 2 : 1} for field ${field}`,
})

// ---- plain scalars ----

const LARGEST = 2n ** 63n - 1n

/** A double that stands for the largest integer may be one more than that. */
const inRange = (value: bigint): bigint => (value > LARGEST ? LARGEST : value)

const integer: ScalarForm = {
  read: (wire) => ('varint' in wire ? { value: Number(BigInt.asIntN(64, wire.varint)) } : illegal('Integer', wire)),
  write: (value) => ({ varint: inRange(BigInt(Math.trunc(Number(value)))) }),
}

const text: ScalarForm = {
  read: (wire) => {
    if (!('bytes' in wire)) return illegal('String', wire)
    const value = textOfBytes(wire.bytes)
    return value === undefined ? { problem: 'string field contains invalid UTF-8' } : { value }
  },
  write: (value) => ({ bytes: bytesOfText(String(value)) }),
}

const boolean: ScalarForm = {
  read: (wire) => ('varint' in wire ? { value: wire.varint !== 0n } : illegal('Bool', wire)),
  write: (value) => ({ varint: value === true ? 1n : 0n }),
}

const double: ScalarForm = {
  read: (wire) => {
    if (!('fixed' in wire) || wire.fixed.length !== 8) return illegal('Double', wire)
    return { value: new DataView(new Uint8Array(byteList(wire.fixed)).buffer).getFloat64(0, true) }
  },
  write: (value) => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, Number(value), true)
    return { fixed: String.fromCharCode(...bytes) }
  },
}

const bytes: ScalarForm = {
  read: (wire) => ('bytes' in wire ? { value: encodeBase64(byteList(wire.bytes)) } : illegal('Bytes', wire)),
  write: (value) => ({
    bytes: decodeBase64(String(value))
      .map((byte) => String.fromCharCode(byte))
      .join(''),
  }),
}

// ---- messages that read themselves ----

/** The last value of each number, which is the one that counts. */
function numbersOf(wire: WireValue): ReadonlyMap<number, WireValue> | { readonly problem: string } {
  if (!('bytes' in wire)) return { problem: 'proto: wrong wireType = 0 for field Message' }
  const message = readMessage(wire.bytes)
  if ('problem' in message) return message
  return new Map(message.fields.map(({ number, value }) => [number, value]))
}

const NOTHING: WireValue = { bytes: '' }

const numberAt = (fields: ReadonlyMap<number, WireValue>, number: number): number => {
  const wire = fields.get(number)
  return wire && 'varint' in wire ? Number(BigInt.asIntN(64, wire.varint)) : 0
}

const message = (...fields: readonly (readonly [number: number, value: WireValue])[]): WireValue => ({
  bytes: fields.map(([number, value]) => writeField({ number, value })).join(''),
})

const reading =
  (read: (fields: ReadonlyMap<number, WireValue>) => Read) =>
  (wire: WireValue): Read => {
    const fields = numbersOf(wire)
    return 'problem' in fields ? fields : read(fields)
  }

const quantity: ScalarForm = {
  read: reading((fields) => {
    const read = text.read(fields.get(1) ?? NOTHING)
    return 'value' in read && read.value === '' ? { value: '0' } : read
  }),
  write: (value) => message([1, text.write(value)]),
}

const NANOS_PER_MICRO = 1000

/** Whole seconds, or with microseconds. Neither seconds nor nanoseconds is no time. */
const time = (hasMicros: boolean): ScalarForm => ({
  read: reading((fields) => {
    const [seconds, nanos] = [numberAt(fields, 1), numberAt(fields, 2)]
    if (seconds === 0 && nanos === 0) return { value: undefined }
    const whole = unixTimestamp(seconds * 1000)
    const micros = String(Math.floor(nanos / NANOS_PER_MICRO)).padStart(6, '0')
    return { value: hasMicros ? whole.replace('Z', `.${micros}Z`) : whole }
  }),
  write: (value) => {
    const unix = parseUnix(String(value)) ?? 0
    const fraction = /\.(\d+)/.exec(String(value))?.[1] ?? ''
    const nanos = hasMicros ? Number(fraction.padEnd(9, '0').slice(0, 9)) : 0
    return message([1, integer.write(Math.floor(unix / 1000))], [2, integer.write(nanos)])
  },
})

const TEXT_KIND = 1

const intOrString: ScalarForm = {
  read: reading((fields) =>
    numberAt(fields, 1) === TEXT_KIND ? text.read(fields.get(3) ?? NOTHING) : { value: numberAt(fields, 2) },
  ),
  write: (value) =>
    typeof value === 'string'
      ? message([1, integer.write(TEXT_KIND)], [2, integer.write(0)], [3, text.write(value)])
      : message([1, integer.write(0)], [2, integer.write(value)], [3, text.write('')]),
}

/** Anything: JSON inside a message. */
export const json: ScalarForm = {
  read: reading((fields) => {
    const read = text.read(fields.get(1) ?? NOTHING)
    if ('problem' in read || read.value === '') return 'problem' in read ? read : { value: undefined }
    const parsed = parseJson(read.value as string)
    return 'problem' in parsed ? parsed : { value: withPlainNumbers(parsed.value) }
  }),
  write: (value) => message([1, text.write(JSON.stringify(value))]),
}

export const SCALAR_FORMS: Readonly<Record<Scalar, ScalarForm>> = {
  string: text,
  boolean,
  int32: integer,
  int64: integer,
  double,
  bytes,
  quantity,
  time: time(false),
  microTime: time(true),
  intOrString,
  any: json,
}
