/**
 * What a Deployment may say, and what of it may never change.
 *
 * Upstream: pkg/apis/apps/validation/validation.go (ValidateDeployment)
 */
import type { Problem } from '../../../api/problem.ts'
import type {
  Deployment,
  DeploymentSpec,
  DeploymentStatus,
  DeploymentStrategy,
  RollingUpdateDeployment,
} from '../../../api/types.generated.ts'
import { all, at, type Check, FINE, join, notNegative } from '../../../api/validate/check.ts'
import { unchanged } from '../../../api/validate/immutable.ts'
import { internalForm } from '../../../api/validate/internal-form.ts'
import { forbidden, invalid, notSupported } from '../../../api/validate/problems.ts'
import { isZeroShare, shareOrCount, upToHundredPercent } from '../../../api/validate/shares.ts'
import { workloadSelector, workloadTemplate } from '../validate-workload.ts'

/** With no room above and none below, a rolling update could never move. */
const room: Check<RollingUpdateDeployment> = ({ maxUnavailable = 0, maxSurge = 0 }, path) =>
  isZeroShare(maxUnavailable) && isZeroShare(maxSurge)
    ? [invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
    : FINE

const rollingUpdate = all<RollingUpdateDeployment>(
  at('maxUnavailable', shareOrCount),
  at('maxSurge', shareOrCount),
  room,
  at('maxUnavailable', upToHundredPercent),
)

const strategy: Check<DeploymentStrategy> = (value, path) => {
  const { type, rollingUpdate: rolling } = value
  if (type === 'Recreate') {
    return rolling
      ? [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
      : FINE
  }
  if (type === 'RollingUpdate') return rolling ? rollingUpdate(rolling, `${path}.rollingUpdate`) : FINE
  return [notSupported(path, internalForm('DeploymentStrategy', value, 'apps.v1'), ['Recreate', 'RollingUpdate'])]
}

const deadline: Check<DeploymentSpec> = ({ progressDeadlineSeconds: seconds, minReadySeconds = 0 }, path) => {
  if (seconds === undefined) return FINE
  const field = `${path}.progressDeadlineSeconds`
  return [
    ...notNegative(seconds, field),
    ...(seconds <= minReadySeconds ? [invalid(field, seconds, 'must be greater than minReadySeconds')] : FINE),
  ]
}

const spec = all<DeploymentSpec>(
  at('replicas', notNegative),
  workloadSelector('deployment'),
  workloadTemplate('ReplicaSet'),
  (value, path) => strategy(value.strategy ?? {}, `${path}.strategy`),
  at('minReadySeconds', notNegative),
  at('revisionHistoryLimit', notNegative),
  deadline,
)

const NO_SPEC = {} as DeploymentSpec

export const validateDeployment = (object: Deployment): readonly Problem[] => spec(object.spec ?? NO_SPEC, 'spec')

const notMoreThan =
  (name: keyof DeploymentStatus, most: keyof DeploymentStatus, said: string): Check<DeploymentStatus> =>
  (status, path) => {
    const value = (status[name] as number | undefined) ?? 0
    return value > ((status[most] as number | undefined) ?? 0) ? [invalid(`${path}.${name}`, value, said)] : FINE
  }

const ABOVE = 'cannot be greater than status.replicas'

const status = all<DeploymentStatus>(
  at('observedGeneration', notNegative),
  at('replicas', notNegative),
  at('updatedReplicas', notNegative),
  at('readyReplicas', notNegative),
  at('availableReplicas', notNegative),
  at('unavailableReplicas', notNegative),
  at('terminatingReplicas', notNegative),
  at('collisionCount', notNegative),
  notMoreThan('updatedReplicas', 'replicas', ABOVE),
  notMoreThan('readyReplicas', 'replicas', ABOVE),
  notMoreThan('availableReplicas', 'replicas', ABOVE),
  notMoreThan('availableReplicas', 'readyReplicas', 'cannot be greater than readyReplicas'),
)

/** The count of collisions only ever goes up. */
const collisions: (object: Deployment, old: Deployment) => readonly Problem[] = (object, old) => {
  const count = object.status?.collisionCount
  const before = old.status?.collisionCount
  return before !== undefined && (count === undefined || count < before)
    ? [invalid('status.collisionCount', count, 'cannot be decremented')]
    : FINE
}

export function validateDeploymentUpdate(object: Deployment, old: Deployment, subresource: string): readonly Problem[] {
  if (subresource === 'status') return join(status(object.status ?? {}, 'status'), collisions(object, old))
  return join(validateDeployment(object), unchanged('spec.selector', object.spec?.selector, old.spec?.selector))
}
