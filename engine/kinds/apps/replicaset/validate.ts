/**
 * What a ReplicaSet may say.
 *
 * Upstream: pkg/apis/apps/validation/validation.go (ValidateReplicaSet)
 */
import type { Problem } from '../../../api/problem.ts'
import type { ReplicaSet, ReplicaSetSpec, ReplicaSetStatus } from '../../../api/types.generated.ts'
import { all, at, type Check, FINE, join, notNegative } from '../../../api/validate/check.ts'
import { unchanged } from '../../../api/validate/immutable.ts'
import { invalid } from '../../../api/validate/problems.ts'
import { workloadSelector, workloadTemplate } from '../validate-workload.ts'

const spec = all<ReplicaSetSpec>(
  at('replicas', notNegative),
  at('minReadySeconds', notNegative),
  workloadSelector('deployment'),
  workloadTemplate('ReplicaSet'),
)

const NO_SPEC = {} as ReplicaSetSpec

export const validateReplicaSet = (object: ReplicaSet): readonly Problem[] => spec(object.spec ?? NO_SPEC, 'spec')

const notMoreThan =
  (name: keyof ReplicaSetStatus, most: keyof ReplicaSetStatus, said: string): Check<ReplicaSetStatus> =>
  (status, path) => {
    const value = (status[name] as number | undefined) ?? 0
    return value > ((status[most] as number | undefined) ?? 0) ? [invalid(`${path}.${name}`, value, said)] : FINE
  }

const ABOVE = 'cannot be greater than status.replicas'

const status = all<ReplicaSetStatus>(
  at('replicas', notNegative),
  at('fullyLabeledReplicas', notNegative),
  at('readyReplicas', notNegative),
  at('availableReplicas', notNegative),
  at('observedGeneration', notNegative),
  at('terminatingReplicas', notNegative),
  notMoreThan('fullyLabeledReplicas', 'replicas', ABOVE),
  notMoreThan('readyReplicas', 'replicas', ABOVE),
  notMoreThan('availableReplicas', 'replicas', ABOVE),
  notMoreThan('availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'),
)

export function validateReplicaSetUpdate(object: ReplicaSet, old: ReplicaSet, subresource: string): readonly Problem[] {
  if (subresource === 'status') return status(object.status ?? { replicas: 0 }, 'status')
  return join(validateReplicaSet(object), unchanged('spec.selector', object.spec?.selector, old.spec?.selector))
}
