/**
 * A ReplicationController is what there was before ReplicaSets.
 *
 * Upstream: pkg/registry/core/replicationcontroller, pkg/apis/core/v1/defaults.go
 */
import { filling, inTurn, withField } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { ReplicationController, ReplicationControllerSpec } from '../../../api/types.generated.ts'
import { templateWarnings } from '../../apps/template-warnings.ts'
import { AGE, age, CONTAINER_COLUMNS, containerCells, integer, labelsText, NAME, wide } from '../../columns.ts'
import { specChanged, twoDoors, withoutStatus } from '../../doors.ts'
import { defaultPodTemplate } from '../pod/defaults.ts'
import { workloadWithoutDisabled } from '../pod/disabled-fields.ts'

const spec = filling<ReplicationControllerSpec>(
  { selector: ({ template }) => template?.metadata?.labels, replicas: 1 },
  { template: defaultPodTemplate },
)

/** Without labels of its own it has those of its template. */
const labels = (controller: ReplicationController): ReplicationController => {
  const own = controller.spec?.template?.metadata?.labels
  if (!own || controller.metadata.labels) return controller
  return withField(controller, 'metadata', { ...controller.metadata, labels: own })
}

export const replicationControllerKind = defineKind<ReplicationController>({
  resource: 'replicationcontrollers',
  defaults: inTurn(labels, filling<ReplicationController>({}, { spec })),
  prepareCreate: inTurn(workloadWithoutDisabled, withoutStatus<ReplicationController>({ replicas: 0 })),
  prepareUpdate: (object, old, subresource) => workloadWithoutDisabled(twoDoors(object, old, subresource)),
  warnings: templateWarnings,
  bumpsGeneration: specChanged,
  fields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [NAME, ...['Desired', 'Current', 'Ready'].map(integer), AGE, ...CONTAINER_COLUMNS, wide('Selector')],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    age(metadata.creationTimestamp, nowUnix),
    ...containerCells(spec?.template?.spec?.containers ?? []),
    labelsText(spec?.selector),
  ],
})
