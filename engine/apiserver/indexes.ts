/**
 * Which indexes the store keeps. Owners and labels are indexed for every resource that is looked up by them; a kind adds its own in
 * its strategy (Pods by node, slices by Service).
 */
import type { KubeObject, ResourceName } from '../api/object.ts'
import type { PodSpec } from '../api/types.generated.ts'
import type { IndexRule, IndexRules } from '../etcd/store.ts'

const owners: IndexRule = {
  name: 'owner',
  source: (object) => object.metadata.ownerReferences,
  values: (object) => object.metadata.ownerReferences?.map((owner) => owner.uid) ?? [],
}

const labels: IndexRule = {
  name: 'label',
  source: (object) => object.metadata.labels,
  values: ({ metadata }) =>
    Object.entries(metadata.labels ?? {}).map(([name, value]) => `${metadata.namespace ?? ''}/${name}=${value}`),
}

type WithSpec = KubeObject & { readonly spec?: { readonly nodeName?: string } }

const node: IndexRule = {
  name: 'node',
  source: (object) => (object as WithSpec).spec?.nodeName,
  values: (object) => [(object as WithSpec).spec?.nodeName ?? ''],
}

const service: IndexRule = {
  name: 'service',
  source: (object) => object.metadata.labels,
  values: ({ metadata }) => {
    const name = metadata.labels?.['kubernetes.io/service-name']
    return name ? [`${metadata.namespace}/${name}`] : []
  },
}

type Mounting = KubeObject & { readonly spec?: PodSpec }

const EVERY_POD_HAS = 'kube-root-ca.crt'

/** The ConfigMaps and Secrets that a Pod reads: `configmaps/ns/name`. The one that every Pod has is left out. */
function mapsUsed({ metadata, spec }: Mounting): readonly string[] {
  const found = new Set<string>()
  const add = (resource: string, name: string | undefined) => {
    if (name !== undefined && name !== EVERY_POD_HAS) found.add(`${resource}/${metadata.namespace}/${name}`)
  }
  for (const volume of spec?.volumes ?? []) {
    add('configmaps', volume.configMap?.name)
    add('secrets', volume.secret?.secretName)
    for (const source of volume.projected?.sources ?? []) {
      add('configmaps', source.configMap?.name)
      add('secrets', source.secret?.name)
    }
  }
  return [...found]
}

/** Only volumes follow a change; what was read into the environment stays as it was when the container began. */
const uses: IndexRule = {
  name: 'uses',
  source: (object) => (object as Mounting).spec?.volumes,
  values: (object) => mapsUsed(object as Mounting),
}

type WithPorts = KubeObject & { readonly spec?: { readonly ports?: readonly { readonly nodePort?: number }[] } }

/** Ports are unique on all machines; the health check's port is looked for by listing. */
const nodePort: IndexRule = {
  name: 'nodePort',
  source: (object) => (object as WithPorts).spec?.ports,
  values: (object) => [
    ...new Set(((object as WithPorts).spec?.ports ?? []).flatMap(({ nodePort: port }) => (port ? [String(port)] : []))),
  ],
}

const COMMON = [owners] as const
const NONE: readonly IndexRule[] = []

const RULES: Readonly<Record<ResourceName, readonly IndexRule[]>> = {
  pods: [owners, labels, node, uses],
  services: [owners, nodePort],
  'replicasets.apps': [owners, labels],
  'endpointslices.discovery.k8s.io': [owners, service],
  events: NONE,
  'events.events.k8s.io': NONE,
  'leases.coordination.k8s.io': COMMON,
}

/** Pods without a node are under `''`: those are the ones the scheduler has yet to place. */
export const indexRules: IndexRules = (resource) => RULES[resource] ?? COMMON
