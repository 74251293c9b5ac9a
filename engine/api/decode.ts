/**
 * Turns a JSON value that someone wrote into an object of a known type, as upstream's decoding into a Go struct and back
 * does: unknown fields go, empty ones that are not written go, fields that are always written come, quantities, times
 * and bytes take their canonical form, and what does not fit is refused in Go's words. Parts that need no change are the
 * very same pointers as before.
 *
 * Upstream: sigs.k8s.io/json, encoding/json/decode.go; staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json
 * Left out: integers beyond 2^53 lose digits; a field that comes twice is not merged.
 */
import { type Duplicates, isExactNumber, withPlainNumbers } from '../std/json.ts'
import { quantityText, readQuantity } from '../std/quantity.ts'
import { readBase64 } from './decode-bytes.ts'
import { readTime, type TimeFormat } from './decode-time.ts'
import type { Draft } from './object.ts'
import type { Field, FieldType, Scalar, TypeName } from './schema.ts'
import { typeOf } from './schema-table.ts'

/** What to do about fields that are unknown or come twice. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export interface Decoded {
  readonly object: Draft
  /** `unknown field "spec.nope"`, `duplicate field "spec.name"`: an error if strict, a warning else. */
  readonly strictErrors: readonly string[]
  /** Why it is no object of this type. */
  readonly error?: string
}

/** Where decoding stands, in the two ways in which errors name a place, and what it has found. */
interface State {
  /** Names of fields as Go's errors join them: without positions, with embedded structs. */
  readonly fields: string[]
  /** The struct whose field is being read. */
  struct: string
  /** `spec.containers[0]` in pieces. */
  readonly path: string[]
  readonly duplicates: Duplicates | undefined
  readonly strictErrors: Set<string> | undefined
  /** The first value that did not fit; decoding goes on. */
  saved: string | undefined
  /** A value that reads itself did not fit: upstream stops there, and that is the error. */
  fatal: string | undefined
}

/** Reads one value; `null` and what does not fit become the empty value. */
type Read = (value: unknown, state: State) => unknown

interface FieldReader {
  readonly name: string
  readonly is: FieldType
  readonly embedded: string | undefined
  readonly read: Read
  /** Whether a value is written at all. */
  readonly isWritten: (value: unknown) => boolean
  /** What is written when nobody named the field; undefined writes nothing. */
  readonly absent: unknown
}

interface StructReader {
  readonly goName: string
  readonly fields: ReadonlyMap<string, FieldReader>
  readonly always: readonly FieldReader[]
}

const MAX_STRICT_ERRORS = 100

function saveStrict(state: State, kind: 'unknown' | 'duplicate', name: string): void {
  const { strictErrors, path } = state
  if (!strictErrors || strictErrors.size >= MAX_STRICT_ERRORS) return
  const place = path.length > 0 ? `${path.join('')}.${name}` : name
  strictErrors.add(`${kind} field ${JSON.stringify(place)}`)
}

const place = ({ struct, fields }: State): string =>
  struct ? `Go struct field ${[struct, ...fields].join('.')}` : 'Go value'

const mismatch = (state: State, value: string, go: string): string =>
  `json: cannot unmarshal ${value} into ${place(state)} of type ${go}`

/** Go's word for what stands in the text. */
function wordFor(value: unknown): string {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number' || isExactNumber(value)) return 'number'
  return Array.isArray(value) ? 'array' : 'object'
}

const numberText = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : isExactNumber(value) ? value.text : undefined

const isObject = (value: unknown): value is Draft =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)

const doesNotFit = (value: unknown, state: State, go: string, empty: unknown): unknown => {
  state.saved ??= mismatch(state, wordFor(value), go)
  return empty
}

const stops = (state: State, problem: string, empty: unknown): unknown => {
  state.fatal ??= problem
  return empty
}

const readString =
  (go: string): Read =>
  (value, state) =>
    typeof value === 'string' ? value : value === null ? '' : doesNotFit(value, state, go, '')

const readBoolean =
  (go: string): Read =>
  (value, state) =>
    typeof value === 'boolean' ? value : value === null ? false : doesNotFit(value, state, go, false)

const LIMITS: Readonly<Record<'int32' | 'int64', readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
}

const isInt32 = (value: unknown): boolean => typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)

function integerFrom(text: string, size: 'int32' | 'int64'): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined
  const [least, most] = LIMITS[size]
  const integer = BigInt(text)
  return integer >= least && integer <= most ? Number(integer) : undefined
}

const readInteger =
  (size: 'int32' | 'int64', go: string): Read =>
  (value, state) => {
    if (isInt32(value)) return value
    const text = numberText(value)
    if (text === undefined) return value === null ? 0 : doesNotFit(value, state, go, 0)
    const integer = integerFrom(text, size)
    if (integer === undefined) state.saved ??= mismatch(state, `number ${text}`, go)
    return integer ?? 0
  }

const readDouble =
  (go: string): Read =>
  (value, state) => {
    const text = numberText(value)
    if (text === undefined) return value === null ? 0 : doesNotFit(value, state, go, 0)
    const number = Number(text)
    if (!Number.isFinite(number)) state.saved ??= mismatch(state, `number ${text}`, go)
    return number
  }

function readBytes(value: unknown, state: State): unknown {
  if (value === null) return ''
  if (typeof value !== 'string') return doesNotFit(value, state, '[]uint8', '')
  const bytes = readBase64(value)
  if ('text' in bytes) return bytes.text
  state.saved ??= `illegal base64 data at input byte ${bytes.corruptAt}`
  return ''
}

/** A quantity reads whatever stands there as text. */
function readQuantityValue(value: unknown, state: State): unknown {
  if (value === null) return '0'
  const text = typeof value === 'string' ? value : (numberText(value) ?? '?')
  const quantity = readQuantity(text.trim())
  return typeof quantity === 'string' ? stops(state, quantity, '0') : quantityText(quantity)
}

const readTimeValue =
  (format: TimeFormat): Read =>
  (value, state) => {
    if (value === null) return null
    if (typeof value !== 'string') return stops(state, mismatch(state, wordFor(value), 'string'), null)
    const time = readTime(value, format)
    return 'problem' in time ? stops(state, time.problem, null) : time.text
  }

function readIntOrString(value: unknown, state: State): unknown {
  if (typeof value === 'string' || isInt32(value)) return value
  if (value === null) return 0
  const text = numberText(value)
  const integer = text === undefined ? undefined : integerFrom(text, 'int32')
  if (integer !== undefined) return integer
  return stops(state, mismatch(state, text === undefined ? wordFor(value) : `number ${text}`, 'int32'), 0)
}

const readAny = (value: unknown): unknown => withPlainNumbers(value)

const SCHEMA_TYPE = 'apiextensions.v1.JSONSchemaProps'

/** Types of a CustomResourceDefinition's schema that are one thing or another and read themselves, without strictness. */
const ALTERNATIVES: Readonly<Record<string, Read>> = {
  'v1.JSONSchemaPropsOrArray': (value, state) => {
    if (Array.isArray(value)) return value.length > 0 ? readApart({ list: { type: SCHEMA_TYPE } }, value, state) : null
    return isObject(value) ? readApart({ type: SCHEMA_TYPE }, value, state) : null
  },
  'v1.JSONSchemaPropsOrBool': (value, state) => {
    if (typeof value === 'boolean') return value
    return isObject(value)
      ? readApart({ type: SCHEMA_TYPE }, value, state)
      : stops(state, 'boolean or JSON schema expected', false)
  },
  'v1.JSONSchemaPropsOrStringArray': (value, state) => {
    if (Array.isArray(value)) return value.length > 0 ? readApart({ list: { scalar: 'string' } }, value, state) : null
    return isObject(value) ? readApart({ type: SCHEMA_TYPE }, value, state) : null
  },
}

/** Reads with a state of its own: unknown fields go without a word, and the first error ends everything. */
function readApart(is: FieldType, value: unknown, state: State): unknown {
  const inner = freshState(undefined, undefined)
  inner.fields.push(...state.fields)
  inner.struct = state.struct
  const result = readerOf(is)(value, inner)
  const problem = inner.fatal ?? inner.saved
  return problem === undefined ? result : stops(state, inStruct(problem, state), result)
}

/** The place of an error inside is told from the struct outside. */
const inStruct = (problem: string, { struct }: State): string =>
  problem.replace(/(Go struct field )[^.]+\./, `$1${struct}.`)

const SCALAR_READERS: Readonly<Record<Scalar, (go: string) => Read>> = {
  string: readString,
  boolean: readBoolean,
  int32: (go) => readInteger('int32', go),
  int64: (go) => readInteger('int64', go),
  double: readDouble,
  bytes: () => readBytes,
  quantity: () => readQuantityValue,
  time: () => readTimeValue('time'),
  microTime: () => readTimeValue('microTime'),
  intOrString: () => readIntOrString,
  any: (go) => ALTERNATIVES[go] ?? readAny,
}

const SCALAR_GO: Readonly<Record<Scalar, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  intOrString: 'intstr.IntOrString',
  any: 'interface {}',
}

/** `v1.PodSpec`, `[]v1.Container`, `map[string]string`, as Go's reflection prints types. */
export function goTypeOf(is: FieldType): string {
  if ('type' in is) return is.type.split('.').slice(-2).join('.')
  if (is.go !== undefined) return is.go
  if ('list' in is) return `[]${goTypeOf(is.list)}`
  return 'map' in is ? `map[string]${goTypeOf(is.map)}` : SCALAR_GO[is.scalar]
}

function readList(is: FieldType & { readonly list: FieldType }): Read {
  const read = readerOf(is.list)
  const go = goTypeOf(is)
  return (value, state) => {
    if (value === null) return null
    if (!Array.isArray(value)) return doesNotFit(value, state, go, null)
    let items: unknown[] | undefined
    for (let i = 0; i < value.length; i++) {
      state.path.push(`[${i}]`)
      const item = read(value[i], state)
      state.path.pop()
      if (item !== value[i]) items ??= value.slice()
      if (items) items[i] = item
    }
    return items ?? value
  }
}

const step = ({ path }: State, name: string): string => (path.length > 0 ? `.${name}` : name)

/** Calls for each name with the value, and tells about names that come twice where they come. */
function eachEntry(
  value: Draft,
  state: State,
  visit: (name: string, inner: unknown) => void,
  knows?: (name: string) => boolean,
): void {
  const again = state.duplicates?.get(value)
  let position = 0
  for (const name in value) {
    visit(name, value[name])
    position++
    for (const duplicate of again ?? [])
      if (duplicate.position === position && (!knows || knows(duplicate.name)))
        saveStrict(state, 'duplicate', duplicate.name)
  }
}

function readMap(is: FieldType & { readonly map: FieldType }): Read {
  const read = readerOf(is.map)
  const go = goTypeOf(is)
  return (value, state) => {
    if (value === null) return null
    if (!isObject(value)) return doesNotFit(value, state, go, null)
    let changed: Record<string, unknown> | undefined
    eachEntry(value, state, (name, inner) => {
      state.path.push(step(state, name))
      const result = read(inner, state)
      state.path.pop()
      if (result !== inner) (changed ??= { ...value })[name] = result
    })
    return changed ?? value
  }
}

function readField(reader: FieldReader, value: unknown, state: State, goName: string): unknown {
  const { struct, fields, path } = state
  const depth = fields.length
  if (reader.embedded !== undefined) fields.push(reader.embedded)
  fields.push(reader.name)
  path.push(step(state, reader.name))
  state.struct = goName
  const result = value === null ? reader.absent : reader.read(value, state)
  state.struct = struct
  path.pop()
  fields.length = depth
  return result
}

/** The written fields of a struct, in the order in which they came, then those that are always written. */
function readFields({ goName, fields, always }: StructReader, value: Draft, state: State): Draft {
  let result: Record<string, unknown> | undefined
  const change = (): Record<string, unknown> => (result ??= { ...value })
  eachEntry(
    value,
    state,
    (name, inner) => {
      const field = fields.get(name)
      if (!field) saveStrict(state, 'unknown', name)
      const read = field && readField(field, inner, state, goName)
      if (read === undefined || !field!.isWritten(read)) delete change()[name]
      else if (read !== inner) change()[name] = read
    },
    (name) => fields.has(name),
  )
  for (const { name, absent } of always) if ((result ?? value)[name] === undefined) change()[name] = absent
  return result ?? value
}

function readStruct(type: TypeName): Read {
  const go = goTypeOf({ type })
  return (value, state) => {
    const reader = structReader(type)
    if (value === null) return readFields(reader, {}, state)
    return isObject(value)
      ? readFields(reader, value, state)
      : doesNotFit(value, state, go, readFields(reader, {}, state))
  }
}

function readerOf(is: FieldType): Read {
  if ('type' in is) return readStruct(is.type)
  if ('list' in is) return readList(is)
  if ('map' in is) return readMap(is)
  return SCALAR_READERS[is.scalar](goTypeOf(is))
}

const isNotEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? (Array.isArray(value) ? value.length : Object.keys(value).length) > 0
    : Boolean(value)

const PLAIN = new Set<Scalar>(['string', 'boolean', 'int32', 'int64', 'double', 'bytes'])

/** Plain scalars, lists and maps are left out when they are empty; everything else is a pointer, left out when absent. */
const isPlain = (is: FieldType): boolean => !('type' in is) && (!('scalar' in is) || PLAIN.has(is.scalar))

const EMPTY_SCALARS: Readonly<Record<Scalar, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  bytes: null,
  quantity: '0',
  time: null,
  microTime: null,
  intOrString: 0,
  any: null,
}

/** What Go writes for a value that nobody set. */
function emptyValue(is: FieldType): unknown {
  if ('type' in is) return readFields(structReader(is.type), {}, freshState(undefined, undefined))
  return 'scalar' in is ? EMPTY_SCALARS[is.scalar] : null
}

const nullWhenEmpty =
  (read: Read): Read =>
  (value, state) => {
    const result = read(value, state)
    return isNotEmpty(result) ? result : null
  }

const isCollection = (is: FieldType): boolean => 'list' in is || 'map' in is

/** The store keeps no empty lists: what is always written comes back from it as null. */
const fieldRead = (is: FieldType, presence: Field['presence']): Read =>
  presence === 'always' && isCollection(is) ? nullWhenEmpty(readerOf(is)) : readerOf(is)

function fieldReader(name: string, field: Field): FieldReader {
  const { is, embedded, presence } = field
  return {
    name,
    is,
    embedded,
    read: fieldRead(is, presence),
    isWritten: presence || !isPlain(is) ? (value) => value !== undefined : isNotEmpty,
    absent: presence === 'null' ? null : presence === 'always' ? emptyValue(is) : undefined,
  }
}

const structReaders = new Map<TypeName, StructReader>()

function structReader(type: TypeName): StructReader {
  const known = structReaders.get(type)
  if (known) return known
  const { goName, fields } = typeOf(type)
  const readers = Object.entries(fields).map(([name, field]) => fieldReader(name, field))
  const reader: StructReader = {
    goName,
    fields: new Map(readers.map((field) => [field.name, field])),
    always: readers.filter(({ absent }) => absent !== undefined),
  }
  structReaders.set(type, reader)
  return reader
}

/** Which fields of a type are written when. */
export type WrittenField = Pick<FieldReader, 'name' | 'is' | 'isWritten' | 'absent'>

export const writtenFieldsOf = (type: TypeName): readonly WrittenField[] => [...structReader(type).fields.values()]

const freshState = (duplicates: Duplicates | undefined, strictErrors: Set<string> | undefined): State => ({
  fields: [],
  struct: '',
  path: [],
  duplicates,
  strictErrors,
  saved: undefined,
  fatal: undefined,
})

/** `duplicates` come from the text parser; values that never were text have none. */
export function decode(value: unknown, type: TypeName, mode: FieldValidation, duplicates?: Duplicates): Decoded {
  const state = freshState(duplicates, mode === 'Ignore' ? undefined : new Set())
  const object = readStruct(type)(value, state) as Draft
  const strictErrors = [...(state.strictErrors ?? [])]
  const strict =
    mode === 'Strict' && strictErrors.length > 0 ? `strict decoding error: ${strictErrors.join(', ')}` : undefined
  const error = state.fatal ?? state.saved ?? strict
  return { object, strictErrors, ...(error !== undefined && { error }) }
}
