/**
 * Messages of the table's types, read into the JSON values that say the same and written from them. The table leads: what it does
 * not know is passed over, as every reader of protobuf does. Scalars that are no pointers are on the wire even when they are empty,
 * and JSON leaves them out.
 *
 * Upstream: the generated.pb.go beside each API's types
 */
import type { Draft } from '../../api/object.ts'
import type { Field, FieldType, TypeName } from '../../api/schema.ts'
import { allServed, joinGroupVersion } from '../../api/schema-table.ts'
import { type MessagePlan, messagePlan } from './protobuf-plan.ts'
import { type Read, SCALAR_FORMS, type ScalarForm } from './protobuf-scalars.ts'
import { readMessage, type WireField, type WireValue, writeField } from './protobuf-wire.ts'

/** How one value of a type is read and written: no list of a field and no map. */
type Form = ScalarForm

const formed = new WeakMap<FieldType, Form>()

function formOf(is: FieldType): Form {
  const known = formed.get(is)
  if (known) return known
  const form = newForm(is)
  formed.set(is, form)
  return form
}

function newForm(is: FieldType): Form {
  if ('type' in is) return objectForm(is.type)
  if ('scalar' in is) return (is.go && UNIONS[is.go]) || SCALAR_FORMS[is.scalar]
  return struct(() => [{ number: 1, name: ITEMS, field: { is, number: 1 } }], ITEMS)
}

/** A list inside of something becomes a message of its own, with the list as its only field. */
const ITEMS = 'items'

/** An object inside of another (a claim in a StatefulSet) has no envelope; its kind and version follow from its place. */
function objectForm(type: TypeName): Form {
  const form = struct(() => messagePlan(type))
  const served = allServed().find((kind) => kind.type === type)
  if (!served) return form
  const head = { kind: served.kind, apiVersion: joinGroupVersion(served.group, served.version) }
  return {
    read: (wire) => {
      const read = form.read(wire)
      return 'problem' in read ? read : { value: { ...head, ...(read.value as Draft) } }
    },
    write: form.write,
  }
}

/** With `only`, the value of that field stands for the whole message. */
function struct(plan: () => MessagePlan, only?: string): Form {
  return {
    read: (wire) => {
      if (!('bytes' in wire)) return { problem: 'proto: wrong wireType = 0 for field Message' }
      const read = readStruct(plan(), wire.bytes)
      return only !== undefined && 'value' in read ? { value: (read.value as Draft)[only] ?? [] } : read
    },
    write: (value) => ({ bytes: writeStruct(plan(), only === undefined ? (value as Draft) : { [only]: value }) }),
  }
}

// ---- reading ----

const isEmpty = (value: unknown): boolean => value === '' || value === 0 || value === false

/** Whether JSON would write what stands on the wire. */
const isWritten = (value: unknown, { is, presence }: Field): boolean =>
  presence !== undefined || !('scalar' in is) || !isEmpty(value) || is.scalar === 'intOrString'

const KEY: FieldType = { scalar: 'string' }

/** What an entry without a value stands for. */
const emptyOf = (is: FieldType): unknown => ('scalar' in is ? '' : 'list' in is ? [] : {})

/** An entry of a map is a message: its key, its value. */
function readEntry(values: FieldType, wire: WireValue, into: Mutable): string | undefined {
  const message = readMessage('bytes' in wire ? wire.bytes : '')
  if ('problem' in message) return message.problem
  let [key, value]: [unknown, unknown] = ['', emptyOf(values)]
  for (const { number, value: piece } of message.fields) {
    const read = formOf(number === 1 ? KEY : values).read(piece)
    if ('problem' in read) return read.problem
    if (number === 1) key = read.value
    else value = read.value
  }
  into[key as string] = value
  return undefined
}

type Mutable = { [name: string]: unknown }

/** Reads one occurrence of a field into the object; the problem if there is one. */
function readField(name: string, field: Field, wire: WireValue, into: Mutable): string | undefined {
  const { is } = field
  if ('map' in is) return readEntry(is.map, wire, (into[name] ??= {}) as Mutable)
  const read = formOf('list' in is ? is.list : is).read(wire)
  if ('problem' in read) return read.problem
  if ('list' in is) ((into[name] ??= []) as unknown[]).push(read.value)
  else if (read.value !== undefined && isWritten(read.value, field)) into[name] = read.value
  return undefined
}

function readPart(plan: MessagePlan, { number, value }: WireField, into: Mutable): string | undefined {
  const part = plan.find((candidate) => candidate.number === number)
  if (!part) return undefined
  if ('name' in part) return readField(part.name, part.field, value, into)
  const inner = struct(() => part.embedded).read(value)
  if ('problem' in inner) return inner.problem
  Object.assign(into, inner.value)
  return undefined
}

function readStruct(plan: MessagePlan, bytes: string): Read {
  const message = readMessage(bytes)
  if ('problem' in message) return message
  const value: Mutable = {}
  for (const field of message.fields) {
    const problem = readPart(plan, field, value)
    if (problem !== undefined) return { problem }
  }
  for (const part of plan)
    if ('name' in part && value[part.name] === undefined && isNullWhenAbsent(part.field)) value[part.name] = null
  return { value }
}

const NULLABLE: readonly string[] = ['time', 'microTime']

/** Always written, and nothing in Go: a list, a map, a time, a pointer. */
const isNullWhenAbsent = ({ is, presence }: Field): boolean =>
  presence === 'null' ||
  (presence === 'always' && ('list' in is || 'map' in is || ('scalar' in is && NULLABLE.includes(is.scalar))))

// ---- writing ----

const writeOne = (number: number, is: FieldType, value: unknown): string =>
  writeField({ number, value: formOf(is).write(value) })

function writeEntries(number: number, is: FieldType, values: Draft): string {
  const entry = (key: string) => writeOne(1, KEY, key) + writeOne(2, is, values[key])
  const keys = Object.keys(values).sort()
  return keys.map((key) => writeField({ number, value: { bytes: entry(key) } })).join('')
}

/** What nobody named is not written; every reader takes it for empty. */
function writeValue(number: number, { is }: Field, value: unknown): string {
  if (value === undefined || value === null) return ''
  if ('list' in is) return (value as readonly unknown[]).map((item) => writeOne(number, is.list, item)).join('')
  return 'map' in is ? writeEntries(number, is.map, value as Draft) : writeOne(number, is, value)
}

const writeStruct = (plan: MessagePlan, object: Draft): string =>
  plan
    .map((part) =>
      'name' in part
        ? writeValue(part.number, part.field, object[part.name])
        : writeField({ number: part.number, value: { bytes: writeStruct(part.embedded, object) } }),
    )
    .join('')

// ---- one of several ----

const SCHEMA: FieldType = { type: 'apiextensions.v1.JSONSchemaProps' }
const STRINGS: FieldType = { list: { scalar: 'string' } }

const isStruct = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A message of which one field is set: a schema, or something else. */
function union(schemaNumber: number, otherNumber: number, other: FieldType): Form {
  const plan: MessagePlan = [
    { number: schemaNumber, name: 'schema', field: { is: SCHEMA, number: schemaNumber } },
    { number: otherNumber, name: 'other', field: { is: other, number: otherNumber, presence: 'always' } },
  ]
  const form = struct(() => plan)
  return {
    read: (wire) => {
      const read = form.read(wire)
      if ('problem' in read) return read
      const { schema, other: alternative } = read.value as Draft
      return { value: schema ?? alternative }
    },
    write: (value) => form.write(isStruct(value) ? { schema: value } : { other: value }),
  }
}

/** Values in a CustomResourceDefinition that are a schema or something shorter, by their Go type. */
const UNIONS: Readonly<Record<string, Form>> = {
  'v1.JSONSchemaPropsOrArray': union(1, 2, { list: SCHEMA }),
  'v1.JSONSchemaPropsOrBool': union(2, 1, { scalar: 'boolean' }),
  'v1.JSONSchemaPropsOrStringArray': union(1, 2, STRINGS),
}

export const readTyped = (type: TypeName, bytes: string): Read => readStruct(messagePlan(type), bytes)

export const writeTyped = (type: TypeName, object: Draft): string => writeStruct(messagePlan(type), object)
