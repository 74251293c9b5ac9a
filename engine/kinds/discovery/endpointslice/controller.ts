/**
 * Keeps, for each Service with a selector, the list of Pods behind it: who is ready, who is stopping, where each stands. Whoever routes
 * traffic or answers names reads these slices and nothing else.
 *
 * Upstream: pkg/controller/endpointslice/endpointslice_controller.go, staging/src/k8s.io/endpointslice/reconciler.go
 * Left out: batching of updates (upstream has it off by default).
 */
import { isDeleting, type Key, type KubeObject, keyFor } from '../../../api/object.ts'
import type { Change, Command, Controller, View } from '../../../client/controller.ts'
import { create, record, remove, update } from '../../../controllers/ask.ts'
import { isPodReady, type Pod } from '../../core/pod/pod-state.ts'
import { belongs, endpointOf, portsOf } from './endpoint.ts'
import {
  ENDPOINT_SLICES,
  type Endpoint,
  type EndpointSlice,
  MANAGED_BY,
  MANAGER,
  SERVICE_NAME,
  type Service,
  TRIGGER_TIME,
} from './endpointslice.ts'
import { hint } from './hints.ts'
import { differencesOf, podsOf, servicesOfPod } from './selection.ts'
import {
  type Division,
  type Drafted,
  divide,
  endpointId,
  type PortGroup,
  portsId,
  reuse,
  type Shuffle,
} from './slices.ts'
import { type SeenTimes, triggerOf } from './trigger-time.ts'

/** What is kept of a Service from look to look. */
interface Memory {
  readonly times: SeenTimes
  /** The address types that have hints. */
  readonly hinted: readonly string[]
}

interface Grouped {
  readonly groups: ReadonlyMap<string, PortGroup>
  /** Pods whose node is not there. */
  readonly lost: readonly Pod[]
}

/** Upstream takes endpoints out of a set, in whatever order they come. */
const shuffling =
  (view: View): Shuffle =>
  (endpoints) => {
    if (endpoints.size < 2) return endpoints
    const drawn = [...endpoints].map((entry) => [view.draw('endpoint', entry[1].targetRef?.uid ?? ''), entry] as const)
    return new Map(drawn.sort(([a], [b]) => a - b).map(([, entry]) => entry))
  }

/** The groups of the last look, by the Service as it was. */
interface LastLook {
  readonly pods: readonly Pod[]
  readonly nodes: object
  readonly addressType: string
  readonly grouped: Grouped
}

const lastLooks = new WeakMap<Service, LastLook>()

/** Where all Pods have the same ports, only those that changed since the last look are looked at. */
function group(view: View, service: Service, pods: readonly Pod[], addressType: string): Grouped {
  const nodes = view.version?.('nodes')
  const last = lastLooks.get(service)
  const grouped =
    last && last.nodes === nodes && last.addressType === addressType
      ? (regrouped(view, service, last, pods) ?? groupedAnew(view, service, pods, addressType))
      : groupedAnew(view, service, pods, addressType)
  if (nodes) lastLooks.set(service, { pods, nodes, addressType, grouped })
  return grouped
}

/** Undefined when it takes more than putting endpoints into the one group or out of it. */
function regrouped(view: View, service: Service, last: LastLook, pods: readonly Pod[]): Grouped | undefined {
  const { gone, come } = differencesOf(last.pods, pods)
  if (gone.length === 0 && come.length === 0) return last.grouped
  const before = groupedAnew(view, service, gone, last.addressType)
  const after = groupedAnew(view, service, come, last.addressType)
  const ids = new Set([last.grouped, before, after].flatMap(({ groups }) => [...groups.keys()]))
  const [id] = ids
  if (ids.size !== 1 || [last.grouped, before, after].some(({ lost }) => lost.length > 0)) return undefined
  const known = last.grouped.groups.get(id!)
  if (!known) return undefined
  const endpoints = new Map(known.endpoints)
  for (const key of before.groups.get(id!)?.endpoints.keys() ?? []) endpoints.delete(key)
  for (const [key, endpoint] of after.groups.get(id!)?.endpoints ?? []) endpoints.set(key, endpoint)
  return endpoints.size === 0 ? undefined : { groups: new Map([[id!, { ports: known.ports, endpoints }]]), lost: [] }
}

function groupedAnew(view: View, service: Service, pods: readonly Pod[], addressType: string): Grouped {
  const groups = new Map<string, PortGroup & { readonly endpoints: Map<string, Endpoint> }>()
  const lost: Pod[] = []
  for (const pod of pods) {
    if (!belongs(pod, true)) continue
    const ports = portsOf(service, pod)
    const id = portsId(ports)
    const known = groups.get(id) ?? { ports, endpoints: new Map<string, Endpoint>() }
    groups.set(id, known)
    const node = view.get('nodes', pod.spec.nodeName ?? '')
    const endpoint = endpointOf(pod, node, service, addressType)
    if (!node && !service.spec.publishNotReadyAddresses) lost.push(pod)
    else if (endpoint) known.endpoints.set(endpointId(endpoint), endpoint)
  }
  return { groups, lost }
}

function withTriggerTime(slice: Drafted, time: string | undefined): Drafted {
  const { [TRIGGER_TIME]: _, ...others } = slice.metadata.annotations ?? {}
  const annotations = time === undefined ? others : { ...others, [TRIGGER_TIME]: time }
  const { annotations: __, ...metadata } = slice.metadata
  return { ...slice, metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata }
}

function writes(service: Service, division: Division, time: string | undefined): readonly Command[] {
  const { namespace } = service.metadata
  const creations = isDeleting(service) ? [] : division.create
  return [
    ...creations.map((slice) => create(ENDPOINT_SLICES, namespace, { ...withTriggerTime(slice, time) })),
    ...division.update.map((slice) => update(ENDPOINT_SLICES, withTriggerTime(slice, time) as EndpointSlice)),
    ...division.remove.map((slice) => remove(ENDPOINT_SLICES, slice)),
  ]
}

function lostCommands(service: Service, lost: readonly Pod[]): readonly Command[] {
  if (lost.length === 0) return []
  const { namespace, name } = service.metadata
  const place = `${namespace}/${name}`
  const reasons = lost.map(
    (pod) => `skipping Pod ${pod.metadata.name} for Service ${place}: Node ${pod.spec.nodeName} Not Found`,
  )
  const told = reasons.length === 1 ? reasons[0]! : `[${reasons.join(', ')}]`
  const message = `Error updating Endpoint Slices for Service ${place}: ${told}`
  return [record(service, 'Warning', 'FailedToUpdateEndpointSlices', message), { do: 'retry' }]
}

const ADDRESS_TYPES = ['IPv4', 'IPv6']

function slicesOf(view: View, key: Key): readonly EndpointSlice[] {
  return view
    .by<EndpointSlice>(ENDPOINT_SLICES, 'service', key)
    .filter((slice) => slice.metadata.labels?.[MANAGED_BY] === MANAGER && !isDeleting(slice))
}

function reconcile(view: View, key: Key, memory: unknown): readonly Command[] {
  const service = view.get<Service>('services', key)
  if (!service) return memory === undefined ? [] : [{ do: 'remember', value: undefined }]
  if (service.spec.type === 'ExternalName' || !service.spec.selector) return []
  const { times, hinted = [] } = (memory ?? {}) as Partial<Memory>
  const pods = podsOf(view, service)
  const slices = slicesOf(view, key)
  const trigger = triggerOf(service, pods, times)
  const commands: Command[] = []
  const stillHinted: string[] = []
  const types = service.spec.ipFamilies ?? ['IPv4']
  for (const type of ADDRESS_TYPES) {
    const ofType = slices.filter(({ addressType }) => addressType === type)
    if (!types.includes(type)) {
      commands.push(...ofType.map((slice) => remove(ENDPOINT_SLICES, slice)))
      continue
    }
    const { groups, lost } = group(view, service, pods, type)
    const { division, events, enabled } = hint(
      divide(service, type, ofType, groups, shuffling(view)),
      service,
      view,
      type,
      hinted.includes(type),
    )
    if (enabled) stillHinted.push(type)
    commands.push(...writes(service, reuse(division, service), trigger.time))
    commands.push(...events.map(({ type: level, reason, message }) => record(service, level, reason, message)))
    commands.push(...lostCommands(service, lost))
  }
  return [{ do: 'remember', value: { times: trigger.seen, hinted: stillHinted } satisfies Memory }, ...commands]
}

// ---- when to look ----

const ips = ({ status }: Pod): string => (status?.podIPs ?? []).map(({ ip }) => ip).join(',')

/** Whether a change of a Pod can change its endpoint. */
function matters(before: Pod, after: Pod): boolean {
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.spec.nodeName !== after.spec.nodeName ||
    (before.status !== after.status &&
      (isTold(before) !== isTold(after) ||
        isPodReady(before) !== isPodReady(after) ||
        ips(before) !== ips(after) ||
        ended(before) !== ended(after)))
  )
}

const ended = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

const NO_KEYS: readonly Key[] = []

/** Whether a kubelet has spoken of the Pod: before that it is no endpoint, and has no time that a slice could tell. */
const isTold = (pod: Pod | undefined): boolean => pod?.status?.conditions?.some(({ type }) => type === 'Ready') ?? false

export function keysOfPod({ before, after }: Change, view: View): readonly Key[] {
  const [old, now] = [before as Pod | undefined, after as Pod | undefined]
  if (!isTold(old) && !isTold(now)) return NO_KEYS
  if (!old || !now) return servicesOfPod(view, (now ?? old)!)
  if (old.metadata.labels !== now.metadata.labels)
    return [...new Set([...servicesOfPod(view, old), ...servicesOfPod(view, now)])]
  return matters(old, now) ? servicesOfPod(view, now) : []
}

function keysOfSlice({ before, after }: Change): readonly Key[] {
  const slice: KubeObject = (after ?? before)!
  const { labels, namespace } = slice.metadata
  const service = labels?.[SERVICE_NAME]
  return service && labels[MANAGED_BY] === MANAGER ? [keyFor(namespace, service)] : []
}

/** A node comes, goes or moves: only its own Pods' Services care. */
function keysOfNode({ key, before, after }: Change, view: View): readonly Key[] {
  if (before && after && before.metadata.labels === after.metadata.labels) return []
  const keys = view.by<Pod>('pods', 'node', key).flatMap((pod) => servicesOfPod(view, pod))
  return [...new Set(keys)]
}

export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  eventSource: 'endpoint-slice-controller',
  workers: 5,
  ignoresOwn: [ENDPOINT_SLICES],
  watches: {
    services: ({ key }) => [key],
    pods: keysOfPod,
    [ENDPOINT_SLICES]: keysOfSlice,
    nodes: keysOfNode,
  },
  reconcile,
}
