/**
 * A row of `kubectl get jobs`: how it stands, how much is done, and how long that took.
 *
 * Upstream: pkg/printers/internalversion/printers.go (printJob)
 */
import type { Cell, Column } from '../../../api/kind.ts'
import type { Job } from '../../../api/types.generated.ts'
import { humanDuration } from '../../../std/human-duration.ts'
import { type Millis, parseUnix } from '../../../std/time.ts'
import { AGE, age, CONTAINER_COLUMNS, containerCells, NAME, selectorText, text, wide } from '../../columns.ts'

export const jobColumns: readonly Column[] = [
  NAME,
  text('Status'),
  text('Completions'),
  text('Duration'),
  AGE,
  ...CONTAINER_COLUMNS,
  wide('Selector'),
]

const ENDED = ['Complete', 'Failed']
const UNDER_WAY = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']

function state({ metadata, status }: Job): string {
  const is = (type: string) => status?.conditions?.some((one) => one.type === type && one.status === 'True')
  const ended = ENDED.find(is)
  if (ended) return ended
  return metadata.deletionTimestamp ? 'Terminating' : (UNDER_WAY.find(is) ?? 'Running')
}

function completions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0
  if (spec?.completions != null) return `${done}/${spec.completions}`
  const parallelism = spec?.parallelism ?? 0
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

function duration({ status }: Job, nowUnix: Millis): string {
  if (!status?.startTime) return ''
  const end = status.completionTime ? parseUnix(status.completionTime)! : nowUnix
  return humanDuration(end - parseUnix(status.startTime)!)
}

export const jobRow = (job: Job, nowUnix: Millis): readonly Cell[] => [
  job.metadata.name,
  state(job),
  completions(job),
  duration(job, nowUnix),
  age(job.metadata.creationTimestamp, nowUnix),
  ...containerCells(job.spec?.template.spec?.containers ?? []),
  selectorText(job.spec?.selector),
]
