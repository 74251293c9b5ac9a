/**
 * The hash in a ReplicaSet's name (`web-7b9f957f94`) and in the `pod-template-hash` label of its Pods. It is what keeps the Pods of two
 * revisions apart, so it must be the same every time for the same template: FNV-1a over the template as Go prints it.
 *
 * Upstream: pkg/controller/controller_utils.go (ComputeHash), pkg/util/hash, the %#v printing of go-spew
 * Left out: quantities of more than about fifteen digits, which Go keeps in another form; their hash differs from upstream's.
 */
import { GO_STRUCTS } from './go-structs.ts'

interface GoField {
  readonly name: string
  /** Empty for an embedded struct, whose fields stand in the JSON of the one around it. */
  readonly json: string
  readonly type: string
}

function parseField(text: string): GoField {
  const colon = text.indexOf(':')
  const [name, json] = text.slice(0, colon).split('/')
  return { name: name!, json: json ?? name!.charAt(0).toLowerCase() + name!.slice(1), type: text.slice(colon + 1) }
}

const parsed = new Map<string, readonly GoField[]>()

function fieldsOf(type: string): readonly GoField[] | undefined {
  const known = parsed.get(type)
  if (known) return known
  const text = GO_STRUCTS[type]
  if (text === undefined) return undefined
  const fields = text.split(' ').map(parseField)
  parsed.set(type, fields)
  return fields
}

type Json = { readonly [field: string]: unknown }

const ZEROS: Readonly<Record<string, string>> = { bool: 'false', int: '0', int32: '0', int64: '0' }

const NO_TIME = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }

const goQuantity = (value: bigint, scale: number, text: string, format: string): string =>
  `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} ` +
  `d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${text} Format:(resource.Format)${format}}`

/** Go keeps the text beside the number only where it is plain that the text is the shortest. */
function printQuantity(value: unknown): string {
  const text = String(value)
  const [, digits = '0', suffix = ''] = /^([+-]?\d+)([a-zA-Z]*)$/.exec(text) ?? []
  const power = BINARY.indexOf(suffix)
  const number = BigInt(digits)
  if (text === '0') return goQuantity(0n, 0, '0', 'DecimalSI')
  if (power > 0) return goQuantity(number << BigInt(10 * power), 0, number & 7n ? text : '', 'BinarySI')
  const exponent = /^[eE](-?\d+)$/.exec(suffix)
  const scale = exponent ? Number(exponent[1]) : (DECIMAL[suffix] ?? 0)
  const kept = scale % 3 === 0 && !digits.endsWith('000')
  return goQuantity(number, scale, kept ? text : '', exponent ? 'DecimalExponent' : 'DecimalSI')
}

const printIntOrString = (value: unknown): string =>
  typeof value === 'string'
    ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
    : `{Type:(intstr.Type)0 IntVal:(int32)${value ?? 0} StrVal:(string)}`

const printStruct = (fields: readonly GoField[], value: Json): string =>
  `{${fields.map(({ name, json, type }) => `${name}:${printTyped(type, json ? value[json] : value)}`).join(' ')}}`

function printMap(value: Json | undefined, element: string): string {
  const keys = Object.keys(value ?? {}).sort()
  return keys.length === 0 ? '<nil>' : `map[${keys.map((key) => `${key}:${print(element, value![key])}`).join(' ')}]`
}

const printList = (value: readonly unknown[] | undefined, element: string): string =>
  value?.length ? `[${value.map((item) => print(element, item)).join(' ')}]` : '<nil>'

const SPECIAL: Readonly<Record<string, (value: unknown) => string>> = {
  'v1.Time': () => NO_TIME,
  'resource.Quantity': printQuantity,
  'intstr.IntOrString': printIntOrString,
  'v1.ResourceList': (value) => printMap(value as Json | undefined, 'resource.Quantity'),
}

/** The value alone: Go does not repeat the type of what stands in a list, in a map or behind a pointer. */
function print(type: string, value: unknown): string {
  if (type.startsWith('[]')) return printList(value as readonly unknown[] | undefined, type.slice(2))
  if (type.startsWith('map[')) return printMap(value as Json | undefined, type.slice(type.indexOf(']') + 1))
  const special = SPECIAL[type]
  if (special) return special(value)
  const fields = fieldsOf(type)
  if (fields) return printStruct(fields, (value as Json | undefined) ?? {})
  return String(value ?? ZEROS[type] ?? '')
}

function printTyped(type: string, value: unknown): string {
  const absent = value === undefined || value === null
  if (type.startsWith('*')) return `(${type})${absent ? '<nil>' : print(type.slice(1), value)}`
  return `(${type})${print(type, value)}`
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

const mix = (hash: number, byte: number): number => Math.imul(hash ^ byte, FNV_PRIME)

function mixCharacter(hash: number, code: number): number {
  if (code < 0x80) return mix(hash, code)
  if (code < 0x800) return mix(mix(hash, 0xc0 | (code >> 6)), 0x80 | (code & 0x3f))
  const low = (rest: number) => mix(mix(rest, 0x80 | ((code >> 6) & 0x3f)), 0x80 | (code & 0x3f))
  if (code < 0x10000) return low(mix(hash, 0xe0 | (code >> 12)))
  return low(mix(mix(hash, 0xf0 | (code >> 18)), 0x80 | ((code >> 12) & 0x3f)))
}

/** FNV-1a of the text's UTF-8 bytes. */
function mixText(hash: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!
    if (code > 0xffff) i++
    hash = mixCharacter(hash, code)
  }
  return hash
}

/** Little-endian in eight bytes, of which upstream fills four. */
function mixCount(hash: number, count: number): number {
  for (let shift = 0; shift < 32; shift += 8) hash = mix(hash, (count >>> shift) & 0xff)
  for (let i = 0; i < 4; i++) hash = mix(hash, 0)
  return hash
}

const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** Digits as letters that cannot spell a word. Upstream: apimachinery util/rand SafeEncodeString. */
const safeEncoded = (text: string): string =>
  Array.from(text, (character) => SAFE_LETTERS[character.charCodeAt(0) % SAFE_LETTERS.length]).join('')

const hashes = new WeakMap<object, number>()

function templateSum(template: object): number {
  let sum = hashes.get(template)
  if (sum === undefined) {
    sum = mixText(FNV_OFFSET, `(v1.PodTemplateSpec)${print('v1.PodTemplateSpec', template)}`)
    hashes.set(template, sum)
  }
  return sum
}

/** `7b9f957f94`: the template's hash; a collision count, if there is one, gives another. */
export function templateHash(template: object, collisionCount: number | undefined): string {
  const sum = templateSum(template)
  return safeEncoded(String((collisionCount === undefined ? sum : mixCount(sum, collisionCount)) >>> 0))
}
