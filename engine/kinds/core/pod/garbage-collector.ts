/**
 * Removes Pods that nobody else will: those on a node that is gone, those that were to stop on a node declared out of service, and those
 * that were told to go before they had a node.
 *
 * Upstream: pkg/controller/podgc/gc_controller.go
 * Left out: the round every twenty seconds (what is due is done when it is due); ended Pods beyond the first 12,500.
 */
import { isDeleting, type Key, keyOf } from '../../../api/object.ts'
import type { Change, Command, Controller, View } from '../../../client/controller.ts'
import { patchStatus, remove } from '../../../controllers/ask.ts'
import { type Millis, seconds, timestamp } from '../../../std/time.ts'
import { isNodeReady, type Node, OUT_OF_SERVICE, taintsOf } from '../node/node.ts'
import { isPodTerminal, type Pod } from './pod-state.ts'

/** So long a node may be missing: it may only be registering again. */
const QUARANTINE: Millis = seconds(40)

const isOutOfService = (node: Node): boolean =>
  !isNodeReady(node) && taintsOf(node).some(({ key }) => key === OUT_OF_SERVICE)

/** Its last word: it has failed, since nobody will say anything else of it. */
function fail(pod: Pod, now: Millis, isOrphaned: boolean): readonly Command[] {
  if (isPodTerminal(pod)) return []
  const { uid, generation } = pod.metadata
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    lastProbeTime: null,
    lastTransitionTime: timestamp(now),
    ...observed,
  }
  const types = [...(pod.status?.conditions ?? []).map(({ type }) => ({ type })), { type: 'DisruptionTarget' }]
  const conditions = { '$setElementOrder/conditions': types, conditions: [condition] }
  const status = { phase: 'Failed', ...observed, ...(isOrphaned && conditions) }
  return [patchStatus('pods', pod, 'strategic', { metadata: { uid }, status })]
}

const removal = (pod: Pod, now: Millis, isOrphaned: boolean): readonly Command[] => [
  ...fail(pod, now, isOrphaned),
  remove('pods', pod, { gracePeriodSeconds: 0 }),
]

const forget: Command = { do: 'remember', value: undefined }

function reconcile(view: View, key: Key, memory: unknown): readonly Command[] {
  const pod = view.get<Pod>('pods', key)
  if (!pod) return memory === undefined ? [] : [forget]
  const { nodeName } = pod.spec
  if (!nodeName) return isDeleting(pod) ? removal(pod, view.now, false) : []
  const node = view.get<Node>('nodes', nodeName)
  if (node) {
    const forgetting = memory === undefined ? [] : [forget]
    return isDeleting(pod) && isOutOfService(node) ? [...forgetting, ...removal(pod, view.now, false)] : forgetting
  }
  const since = (memory as Millis | undefined) ?? view.now
  const left = since + QUARANTINE - view.now
  if (left <= 0) return [forget, ...removal(pod, view.now, true)]
  return [
    { do: 'remember', value: since },
    { do: 'lookAgain', after: left },
  ]
}

/** Nearly every Pod has a node, and stays on it: then there is nothing to do. */
function keysOfPod({ key, before, after }: Change, view: View): readonly Key[] {
  const [old, now] = [before as Pod | undefined, after as Pod | undefined]
  if (!now || (old && old.spec.nodeName === now.spec.nodeName && isDeleting(old) === isDeleting(now))) return []
  const node = view.get<Node>('nodes', now.spec.nodeName ?? '')
  if (!node) return now.spec.nodeName || isDeleting(now) ? [key] : []
  return isDeleting(now) && isOutOfService(node) ? [key] : []
}

function keysOfNode({ key, after }: Change, view: View): readonly Key[] {
  if (after && !isOutOfService(after as Node)) return []
  return view.by<Pod>('pods', 'node', key).map(keyOf)
}

export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector',
  workers: 1,
  watches: { pods: keysOfPod, nodes: keysOfNode },
  reconcile,
}
