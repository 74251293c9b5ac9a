/**
 * From a path to what it asks about: which resource of which group, where, and which one. The paths of all kinds follow
 * one pattern, so there is one reader for them.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go, endpoints/installer.go
 */
import type { ServedKind, Subresource } from '../../api/schema.ts'
import type { Verb } from '../request.ts'
import { type Resource, resources, servedIn } from '../resources.ts'

/** What a path says, whether or not it leads anywhere. */
export interface Place {
  readonly group: string
  readonly version: string
  readonly namespace?: string
  readonly plural: string
  readonly name?: string
  readonly subresource?: string
  /** What follows the subresource: a proxy's path. */
  readonly rest: readonly string[]
  /** The old way to watch: `/api/v1/watch/pods`. */
  readonly watches: boolean
}

export interface Route extends Place {
  readonly resource: Resource
  readonly served: ServedKind
  readonly subresourceKind?: Subresource
}

const prefixOf = (path: string): readonly [group: string, rest: readonly string[]] | undefined => {
  const parts = path.split('/')
  if (parts[0] !== '' || parts.length < 3) return undefined
  if (parts[1] === 'api') return ['', parts.slice(2)]
  return parts[1] === 'apis' && parts[2] ? [parts[2], parts.slice(3)] : undefined
}

const trimmed = (parts: readonly string[]): readonly string[] => (parts.at(-1) === '' ? parts.slice(0, -1) : parts)

/** Resources whose own paths begin like those of what is in a namespace. */
const NAMESPACE_DOORS = ['status', 'finalize']

function placeIn(group: string, version: string, parts: readonly string[], watches: boolean): Place {
  const base = { group, version, rest: [], watches }
  const [first = '', namespace = '', plural, name, subresource, ...rest] = parts
  if (first !== 'namespaces' || plural === undefined || NAMESPACE_DOORS.includes(plural)) return outside(base, parts)
  return {
    ...base,
    namespace,
    plural,
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
    rest,
  }
}

function outside(base: Omit<Place, 'plural'>, [plural = '', name, subresource, ...rest]: readonly string[]): Place {
  const own = plural === 'namespaces' && name !== undefined ? { namespace: name } : {}
  return {
    ...base,
    ...own,
    plural,
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
    rest,
  }
}

/** Undefined for paths that are not about resources. */
export function placeOf(path: string): Place | undefined {
  const prefix = prefixOf(path)
  if (!prefix) return undefined
  const [group, parts] = prefix
  const [version, ...rest] = trimmed(parts)
  if (version === undefined || rest.length === 0) return undefined
  const watches = rest[0] === 'watch' && rest.length > 1
  return placeIn(group, version, watches ? rest.slice(1) : rest, watches)
}

/** Whether the first word promises more than the path holds; upstream cannot even name what was asked. */
export const isTruncated = (path: string): boolean => {
  const prefix = prefixOf(path)
  const rest = prefix && trimmed(prefix[1]).slice(1)
  return rest !== undefined && rest.length === 1 && ['watch', 'proxy'].includes(rest[0]!)
}

export const hasGroup = (group: string): boolean => [...resources().values()].some((one) => one.group === group)

/** Doors whose paths go on. */
const OPEN_ENDED = ['proxy']

/** Where a path leads; undefined when there is nothing. */
export function routeOf(place: Place): Route | undefined {
  const resource = resources().get(place.group ? `${place.plural}.${place.group}` : place.plural)
  const served = resource && servedIn(resource, place.version)
  if (!served || !resource) return undefined
  const isNamespaceItself = resource.name === 'namespaces'
  if (!resource.namespaced && place.namespace !== undefined && !isNamespaceItself) return undefined
  if (resource.namespaced && place.namespace === undefined && place.name !== undefined) return undefined
  if (place.subresource === undefined) return { ...place, resource, served }
  const subresourceKind = served.subresources?.find(({ name }) => name === place.subresource)
  if (!subresourceKind || (place.rest.length > 0 && !OPEN_ENDED.includes(place.subresource))) return undefined
  return { ...place, resource, served, subresourceKind }
}

/** The namespace that a request is in: a Namespace itself is in none. */
export const namespaceOfRoute = ({ resource, namespace }: Route): string | undefined =>
  resource.namespaced && namespace ? namespace : undefined

const COLLECTION: Readonly<Record<string, Verb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' }
const ITEM: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
const DOOR: Readonly<Record<string, Verb>> = { ...ITEM, POST: 'create' }

/** What a method means here; undefined when it is not allowed. */
export function verbOf(method: string, route: Route, watch: boolean): Verb | undefined {
  const verbs = route.subresource !== undefined ? DOOR : route.name === undefined ? COLLECTION : ITEM
  const verb = verbs[method]
  if (!verb) return undefined
  const everywhere = route.resource.namespaced && route.namespace === undefined
  if (everywhere && verb !== 'list') return undefined
  const allowed = (route.subresourceKind ?? route.served).verbs
  if (!allowed.includes(verb)) return undefined
  return (verb === 'list' || verb === 'get') && (route.watches || (watch && verb === 'list')) ? 'watch' : verb
}
