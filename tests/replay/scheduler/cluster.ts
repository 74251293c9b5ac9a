/**
 * A cluster that is just large enough for a scheduler: objects, the part of the API server that Pods pass through,
 * watches that tell at once, and an agenda. The scheduler in it is the real one.
 */

import { jsonPatch, type Operation } from '../../../engine/api/json-patch.ts'
import type { KindContext } from '../../../engine/api/kind.ts'
import { mergePatch } from '../../../engine/api/merge-patch.ts'
import type { Key, KubeObject, ResourceName } from '../../../engine/api/object.ts'
import { keyFor, keyOf } from '../../../engine/api/object.ts'
import type { Problem } from '../../../engine/api/problem.ts'
import { type LabelSelector, matchesSelector } from '../../../engine/api/selector.ts'
import { failure, type Status } from '../../../engine/api/status.ts'
import type { ClientFact, Order } from '../../../engine/client/component.ts'
import type { Ask, Change, EventNote, View } from '../../../engine/client/controller.ts'
import { podKind } from '../../../engine/kinds/core/pod/kind.ts'
import type { Configuration } from '../../../engine/scheduler/configuration.ts'
import type { SchedulerFact } from '../../../engine/scheduler/fact.ts'
import type { Pod, PodCondition } from '../../../engine/scheduler/objects.ts'
import { newScheduler, type Scheduler, scheduler } from '../../../engine/scheduler/scheduler.ts'
import { type Agenda, emptyAgenda, nextDue, schedule, takeNext } from '../../../engine/std/agenda.ts'
import { drawing } from '../../../engine/std/draw.ts'
import { type Millis, timestamp } from '../../../engine/std/time.ts'

export type Manifest = KubeObject & {
  readonly spec?: any
  readonly status?: any
  readonly value?: number
  readonly [field: string]: any
}

export type Fact = SchedulerFact | ClientFact

export interface RecordedEvent {
  readonly about: Key
  readonly uid: string
  readonly resourceVersion: string
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly action: string
  readonly reportingComponent: string
}

export interface Cluster {
  now: Millis
  slice: Scheduler
  agenda: Agenda<Fact>
  readonly objects: Map<ResourceName, Map<Key, Manifest>>
  readonly events: RecordedEvent[]
  revision: number
  uids: number
  /** What is drawn where chance decides between equals. */
  luck: number
  /** Is told before a fact happens. */
  before: ((fact: Fact) => void) | undefined
  /** Is told what a fact has led to. */
  watch:
    | ((fact: Fact, before: Scheduler, after: Scheduler, orders: readonly Order<SchedulerFact>[]) => void)
    | undefined
  /** May change what a fact has led to. */
  mend:
    | ((
        fact: Fact,
        slice: Scheduler,
        orders: readonly Order<SchedulerFact>[],
      ) => readonly [Scheduler, readonly Order<SchedulerFact>[]])
    | undefined
}

const RESOURCES: Readonly<Record<string, ResourceName>> = {
  Namespace: 'namespaces',
  Node: 'nodes',
  Pod: 'pods',
  Service: 'services',
  ReplicationController: 'replicationcontrollers',
  PersistentVolume: 'persistentvolumes',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
  StorageClass: 'storageclasses.storage.k8s.io',
  CSINode: 'csinodes.storage.k8s.io',
  CSIDriver: 'csidrivers.storage.k8s.io',
  CSIStorageCapacity: 'csistoragecapacities.storage.k8s.io',
  VolumeAttachment: 'volumeattachments.storage.k8s.io',
  PriorityClass: 'priorityclasses.scheduling.k8s.io',
  PodDisruptionBudget: 'poddisruptionbudgets.policy',
  DeviceClass: 'deviceclasses.resource.k8s.io',
  ResourceSlice: 'resourceslices.resource.k8s.io',
  ResourceClaim: 'resourceclaims.resource.k8s.io',
  ResourceClaimTemplate: 'resourceclaimtemplates.resource.k8s.io',
  RuntimeClass: 'runtimeclasses.node.k8s.io',
}

const CLUSTER_WIDE = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'VolumeAttachment',
  'PriorityClass',
  'DeviceClass',
  'ResourceSlice',
  'RuntimeClass',
])

export const resourceOf = (kind: string): ResourceName => {
  const resource = RESOURCES[kind]
  if (!resource) throw new Error(`no resource for ${kind}`)
  return resource
}

export const namespaceOfManifest = ({ kind, metadata }: Manifest): string | undefined =>
  CLUSTER_WIDE.has(kind) ? undefined : (metadata.namespace ?? 'default')

export const collection = (cluster: Cluster, resource: ResourceName): Map<Key, Manifest> => {
  const known = cluster.objects.get(resource)
  if (known) return known
  const fresh = new Map<Key, Manifest>()
  cluster.objects.set(resource, fresh)
  return fresh
}

const later = (cluster: Cluster, delay: Millis, fact: Fact): void => {
  cluster.agenda = schedule(cluster.agenda, cluster.now + delay, fact)
}

export const viewOf = (cluster: Cluster): View => {
  const list = (resource: ResourceName, namespace?: string) =>
    [...collection(cluster, resource)]
      .filter(([, object]) => namespace === undefined || object.metadata.namespace === namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object as never)
  return {
    now: cluster.now,
    draw: drawing(1),
    get: (resource, key) => collection(cluster, resource).get(key) as never,
    list,
    by: () => {
      throw new Error('the scheduler asked for an index')
    },
  }
}

// ---- writing ----

function tell(cluster: Cluster, change: Change): void {
  later(cluster, 0, { type: 'changes/delivered', changes: [change] })
  if (change.resource === 'pods') renewBudgets(cluster)
}

export function write(cluster: Cluster, resource: ResourceName, object: Manifest): Manifest {
  const key = keyOf(object)
  const before = collection(cluster, resource).get(key)
  const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++cluster.revision) } }
  collection(cluster, resource).set(key, stored)
  tell(cluster, { resource, key, before, after: stored })
  return stored
}

function remove(cluster: Cluster, resource: ResourceName, key: Key): void {
  const before = collection(cluster, resource).get(key)
  if (!before) return
  collection(cluster, resource).delete(key)
  cluster.revision++
  tell(cluster, { resource, key, before, after: undefined })
}

/** The disruption controller's part. */
function renewBudgets(cluster: Cluster): void {
  for (const [key, budget] of collection(cluster, 'poddisruptionbudgets.policy')) {
    const pods = [...collection(cluster, 'pods').values()].filter(
      (pod) =>
        pod.metadata.namespace === budget.metadata.namespace &&
        !['Succeeded', 'Failed'].includes(pod.status?.phase) &&
        matchesSelector(budget.spec?.selector as LabelSelector, pod.metadata.labels),
    )
    const healthy = pods.filter(
      (pod) =>
        !pod.metadata.deletionTimestamp &&
        pod.status?.conditions?.some((c: PodCondition) => c.type === 'Ready' && c.status === 'True'),
    ).length
    const { minAvailable, maxUnavailable } = budget.spec
    const desired =
      typeof minAvailable === 'number'
        ? minAvailable
        : Math.ceil((parseInt(minAvailable ?? '0', 10) * pods.length) / 100)
    const expected = maxUnavailable === undefined ? pods.length : 0
    const disruptionsAllowed = expected > 0 ? Math.max(0, healthy - desired) : 0
    if (budget.status?.disruptionsAllowed === disruptionsAllowed) continue
    collection(cluster, 'poddisruptionbudgets.policy').set(key, {
      ...budget,
      status: { ...budget.status, disruptionsAllowed },
    })
  }
}

const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

/** Admission: Priority, RuntimeClass, DefaultTolerationSeconds. */
function admitted(cluster: Cluster, pod: Manifest): Manifest {
  const classes = [...collection(cluster, 'priorityclasses.scheduling.k8s.io').values()]
  const named = pod.spec.priorityClassName as string | undefined
  const chosen = named
    ? classes.find(({ metadata }) => metadata.name === named)
    : classes.find((one) => one['globalDefault'])
  const value = chosen?.value ?? SYSTEM_PRIORITIES[named ?? ''] ?? 0
  const runtime = collection(cluster, 'runtimeclasses.node.k8s.io').get(pod.spec.runtimeClassName ?? '')
  const tolerations = [...(pod.spec.tolerations ?? []), ...(runtime?.['scheduling']?.tolerations ?? [])]
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])
    if (!tolerations.some((t: any) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute')))
      tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
  const nodeSelector = { ...runtime?.['scheduling']?.nodeSelector, ...pod.spec.nodeSelector }
  const spec = {
    ...pod.spec,
    priority: value,
    preemptionPolicy: chosen?.['preemptionPolicy'] ?? 'PreemptLowerPriority',
    tolerations,
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(runtime?.['overhead'] && { overhead: runtime['overhead'].podFixed }),
  }
  return { ...pod, spec }
}

const invalid = (name: string, problems: readonly Problem[]): Status => {
  const texts = problems.map(({ field, message }) => `${field}: ${message}`)
  const text = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
  const causes = problems.map(({ type, field, message }) => ({ reason: type, message, field }))
  return failure(422, 'Invalid', `Pod "${name}" is invalid: ${text}`, { name, kind: 'Pod', causes })
}

function withIdentity(cluster: Cluster, object: Manifest): Manifest {
  const namespace = namespaceOfManifest(object)
  const ownerReferences = object.metadata.ownerReferences?.map((owner) => ({
    ...owner,
    uid: collection(cluster, resourceOf(owner.kind)).get(keyFor(namespace, owner.name))?.metadata.uid ?? '',
  }))
  const uid = `00000000-0000-4000-8000-${String(++cluster.uids).padStart(12, '0')}`
  const metadata = {
    ...object.metadata,
    ...(namespace && { namespace }),
    uid,
    creationTimestamp: timestamp(cluster.now),
    ...(object.kind === 'Pod' && { generation: 1 }),
    ...(ownerReferences && { ownerReferences }),
  }
  return { ...object, metadata }
}

function kindContext(cluster: Cluster): KindContext {
  const { now, draw, get, list } = viewOf(cluster)
  return { now, draw, get, list, dryRun: false }
}

function createPod(cluster: Cluster, object: Manifest): Status | undefined {
  const posted = withIdentity(cluster, object)
  const { status, ...rest } = posted
  const filled = admitted(cluster, podKind.defaults!(rest as never) as never)
  const prepared = podKind.prepareCreate!(filled as never, kindContext(cluster)) as unknown as Manifest
  const problems = podKind.validate!(prepared as never)
  if (problems.length > 0) return invalid(object.metadata.name, problems)
  const scheduled = prepared.spec.nodeName
    ? withCondition(prepared, { type: 'PodScheduled', status: 'True' })
    : prepared
  write(cluster, 'pods', status ? { ...scheduled, status: { ...scheduled.status, ...status } } : scheduled)
  return undefined
}

/** What POST does, and the status that the recorder patches in after it. */
export function create(cluster: Cluster, object: Manifest): Status | undefined {
  if (object.kind === 'Pod') return createPod(cluster, object)
  write(cluster, resourceOf(object.kind), withIdentity(cluster, object))
  renewBudgets(cluster)
  return undefined
}

export interface Named {
  readonly resource: ResourceName
  readonly key: Key
}

/** `Pod default/a`, `Node n1` */
export function named(text: string): Named {
  const [kind = '', key = ''] = text.split(' ')
  return { resource: resourceOf(kind), key }
}

export function patch(cluster: Cluster, { resource, key }: Named, type: string, body: unknown): void {
  const old = collection(cluster, resource).get(key)!
  const patched = (type === 'json-patch' ? jsonPatch(old, body as Operation[]) : mergePatch(old, body)) as Manifest
  const changesSpec = resource === 'pods' && JSON.stringify(patched.spec) !== JSON.stringify(old.spec)
  const generation = (old.metadata.generation ?? 0) + (changesSpec ? 1 : 0)
  write(
    cluster,
    resource,
    resource === 'pods' ? { ...patched, metadata: { ...patched.metadata, generation } } : patched,
  )
}

/** A Pod on a node goes in its own time, unless it is forced. */
export function deleteObject(cluster: Cluster, { resource, key }: Named, force = false): boolean {
  const object = collection(cluster, resource).get(key)
  if (!object) return false
  const grace = resource === 'pods' ? (object.spec.terminationGracePeriodSeconds ?? 30) : 0
  const isRunning = object.spec?.nodeName && !['Succeeded', 'Failed'].includes(object.status?.phase)
  if (force || grace === 0 || !isRunning) remove(cluster, resource, key)
  else if (!object.metadata.deletionTimestamp)
    write(cluster, resource, {
      ...object,
      metadata: {
        ...object.metadata,
        deletionTimestamp: timestamp(cluster.now + grace * 1000),
        deletionGracePeriodSeconds: grace,
      },
    })
  return true
}

// ---- what the scheduler asks ----

function withCondition(object: Manifest, condition: PodCondition): Manifest {
  const others = (object.status?.conditions ?? []) as PodCondition[]
  const known = others.some(({ type }) => type === condition.type)
  const conditions = known ? others.map((c) => (c.type === condition.type ? condition : c)) : [...others, condition]
  return { ...object, status: { ...object.status, conditions } }
}

function bindPod(cluster: Cluster, key: Key, node: string): Status | undefined {
  const pod = collection(cluster, 'pods').get(key)
  if (!pod) return failure(404, 'NotFound', `pods "${key}" not found`)
  if (pod.spec.nodeName)
    return failure(409, 'Conflict', `pod ${pod.metadata.name} is already assigned to node "${pod.spec.nodeName}"`)
  const { nominatedNodeName: _, ...status } = pod.status
  const bound = { ...pod, spec: { ...pod.spec, nodeName: node }, status }
  write(cluster, 'pods', withCondition(bound, { type: 'PodScheduled', status: 'True' }))
  return undefined
}

function patchPodStatus(cluster: Cluster, key: Key, status: any): Status | undefined {
  const pod = collection(cluster, 'pods').get(key)
  if (!pod) return failure(404, 'NotFound', `pods "${key}" not found`)
  const { conditions = [], ...fields } = status
  const patched = { ...pod, status: mergePatch(pod.status, fields) } as Manifest
  write(cluster, 'pods', conditions.reduce(withCondition, patched))
  return undefined
}

function carryOut(
  cluster: Cluster,
  { verb, resource, subresource, namespace, name = '', body }: Ask,
): Status | undefined {
  const key = keyFor(namespace, name)
  const what = `${verb} ${resource}/${subresource ?? ''}`
  if (what === 'create pods/binding') return bindPod(cluster, key, (body as any).target.name)
  if (what === 'patch pods/status') return patchPodStatus(cluster, key, (body as any).status)
  if (what === 'delete pods/')
    return deleteObject(cluster, { resource, key }) ? undefined : failure(404, 'NotFound', '')
  throw new Error(`the scheduler asked to ${what}`)
}

function record(cluster: Cluster, { about, type, reason, message, action = '' }: EventNote): void {
  const reportingComponent = (about as Pod).spec.schedulerName ?? 'default-scheduler'
  const key = keyOf(about)
  const { uid, resourceVersion } = about.metadata
  cluster.events.push({ about: key, uid, resourceVersion, type, reason, message, action, reportingComponent })
}

const SUCCESS: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }

function obey(cluster: Cluster, order: Order<SchedulerFact>): void {
  if (order.do === 'record') record(cluster, order)
  else if (order.do === 'after') later(cluster, order.delay, order.fact)
  else {
    const status = carryOut(cluster, order.ask)
    if (order.tag !== undefined)
      later(cluster, 0, { type: 'response/arrived', tag: order.tag, status: status ?? SUCCESS })
  }
}

// ---- time ----

const step = (cluster: Cluster, fact: Fact, luck: number) =>
  scheduler(cluster.slice, fact, {
    now: cluster.now,
    draw: (...purpose) => (purpose.includes('which') ? luck : 0),
    view: viewOf(cluster),
  })

/** The scheduler after a fact, if draws were like that. */
export const wouldBe = (cluster: Cluster, fact: Fact, luck: number): Scheduler => step(cluster, fact, luck)[0]

function happen(cluster: Cluster, fact: Fact): void {
  cluster.before?.(fact)
  const before = cluster.slice
  let [slice, orders] = step(cluster, fact, cluster.luck)
  if (cluster.mend) [slice, orders] = cluster.mend(fact, slice, orders)
  cluster.slice = slice
  cluster.watch?.(fact, before, slice, orders)
  for (const order of orders) obey(cluster, order)
}

/** Lets everything happen that is due up to then. */
export function runUntil(cluster: Cluster, until: Millis): void {
  for (;;) {
    const due = nextDue(cluster.agenda)
    if (due === undefined || due > until) break
    const [fact, , rest] = takeNext(cluster.agenda)!
    cluster.agenda = rest
    cluster.now = due
    happen(cluster, fact)
  }
  cluster.now = until
}

const NAMESPACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  default: {},
  bare: {},
  'team-a': { team: 'a', env: 'prod' },
  'team-b': { team: 'b', env: 'prod' },
  'team-c': { team: 'c', env: 'dev' },
}

export function newCluster(configuration: Configuration): Cluster {
  const cluster: Cluster = {
    now: 0,
    slice: newScheduler(configuration),
    agenda: emptyAgenda(),
    objects: new Map(),
    events: [],
    revision: 0,
    uids: 0,
    luck: 0,
    before: undefined,
    watch: undefined,
    mend: undefined,
  }
  for (const [name, labels] of Object.entries(NAMESPACES))
    create(cluster, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
    } as unknown as Manifest)
  return cluster
}
