/**
 * What a ReplicaSet says about itself: counts over its Pods, and a condition when Pods could not be made or deleted.
 *
 * Upstream: pkg/controller/replicaset/replica_set_utils.go
 */
import { equalJson } from '../../../api/equal.ts'
import { type Millis, timestamp } from '../../../std/time.ts'
import { availableIn, isPodReady, type Pod } from '../../core/pod/pod-state.ts'
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from './replicaset.ts'

const REPLICA_FAILURE = 'ReplicaFailure'

function hasLabels(pod: Pod, labels: readonly (readonly [string, string])[]): boolean {
  for (const [name, value] of labels) if (pod.metadata.labels?.[name] !== value) return false
  return true
}

interface Counts {
  readonly fullyLabeled: number
  readonly ready: number
  readonly available: number
}

function countPods(replicaSet: ReplicaSet, pods: readonly Pod[], now: Millis): Counts {
  const { minReadySeconds = 0, template } = replicaSet.spec
  const labels = Object.entries(template.metadata?.labels ?? {})
  let fullyLabeled = 0
  let ready = 0
  let available = 0
  for (const pod of pods) {
    if (hasLabels(pod, labels)) fullyLabeled++
    if (!isPodReady(pod)) continue
    ready++
    if (availableIn(pod, minReadySeconds, now) === 0) available++
  }
  return { fullyLabeled, ready, available }
}

export interface Failure {
  readonly reason: 'FailedCreate' | 'FailedDelete'
  readonly message: string
}

/** The condition appears with the first failure, stays as it was with the next, and goes with the first success. */
function conditionsAfter(
  old: readonly ReplicaSetCondition[],
  failure: Failure | undefined,
  now: Millis,
): readonly ReplicaSetCondition[] {
  const known = old.some((condition) => condition.type === REPLICA_FAILURE)
  if (failure && !known)
    return [...old, { type: REPLICA_FAILURE, status: 'True', lastTransitionTime: timestamp(now), ...failure }]
  return !failure && known ? old.filter((condition) => condition.type !== REPLICA_FAILURE) : old
}

/** `pods` are those that count as replicas. */
export function statusOf(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  terminating: number,
  failure: Failure | undefined,
  now: Millis,
): ReplicaSetStatus {
  const { fullyLabeled, ready, available } = countPods(replicaSet, pods, now)
  const conditions = conditionsAfter(replicaSet.status.conditions ?? [], failure, now)
  return {
    replicas: pods.length,
    ...(fullyLabeled > 0 && { fullyLabeledReplicas: fullyLabeled }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    terminatingReplicas: terminating,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...(conditions.length > 0 && { conditions }),
  }
}

export const sameStatus = (a: ReplicaSetStatus, b: ReplicaSetStatus): boolean =>
  a.replicas === b.replicas &&
  a.readyReplicas === b.readyReplicas &&
  a.availableReplicas === b.availableReplicas &&
  a.fullyLabeledReplicas === b.fullyLabeledReplicas &&
  a.terminatingReplicas === b.terminatingReplicas &&
  a.observedGeneration === b.observedGeneration &&
  equalJson(a.conditions, b.conditions)

/** How long until the next ready Pod becomes available; undefined when none is about to. */
export function nextAvailability(replicaSet: ReplicaSet, pods: readonly Pod[], now: Millis): Millis | undefined {
  const { minReadySeconds = 0 } = replicaSet.spec
  if (minReadySeconds === 0) return undefined
  let soonest: Millis | undefined
  for (const pod of pods) {
    const left = availableIn(pod, minReadySeconds, now)
    if (left !== undefined && left > 0 && (soonest === undefined || left < soonest)) soonest = left
  }
  return soonest
}
