/** The values that a jq program handles: their kinds, their order, and how they are written. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

/** What a program complains of; `value` is what `catch` receives. */
export interface JqProblem {
  readonly jq: Json
}

export const problem = (jq: Json): JqProblem => ({ jq })

export const isProblem = (thrown: unknown): thrown is JqProblem =>
  typeof thrown === 'object' && thrown !== null && 'jq' in thrown

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

export const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type Kind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

export function kindOf(value: Json): Kind {
  if (value === null) return 'null'
  if (isList(value)) return 'array'
  return typeof value as Kind
}

export const isTrue = (value: Json): boolean => value !== null && value !== false

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const keysOf = (value: JsonObject): readonly string[] => Object.keys(value).sort(byCodeUnit)

const ORDER: Readonly<Record<Kind, number>> = { null: 0, boolean: 1, number: 3, string: 4, array: 5, object: 6 }

const rank = (value: Json): number => (value === true ? 2 : ORDER[kindOf(value)])

function compareLists(a: readonly Json[], b: readonly Json[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compare(a[at]!, b[at]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareObjects(a: JsonObject, b: JsonObject): number {
  const [keys, others] = [keysOf(a), keysOf(b)]
  return (
    compareLists(keys, others) ||
    compareLists(
      keys.map((key) => a[key]!),
      keys.map((key) => b[key]!),
    )
  )
}

/** null, false, true, numbers, strings, arrays, objects: in that order. */
export function compare(a: Json, b: Json): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (typeof a === 'number') return a - (b as number)
  if (typeof a === 'string') return byCodeUnit(a, b as string)
  if (isList(a)) return compareLists(a, b as readonly Json[])
  return isObject(a) ? compareObjects(a, b as JsonObject) : 0
}

export interface Writing {
  /** Undefined: on one line. */
  readonly indent?: string
  readonly sortKeys?: boolean
  readonly ascii?: boolean
}

const escaped = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`

function writeText(text: string, ascii = false): string {
  const quoted = JSON.stringify(text).replaceAll('\u007f', '\\u007f')
  return ascii ? quoted.replace(/[\u0080-\uffff]/g, (letter) => escaped(letter.charCodeAt(0))) : quoted
}

const LARGEST = 1.7976931348623157e308

function writeNumber(value: number): string {
  if (Number.isNaN(value)) return 'null'
  const text = String(Object.is(value, -0) ? '-0' : Math.max(-LARGEST, Math.min(LARGEST, value)))
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

function bracket(open: string, parts: readonly string[], close: string, writing: Writing, margin: string): string {
  if (parts.length === 0) return open + close
  if (writing.indent === undefined) return open + parts.join(',') + close
  const inner = margin + writing.indent
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${margin}${close}`
}

/** A value as text. */
export function write(value: Json, writing: Writing = {}, margin = ''): string {
  if (typeof value === 'string') return writeText(value, writing.ascii)
  if (typeof value === 'number') return writeNumber(value)
  if (value === null || typeof value === 'boolean') return String(value)
  const inner = margin + (writing.indent ?? '')
  if (isList(value)) {
    const items = value.map((item) => write(item, writing, inner))
    return bracket('[', items, ']', writing, margin)
  }
  const colon = writing.indent === undefined ? ':' : ': '
  const keys = writing.sortKeys ? keysOf(value) : Object.keys(value)
  const fields = keys.map((key) => writeText(key, writing.ascii) + colon + write(value[key]!, writing, inner))
  return bracket('{', fields, '}', writing, margin)
}

/** Strings as they are, the rest as JSON. */
export const textOf = (value: Json): string => (typeof value === 'string' ? value : write(value))

const LONGEST_IN_COMPLAINT = 14

/** `object ({"b":"a lon...)`, as complaints name a value. */
export function named(value: Json): string {
  const text = write(value)
  const short = text.length > LONGEST_IN_COMPLAINT ? `${text.slice(0, LONGEST_IN_COMPLAINT - 3)}...` : text
  return `${kindOf(value)} (${short})`
}
