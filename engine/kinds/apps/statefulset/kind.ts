/**
 * A StatefulSet keeps Pods that have names of their own, come and go in order, and each have their own volumes.
 *
 * Upstream: pkg/registry/apps/statefulset, pkg/apis/apps/v1/defaults.go
 */
import { every, type Fill, filling, inTurn, once, withField } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type {
  PersistentVolumeClaim,
  StatefulSet,
  StatefulSetSpec,
  StatefulSetUpdateStrategy,
} from '../../../api/types.generated.ts'
import { AGE, age, CONTAINER_COLUMNS, containerCells, NAME, text } from '../../columns.ts'
import { defaultClaimSpec } from '../../core/persistentvolumeclaim/defaults.ts'
import { defaultPodTemplate } from '../../core/pod/defaults.ts'
import { workloadWithoutDisabled } from '../../core/pod/disabled-fields.ts'
import { specChanged, withoutStatus, workloadDoors } from '../../doors.ts'
import { templateWarnings } from '../template-warnings.ts'

const partition = filling<StatefulSetUpdateStrategy>({}, { rollingUpdate: filling({ partition: 0 }) })

/** Only who says no type at all is given a partition. */
const strategy: Fill<StatefulSetUpdateStrategy> = (said) => {
  const filled = said.type ? said : { rollingUpdate: {}, ...said, type: 'RollingUpdate' as const }
  return filled.type === 'RollingUpdate' ? partition(filled) : filled
}

const retention = { whenDeleted: 'Retain', whenScaled: 'Retain' }

/** Templates of claims are whole claims, down to their status. */
const claimTemplate: Fill<PersistentVolumeClaim> = (claim) => ({
  ...filling<PersistentVolumeClaim>({}, { spec: defaultClaimSpec })(claim),
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  status: { ...claim.status, phase: claim.status?.phase ?? 'Pending' },
})

const spec = filling<StatefulSetSpec>(
  {
    podManagementPolicy: 'OrderedReady',
    updateStrategy: strategy({}),
    persistentVolumeClaimRetentionPolicy: retention,
    replicas: 1,
    revisionHistoryLimit: 10,
  },
  {
    template: defaultPodTemplate,
    updateStrategy: strategy,
    persistentVolumeClaimRetentionPolicy: filling(retention),
    volumeClaimTemplates: every(once(claimTemplate)),
  },
)

/** How many may be away at once is a feature that is off. */
const oneByOne: Fill<StatefulSetUpdateStrategy> = filling<StatefulSetUpdateStrategy>(
  {},
  { rollingUpdate: (rolling) => withField(rolling, 'maxUnavailable', undefined) },
)

const withoutDisabled: Fill<StatefulSet> = inTurn(
  workloadWithoutDisabled,
  filling<StatefulSet>({}, { spec: filling({}, { updateStrategy: oneByOne }) }),
)

export const statefulSetKind = defineKind<StatefulSet>({
  resource: 'statefulsets.apps',
  defaults: filling<StatefulSet>({}, { spec }),
  prepareCreate: inTurn(withoutDisabled, withoutStatus<StatefulSet>({ replicas: 0, availableReplicas: 0 })),
  prepareUpdate: (set, old, subresource) => withoutDisabled(workloadDoors(set, old, subresource)),
  warnings: templateWarnings,
  bumpsGeneration: specChanged,
  columns: [NAME, text('Ready'), AGE, ...CONTAINER_COLUMNS],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    age(metadata.creationTimestamp, nowUnix),
    ...containerCells(spec?.template.spec?.containers ?? []),
  ],
})
