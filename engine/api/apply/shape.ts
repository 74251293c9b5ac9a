/**
 * How the API sees a value when it asks who owns which part of it: some things are one value (scalars, atomic lists), some
 * are maps or structs with parts of their own, some are lists whose items have a name. Made from the schema once
 * per type and kept.
 *
 * Upstream: sigs.k8s.io/structured-merge-diff/schema
 */
import type { Field, FieldType, ObjectType, Scalar, TypeName } from '../schema.ts'
import { hasType, typeOf } from '../schema-table.ts'
import type { FieldSet } from './field-set.ts'

export type Json = unknown
export type JsonMap = { readonly [key: string]: Json }

/** The set that came of comparing a value with another. */
export interface Compared {
  readonly old: unknown
  readonly set: FieldSet
}

export interface LeafShape {
  readonly is: 'leaf'
  /** What the type system calls it; lists and maps that are one value say so. */
  readonly of: Scalar | 'list' | 'map'
}

export interface StructShape {
  readonly is: 'struct'
  readonly type: ObjectType
  readonly fields: ReadonlyMap<string, Shape>
  /** Types whose values many objects share remember what comparing each gave. An invisible cache. */
  readonly memory?: WeakMap<object, Compared>
}

export interface MapShape {
  readonly is: 'map'
  readonly item: Shape
}

export interface SetShape {
  readonly is: 'set'
}

export interface KeyedShape {
  readonly is: 'keyed'
  readonly keys: readonly string[]
  /** Keys that may be left out, and what they are then. */
  readonly defaults: JsonMap
  readonly item: Shape
}

export type Shape = LeafShape | StructShape | MapShape | SetShape | KeyedShape

const leafOf = (of: LeafShape['of']): LeafShape => ({ is: 'leaf', of })

/** Specs come from templates, of which there are few. */
const isShared = ({ goName }: ObjectType): boolean => goName.endsWith('Spec')

const structs = new Map<TypeName, Shape>()

/** The fields are filled in after the struct is known, because types contain themselves. */
export function structShape(name: TypeName): Shape {
  const known = structs.get(name)
  if (known) return known
  const type = hasType(name) ? typeOf(name) : undefined
  if (!type || type.atomic) return leafOf('map')
  const fields = new Map<string, Shape>()
  const shape: StructShape = { is: 'struct', type, fields, ...(isShared(type) && { memory: new WeakMap() }) }
  structs.set(name, shape)
  for (const [field, how] of Object.entries(type.fields)) fields.set(field, fieldShape(how))
  return shape
}

function listShape(item: FieldType, { listType, listKeys }: Field): Shape {
  if (listType === 'set') return { is: 'set' }
  if (listType !== 'map' || !listKeys) return leafOf('list')
  const keys = [...listKeys].sort()
  return { is: 'keyed', keys, defaults: keyDefaults(item, listKeys), item: typeShape(item) }
}

const ZEROS: Readonly<Partial<Record<Scalar, Json>>> = { string: '', boolean: false, int32: 0, int64: 0 }

/** What a key is when an item leaves it out: its default, or Go's zero where the field is always written. */
function keyDefault({ default: given, presence, is }: Field): Json | undefined {
  if (given !== undefined) return given
  return presence === 'always' && 'scalar' in is ? ZEROS[is.scalar] : undefined
}

/** The key `protocol` of a port may be left out, because it has a default. */
function keyDefaults(item: FieldType, keys: readonly string[]): JsonMap {
  const fields: ObjectType['fields'] = 'type' in item ? typeOf(item.type).fields : {}
  const defaults = keys.map((key) => [key, fields[key] && keyDefault(fields[key])] as const)
  return Object.fromEntries(defaults.filter(([, value]) => value !== undefined))
}

function typeShape(type: FieldType): Shape {
  if ('scalar' in type) return leafOf(type.scalar)
  if ('type' in type) return structShape(type.type)
  return 'map' in type ? { is: 'map', item: typeShape(type.map) } : leafOf('list')
}

function fieldShape(field: Field): Shape {
  if ('list' in field.is) return listShape(field.is.list, field)
  return field.atomic ? leafOf('map') : typeShape(field.is)
}

/** What the server itself writes into every object; nobody owns it. */
const SERVER_METADATA = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
]

/** The same as paths, to be taken out of the set of an applied configuration. */
export const SERVER_FIELDS: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': { '.': {}, ...Object.fromEntries(SERVER_METADATA.map((name) => [`f:${name}`, {}])) },
}

const without = (shape: Shape, names: readonly string[]): Shape => {
  if (shape.is !== 'struct') return shape
  const fields = new Map(shape.fields)
  for (const name of names) fields.delete(name)
  return { ...shape, fields }
}

const owned = new Map<TypeName, Shape>()

/** An object of a kind, without the parts that nobody owns. */
export function ownedShape(name: TypeName): Shape {
  let shape = owned.get(name)
  if (!shape) owned.set(name, (shape = ownedParts(name)))
  return shape
}

function ownedParts(name: TypeName): Shape {
  const shape = without(structShape(name), ['apiVersion', 'kind'])
  if (shape.is !== 'struct') return shape
  const metadata = shape.fields.get('metadata')
  if (!metadata) return shape
  return { ...shape, fields: new Map([...shape.fields, ['metadata', without(metadata, SERVER_METADATA)]]) }
}

const texts = new Map<string, Map<string, string>>()

const MOST_TEXTS = 10_000

/** `k:{"name":"web"}`, the most common form, is kept by key and value. */
function nameElement(key: string, value: string): string {
  let known = texts.get(key)
  if (!known) texts.set(key, (known = new Map()))
  let text = known.get(value)
  if (text === undefined) {
    text = `k:{"${key}":${JSON.stringify(value)}}`
    if (known.size < MOST_TEXTS) known.set(value, text)
  }
  return text
}

/** What a list item is called in a path; undefined if it lacks a key. */
export function itemElement({ keys, defaults }: KeyedShape, item: Json): string | undefined {
  const map = item as JsonMap
  const first = map?.[keys[0]!]
  if (keys.length === 1 && typeof first === 'string') return nameElement(keys[0]!, first)
  const named: Record<string, Json> = {}
  for (const key of keys) {
    const value = map?.[key] ?? defaults[key]
    if (value !== undefined) named[key] = value
  }
  return isEmptyMap(named) ? undefined : `k:${JSON.stringify(named)}`
}

export function isEmptyMap(map: object): boolean {
  for (const _ in map) return false
  return true
}

export const valueElement = (value: Json): string => `v:${JSON.stringify(value)}`
