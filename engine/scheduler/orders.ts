/**
 * What the scheduler asks of others: Pods bound, conditions written, victims deleted, Events recorded.
 */
import type { KubeObject } from '../api/object.ts'
import type { Order } from '../client/component.ts'
import type { View } from '../client/controller.ts'
import { timestamp } from '../std/time.ts'
import type { SchedulerFact } from './fact.ts'
import type { Pod, PodCondition } from './objects.ts'

export type Orders = readonly Order<SchedulerFact>[]

type SchedulerOrder = Order<SchedulerFact>

export const BINDING = 'binding'
export const EVICTION = 'eviction'

/** `binding default/web-1`: what an answer is about. */
export const tagOf = (about: string, key: string): string => `${about} ${key}`

export function splitTag(tag: string): readonly [about: string, key: string] {
  const space = tag.indexOf(' ')
  return [tag.slice(0, space), tag.slice(space + 1)]
}

export function bind({ metadata }: Pod, key: string, node: string): SchedulerOrder {
  const { name, namespace = '', uid } = metadata
  const body = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { kind: 'Node', name: node },
  }
  const ask = { verb: 'create', resource: 'pods', subresource: 'binding', namespace, name, body } as const
  return { do: 'ask', tag: tagOf(BINDING, key), ask }
}

function patchStatus({ metadata }: KubeObject, status: Readonly<Record<string, unknown>>): SchedulerOrder {
  const { name, namespace = '', uid } = metadata
  const body = { metadata: { uid }, status }
  return {
    do: 'ask',
    ask: { verb: 'patch', resource: 'pods', subresource: 'status', patchType: 'strategic', namespace, name, body },
  }
}

type NewCondition = Pick<PodCondition, 'type' | 'status'> & Required<Pick<PodCondition, 'reason' | 'message'>>

const conditionOf = ({ status }: Pod, type: string): PodCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type)

const says = (known: PodCondition | undefined, wanted: NewCondition, generation: number | undefined): boolean =>
  known?.status === wanted.status &&
  known.reason === wanted.reason &&
  known.message === wanted.message &&
  known.observedGeneration === generation

/**
 * Writes a condition, and a nomination if one is given (an empty one takes it away). Nothing if it says all that
 * already.
 */
export function writeStatus(pod: Pod, view: View, wanted: NewCondition, nominatedNodeName?: string): Orders {
  const known = conditionOf(pod, wanted.type)
  const generation = pod.metadata.generation
  const nominatesAnew = nominatedNodeName !== undefined && nominatedNodeName !== (pod.status?.nominatedNodeName ?? '')
  if (says(known, wanted, generation) && !nominatesAnew) return []
  const since = known?.status === wanted.status ? known.lastTransitionTime : undefined
  const condition = {
    ...wanted,
    ...(generation !== undefined && { observedGeneration: generation }),
    lastProbeTime: null,
    lastTransitionTime: since ?? timestamp(view.now),
  }
  const nomination = nominatesAnew ? { nominatedNodeName: nominatedNodeName || null } : {}
  return [patchStatus(pod, { conditions: [condition], ...nomination })]
}

export const clearNomination = (pod: Pod): SchedulerOrder => patchStatus(pod, { nominatedNodeName: null })

export function deletePod({ metadata }: KubeObject, tag: string): SchedulerOrder {
  const { name, namespace = '', uid } = metadata
  const options = { preconditions: { uid } }
  return { do: 'ask', tag, ask: { verb: 'delete', resource: 'pods', namespace, name, options } }
}

export const recordScheduled = (about: Pod, key: string, node: string): SchedulerOrder => ({
  do: 'record',
  about,
  type: 'Normal',
  reason: 'Scheduled',
  action: 'Binding',
  message: `Successfully assigned ${key} to ${node}`,
})

const LONGEST_NOTE = 1024
const ELLIPSIS = ' ...'

const shortened = (text: string): string =>
  text.length > LONGEST_NOTE ? text.slice(0, LONGEST_NOTE - ELLIPSIS.length) + ELLIPSIS : text

export const recordFailed = (about: Pod, message: string): SchedulerOrder => ({
  do: 'record',
  about,
  type: 'Warning',
  reason: 'FailedScheduling',
  action: 'Scheduling',
  message: shortened(message),
})

export const recordPreempted = (about: Pod, preemptor: Pod, node: string): SchedulerOrder => ({
  do: 'record',
  about,
  type: 'Normal',
  reason: 'Preempted',
  action: 'Preempting',
  message: `Preempted by pod ${preemptor.metadata.uid} on node ${node}`,
})
