/**
 * One look at a Deployment while its plan is being made: the ReplicaSets as they will be when the commands so far are carried out.
 */
import { equalJson } from '../../../api/equal.ts'
import { keyOf } from '../../../api/object.ts'
import type { Command, View } from '../../../client/controller.ts'
import { type AskTerms, note, update, updateStatus } from '../../../controllers/ask.ts'
import type { ReplicaSet } from '../replicaset/replicaset.ts'
import { DEPLOYMENTS, type Deployment, type DeploymentStatus, isActive, REPLICA_SETS } from './deployment.ts'
import { sizeAnnotations, sizesAreTold } from './revision.ts'
import { countedStatus, deadlineIn, rolloutStatus } from './status.ts'

export interface Roll {
  readonly view: View
  readonly deployment: Deployment
  /** The ReplicaSet of the Deployment's template. */
  readonly current: ReplicaSet | undefined
  /** All others. */
  readonly old: readonly ReplicaSet[]
  readonly commands: readonly Command[]
}

export const all = ({ current, old }: Roll): readonly ReplicaSet[] => (current ? [...old, current] : old)

export const activeOld = ({ old }: Roll): readonly ReplicaSet[] => old.filter(isActive)

export const doing = (roll: Roll, ...commands: readonly Command[]): Roll => ({
  ...roll,
  commands: [...roll.commands, ...commands],
})

/** The roll with this version of one of its ReplicaSets. */
export function withReplicaSet(roll: Roll, replicaSet: ReplicaSet): Roll {
  const is = (one: ReplicaSet | undefined) => one?.metadata.uid === replicaSet.metadata.uid
  if (is(roll.current)) return { ...roll, current: replicaSet }
  return { ...roll, old: roll.old.map((one) => (is(one) ? replicaSet : one)) }
}

/**
 * A ReplicaSet that this plan has already scaled is written again whatever its version, because the version it will have is not
 * known yet. Nobody else writes its spec.
 */
function forWriting(replicaSet: ReplicaSet, roll: Roll): ReplicaSet {
  if (roll.view.get<ReplicaSet>(REPLICA_SETS, keyOf(replicaSet)) === replicaSet) return replicaSet
  const { resourceVersion: _, ...metadata } = replicaSet.metadata
  return { ...replicaSet, metadata } as ReplicaSet
}

function resized(replicaSet: ReplicaSet, replicas: number, deployment: Deployment): ReplicaSet {
  const annotations = sizesAreTold(replicaSet, deployment)
    ? replicaSet.metadata.annotations
    : { ...replicaSet.metadata.annotations, ...sizeAnnotations(deployment) }
  return {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, ...(annotations && { annotations }) },
    spec: { ...replicaSet.spec, replicas },
  }
}

/** Gives a ReplicaSet a size, and tells it how large the Deployment is. */
export function scale(roll: Roll, replicaSet: ReplicaSet, replicas: number, terms: AskTerms = {}): Roll {
  const { deployment } = roll
  const before = replicaSet.spec.replicas
  if (before === replicas && sizesAreTold(replicaSet, deployment)) return roll
  const next = resized(forWriting(replicaSet, roll), replicas, deployment)
  const direction = replicas > before ? 'up' : 'down'
  const message = `Scaled ${direction} replica set ${next.metadata.name} from ${before} to ${replicas}`
  const event = before === replicas ? {} : { onSuccess: note(deployment, 'Normal', 'ScalingReplicaSet', message) }
  const command = update(REPLICA_SETS, next, { ...event, ...terms })
  return withReplicaSet(doing(roll, command), next)
}

/** Only where the size itself changes. */
export const scaleIfNeeded = (roll: Roll, replicaSet: ReplicaSet, replicas: number, terms?: AskTerms): Roll =>
  replicaSet.spec.replicas === replicas ? roll : scale(roll, replicaSet, replicas, terms)

export const writeStatus = (deployment: Deployment, status: DeploymentStatus): Command =>
  updateStatus(DEPLOYMENTS, { ...deployment, status } as Deployment)

/**
 * Ends a plan: the status, or, when it has nothing new to say, the time at which the deadline may have passed. The status tells of
 * the ReplicaSets as they were `before` this plan scaled them; the next look will tell of what became of it.
 */
export function reportRollout(roll: Roll, before: Roll = roll): Roll {
  const { deployment, current, view } = before
  const status = rolloutStatus(deployment, all(before), current, view.now)
  if (!equalJson(status, deployment.status)) return doing(roll, writeStatus(deployment, status))
  const after = deadlineIn(deployment, status, view.now)
  return after === undefined ? roll : doing(roll, { do: 'lookAgain', after })
}

/** The status of a Deployment that is not rolling: paused, being scaled or deleted. */
export function reportCounts(roll: Roll, before: Roll = roll): Roll {
  const { deployment, current, view } = before
  const status = countedStatus(deployment, all(before), current, view.now)
  return equalJson(status, deployment.status) ? roll : doing(roll, writeStatus(deployment, status))
}
