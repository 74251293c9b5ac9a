/**
 * A DaemonSet keeps one Pod on every Node that it chooses.
 *
 * Upstream: pkg/registry/apps/daemonset, pkg/apis/apps/v1/defaults.go
 */
import { type Fill, filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from '../../../api/types.generated.ts'
import {
  AGE,
  age,
  CONTAINER_COLUMNS,
  containerCells,
  integer,
  labelsText,
  NAME,
  selectorText,
  text,
  wide,
} from '../../columns.ts'
import { defaultPodTemplate } from '../../core/pod/defaults.ts'
import { workloadWithoutDisabled } from '../../core/pod/disabled-fields.ts'
import { specChanged, withoutStatus, workloadDoors } from '../../doors.ts'
import { templateWarnings } from '../template-warnings.ts'

const rolling = { maxUnavailable: 1, maxSurge: 0 }

const rolled = filling<DaemonSetUpdateStrategy>({ rollingUpdate: rolling }, { rollingUpdate: filling(rolling) })

const strategy: Fill<DaemonSetUpdateStrategy> = (said) => {
  const filled = filling<DaemonSetUpdateStrategy>({ type: 'RollingUpdate' })(said)
  return filled.type === 'RollingUpdate' ? rolled(filled) : filled
}

const spec = filling<DaemonSetSpec>(
  { updateStrategy: strategy({}), revisionHistoryLimit: 10 },
  { template: defaultPodTemplate, updateStrategy: strategy },
)

/** An older way to count templates, which a few still read. */
const GENERATION = 'deprecated.daemonset.template.generation'

const counted = (set: DaemonSet, count: string): DaemonSet => ({
  ...set,
  metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, [GENERATION]: count } },
})

const zeros = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }

export const daemonSetKind = defineKind<DaemonSet>({
  resource: 'daemonsets.apps',
  defaults: filling<DaemonSet>({}, { spec }),
  prepareCreate: (set) => withoutStatus<DaemonSet>(zeros)(counted(workloadWithoutDisabled(set), '1')),
  prepareUpdate: (set, old, subresource) => workloadWithoutDisabled(workloadDoors(set, old, subresource)),
  warnings: templateWarnings,
  bumpsGeneration: specChanged,
  columns: [
    NAME,
    ...['Desired', 'Current', 'Ready', 'Up-to-date', 'Available'].map(integer),
    text('Node Selector'),
    AGE,
    ...CONTAINER_COLUMNS,
    wide('Selector'),
  ],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    labelsText(spec?.template.spec?.nodeSelector),
    age(metadata.creationTimestamp, nowUnix),
    ...containerCells(spec?.template.spec?.containers ?? []),
    selectorText(spec?.selector),
  ],
})
