/**
 * A Job runs Pods until enough of them have done what they should.
 *
 * Upstream: pkg/registry/batch/job/strategy.go
 */
import { defineKind } from '../../../api/kind.ts'
import type { Job } from '../../../api/types.generated.ts'
import { templateWarnings } from '../../apps/template-warnings.ts'
import { workloadWithoutDisabled } from '../../core/pod/disabled-fields.ts'
import { specChanged, twoDoors, withoutStatus } from '../../doors.ts'
import { defaultJob } from './defaults.ts'
import { jobColumns, jobRow } from './row.ts'

const UID = 'batch.kubernetes.io/controller-uid'

/** Its Pods know it by its uid, under names of two ages; a Job that has the labels of its template has these too. */
function withOwnLabels(job: Job): Job {
  const { spec, metadata } = job
  if (!spec || spec.manualSelector) return job
  const uid = metadata.uid ?? ''
  const own = {
    'controller-uid': uid,
    'job-name': metadata.name,
    [UID]: uid,
    'batch.kubernetes.io/job-name': metadata.name,
  }
  const template = spec.template
  const labels = { ...template.metadata?.labels, ...own }
  const shared = metadata.labels === undefined || metadata.labels === template.metadata?.labels
  return {
    ...job,
    metadata: shared ? { ...metadata, labels } : metadata,
    spec: {
      ...spec,
      selector: { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [UID]: uid } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

export const jobKind = defineKind<Job>({
  resource: 'jobs.batch',
  defaults: defaultJob,
  prepareCreate: (job) => withOwnLabels(withoutStatus<Job>({})(workloadWithoutDisabled(job))),
  prepareUpdate: (job, old, subresource) => workloadWithoutDisabled(twoDoors(job, old, subresource)),
  warnings: templateWarnings,
  bumpsGeneration: specChanged,
  fields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  columns: jobColumns,
  row: jobRow,
})
