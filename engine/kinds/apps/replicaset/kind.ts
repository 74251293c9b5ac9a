/**
 * A ReplicaSet keeps a number of equal Pods alive: whatever takes one away, another comes. It knows its Pods by its selector and
 * owns them by reference.
 *
 * Upstream: pkg/registry/apps/replicaset, pkg/apis/apps/{v1/defaults.go,validation}
 */
import { filling, inTurn } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { ReplicaSet, ReplicaSetSpec } from '../../../api/types.generated.ts'
import { AGE, age, CONTAINER_COLUMNS, containerCells, integer, NAME, selectorText, wide } from '../../columns.ts'
import { defaultPodTemplate } from '../../core/pod/defaults.ts'
import { templateWithoutDisabled } from '../../core/pod/disabled-fields.ts'
import { specChanged, twoDoors, withoutStatus } from '../../doors.ts'
import { templateWarnings } from '../template-warnings.ts'
import { validateReplicaSet, validateReplicaSetUpdate } from './validate.ts'

const withoutDisabledFields = filling<ReplicaSet>({}, { spec: filling({}, { template: templateWithoutDisabled }) })

export const replicaSetKind = defineKind<ReplicaSet>({
  resource: 'replicasets.apps',
  defaults: filling<ReplicaSet>(
    {},
    { spec: filling<ReplicaSetSpec>({ replicas: 1 }, { template: defaultPodTemplate }) },
  ),
  prepareCreate: inTurn(withoutDisabledFields, withoutStatus<ReplicaSet>({ replicas: 0 })),
  prepareUpdate: (object, old, subresource) => withoutDisabledFields(twoDoors(object, old, subresource)),
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  warnings: templateWarnings,
  bumpsGeneration: specChanged,
  columns: [
    NAME,
    integer('Desired'),
    integer('Current'),
    integer('Ready'),
    AGE,
    ...CONTAINER_COLUMNS,
    wide('Selector'),
  ],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    age(metadata.creationTimestamp, nowUnix),
    ...containerCells(spec?.template?.spec?.containers ?? []),
    selectorText(spec?.selector),
  ],
})
