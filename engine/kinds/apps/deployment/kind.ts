/**
 * A Deployment says which template should run, how often, and how to get from the old one to the new. It makes ReplicaSets, one for
 * each template it ever had, and moves Pods from one to the other.
 *
 * Upstream: pkg/registry/apps/deployment, pkg/apis/apps/{v1/defaults.go,validation}
 */
import { equalJson } from '../../../api/equal.ts'
import { type Fill, filling, inTurn } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../../../api/types.generated.ts'
import { AGE, age, CONTAINER_COLUMNS, containerCells, NAME, selectorText, text, wide } from '../../columns.ts'
import { defaultPodTemplate } from '../../core/pod/defaults.ts'
import { workloadWithoutDisabled } from '../../core/pod/disabled-fields.ts'
import { specChanged, withoutStatus, workloadDoors } from '../../doors.ts'
import { templateWarnings } from '../template-warnings.ts'
import { validateDeployment, validateDeploymentUpdate } from './validate.ts'

const rolling = { maxUnavailable: '25%', maxSurge: '25%' }

const strategy = filling<DeploymentStrategy>({
  type: 'RollingUpdate',
  rollingUpdate: ({ type }) => (type === 'RollingUpdate' ? rolling : undefined),
})

const rollingStrategy = filling<DeploymentStrategy>({}, { rollingUpdate: filling(rolling) })

/** Only what is rolled has shares to fill in. */
const fillStrategy: Fill<DeploymentStrategy> = (said) => {
  const filled = strategy(said)
  return filled.type === 'RollingUpdate' ? rollingStrategy(filled) : filled
}

const spec = filling<DeploymentSpec>(
  { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: fillStrategy({}) },
  { template: defaultPodTemplate, strategy: fillStrategy },
)

export const deploymentKind = defineKind<Deployment>({
  resource: 'deployments.apps',
  defaults: filling<Deployment>({}, { spec }),
  prepareCreate: inTurn(workloadWithoutDisabled, withoutStatus<Deployment>({})),
  prepareUpdate: (object, old, subresource) => workloadWithoutDisabled(workloadDoors(object, old, subresource)),
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  warnings: templateWarnings,
  bumpsGeneration: (object, old) =>
    specChanged(object, old) || !equalJson(object.metadata.annotations, old.metadata.annotations),
  columns: [NAME, text('Ready'), text('Up-to-date'), text('Available'), AGE, ...CONTAINER_COLUMNS, wide('Selector')],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    age(metadata.creationTimestamp, nowUnix),
    ...containerCells(spec?.template.spec?.containers ?? []),
    selectorText(spec?.selector),
  ],
})
