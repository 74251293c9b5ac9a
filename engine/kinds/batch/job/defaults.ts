/**
 * Defaults of Jobs, and of the templates that CronJobs make them from.
 *
 * Upstream: pkg/apis/batch/v1/defaults.go
 */
import { every, filling, inTurn, withField } from '../../../api/filling.ts'
import type { Job, JobSpec, PodFailurePolicyRule } from '../../../api/types.generated.ts'
import { defaultPodTemplate } from '../../core/pod/defaults.ts'

const rule = filling<PodFailurePolicyRule>({}, { onPodConditions: every(filling({ status: 'True' })) })

/** What a template of a Job is given; a Job itself has more. */
export const defaultJobTemplate = filling<JobSpec>(
  {},
  { template: defaultPodTemplate, podFailurePolicy: filling({}, { rules: every(rule) }) },
)

const NEVER = 2_147_483_647

const spec = inTurn<JobSpec>(
  (said) => (said.completions == null && said.parallelism == null ? { ...said, completions: 1, parallelism: 1 } : said),
  filling<JobSpec>({
    parallelism: 1,
    backoffLimit: ({ backoffLimitPerIndex }) => (backoffLimitPerIndex == null ? 6 : NEVER),
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: ({ podFailurePolicy }) => (podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'),
    manualSelector: false,
  }),
  defaultJobTemplate,
)

/** A Job without labels has those of its template. */
const labels = (job: Job): Job => {
  const own = job.spec?.template.metadata?.labels
  return own && !job.metadata.labels ? withField(job, 'metadata', { ...job.metadata, labels: own }) : job
}

export const defaultJob = inTurn<Job>(labels, filling<Job>({}, { spec }))
