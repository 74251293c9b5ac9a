/** The schema as TypeScript: one readonly interface a type, and `Kinds`, which says what each resource holds. */
import type { Field, FieldType, ObjectType, Schema, ServedKind, TypeName } from '../../engine/api/schema.ts'
import { partsOf } from './names.ts'

/** Types that engine/api/object.ts declares itself. */
const BASE = new Set(['ObjectMeta', 'OwnerReference', 'ManagedFieldsEntry'])

const SCALAR_TEXT = {
  string: 'string',
  boolean: 'boolean',
  int32: 'number',
  int64: 'number',
  double: 'number',
  bytes: 'string',
  quantity: 'string',
  time: 'string',
  microTime: 'string',
  intOrString: 'number | string',
  any: 'unknown',
} as const

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Kinds come first, in the order of discovery, then their groups' other types: the first to ask has the bare name. */
function namesOf({ types, kinds }: Schema): ReadonlyMap<TypeName, string> {
  const groupVersions = [...new Set(kinds.map(({ type }) => type.slice(0, type.lastIndexOf('.'))))]
  const others = groupVersions.flatMap((prefix) => Object.keys(types).filter((type) => type.startsWith(`${prefix}.`)))
  const order = [...new Set([...kinds.map(({ type }) => type), ...others, ...Object.keys(types)])]
  const names = new Map<TypeName, string>()
  const taken = new Set<string>()
  for (const type of order.filter((name) => types[name])) {
    const { group, version, name } = partsOf(type)
    const choices = [name, capital(group) + capital(version) + name]
    const choice = choices.find((text) => !taken.has(text))!
    taken.add(choice)
    names.set(type, choice)
  }
  return names
}

interface Writer {
  readonly names: ReadonlyMap<TypeName, string>
  /** Name of the alias → its text, filled as fields ask for them. */
  readonly enums: Map<string, string>
}

/** `v1.RestartPolicy` → RestartPolicy, once for each set of values. */
function enumName(go: string, values: readonly string[], { names, enums }: Writer): string {
  const text = values.map((value) => `'${value}'`).join(' | ')
  const taken = new Set(names.values())
  const bare = go.slice(go.lastIndexOf('.') + 1)
  for (const choice of [bare, `${bare}Value`, `${bare}Value2`]) {
    if (taken.has(choice) || (enums.get(choice) ?? text) !== text) continue
    enums.set(choice, text)
    return choice
  }
  throw new Error(`no name left for ${go}`)
}

function typeText(is: FieldType, writer: Writer): string {
  if ('list' in is) return `readonly ${grouped(typeText(is.list, writer))}[]`
  if ('map' in is) return `Readonly<Record<string, ${typeText(is.map, writer)}>>`
  if ('type' in is) return is.type === 'meta.v1.ObjectMeta' ? 'Partial<ObjectMeta>' : writer.names.get(is.type)!
  return is.enum ? enumName(is.go!, is.enum, writer) : SCALAR_TEXT[is.scalar]
}

const grouped = (text: string): string => (/[ ]/.test(text) ? `(${text})` : text)

const key = (name: string): string => (/^\w+$/.test(name) ? name : `'${name}'`)

const fieldText = (name: string, field: Field, writer: Writer, certain = false): string =>
  `  readonly ${key(name)}${field.required || certain ? '' : '?'}: ${typeText(field.is, writer)}`

function interfaceText(type: TypeName, { fields }: ObjectType, writer: Writer): string {
  const lines = Object.entries(fields).map(([name, field]) => fieldText(name, field, writer))
  return `export interface ${writer.names.get(type)} {\n${lines.join('\n')}\n}`
}

/** `kind`, `apiVersion` and `metadata` come from KubeObject; `spec` is there in every stored object that has one. */
function kindText(type: TypeName, { fields }: ObjectType, apiVersion: string, writer: Writer): string {
  const lines = Object.entries(fields)
    .filter(([name]) => !['kind', 'apiVersion', 'metadata'].includes(name))
    .map(([name, field]) => fieldText(name, field, writer, name === 'spec' && field.presence === 'always'))
  const head = [`  readonly apiVersion: '${apiVersion}'`, `  readonly kind: '${partsOf(type).name}'`]
  return `export interface ${writer.names.get(type)} extends KubeObject {\n${[...head, ...lines].join('\n')}\n}`
}

/** Kinds that are served, and those that only subresources serve. */
function apiVersionsOf({ kinds }: Schema): ReadonlyMap<TypeName, string> {
  const versions = new Map<TypeName, string>()
  const add = (group: string, version: string, kind: string): void =>
    void versions.set(`${group.split('.')[0] || 'core'}.${version}.${kind}`, group ? `${group}/${version}` : version)
  for (const { group, version, kind, subresources } of kinds) {
    add(group, version, kind)
    for (const sub of subresources ?? []) add(sub.group ?? group, sub.version ?? version, sub.kind)
  }
  return versions
}

function kindsText(kinds: readonly ServedKind[], writer: Writer): string {
  const lines = new Map<string, string>()
  for (const { plural, group, type } of kinds) {
    const resource = group ? `${plural}.${group}` : plural
    if (!lines.has(resource)) lines.set(resource, `  readonly ${key(resource)}: ${writer.names.get(type)}`)
  }
  return `/** What each resource holds, in its preferred version. */\nexport interface Kinds {\n${[...lines.values()].join('\n')}\n}`
}

const HEADER = `/**
 * Every type of the built-in API, as stored objects have them. Generated by \`npm run generate\`; do not edit.
 * Quantities and times are strings.
 */
import type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.ts'

export type { ManagedFieldsEntry, ObjectMeta, OwnerReference }`

export function typesText(schema: Schema): string {
  const writer: Writer = { names: namesOf(schema), enums: new Map() }
  const apiVersions = apiVersionsOf(schema)
  const interfaces = [...writer.names.keys()]
    .filter((type) => !BASE.has(partsOf(type).name) || !type.startsWith('meta.'))
    .map((type) => {
      const apiVersion = apiVersions.get(type)
      const object = schema.types[type]!
      return apiVersion && object.fields.metadata
        ? kindText(type, object, apiVersion, writer)
        : interfaceText(type, object, writer)
    })
  const enums = [...writer.enums].sort().map(([name, text]) => `export type ${name} = ${text}`)
  return `${[HEADER, enums.join('\n'), kindsText(schema.kinds, writer), ...interfaces].join('\n\n')}\n`
}
