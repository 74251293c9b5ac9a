/**
 * Drives Pods from nodes with a NoExecute taint: at once those that do not tolerate it, after their `tolerationSeconds` those that
 * tolerate it for a while.
 *
 * Upstream: pkg/controller/tainteviction/taint_eviction.go
 */
import { isDeleting, type Key, keyOf } from '../../../api/object.ts'
import type { Change, Command, Controller, View } from '../../../client/controller.ts'
import { patchStatus, record, remove } from '../../../controllers/ask.ts'
import { type Millis, seconds, timestamp } from '../../../std/time.ts'
import { conditionOf, type Pod, type Toleration } from '../pod/pod-state.ts'
import { type Node, type Taint, taintsOf } from './node.ts'

const evicting = (node: Node | undefined): readonly Taint[] =>
  node ? taintsOf(node).filter(({ effect }) => effect === 'NoExecute') : []

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  if (operator === 'Exists') return true
  return operator === 'Equal' && value === (taint.value ?? '')
}

/** How long the Pod stays: 0 when it does not tolerate a taint, undefined when it tolerates all for ever. */
function patience(pod: Pod, taints: readonly Taint[]): Millis | undefined {
  let least: Millis | undefined
  for (const taint of taints) {
    const toleration = pod.spec.tolerations?.find((one) => tolerates(one, taint))
    if (!toleration) return 0
    if (toleration.tolerationSeconds === undefined) continue
    least = Math.min(Math.max(0, seconds(toleration.tolerationSeconds)), least ?? Number.POSITIVE_INFINITY)
  }
  return least
}

/** An eviction that is to come, or that was. */
interface Planned {
  readonly uid: string
  readonly since: Millis
  readonly due: Millis
  readonly done?: true
}

const event = (pod: Pod, what: string): Command =>
  record(pod, 'Normal', 'TaintManagerEviction', `${what} deletion of Pod ${keyOf(pod)}`)

const cancelled = (pod: Pod, planned: Planned | undefined): readonly Command[] =>
  planned && !planned.done ? [{ do: 'remember', value: undefined }, event(pod, 'Cancelling')] : []

/** The Pod learns why it has to go. */
function tellPod(pod: Pod, now: Millis): readonly Command[] {
  if (conditionOf(pod, 'DisruptionTarget')?.status === 'True') return []
  const { uid, generation } = pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
    ...(generation !== undefined && { observedGeneration: generation }),
  }
  const types = [...(pod.status?.conditions ?? []).map(({ type }) => ({ type })), { type: 'DisruptionTarget' }]
  const order = types.length > 1 ? { '$setElementOrder/conditions': types } : {}
  return [patchStatus('pods', pod, 'strategic', { metadata: { uid }, status: { ...order, conditions: [condition] } })]
}

function evict(pod: Pod, planned: Planned, now: Millis): readonly Command[] {
  const marking = record(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`)
  return [{ do: 'remember', value: { ...planned, done: true } }, marking, ...tellPod(pod, now), remove('pods', pod)]
}

function plan(pod: Pod, wait: Millis, planned: Planned | undefined, now: Millis): readonly Command[] {
  const since = planned?.since ?? now
  const next: Planned = { uid: pod.metadata.uid, since, due: since + wait }
  if (wait === 0) return [...cancelled(pod, planned), ...evict(pod, next, now)]
  if (next.due <= now) return evict(pod, next, now)
  const remembering: readonly Command[] = planned?.due === next.due ? [] : [{ do: 'remember', value: next }]
  return [...remembering, { do: 'lookAgain', after: next.due - now }]
}

function reconcile(view: View, key: Key, memory: unknown): readonly Command[] {
  const pod = view.get<Pod>('pods', key)
  const known = memory as Planned | undefined
  if (!pod || isDeleting(pod)) return known ? [{ do: 'remember', value: undefined }] : []
  const planned = known?.uid === pod.metadata.uid ? known : undefined
  if (planned?.done) return []
  const taints = evicting(view.get<Node>('nodes', pod.spec.nodeName ?? ''))
  const wait = taints.length > 0 ? patience(pod, taints) : undefined
  return wait === undefined ? cancelled(pod, planned) : plan(pod, wait, planned, view.now)
}

const podsOn = (view: View, node: string): readonly Key[] => view.by<Pod>('pods', 'node', node).map(keyOf)

function keysOfNode({ key, before, after }: Change, view: View): readonly Key[] {
  if (!after || before?.metadata === undefined)
    return evicting(after as Node | undefined).length > 0 ? podsOn(view, key) : []
  const [old, now] = [before as Node, after as Node]
  if (old.spec?.taints === now.spec?.taints) return []
  return evicting(old).length + evicting(now).length > 0 ? podsOn(view, key) : []
}

function keysOfPod({ key, after }: Change, view: View): readonly Key[] {
  const node = after && (after as Pod).spec.nodeName
  if (!after) return [key]
  return node && evicting(view.get<Node>('nodes', node)).length > 0 ? [key] : []
}

export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  identity: 'node-controller',
  eventSource: 'taint-eviction-controller',
  workers: 8,
  watches: { nodes: keysOfNode, pods: keysOfPod },
  reconcile,
}
