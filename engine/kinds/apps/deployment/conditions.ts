/**
 * The conditions of a Deployment and their two clocks: a change of reason moves `lastUpdateTime`, only a change of status moves
 * `lastTransitionTime`, and the same reason again moves nothing.
 *
 * Upstream: pkg/controller/deployment/util/deployment_util.go
 */
import { type Millis, timestamp } from '../../../std/time.ts'
import type { DeploymentCondition, DeploymentStatus } from './deployment.ts'

export type ConditionType = 'Available' | 'Progressing' | 'ReplicaFailure'

export const findCondition = ({ conditions }: DeploymentStatus, type: ConditionType): DeploymentCondition | undefined =>
  conditions?.find((condition) => condition.type === type)

export function newCondition(
  type: ConditionType,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  now: Millis,
): DeploymentCondition {
  const time = timestamp(now)
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message }
}

export function withoutCondition(status: DeploymentStatus, type: ConditionType): DeploymentStatus {
  if (!findCondition(status, type)) return status
  const conditions = status.conditions!.filter((condition) => condition.type !== type)
  const { conditions: _, ...rest } = status
  return conditions.length > 0 ? { ...rest, conditions } : rest
}

/** The condition moves to the end, unless it says what it said before. */
export function withCondition(status: DeploymentStatus, condition: DeploymentCondition): DeploymentStatus {
  const current = findCondition(status, condition.type as ConditionType)
  if (current?.status === condition.status && current.reason === condition.reason) return status
  const kept =
    current?.status === condition.status ? { ...condition, lastTransitionTime: current.lastTransitionTime } : condition
  const others = (status.conditions ?? []).filter(({ type }) => type !== condition.type)
  return { ...status, conditions: [...others, kept] }
}
