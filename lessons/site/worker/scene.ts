/**
 * The cluster as the map, the table and the tree show it: a small, flat picture of what is in the store. Each object is looked at once, until
 * it changes.
 */

import type { KubeObject } from '../../../engine/api/object.ts'
import type {
  ContainerStatus,
  Deployment,
  EndpointSlice,
  Node,
  Pod,
  ReplicaSet,
  Service,
} from '../../../engine/api/types.generated.ts'
import { COHORTS } from '../../../engine/cluster/announce.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { getObject, listObjects, objectsByIndex, type Store } from '../../../engine/etcd/store.ts'
import { podStatusText } from '../../../engine/kinds/core/pod/row.ts'
import { hasSorted, sortedKeys } from '../../../engine/std/sorted.ts'
import { instantOf } from '../../../engine/std/time.ts'

/** How a Pod is doing, in six words; each has its own shape and its own colour. */
export type Look = 'waiting' | 'starting' | 'ready' | 'unready' | 'failing' | 'done' | 'leaving'

export interface ContainerView {
  readonly name: string
  readonly image: string
  readonly look: Look
  readonly says: string
  readonly restarts: number
}

export interface PodView {
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly node: string
  readonly ip: string
  readonly look: Look
  /** The STATUS column of `kubectl get pods`. */
  readonly says: string
  readonly ready: string
  readonly restarts: number
  readonly owner: string
  readonly created: number
  readonly containers: readonly ContainerView[]
}

export interface NodeView {
  readonly name: string
  readonly ready: boolean
  readonly cordoned: boolean
  readonly powered: boolean
  readonly address: string
  readonly taints: readonly string[]
}

export interface ReplicaSetView {
  readonly key: string
  readonly name: string
  readonly owner: string
  readonly revision: string
  readonly image: string
  readonly wanted: number
  readonly present: number
  readonly ready: number
}

export interface DeploymentView {
  readonly key: string
  readonly name: string
  readonly wanted: number
  readonly ready: number
  readonly updated: number
  readonly available: number
  readonly paused: boolean
}

export interface ServiceView {
  readonly key: string
  readonly name: string
  readonly type: string
  readonly address: string
  readonly ports: string
  /** Keys of Pods behind it. */
  readonly endpoints: readonly { readonly pod: string; readonly ready: boolean }[]
}

/** A part of the control plane. */
export interface PartView {
  readonly name: string
  readonly state: 'up' | 'down' | 'stalled'
}

/** A write that people care for. */
export interface Happening {
  readonly revision: number
  readonly at: number
  readonly who: string
  readonly what: string
  readonly resource: string
  readonly key: string
}

export interface Scene {
  readonly revision: number
  readonly parts: readonly PartView[]
  readonly nodes: readonly NodeView[]
  readonly pods: readonly PodView[]
  readonly replicaSets: readonly ReplicaSetView[]
  readonly deployments: readonly DeploymentView[]
  readonly services: readonly ServiceView[]
  readonly happenings: readonly Happening[]
}

const keyOf = ({ metadata }: KubeObject): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name

const ownerName = ({ metadata }: KubeObject, kind: string): string =>
  metadata.ownerReferences?.find((owner) => owner.controller && owner.kind === kind)?.name ?? ''

const TROUBLE = /BackOff|Err|Crash|Invalid|OOMKilled|ContainerCannotRun|DeadlineExceeded|Evicted|Unknown|NodeLost/

function containerLook({ ready, state, started }: ContainerStatus): readonly [Look, string] {
  if (state?.terminated)
    return [state.terminated.exitCode === 0 ? 'done' : 'failing', state.terminated.reason ?? 'Ended']
  const waiting = state?.waiting?.reason
  if (waiting !== undefined) return [TROUBLE.test(waiting) ? 'failing' : 'starting', waiting]
  if (!state?.running) return ['waiting', 'Waiting']
  return ready ? ['ready', 'Running'] : [started === false ? 'starting' : 'unready', 'Running, not ready']
}

function containerView(status: ContainerStatus): ContainerView {
  const [look, says] = containerLook(status)
  return { name: status.name, image: status.image, look, says, restarts: status.restartCount }
}

function podLook(pod: Pod, says: string): Look {
  if (pod.metadata.deletionTimestamp !== undefined) return 'leaving'
  const phase = pod.status?.phase
  if (phase === 'Succeeded') return 'done'
  if (phase === 'Failed' || TROUBLE.test(says)) return 'failing'
  if (!pod.spec?.nodeName) return 'waiting'
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  if (ready) return 'ready'
  return phase === 'Running' ? 'unready' : 'starting'
}

function makePodView(pod: Pod): PodView {
  const says = podStatusText(pod)
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const main = pod.status?.containerStatuses ?? []
  return {
    key: keyOf(pod),
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    node: pod.spec?.nodeName ?? '',
    ip: pod.status?.podIP ?? '',
    look: podLook(pod, says),
    says,
    ready: `${main.filter(({ ready }) => ready).length}/${pod.spec?.containers?.length ?? 0}`,
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    owner: ownerName(pod, 'ReplicaSet'),
    created: instantOf(pod.metadata.creationTimestamp ?? '') ?? 0,
    containers: statuses.map(containerView),
  }
}

function makeReplicaSetView(set: ReplicaSet): ReplicaSetView {
  return {
    key: keyOf(set),
    name: set.metadata.name,
    owner: ownerName(set, 'Deployment'),
    revision: set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '',
    image: set.spec?.template?.spec?.containers?.[0]?.image ?? '',
    wanted: set.spec?.replicas ?? 0,
    present: set.status?.replicas ?? 0,
    ready: set.status?.readyReplicas ?? 0,
  }
}

const makeDeploymentView = (deployment: Deployment): DeploymentView => ({
  key: keyOf(deployment),
  name: deployment.metadata.name,
  wanted: deployment.spec?.replicas ?? 0,
  ready: deployment.status?.readyReplicas ?? 0,
  updated: deployment.status?.updatedReplicas ?? 0,
  available: deployment.status?.availableReplicas ?? 0,
  paused: deployment.spec?.paused ?? false,
})

/** Looks at each object once; objects never change, they are replaced. */
function remembered<T extends KubeObject, V>(make: (object: T) => V): (object: KubeObject) => V {
  const views = new WeakMap<KubeObject, V>()
  return (object) => {
    const known = views.get(object)
    if (known !== undefined) return known
    const view = make(object as T)
    views.set(object, view)
    return view
  }
}

export const podView = remembered(makePodView)
const replicaSetView = remembered(makeReplicaSetView)
const deploymentView = remembered(makeDeploymentView)

const EFFECTS = /^node\.kubernetes\.io\/(not-ready|unreachable)/

function nodeView(node: Node, world: World): NodeView {
  const { name } = node.metadata
  return {
    name,
    ready: node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    cordoned: node.spec?.unschedulable ?? false,
    powered: !hasSorted(world.faults.down, name),
    address: node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    taints: (node.spec?.taints ?? [])
      .filter(({ key }) => !EFFECTS.test(key ?? ''))
      .map(({ key, effect }) => `${key}:${effect}`),
  }
}

function endpointsOf(store: Store, key: string): ServiceView['endpoints'] {
  const slices = objectsByIndex(store, 'endpointslices.discovery.k8s.io', 'service', key) as readonly EndpointSlice[]
  return slices.flatMap((slice) =>
    (slice.endpoints ?? []).map(({ targetRef, conditions }) => ({
      pod: `${targetRef?.namespace ?? ''}/${targetRef?.name ?? ''}`,
      ready: conditions?.ready ?? false,
    })),
  )
}

function portsText({ spec }: Service): string {
  return (spec?.ports ?? []).map(({ port, nodePort }) => (nodePort ? `${port}:${nodePort}` : String(port))).join(', ')
}

function serviceView(service: Service, store: Store): ServiceView {
  const key = keyOf(service)
  return {
    key,
    name: service.metadata.name,
    type: service.spec?.type ?? 'ClusterIP',
    address: service.spec?.clusterIP ?? '',
    ports: portsText(service),
    endpoints: endpointsOf(store, key),
  }
}

function partState(world: World, name: string): PartView['state'] {
  if (hasSorted(world.faults.down, name)) return 'down'
  return hasSorted(world.faults.stalled, name) ? 'stalled' : 'up'
}

/** The parts that can fail, by the name under which they can be killed. The API server and the store cannot, here. */
function partsOf(world: World): readonly PartView[] {
  const scheduler = COHORTS.filter((name) => name === 'kube-scheduler')
  return [...scheduler, ...sortedKeys(world.controllers)].map((name) => ({ name, state: partState(world, name) }))
}

/** The namespace's own Service is in every cluster and tells nothing. */
const isOwnDoor = ({ metadata }: KubeObject): boolean =>
  metadata.namespace === 'default' && metadata.name === 'kubernetes'

export function sceneOf(world: World, happenings: readonly Happening[]): Scene {
  const { store } = world.server
  return {
    revision: store.revision,
    parts: partsOf(world),
    nodes: (listObjects(store, 'nodes') as readonly Node[]).map((node) => nodeView(node, world)),
    pods: listObjects(store, 'pods').map(podView),
    replicaSets: listObjects(store, 'replicasets.apps').map(replicaSetView),
    deployments: listObjects(store, 'deployments.apps').map(deploymentView),
    services: (listObjects(store, 'services') as readonly Service[])
      .filter((service) => !isOwnDoor(service))
      .map((service) => serviceView(service, store)),
    happenings,
  }
}

export const objectAt = (world: World, resource: string, key: string): KubeObject | undefined =>
  getObject(world.server.store, resource, key)
