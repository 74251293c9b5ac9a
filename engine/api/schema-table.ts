/**
 * The table of built-in types and kinds, read from the generated text when someone asks and remembered. Everything that
 * must know what an object may hold (decoding, defaults, patches, apply, explain, discovery) asks here.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/runtime/scheme.go
 * Left out: kinds and versions that v1.36 serves only when asked to (alpha and beta).
 */
import type { ResourceName } from './object.ts'
import generated from './schema.generated.json' with { type: 'json' }
import type { Field, FieldType, ObjectType, ServedKind, Subresource, TypeName } from './schema.ts'
import { type Home, typeFromLine } from './schema-text.ts'

/** The form of schema.generated.json. Keys of `types` and `enums` are `core.v1`, of `kinds` `apps/v1`. */
export interface GeneratedSchema {
  readonly types: Readonly<Record<string, string>>
  readonly enums: Readonly<Record<string, string>>
  readonly kinds: Readonly<Record<string, readonly (readonly string[])[]>>
}

const SCHEMA: GeneratedSchema = generated

const groupVersionOf = (name: TypeName): string => name.slice(0, name.lastIndexOf('.'))

/** Lines of a table by type name, found without reading them. */
const linesOf = remembered((groupVersion: string): ReadonlyMap<string, string> => {
  const lines = SCHEMA.types[groupVersion]?.split('\n') ?? []
  return new Map(lines.map((line) => [/^\w+/.exec(line)![0], line]))
})

const homeOf = remembered((groupVersion: string): Home => {
  const lines = SCHEMA.enums[groupVersion]?.split('\n') ?? []
  const enums = Object.fromEntries(lines.map((line) => line.split('|')).map(([name, ...values]) => [name, values]))
  return { groupVersion, version: groupVersion.slice(groupVersion.indexOf('.') + 1), enums }
})

/** A pure function of a string that works only once for each. */
function remembered<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    const made = compute(key)
    known.set(key, made)
    return made
  }
}

const findType = remembered((name: TypeName): ObjectType | null => {
  const groupVersion = groupVersionOf(name)
  const line = linesOf(groupVersion).get(name.slice(groupVersion.length + 1))
  return line === undefined ? null : typeFromLine(line, homeOf(groupVersion))
})

export const hasType = (name: TypeName): boolean => findType(name) !== null

/** The type of this name; a name that is not in the table is a mistake of ours. */
export function typeOf(name: TypeName): ObjectType {
  const type = findType(name)
  if (!type) throw new Error(`no type ${name} in the schema`)
  return type
}

/** Names of all types of the table, in its order. */
export const allTypes = (): readonly TypeName[] =>
  Object.keys(SCHEMA.types).flatMap((groupVersion) =>
    [...linesOf(groupVersion).keys()].map((name) => `${groupVersion}.${name}`),
  )

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const words = (text: string): readonly string[] => (text === '*' ? ALL_VERBS : text.split(' '))

function subresourceFrom(line: string, owner: string): Subresource {
  const [name, kind, groupVersion, verbs] = line.split('|')
  const [version, group] = groupVersion ? splitGroupVersion(groupVersion) : []
  return {
    name: name!,
    kind: kind || owner,
    ...(group !== undefined && version !== undefined && { group, version }),
    verbs: words(verbs!),
  }
}

/** `apps/v1` → v1, apps; `v1` → v1 and the core group, which is called ''. */
export function splitGroupVersion(text: string): readonly [version: string, group: string] {
  const slash = text.indexOf('/')
  return [text.slice(slash + 1), slash < 0 ? '' : text.slice(0, slash)]
}

export const joinGroupVersion = (group: string, version: string): string => (group ? `${group}/${version}` : version)

function kindFrom([line, ...subresources]: readonly string[], groupVersion: string): ServedKind {
  const [kind, plural, singular, scope, type, verbs, shortNames, categories] = line!.split('|') as [string, ...string[]]
  const [version, group] = splitGroupVersion(groupVersion)
  return {
    group,
    version,
    kind,
    plural: plural!,
    singular: singular!,
    namespaced: scope === 'n',
    type: type!,
    ...(shortNames && { shortNames: words(shortNames) }),
    ...(categories && { categories: words(categories) }),
    verbs: words(verbs!),
    ...(subresources.length > 0 && { subresources: subresources.map((text) => subresourceFrom(text, kind)) }),
  }
}

let served: readonly ServedKind[] | undefined

/** Every kind in every version that is served, groups in the order of discovery, the preferred version first. */
export const allServed = (): readonly ServedKind[] =>
  (served ??= Object.entries(SCHEMA.kinds).flatMap(([groupVersion, kinds]) =>
    kinds.map((lines) => kindFrom(lines, groupVersion)),
  ))

export const resourceNameOf = ({ plural, group }: ServedKind): ResourceName => (group ? `${plural}.${group}` : plural)

/** First one wins: the preferred version comes first. */
function indexBy(keyOf: (kind: ServedKind) => string): () => ReadonlyMap<string, ServedKind> {
  let index: Map<string, ServedKind> | undefined
  return () => {
    if (index) return index
    index = new Map()
    for (const kind of allServed()) if (!index.has(keyOf(kind))) index.set(keyOf(kind), kind)
    return index
  }
}

const byResource = indexBy(resourceNameOf)
const byResourceAndVersion = indexBy((kind) => `${resourceNameOf(kind)} ${kind.version}`)
const byGroupVersionKind = indexBy(({ group, version, kind }) => `${joinGroupVersion(group, version)} ${kind}`)

/** The served kind of a resource (`deployments.apps`), in its preferred version unless another is named. */
export const servedKind = (resource: ResourceName, version?: string): ServedKind | undefined =>
  version === undefined ? byResource().get(resource) : byResourceAndVersion().get(`${resource} ${version}`)

export const kindFor = (group: string, version: string, kind: string): ServedKind | undefined =>
  byGroupVersionKind().get(`${joinGroupVersion(group, version)} ${kind}`)

/** The same by what objects carry: `apps/v1`, `Deployment`. */
export const kindOfObject = (apiVersion: string, kind: string): ServedKind | undefined =>
  byGroupVersionKind().get(`${apiVersion} ${kind}`)

/** The type of a subresource's bodies: of its own kind when it has one (Scale, Eviction), else of the resource. */
export function subresourceType(owner: ServedKind, { kind, group, version }: Subresource): TypeName {
  if (kind === owner.kind && group === undefined) return owner.type
  const [groupName, versionName] = group === undefined ? [owner.group, owner.version] : [group, version!]
  return `${groupName.split('.')[0] || 'core'}.${versionName}.${kind}`
}

/** One step into a value: a field of a struct, an element of a list, a value of a map. */
function stepInto(is: FieldType, name: string): Field | FieldType | undefined {
  if ('type' in is) return typeOf(is.type).fields[name]
  if ('list' in is) return is.list
  if ('map' in is) return is.map
  return undefined
}

const typeIn = (found: Field | FieldType): FieldType => ('is' in found ? found.is : found)

/**
 * The field at the end of a path of names (`['spec', 'containers', 'image']`). Lists are stepped through of themselves;
 * keys of maps and positions of lists may stand in the path.
 */
export function fieldAt(type: TypeName, path: readonly string[]): Field | undefined {
  let is: FieldType = { type }
  let field: Field | undefined
  for (const name of path) {
    while ('list' in is && !/^\d+$/.test(name)) is = is.list
    const found = stepInto(is, name)
    if (!found) return undefined
    if ('is' in found) field = found
    is = typeIn(found)
  }
  return field
}
