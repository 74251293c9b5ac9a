/**
 * Binding puts a Pod on a node, once and for all. It is the one thing that the scheduler writes, and a door of its own so that
 * nothing else can be changed on the way.
 *
 * Upstream: pkg/registry/core/pod/storage/storage.go (BindingREST)
 */
import type { KubeObject } from '../../api/object.ts'
import type { Status } from '../../api/status.ts'
import type { Pod, PodCondition } from '../../api/types.generated.ts'
import { invalid as invalidField, notSupported, required } from '../../api/validate/problems.ts'
import { put } from '../../etcd/store.ts'
import { timestamp } from '../../std/time.ts'
import { type Exchange, isDryRun, type Stage } from '../exchange.ts'
import { indexRules } from '../indexes.ts'
import { conflict, invalid } from '../refusals.ts'
import { admit } from '../stages/admit.ts'
import { authorize } from '../stages/authorize.ts'
import { find, lookUp } from '../stages/find.ts'
import { understand } from '../stages/understand.ts'
import type { Door } from './door.ts'
import { bodyOf, expecting, readAs } from './read-body.ts'

interface Binding {
  readonly metadata?: {
    readonly name?: string
    readonly uid?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly target?: { readonly kind?: string; readonly name?: string }
}

const checkTarget: Stage = (exchange) => {
  const { target = {} } = bodyOf<Binding>(exchange)
  const about = { group: '', kind: 'Binding' }
  const name = exchange.request.name ?? ''
  if (target.kind && target.kind !== 'Node')
    return invalid(about, name, [notSupported('target.kind', target.kind, ['Node', '<empty>'])])
  return target.name ? exchange : invalid(about, name, [required('target.name')])
}

/** Why this Pod cannot be bound. */
function obstacle({ metadata, spec }: Pod): string | undefined {
  if (metadata.deletionTimestamp !== undefined)
    return `pod ${metadata.name} is being deleted, cannot be assigned to a host`
  if (spec?.nodeName) return `pod ${metadata.name} is already assigned to node "${spec.nodeName}"`
  return spec?.schedulingGates?.length ? `pod ${metadata.name} has non-empty .spec.schedulingGates` : undefined
}

const refused = ({ request }: Exchange, why: string): Status =>
  conflict({ group: '', plural: 'pods/binding' }, request.name ?? '', why)

function scheduled(
  conditions: readonly PodCondition[] = [],
  generation: number | undefined,
  now: string,
): readonly PodCondition[] {
  const before = conditions.find(({ type }) => type === 'PodScheduled')
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: before?.status === 'True' ? (before.lastTransitionTime ?? now) : now,
    ...(generation !== undefined && { observedGeneration: generation }),
  } as unknown as PodCondition
  return before ? conditions.map((one) => (one === before ? condition : one)) : [...conditions, condition]
}

function bound(pod: Pod, { metadata, target }: Binding, now: string): Pod {
  const annotations = metadata?.annotations && { annotations: { ...pod.metadata.annotations, ...metadata.annotations } }
  const { nominatedNodeName, ...status } = pod.status ?? {}
  return {
    ...pod,
    ...(annotations && { metadata: { ...pod.metadata, ...annotations } }),
    spec: { ...pod.spec!, nodeName: target!.name! },
    status: { ...status, conditions: scheduled(pod.status?.conditions, pod.metadata.generation, now) },
  }
}

const DONE: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

const bind: Stage = (exchange, _server, at) => {
  const pod = exchange.old as Pod
  const { uid } = bodyOf<Binding>(exchange).metadata ?? {}
  if (uid && uid !== pod.metadata.uid)
    return refused(
      exchange,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`,
    )
  const why = obstacle(pod)
  if (why) return refused(exchange, why)
  const response = { code: 201, body: DONE }
  if (isDryRun(exchange)) return { ...exchange, response }
  const object = bound(pod, bodyOf<Binding>(exchange), timestamp(at.now))
  const [store] = put(exchange.store, indexRules, 'pods', exchange.key!, object as KubeObject)
  return { ...exchange, store, response }
}

const AS_BINDING = expecting('', 'v1', 'Binding')

export const binding: Door = {
  resources: ['pods'],
  subresource: 'binding',
  plans: { create: [authorize, understand, readAs(AS_BINDING), checkTarget, lookUp, admit, find, bind] },
}

/** The old way: the Pod's name is the binding's. */
const named: Stage = (exchange) => {
  const name = bodyOf<Binding>(exchange).metadata?.name ?? ''
  const { request } = exchange
  if (!name)
    return invalid({ group: '', kind: 'Binding' }, '', [invalidField('metadata.name', '', 'must be specified')])
  return { ...exchange, key: `${request.namespace}/${name}`, request: { ...request, resource: 'pods', name } }
}

export const bindings: Door = {
  resources: ['bindings'],
  plans: { create: [authorize, understand, readAs(AS_BINDING), named, checkTarget, bind] },
}
