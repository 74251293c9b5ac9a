/**
 * How clients learn what there is: the lists of groups, versions and resources, each in the old form (one document a
 * group and version) and in the aggregated one (everything at once), and the server's version.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/discovery
 * Left out: groups of aggregated API servers; freshness is always Current.
 */

import { encodeBase64 } from '../std/base64.ts'
import { sha256 } from '../std/sha256.ts'
import type { ServedKind, Subresource } from './schema.ts'
import { allServed, joinGroupVersion } from './schema-table.ts'

/** A kind as discovery shows it. Custom ones name their group and version again. */
export type DiscoveredKind = ServedKind & { readonly custom?: true }

type Json = Readonly<Record<string, unknown>>

/** Kinds that are stored in another version than the one they are served in, or as another kind. */
const STORED_AS: Readonly<Record<string, string>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.k8s.io/v1beta1/CustomResourceDefinition',
  'events.k8s.io/v1/Event': '/v1/Event',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicyBinding',
}

const HASH_BYTES = 8

/** Tells clients when the stored form of a kind changes. */
export function storageVersionHash({ group, version, kind }: ServedKind): string {
  const served = `${group}/${version}/${kind}`
  const digest = sha256(STORED_AS[served] ?? served).slice(0, 2 * HASH_BYTES)
  return encodeBase64(digest.match(/../g)!.map((pair) => Number.parseInt(pair, 16)))
}

/** Reviews and bindings are asked and never kept. */
const isStored = ({ verbs }: ServedKind): boolean => verbs.includes('watch')

const namesOf = ({ shortNames, categories }: ServedKind): Json => ({
  ...(shortNames && { shortNames }),
  ...(categories && { categories }),
})

const groupOf = ({ group, version }: Subresource): Json =>
  group === undefined ? {} : { ...(group && { group }), version }

function resourceEntries(served: DiscoveredKind): readonly Json[] {
  const { plural, singular, namespaced, kind, verbs, subresources = [] } = served
  const hash = isStored(served) && { storageVersionHash: storageVersionHash(served) }
  const main = { name: plural, singularName: singular, namespaced, kind, verbs, ...namesOf(served), ...hash }
  const inner = subresources.map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: '',
    namespaced,
    ...groupOf(sub),
    kind: sub.kind,
    verbs: sub.verbs,
  }))
  return [main, ...inner]
}

const isOf = (group: string, version: string) => (kind: ServedKind) => kind.group === group && kind.version === version

/** `/api/v1`, `/apis/apps/v1`; undefined when nothing of that version is served. */
export function apiResourceList(
  group: string,
  version: string,
  kinds: readonly DiscoveredKind[] = allServed(),
): Json | undefined {
  const resources = kinds.filter(isOf(group, version)).flatMap(resourceEntries)
  if (resources.length === 0) return undefined
  const head = group ? { kind: 'APIResourceList', apiVersion: 'v1' } : { kind: 'APIResourceList' }
  return { ...head, groupVersion: joinGroupVersion(group, version), resources }
}

/** Versions by group, both in the order of the kinds; the core group is not one of them. */
function versionsByGroup(kinds: readonly ServedKind[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const { group, version } of kinds) {
    const versions = groups.get(group) ?? []
    if (!versions.includes(version)) groups.set(group, [...versions, version])
  }
  return groups
}

function groupEntry(name: string, versions: readonly string[]): Json {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: entries, preferredVersion: entries[0] }
}

/** `/apis` */
export const apiGroupList = (kinds: readonly DiscoveredKind[] = allServed()): Json => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: [...versionsByGroup(kinds)]
    .filter(([group]) => group)
    .map(([group, versions]) => groupEntry(group, versions)),
})

/** `/apis/apps` */
export function apiGroup(group: string, kinds: readonly DiscoveredKind[] = allServed()): Json | undefined {
  const versions = group ? versionsByGroup(kinds).get(group) : undefined
  return versions && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group, versions) }
}

/** `/api`; `serverAddress` is where this server is reached, with its port. */
export const apiVersions = (serverAddress: string): Json => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
})

function responseKind({ group = '', version = '', kind }: Partial<ServedKind> | Subresource, custom: boolean): Json {
  return custom ? { group, version, kind } : { group: '', version: '', kind }
}

function aggregatedResource(served: DiscoveredKind): Json {
  const { plural, singular, namespaced, verbs, subresources } = served
  const inner = subresources?.map((sub) => ({
    subresource: sub.name,
    responseKind: responseKind(sub, true),
    verbs: sub.verbs,
  }))
  return {
    resource: plural,
    responseKind: responseKind(served, served.custom === true),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...namesOf(served),
    ...(inner && { subresources: inner }),
  }
}

const aggregatedVersion = (group: string, version: string, kinds: readonly DiscoveredKind[]): Json => ({
  version,
  resources: kinds.filter(isOf(group, version)).map(aggregatedResource),
  freshness: 'Current',
})

/**
 * `/api` or `/apis` as one document. kubectl up to 1.29 asks for `v2beta1`, which differs in its name only.
 */
export function aggregatedDiscovery(
  root: '/api' | '/apis',
  kinds: readonly DiscoveredKind[] = allServed(),
  version: 'v2' | 'v2beta1' = 'v2',
): Json {
  const items = [...versionsByGroup(kinds)]
    .filter(([group]) => (group === '') === (root === '/api'))
    .map(([group, versions]) => ({
      metadata: group ? { name: group } : {},
      versions: versions.map((name) => aggregatedVersion(group, name, kinds)),
    }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
}

/** `/version` */
export const serverVersion = (): Json => ({
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'go1.26.0',
  compiler: 'gc',
  platform: 'linux/amd64',
})

/** Paths of the API below `/`, sorted: what `/` lists beside the health checks. */
export function apiPaths(kinds: readonly DiscoveredKind[] = allServed()): readonly string[] {
  const groups = [...versionsByGroup(kinds)].filter(([group]) => group)
  const paths = groups.flatMap(([group, versions]) => [
    `/apis/${group}`,
    ...versions.map((version) => `/apis/${group}/${version}`),
  ])
  return ['/api', '/api/v1', '/apis', '/apis/', ...paths.sort()]
}
