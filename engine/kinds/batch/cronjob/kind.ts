/**
 * A CronJob makes a Job whenever its schedule says so.
 *
 * Upstream: pkg/registry/batch/cronjob/strategy.go, pkg/apis/batch/v1/defaults.go
 */
import { filling, inTurn } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { CronJob, CronJobSpec, JobTemplateSpec } from '../../../api/types.generated.ts'
import {
  AGE,
  age,
  CONTAINER_COLUMNS,
  containerCells,
  integer,
  NAME,
  NONE,
  selectorText,
  text,
  wide,
} from '../../columns.ts'
import { workloadWithoutDisabled } from '../../core/pod/disabled-fields.ts'
import { podSpecWarnings } from '../../core/pod/warnings.ts'
import { specChanged, twoDoors, withoutStatus } from '../../doors.ts'
import { defaultJobTemplate } from '../job/defaults.ts'

const spec = filling<CronJobSpec>(
  { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
  { jobTemplate: filling({}, { spec: defaultJobTemplate }) },
)

const withoutDisabled = filling<CronJob>(
  {},
  { spec: filling({}, { jobTemplate: workloadWithoutDisabled<JobTemplateSpec> }) },
)

export const cronJobKind = defineKind<CronJob>({
  resource: 'cronjobs.batch',
  defaults: filling<CronJob>({}, { spec }),
  prepareCreate: inTurn(withoutDisabled, withoutStatus<CronJob>({})),
  prepareUpdate: (job, old, subresource) => withoutDisabled(twoDoors(job, old, subresource)),
  warnings: ({ spec }) => podSpecWarnings(spec?.jobTemplate.spec?.template.spec, 'spec.jobTemplate.spec.template.spec'),
  bumpsGeneration: specChanged,
  columns: [
    NAME,
    text('Schedule'),
    text('Timezone'),
    text('Suspend'),
    integer('Active'),
    text('Last Schedule'),
    AGE,
    ...CONTAINER_COLUMNS,
    wide('Selector'),
  ],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    spec?.schedule ?? '',
    spec?.timeZone ?? NONE,
    spec?.suspend ? 'True' : 'False',
    status?.active?.length ?? 0,
    status?.lastScheduleTime ? age(status.lastScheduleTime, nowUnix) : NONE,
    age(metadata.creationTimestamp, nowUnix),
    ...containerCells(spec?.jobTemplate.spec?.template.spec?.containers ?? []),
    selectorText(spec?.jobTemplate.spec?.selector),
  ],
})
