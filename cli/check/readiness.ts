/**
 * Whether an object of the cluster is what its manifest wanted, and if not, why not, in the words the cluster itself has for it:
 * conditions, states of containers, Events.
 */
import type { KubeObject, ResourceName } from '../../engine/api/object.ts'
import type {
  ContainerState,
  ContainerStatus,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Event,
  Job,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../../engine/api/types.generated.ts'
import type { World } from '../../engine/cluster/world.ts'
import { controllers } from '../../engine/controllers/index.ts'
import { getObject, listObjects } from '../../engine/etcd/store.ts'
import { readContainerLog } from '../../engine/machine/log.ts'
import { getSorted } from '../../engine/std/sorted.ts'

export type Verdict =
  | { readonly is: 'ready' }
  /** There is no part of the cluster here that would make anything of it. */
  | { readonly is: 'unjudged'; readonly says: string }
  | {
      readonly is: 'not ready'
      readonly says: string
      readonly because: readonly string[]
      /** Something is said to be wrong; otherwise it may only need more time. */
      readonly isStuck: boolean
    }

const READY: Verdict = { is: 'ready' }

type Condition = { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }

const conditionOf = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type)

const ownedBy = ({ metadata }: KubeObject, uid: string): boolean =>
  metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false

function owned<T extends KubeObject>(world: World, resource: ResourceName, owner: KubeObject): readonly T[] {
  const all = listObjects(world.server.store, resource, owner.metadata.namespace) as unknown as readonly T[]
  return all.filter((object) => ownedBy(object, owner.metadata.uid))
}

// ---- why ----

const MOST_EVENTS = 3

/** What the cluster warned of about these objects, the latest first, each text once. */
function warningsAbout(world: World, objects: readonly KubeObject[]): readonly string[] {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid))
  const events = (listObjects(world.server.store, 'events') as unknown as readonly Event[])
    .filter(({ type, involvedObject }) => type === 'Warning' && uids.has(involvedObject.uid ?? ''))
    .sort((one, other) => Number(other.metadata.resourceVersion) - Number(one.metadata.resourceVersion))
  const texts = events.map(({ reason, message }) => `${reason}: ${message}`)
  return [...new Set(texts)].slice(0, MOST_EVENTS)
}

const ENDED_WELL = 0

function stateText({ waiting, terminated }: ContainerState): string | undefined {
  if (waiting) return [waiting.reason, waiting.message].filter(Boolean).join(': ')
  return terminated && terminated.exitCode !== ENDED_WELL
    ? `${terminated.reason ?? 'Error'}, exit code ${terminated.exitCode}${terminated.message ? `: ${terminated.message}` : ''}`
    : undefined
}

const NORMAL_WAITS = ['ContainerCreating', 'PodInitializing']

function containerTroubles({ name, state = {}, lastState = {}, ready }: ContainerStatus): readonly string[] {
  const now = stateText(state)
  const before = stateText(lastState)
  const said = [
    ...(now && !NORMAL_WAITS.includes(state.waiting?.reason ?? '') ? [`container ${name}: ${now}`] : []),
    ...(before ? [`container ${name} ended before: ${before}`] : []),
  ]
  return said.length > 0 || ready || !state.running ? said : [`container ${name} runs and is not ready`]
}

function podTroubles(pod: Pod): readonly string[] {
  const { conditions, initContainerStatuses = [], containerStatuses = [], reason, message } = pod.status ?? {}
  const scheduled = conditionOf(conditions as readonly Condition[], 'PodScheduled')
  return [
    ...(scheduled?.status === 'False' ? [`${scheduled.reason}: ${scheduled.message}`] : []),
    ...(reason ? [`${reason}: ${message ?? ''}`] : []),
    ...[...initContainerStatuses, ...containerStatuses].flatMap(containerTroubles),
  ]
}

const isPodReady = ({ status }: Pod): boolean =>
  status?.phase === 'Succeeded' || conditionOf(status?.conditions as readonly Condition[], 'Ready')?.status === 'True'

/** Texts that differ only in which Pod they name are one text. */
const withoutNames = (text: string, { metadata }: Pod): string =>
  text.replaceAll(metadata.name, '').replaceAll(metadata.uid, '')

/** Troubles of several Pods, the same ones together. */
function troublesOf(pods: readonly Pod[]): readonly string[] {
  const found = new Map<string, { readonly trouble: string; readonly names: string[] }>()
  for (const pod of pods)
    for (const trouble of podTroubles(pod)) {
      const key = withoutNames(trouble, pod)
      const known = found.get(key)
      if (known) known.names.push(pod.metadata.name)
      else found.set(key, { trouble, names: [pod.metadata.name] })
    }
  return [...found.values()].map(
    ({ trouble, names }) => `Pod ${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''}: ${trouble}`,
  )
}

const LOG_LINES = 3

/** The last words of a container that ended badly. */
function lastWords(world: World, pod: Pod): readonly string[] {
  const machine = getSorted(world.machines, pod.spec?.nodeName ?? '')
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const ended = statuses.find(({ state = {}, lastState = {} }) => (state.terminated ?? lastState.terminated)?.exitCode)
  if (!machine || !ended) return []
  const log = readContainerLog(machine, pod.metadata.uid, ended.name, { tailLines: LOG_LINES })
  if ('problem' in log || log.text === '') return []
  return log.text
    .trimEnd()
    .split('\n')
    .map((line) => `it printed: ${line}`)
}

/** Events that say again what the state of a container says. */
const REPEATING = /^(?:Failed|BackOff): /

function notReady(
  world: World,
  says: string,
  objects: readonly KubeObject[],
  pods: readonly Pod[],
  more: readonly string[] = [],
): Verdict {
  const unready = pods.filter((pod) => !isPodReady(pod))
  const troubles = troublesOf(unready)
  const [first] = unready
  const warnings = warningsAbout(world, [...objects, ...unready])
  const events = troubles.length > 0 ? warnings.filter((text) => !REPEATING.test(text)) : warnings
  const unscheduled = events.filter((text) => !troubles.some((trouble) => trouble.includes(text.replace(/^\w+: /, ''))))
  const because = [...more, ...troubles, ...(first ? lastWords(world, first) : []), ...unscheduled]
  return { is: 'not ready', says, because, isStuck: because.length > 0 }
}

// ---- kinds ----

function judgePod(world: World, object: KubeObject): Verdict {
  const pod = object as unknown as Pod
  return isPodReady(pod)
    ? READY
    : notReady(world, `it never became ready: its phase is ${pod.status?.phase ?? 'Pending'}`, [], [pod])
}

const replicas = (count: number): string => `${count} ${count === 1 ? 'replica' : 'replicas'}`

function judgeReplicaSet(world: World, object: KubeObject): Verdict {
  const { spec, status } = object as unknown as ReplicaSet
  const [wanted, ready] = [spec?.replicas ?? 1, status?.readyReplicas ?? 0]
  if (ready >= wanted) return READY
  return notReady(world, `${ready} of ${replicas(wanted)} became ready`, [object], owned<Pod>(world, 'pods', object))
}

function judgeDeployment(world: World, object: KubeObject): Verdict {
  const { spec, status = {} } = object as unknown as Deployment
  if (spec?.paused) return { is: 'unjudged', says: 'it is paused, so nothing is rolled out' }
  const wanted = spec?.replicas ?? 1
  const available = Math.min(status.availableReplicas ?? 0, status.updatedReplicas ?? 0)
  if (available >= wanted) return READY
  const sets = owned<ReplicaSet>(world, 'replicasets.apps', object)
  const pods = sets.flatMap((set) => owned<Pod>(world, 'pods', set as unknown as KubeObject))
  const progressing = conditionOf(status.conditions as readonly Condition[], 'Progressing')
  const failed = conditionOf(status.conditions as readonly Condition[], 'ReplicaFailure')
  const more = [failed?.message ?? [], progressing?.status === 'False' ? (progressing.message ?? []) : []].flat()
  return notReady(
    world,
    `${available} of ${replicas(wanted)} became available`,
    [object, ...(sets as unknown as KubeObject[])],
    pods,
    more,
  )
}

/** A Service with a selector is whole when somebody stands behind it. */
function judgeService(world: World, object: KubeObject): Verdict {
  const { spec, metadata } = object as unknown as Service
  if (!spec?.selector || spec.type === 'ExternalName') return READY
  const slices = (
    listObjects(
      world.server.store,
      'endpointslices.discovery.k8s.io',
      metadata.namespace,
    ) as unknown as readonly EndpointSlice[]
  ).filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name)
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? [])
  if (endpoints.some(({ conditions }) => conditions?.ready !== false)) return READY
  const selector = Object.entries(spec.selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  if (endpoints.length > 0)
    return {
      is: 'not ready',
      says: `none of the ${endpoints.length} Pods behind it became ready`,
      because: [],
      isStuck: true,
    }
  return { is: 'not ready', says: `no Pod has the labels that it selects (${selector})`, because: [], isStuck: true }
}

type Judge = (world: World, object: KubeObject) => Verdict

/** Workloads that count how many of theirs are ready. */
const judgeCounted =
  (counts: (object: KubeObject) => readonly [ready: number, wanted: number]): Judge =>
  (world, object) => {
    const [ready, wanted] = counts(object)
    if (ready >= wanted) return READY
    return notReady(world, `${ready} of ${replicas(wanted)} became ready`, [object], owned<Pod>(world, 'pods', object))
  }

function judgeJob(world: World, object: KubeObject): Verdict {
  const conditions = (object as unknown as Job).status?.conditions as readonly Condition[] | undefined
  if (conditionOf(conditions, 'Complete')?.status === 'True') return READY
  const failed = conditionOf(conditions, 'Failed')
  const pods = owned<Pod>(world, 'pods', object)
  return notReady(world, 'it did not complete', [object], pods, failed?.message ? [failed.message] : [])
}

const JUDGES: Readonly<Record<string, Judge>> = {
  pods: judgePod,
  'replicasets.apps': judgeReplicaSet,
  'deployments.apps': judgeDeployment,
  'statefulsets.apps': judgeCounted((object) => {
    const { spec, status } = object as unknown as StatefulSet
    return [status?.readyReplicas ?? 0, spec?.replicas ?? 1]
  }),
  'daemonsets.apps': judgeCounted((object) => {
    const { status } = object as unknown as DaemonSet
    return [status?.numberReady ?? 0, status?.desiredNumberScheduled ?? 0]
  }),
  'jobs.batch': judgeJob,
  services: judgeService,
}

/** Kinds from which something follows in a cluster. */
const ACTED_ON: readonly string[] = [
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'replicationcontrollers',
  'horizontalpodautoscalers.autoscaling',
  'ingresses.networking.k8s.io',
  'persistentvolumeclaims',
  'networkpolicies.networking.k8s.io',
  'poddisruptionbudgets.policy',
  'customresourcedefinitions.apiextensions.k8s.io',
]

/** Two controllers look at everything, to delete it. */
const JANITORS = ['generic-garbage-collector', 'namespace-controller']

const hasController = (resource: ResourceName): boolean =>
  controllers.some(({ name, watches }) => !JANITORS.includes(name) && Object.hasOwn(watches, resource))

/** Whether the object that was applied is there, and whole. */
export function judge(world: World, resource: ResourceName, key: string): Verdict {
  const object = getObject(world.server.store, resource, key)
  if (!object) return { is: 'not ready', says: 'it was deleted again', because: [], isStuck: true }
  if (ACTED_ON.includes(resource) && !hasController(resource))
    return {
      is: 'unjudged',
      says: `${object.kind} objects are stored and validated, and nothing follows from them here yet`,
    }
  return JUDGES[resource]?.(world, object) ?? READY
}
