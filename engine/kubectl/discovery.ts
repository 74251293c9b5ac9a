/**
 * What kinds the server knows: their paths, short names and categories. kubectl learns it from the server, keeps it for a
 * while in a file, and turns `deploy`, `deployments.apps` and `all` into resources with it.
 *
 * Upstream: staging/src/k8s.io/client-go/discovery, restmapper. Left out: the cache does not grow old by itself; a
 * kind that is not in it is asked for again.
 */

import { goQuote } from '../std/go-text.ts'
import { goJsonOf } from '../std/go-value.ts'
import { isList, isMap, type Tree, treeAt } from '../std/tree.ts'
import { connectionOf } from './kubeconfig.ts'
import { isRefusal, type Refusal, refuse, refusedByServer } from './refusal.ts'
import { complain, type Session, send, statusOf } from './session.ts'

/** A resource as the API serves it. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  readonly subresources: readonly { readonly name: string; readonly kind: string; readonly verbs: readonly string[] }[]
}

const DISCOVERY_ACCEPT =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'

const texts = (value: Tree | undefined): readonly string[] => (isList(value) ? (value as readonly string[]) : [])

function resourceOf(group: string, version: string, entry: Tree): Resource {
  const text = (...path: string[]): string => String(treeAt(entry, ...path) ?? '')
  const subresources = treeAt(entry, 'subresources')
  return {
    group,
    version,
    plural: text('resource'),
    singular: text('singularResource') || text('responseKind', 'kind').toLowerCase(),
    kind: text('responseKind', 'kind'),
    namespaced: text('scope') === 'Namespaced',
    shortNames: texts(treeAt(entry, 'shortNames')),
    categories: texts(treeAt(entry, 'categories')),
    verbs: texts(treeAt(entry, 'verbs')),
    subresources: (isList(subresources) ? subresources : []).map((sub) => ({
      name: String(treeAt(sub, 'subresource')),
      kind: String(treeAt(sub, 'responseKind', 'kind') ?? ''),
      verbs: texts(treeAt(sub, 'verbs')),
    })),
  }
}

function resourcesIn(document: unknown): readonly Resource[] {
  const groups = treeAt(document, 'items')
  return (isList(groups) ? groups : []).flatMap((group) => {
    const versions = treeAt(group, 'versions')
    return (isList(versions) ? versions : []).flatMap((version) => {
      const resources = treeAt(version, 'resources')
      const name = String(treeAt(group, 'metadata', 'name') ?? '')
      return (isList(resources) ? resources : []).map((entry) =>
        resourceOf(name, String(treeAt(version, 'version')), entry),
      )
    })
  })
}

const cachePath = (session: Session, server: string): string => {
  const host = server.replace(/^https?:\/\//, '').replace(/[^\w.-]/g, '_')
  const directory = session.flags.text('cache-dir').replace('$HOME', session.client.env.HOME ?? '')
  return `${directory}/discovery/${host}/aggregated.json`
}

/** klog's prefix. The time and the process are of no interest in a simulation. */
export const klog = (session: Session, level: 'E' | 'W' | 'I', where: string, text: string): void =>
  complain(session, `${level}<TIME> <PID> ${where}] ${text}\n`)

/** What is said each time discovery fails to reach the server. */
function complainUnreachable(session: Session, refusal: Refusal): void {
  if (refusal.by !== 'network') return
  klog(
    session,
    'E',
    'memcache.go:265',
    `"Unhandled Error" err=${goQuote(`couldn't get current server API group list: ${refusal.message}`)}`,
  )
}

const memory = new WeakMap<object, readonly Resource[]>()

/** How long discovery waits, unless --request-timeout says otherwise. */
export function timeoutOf(session: Session): string {
  const timeout = session.flags.text('request-timeout')
  return timeout === '0' ? '32s' : timeout
}

function fetchResources(session: Session): readonly Resource[] | Refusal {
  const documents: unknown[] = []
  for (const path of ['/api', '/apis']) {
    const response = send(session, {
      method: 'GET',
      path,
      query: { timeout: timeoutOf(session) },
      accept: DISCOVERY_ACCEPT,
    })
    if (isRefusal(response)) return response
    if (response.code >= 400) return refusedByServer(statusOf(response))
    documents.push(response.body)
  }
  const resources = documents.flatMap(resourcesIn)
  remember(session, resources)
  return resources
}

function remember(session: Session, resources: readonly Resource[]): void {
  const connection = connectionOf(session.client, session.flags)
  if (isRefusal(connection)) return
  session.client.files.write(
    cachePath(session, connection.server),
    goJsonOf(resources as unknown as Tree, { keepOrder: true }),
  )
  memory.set(session.said, resources)
}

function remembered(session: Session): readonly Resource[] | undefined {
  const known = memory.get(session.said)
  if (known) return known
  const connection = connectionOf(session.client, session.flags)
  if (isRefusal(connection)) return undefined
  const text = session.client.files.read(cachePath(session, connection.server))
  if (typeof text !== 'string') return undefined
  const resources = JSON.parse(text) as readonly Resource[]
  memory.set(session.said, resources)
  return resources
}

/**
 * Everything the server serves. `attempts` is how often client-go tries before it gives up, which shows in what it
 * complains about.
 */
export function discover(session: Session, attempts = 1): readonly Resource[] | Refusal {
  const known = remembered(session)
  if (known) return known
  const resources = fetchResources(session)
  if (isRefusal(resources)) for (let i = 0; i < attempts; i++) complainUnreachable(session, resources)
  return resources
}

/** Forgets what is remembered and asks the server again. */
export const discoverAgain = (session: Session): readonly Resource[] | Refusal => fetchResources(session)

export const resourceName = ({ plural, group }: Resource): string => (group ? `${plural}.${group}` : plural)

export const groupVersion = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  group ? `${group}/${version}` : version

/** `apps/v1` in its two halves. */
export function splitGroupVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** One per group: the version that the server lists first. */
export function preferredOnly(resources: readonly Resource[]): readonly Resource[] {
  const seen = new Map<string, Resource>()
  for (const resource of resources) {
    const key = `${resource.group}/${resource.plural}`
    if (!seen.has(key)) seen.set(key, resource)
  }
  return [...seen.values()]
}

const namesOf = (resource: Resource): readonly string[] => [
  resource.plural,
  resource.singular,
  ...resource.shortNames,
  resource.kind.toLowerCase(),
]

interface Asked {
  readonly name: string
  readonly group?: string
  readonly version?: string
}

/** The ways `deployments.v1.apps` may be meant, the most exact first. */
function readings(text: string): readonly Asked[] {
  const [name = '', first, ...rest] = text.split('.')
  if (first === undefined) return [{ name }]
  const exact = rest.length > 0 ? [{ name, version: first, group: rest.join('.') }] : []
  return [...exact, { name, group: [first, ...rest].join('.') }]
}

const isAsked = (resource: Resource, asked: Asked): boolean =>
  namesOf(resource).includes(asked.name.toLowerCase()) &&
  (asked.version === undefined || resource.version === asked.version) &&
  (asked.group === undefined || resource.group === asked.group || resource.group.startsWith(`${asked.group}.`))

export const findResource = (resources: readonly Resource[], text: string): Resource | undefined => {
  for (const asked of readings(text)) {
    const exactPlural = resources.find((resource) => resource.plural === asked.name && isAsked(resource, asked))
    const found = exactPlural ?? resources.find((resource) => isAsked(resource, asked))
    if (found) return found
  }
  return undefined
}

/** A type as people write it: plural, singular, short name or kind, with or without version and group. */
export function resourceFor(session: Session, text: string, attempts = 4): Resource | Refusal {
  const resources = discover(session, attempts)
  if (isRefusal(resources)) return resources
  const found = findResource(resources, text)
  if (found) return found
  const again = discoverAgain(session)
  const late = isRefusal(again) ? undefined : findResource(again, text)
  return late ?? refuse(`the server doesn't have a resource type ${goQuote(text.split('.')[0]!)}`)
}

/** The resource of an object's apiVersion and kind. */
export function resourceForKind(session: Session, apiVersion: string, kind: string): Resource | Refusal | undefined {
  const { group, version } = splitGroupVersion(apiVersion)
  const matches = (resource: Resource): boolean =>
    resource.group === group && resource.version === version && resource.kind === kind
  const resources = discover(session)
  if (isRefusal(resources)) return resources
  const found = resources.find(matches)
  if (found) return found
  const again = discoverAgain(session)
  return isRefusal(again) ? again : again.find(matches)
}

/** The resources of a category such as `all`, in the server's order; undefined if there is none of that name. */
export function categoryOf(session: Session, name: string): readonly string[] | Refusal | undefined {
  const resources = discover(session)
  if (isRefusal(resources)) return undefined
  const members = preferredOnly(resources).filter((resource) => resource.categories.includes(name))
  return members.length === 0 ? undefined : members.map(resourceName)
}

/** The path of a resource or of one object. */
export function pathOf(resource: Resource, namespace: string | undefined, name?: string, subresource?: string): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`
  const scope = resource.namespaced && namespace ? `/namespaces/${namespace}` : ''
  return [root + scope, resource.plural, name && encodeURI(name), subresource]
    .filter((part) => part !== undefined && part !== '')
    .join('/')
}

export const isResourceMap = isMap
