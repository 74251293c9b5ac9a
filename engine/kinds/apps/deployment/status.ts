/**
 * What a Deployment says of itself: counts over its ReplicaSets, whether enough Pods are available, and whether its roll goes forward,
 * is done, or has taken longer than it may.
 *
 * Upstream: pkg/controller/deployment/{sync,progress}.go
 */
import { instantOf, type Millis, seconds } from '../../../std/time.ts'
import type { ReplicaSet } from '../replicaset/replicaset.ts'
import { findCondition, newCondition, withCondition, withoutCondition } from './conditions.ts'
import {
  available,
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  hasDeadline,
  minAvailable,
  sumOf,
  wanted,
} from './deployment.ts'

const PROGRESS_DONE = 'NewReplicaSetAvailable'
export const TIMED_OUT = 'ProgressDeadlineExceeded'

/** A ReplicaSet that no controller has looked at yet has nothing to say; one that was looked at and says nothing spoils the sum. */
function terminatingSum(replicaSets: readonly ReplicaSet[]): number | undefined {
  let sum = 0
  for (const { status } of replicaSets) {
    if (status.terminatingReplicas === undefined && status.observedGeneration) return undefined
    sum += status.terminatingReplicas ?? 0
  }
  return sum
}

/** Counts that are zero are left out, as the API leaves them out. */
const counted = (counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))

function counts(deployment: Deployment, all: readonly ReplicaSet[], current: ReplicaSet | undefined): DeploymentStatus {
  const ready = sumOf(all, available)
  const terminating = terminatingSum(all)
  return {
    ...counted({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: sumOf(all, ({ status }) => status.replicas),
      updatedReplicas: current?.status.replicas ?? 0,
      readyReplicas: sumOf(all, ({ status }) => status.readyReplicas),
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, sumOf(all, wanted) - ready),
    }),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    ...(deployment.status.collisionCount !== undefined && { collisionCount: deployment.status.collisionCount }),
    ...(deployment.status.conditions?.length && { conditions: deployment.status.conditions }),
  }
}

const availability = (deployment: Deployment, availableReplicas: number, now: Millis): DeploymentCondition =>
  availableReplicas >= minAvailable(deployment)
    ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : newCondition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        now,
      )

/** The counts and Available; the other conditions as they were. */
export function countedStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
  now: Millis,
): DeploymentStatus {
  const status = counts(deployment, all, current)
  return withCondition(status, availability(deployment, status.availableReplicas ?? 0, now))
}

/** Every Pod is of the new template and available, and there is none too many. */
export const isComplete = ({ spec, metadata }: Deployment, status: DeploymentStatus): boolean =>
  (status.updatedReplicas ?? 0) === spec.replicas &&
  (status.replicas ?? 0) === spec.replicas &&
  (status.availableReplicas ?? 0) === spec.replicas &&
  (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)

const outdated = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas

const goesForward = ({ status: old }: Deployment, status: DeploymentStatus): boolean =>
  (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
  outdated(status) < outdated(old) ||
  (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
  (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)

const deadlineOf = ({ spec }: Deployment, condition: DeploymentCondition): Millis =>
  (instantOf(condition.lastUpdateTime) ?? 0) + seconds(spec.progressDeadlineSeconds ?? 0)

function hasTimedOut(deployment: Deployment, status: DeploymentStatus, now: Millis): boolean {
  const progressing = findCondition(status, 'Progressing')
  if (!progressing || progressing.reason === PROGRESS_DONE) return false
  return progressing.reason === TIMED_OUT || deadlineOf(deployment, progressing) < now
}

/** Progress is told anew each time: the same reason again moves `lastUpdateTime`, which puts the deadline off. */
function withProgress(status: DeploymentStatus, condition: DeploymentCondition): DeploymentStatus {
  const current = findCondition(status, 'Progressing')
  if (!current) return withCondition(status, condition)
  const kept = current.status === 'True' ? { ...condition, lastTransitionTime: current.lastTransitionTime } : condition
  return withCondition(withoutCondition(status, 'Progressing'), kept)
}

function withRollout(
  deployment: Deployment,
  status: DeploymentStatus,
  current: ReplicaSet | undefined,
  now: Millis,
): DeploymentStatus {
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  const told = (outcome: 'True' | 'False', reason: string, text: string) =>
    newCondition('Progressing', outcome, reason, `${subject} ${text}`, now)
  if (isComplete(deployment, status))
    return withCondition(status, told('True', PROGRESS_DONE, 'has successfully progressed.'))
  if (goesForward(deployment, status)) return withProgress(status, told('True', 'ReplicaSetUpdated', 'is progressing.'))
  if (hasTimedOut(deployment, status, now))
    return withCondition(status, told('False', TIMED_OUT, 'has timed out progressing.'))
  return status
}

/** Nobody asks any more whether a roll that is done goes forward. */
const isSettled = (deployment: Deployment, status: DeploymentStatus): boolean =>
  (status.replicas ?? 0) === (status.updatedReplicas ?? 0) &&
  findCondition(deployment.status, 'Progressing')?.reason === PROGRESS_DONE

/** The new ReplicaSet's failure to make Pods, or else that of an older one. */
function replicaFailure(all: readonly ReplicaSet[], current: ReplicaSet | undefined): DeploymentCondition | undefined {
  const told = [...(current ? [current] : []), ...all]
    .flatMap(({ status }) => status.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure')
  if (!told) return undefined
  const time = told.lastTransitionTime ?? ''
  const { status, reason = '', message = '' } = told
  return { type: 'ReplicaFailure', status, lastUpdateTime: time, lastTransitionTime: time, reason, message }
}

/** The status of a Deployment whose roll is being watched. */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
  now: Millis,
): DeploymentStatus {
  let status = countedStatus(deployment, all, current, now)
  if (!hasDeadline(deployment)) status = withoutCondition(status, 'Progressing')
  else if (!isSettled(deployment, status)) status = withRollout(deployment, status, current, now)
  const failure = replicaFailure(all, current)
  return failure ? withCondition(status, failure) : withoutCondition(status, 'ReplicaFailure')
}

/** How long until the deadline may have passed; undefined when nobody waits for it. */
export function deadlineIn(deployment: Deployment, status: DeploymentStatus, now: Millis): Millis | undefined {
  const progressing = findCondition(deployment.status, 'Progressing')
  if (!hasDeadline(deployment) || !progressing) return undefined
  if (isComplete(deployment, status) || progressing.reason === TIMED_OUT) return undefined
  return Math.max(deadlineOf(deployment, progressing) - now, 0) + seconds(1)
}
