/**
 * The types of one group and version as an OpenAPI v3 document. kubectl reads it to see whether a server validates
 * fields, which merge keys a custom type has, and what `explain` prints.
 *
 * Upstream: k8s.io/kube-openapi/pkg/builder3
 * Left out: descriptions of operations and of their parameters; `/openapi/v2`; `x-kubernetes-list-type: atomic`, which
 * is what a list without a type is.
 */
import { sha256 } from '../std/sha256.ts'
import type { Field, FieldType, Scalar, ServedKind, TypeName } from './schema.ts'
import { allServed, joinGroupVersion, subresourceType, typeOf } from './schema-table.ts'

/** Type → field → text; a type's own text is at ''. Made at build time, absent where nobody needs them. */
export type Descriptions = Readonly<Record<TypeName, Readonly<Record<string, string>>>>

type Json = { readonly [name: string]: unknown }

const MACHINERY = 'io.k8s.apimachinery.pkg'

const PREFIXES: Readonly<Record<string, string>> = {
  meta: `${MACHINERY}.apis.`,
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.',
}

/** `core.v1.Pod` → `io.k8s.api.core.v1.Pod` */
export const openapiName = (type: TypeName): string =>
  `${PREFIXES[type.slice(0, type.indexOf('.'))] ?? 'io.k8s.api.'}${type}`

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })

const PLAIN_SCALARS: Readonly<Partial<Record<Scalar, Json>>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}

/** Scalars that are types of their own in the document, and what they are. */
const NAMED_SCALARS: Readonly<Record<string, Json>> = {
  [`${MACHINERY}.api.resource.Quantity`]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [`${MACHINERY}.apis.meta.v1.Time`]: { type: 'string', format: 'date-time' },
  [`${MACHINERY}.apis.meta.v1.MicroTime`]: { type: 'string', format: 'date-time' },
  [`${MACHINERY}.util.intstr.IntOrString`]: {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
  [`${MACHINERY}.runtime.RawExtension`]: { type: 'object' },
  [`${MACHINERY}.apis.meta.v1.FieldsV1`]: { type: 'object' },
}

const SCALAR_NAMES: Readonly<Partial<Record<Scalar, string>>> = {
  quantity: `${MACHINERY}.api.resource.Quantity`,
  time: `${MACHINERY}.apis.meta.v1.Time`,
  microTime: `${MACHINERY}.apis.meta.v1.MicroTime`,
  intOrString: `${MACHINERY}.util.intstr.IntOrString`,
}

function anyName(go: string | undefined): string {
  if (go === 'runtime.RawExtension') return `${MACHINERY}.runtime.RawExtension`
  if (go === 'v1.FieldsV1') return `${MACHINERY}.apis.meta.v1.FieldsV1`
  return openapiName(`apiextensions.${go}`)
}

/** Types whose fields are a choice between things: the document says nothing about them. */
const isChoice = (name: string): boolean => name.startsWith(PREFIXES.apiextensions!) && !name.endsWith('Props')

const EMPTY: Readonly<Partial<Record<Scalar, unknown>>> = { string: '', boolean: false, int32: 0, int64: 0, double: 0 }

/** A value inside a list or a map, or a field that is always written, has a default: what is empty. */
function withDefault(schema: Json, is: FieldType, isCertain: boolean): Json {
  if (!isCertain) return schema
  if ('type' in is) return { ...schema, default: {} }
  return 'scalar' in is && EMPTY[is.scalar] !== undefined ? { ...schema, default: EMPTY[is.scalar] } : schema
}

function valueSchema(is: FieldType, isCertain: boolean): Json {
  if ('list' in is) return { type: 'array', items: itemSchema(is.list) }
  if ('map' in is) return { type: 'object', additionalProperties: itemSchema(is.map) }
  if ('type' in is) return withDefault({ allOf: [reference(openapiName(is.type))] }, is, isCertain)
  const plain = PLAIN_SCALARS[is.scalar]
  if (plain) return withDefault({ ...plain, ...(is.enum && { enum: is.enum }) }, is, isCertain)
  return { allOf: [reference(SCALAR_NAMES[is.scalar] ?? anyName(is.go))] }
}

/** Values without a default stand in lists and maps as plain references. */
function itemSchema(is: FieldType): Json {
  const schema = valueSchema(is, true)
  const [only] = (schema.allOf as readonly Json[] | undefined) ?? []
  return only && schema.default === undefined ? only : schema
}

const listExtensions = ({ listType, listKeys, patch, patchKey, atomic }: Field): Json => ({
  ...(listType && { 'x-kubernetes-list-type': listType }),
  ...(listKeys && { 'x-kubernetes-list-map-keys': listKeys }),
  ...(patch && { 'x-kubernetes-patch-strategy': patch }),
  ...(patchKey && { 'x-kubernetes-patch-merge-key': patchKey }),
  ...(atomic && { 'x-kubernetes-map-type': 'atomic' }),
})

const fieldSchema = (field: Field, description: string | undefined): Json => ({
  ...(description && { description }),
  ...valueSchema(field.is, field.presence === 'always'),
  ...(field.default !== undefined && { default: field.default }),
  ...listExtensions(field),
})

interface GroupVersionKind extends Json {
  readonly group: string
  readonly version: string
  readonly kind: string
}

function typeSchema(name: TypeName, texts: Readonly<Record<string, string>>, kind: GroupVersionKind | undefined): Json {
  const { fields, atomic } = typeOf(name)
  const required = Object.keys(fields).filter((field) => fields[field]!.required)
  const properties = Object.entries(fields).map(([field, how]) => [field, fieldSchema(how, texts[field])] as const)
  return {
    ...(texts[''] && { description: texts[''] }),
    type: 'object',
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(required.length > 0 && { required }),
    ...(kind && { 'x-kubernetes-group-version-kind': [kind] }),
    ...(atomic && { 'x-kubernetes-map-type': 'atomic' }),
  }
}

function referredIn(is: FieldType, found: Set<TypeName>, scalars: Set<string>): void {
  if ('list' in is) referredIn(is.list, found, scalars)
  else if ('map' in is) referredIn(is.map, found, scalars)
  else if ('type' in is) reach(is.type, found, scalars)
  else if (!PLAIN_SCALARS[is.scalar]) scalars.add(SCALAR_NAMES[is.scalar] ?? anyName(is.go))
}

function reach(type: TypeName, found: Set<TypeName>, scalars: Set<string>): void {
  if (found.has(type)) return
  found.add(type)
  for (const { is } of Object.values(typeOf(type).fields)) referredIn(is, found, scalars)
}

const gvkOf = ({ group, version, kind }: ServedKind): GroupVersionKind => ({ group, version, kind })

const isListed = ({ verbs }: ServedKind): boolean => verbs.includes('list')

/** The type of the list of a kind, which the table does not hold. */
const listSchema = (served: ServedKind): Json => ({
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    items: { type: 'array', items: { allOf: [reference(openapiName(served.type))], default: {} } },
    kind: { type: 'string' },
    metadata: { allOf: [reference(openapiName('meta.v1.ListMeta'))], default: {} },
  },
  required: ['items'],
  'x-kubernetes-group-version-kind': [{ ...gvkOf(served), kind: `${served.kind}List` }],
})

const query = (name: string, type = 'string'): Json => ({ name, in: 'query', schema: { type, uniqueItems: true } })
const inPath = (name: string): Json => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string', uniqueItems: true },
})

const WRITE_PARAMETERS = [query('dryRun'), query('fieldManager'), query('fieldValidation')]
const DELETE_PARAMETERS = [
  query('dryRun'),
  query('gracePeriodSeconds', 'integer'),
  query('orphanDependents', 'boolean'),
  query('propagationPolicy'),
]
const LIST_PARAMETERS = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue'),
  query('fieldSelector'),
  query('labelSelector'),
  query('limit', 'integer'),
  query('resourceVersion'),
  query('resourceVersionMatch'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
]

/** How a verb looks in the document. */
interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly action: string
  readonly parameters: readonly Json[]
}

const ON_COLLECTION: Readonly<Record<string, Operation>> = {
  list: { method: 'get', action: 'list', parameters: LIST_PARAMETERS },
  create: { method: 'post', action: 'post', parameters: WRITE_PARAMETERS },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    parameters: [...LIST_PARAMETERS, ...DELETE_PARAMETERS],
  },
}

const ON_ITEM: Readonly<Record<string, Operation>> = {
  get: { method: 'get', action: 'get', parameters: [] },
  update: { method: 'put', action: 'put', parameters: WRITE_PARAMETERS },
  patch: { method: 'patch', action: 'patch', parameters: [...WRITE_PARAMETERS, query('force', 'boolean')] },
  delete: { method: 'delete', action: 'delete', parameters: DELETE_PARAMETERS },
}

const ON_SUBRESOURCE: Readonly<Record<string, Operation>> = {
  ...ON_ITEM,
  create: { method: 'post', action: 'post', parameters: WRITE_PARAMETERS },
}

function operations(
  verbs: readonly string[],
  known: Readonly<Record<string, Operation>>,
  kind: GroupVersionKind,
): Json {
  const entries = verbs.flatMap((verb) => (known[verb] ? [known[verb]] : []))
  return Object.fromEntries(
    entries.map(({ method, action, parameters }) => [
      method,
      {
        parameters,
        responses: { 200: { description: 'OK' } },
        'x-kubernetes-action': action,
        'x-kubernetes-group-version-kind': kind,
      },
    ]),
  )
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

type Path = readonly [path: string, item: Json]

function pathsOf(served: ServedKind): readonly Path[] {
  const { group, version, plural, namespaced, verbs, subresources = [] } = served
  const root = `/${group ? 'apis' : 'api'}/${joinGroupVersion(group, version)}`
  const collection = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`
  const scope = namespaced ? [inPath('namespace')] : []
  const named = [inPath('name'), ...scope]
  const everywhere: readonly Path[] =
    namespaced && isListed(served) ? [[`${root}/${plural}`, operations(['list'], ON_COLLECTION, gvkOf(served))]] : []
  const all: readonly Path[] = [
    ...everywhere,
    [collection, { ...operations(verbs, ON_COLLECTION, gvkOf(served)), parameters: scope }],
    [`${collection}/{name}`, { ...operations(verbs, ON_ITEM, gvkOf(served)), parameters: named }],
    ...subresources.map(({ name, verbs: doors, kind, group: owner = group, version: inside = version }): Path => {
      const gvk = { group: owner, version: inside, kind }
      return [`${collection}/{name}/${name}`, { ...operations(doors, ON_SUBRESOURCE, gvk), parameters: named }]
    }),
  ]
  return all.filter(([, item]) => METHODS.some((method) => item[method]))
}

/** Types that every document has: what a delete sends and what an error is. */
const EVERYWHERE = ['meta.v1.DeleteOptions', 'meta.v1.Status', 'meta.v1.ListMeta']

function rootTypes(kinds: readonly ServedKind[]): readonly TypeName[] {
  const inner = kinds.flatMap((served) => (served.subresources ?? []).map((sub) => subresourceType(served, sub)))
  return [...EVERYWHERE, ...kinds.map(({ type }) => type), ...inner.filter((type) => !type.endsWith('Options'))]
}

/** Kinds by type: those that resources hold and those that subresources speak. */
function kindsByType(kinds: readonly ServedKind[]): ReadonlyMap<TypeName, GroupVersionKind> {
  const found = new Map<TypeName, GroupVersionKind>()
  for (const served of kinds) {
    for (const sub of served.subresources ?? []) {
      const { group = served.group, version = served.version, kind } = sub
      found.set(subresourceType(served, sub), { group, version, kind })
    }
    found.set(served.type, gvkOf(served))
  }
  return found
}

function schemasOf(kinds: readonly ServedKind[], all: readonly ServedKind[], descriptions: Descriptions): Json {
  const known = kindsByType(all)
  const types = new Set<TypeName>()
  const scalars = new Set<string>()
  for (const type of rootTypes(kinds)) reach(type, types, scalars)
  const entries: (readonly [string, Json])[] = [...types].map((type) => [
    openapiName(type),
    typeSchema(type, descriptions[type] ?? {}, known.get(type)),
  ])
  for (const served of kinds.filter(isListed)) entries.push([`${openapiName(served.type)}List`, listSchema(served)])
  for (const name of scalars) entries.push([name, isChoice(name) ? {} : NAMED_SCALARS[name]!])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** `/openapi/v3/apis/apps/v1`; undefined when nothing of that version is served. */
export function openapiDocument(
  group: string,
  version: string,
  descriptions: Descriptions = {},
  all: readonly ServedKind[] = allServed(),
): Json | undefined {
  const kinds = all.filter((kind) => kind.group === group && kind.version === version)
  if (kinds.length === 0) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: '1.36' },
    paths: Object.fromEntries(kinds.flatMap(pathsOf)),
    components: { schemas: schemasOf(kinds, all, descriptions) },
  }
}

const pathOf = ({ group, version }: ServedKind): string => (group ? `apis/${group}/${version}` : `api/${version}`)

/** `/openapi/v3`. The hash changes when what is served changes, so that clients may keep a document for ever. */
export function openapiIndex(kinds: readonly ServedKind[] = allServed()): Json {
  const byPath = new Map<string, ServedKind[]>()
  for (const kind of kinds) byPath.set(pathOf(kind), [...(byPath.get(pathOf(kind)) ?? []), kind])
  const entries = [...byPath]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, served]) => {
      const hash = sha256(JSON.stringify(served)).toUpperCase()
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }] as const
    })
  return { paths: Object.fromEntries(entries) }
}
