/**
 * What reaches the kubelet about its pods: a new one, one that changed, one that is to go, one that is gone.
 *
 * Upstream: pkg/kubelet/kubelet.go (syncLoopIteration, HandlePodAdditions and its like)
 */
import type { Pod } from '../../api/types.generated.ts'
import type { Change } from '../../client/controller.ts'
import { timestamp } from '../../std/time.ts'
import { forgetRecord, keepRecord, record as recordEvent, recordOf, type Turn } from '../turn.ts'
import { admissionProblem, hold } from './admission.ts'
import { isOver, newRecord, type PodRecord, withWorker } from './pod-record.ts'
import { isTerminal } from './pod-status.ts'
import { wake } from './pod-worker.ts'
import { deleteWhenDone, tellStatus } from './tell-status.ts'

export function onPodChange(turn: Turn, { before, after }: Change): void {
  const pod = after as Pod | undefined
  const old = before as Pod | undefined
  if (old && old.metadata.uid !== pod?.metadata.uid) removed(turn, old)
  if (!pod || pod.spec.nodeName !== turn.machine.name) return
  const known = recordOf(turn, pod.metadata.uid)
  keepRecord(turn, known ? updated(turn, known, pod) : added(turn, pod))
}

export function added(turn: Turn, pod: Pod): PodRecord {
  const fresh = newRecord(pod)
  if (isTerminal(pod.status?.phase)) return deleteWhenDone(turn, withWorker(fresh, { phase: 'ended' }))
  const problem = isDeleting(pod) ? undefined : admissionProblem(turn, pod)
  if (!problem) {
    hold(turn, pod, 1)
    return wake(turn, isDeleting(pod) ? withWorker(fresh, { phase: 'terminating' }) : fresh)
  }
  recordEvent(turn, pod, 'Warning', problem.reason, problem.message)
  const rejected = withWorker(fresh, { phase: 'rejected' })
  const { qosClass } = fresh.status
  return tellStatus(turn, rejected, {
    observedGeneration: pod.metadata.generation ?? 1,
    phase: 'Failed',
    reason: problem.reason,
    message: `Pod was rejected: ${problem.message}`,
    startTime: timestamp(turn.at.now),
    ...(qosClass !== undefined && { qosClass }),
  })
}

const isDeleting = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined

/** Whether anything but the kubelet's own status changed. */
const concernsUs = (old: Pod, pod: Pod): boolean =>
  old.spec !== pod.spec ||
  old.metadata.generation !== pod.metadata.generation ||
  old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
  old.metadata.labels !== pod.metadata.labels ||
  old.metadata.annotations !== pod.metadata.annotations ||
  gatesChanged(old, pod)

function gatesChanged(old: Pod, pod: Pod): boolean {
  const gates = pod.spec.readinessGates
  if (!gates || gates.length === 0) return false
  const statusOf = ({ status }: Pod, type: string) =>
    status?.conditions?.find((condition) => condition.type === type)?.status
  return gates.some(({ conditionType }) => statusOf(old, conditionType) !== statusOf(pod, conditionType))
}

function updated(turn: Turn, known: PodRecord, pod: Pod): PodRecord {
  if (!concernsUs(known.pod, pod)) return known
  const record = { ...known, pod }
  const wasDeleting = isDeleting(known.pod)
  if (isDeleting(pod) && !wasDeleting) return beginDeletion(turn, record)
  if (isOver(record)) return deleteWhenDone(turn, record)
  return record.worker.phase === 'syncing' ? wake(turn, record) : record
}

function beginDeletion(turn: Turn, record: PodRecord): PodRecord {
  if (isOver(record)) return deleteWhenDone(turn, record)
  const { phase } = record.worker
  if (phase === 'terminated') return record
  const graceSeconds = record.pod.metadata.deletionGracePeriodSeconds
  const step = record.worker.step?.is === 'mounting' ? null : record.worker.step
  const ending = withWorker(record, {
    step,
    phase: 'terminating',
    ...(record.worker.graceSeconds === null && graceSeconds !== undefined && { graceSeconds }),
  })
  return phase === 'terminating' ? ending : wake(turn, ending)
}

/** The object is gone; what still runs is ended, quickly. */
function removed(turn: Turn, { metadata }: Pod): void {
  const record = recordOf(turn, metadata.uid)
  if (!record) return
  if (isOver(record)) forgetRecord(turn, metadata.uid)
  else keepRecord(turn, withoutObject(turn, record, metadata))
}

function withoutObject(turn: Turn, record: PodRecord, metadata: Pod['metadata']): PodRecord {
  const { phase } = record.worker
  if (phase === 'terminated') return { ...record, removed: true }
  const graceSeconds = metadata.deletionGracePeriodSeconds ?? record.pod.spec.terminationGracePeriodSeconds ?? 30
  const gone = withWorker(
    { ...record, removed: true },
    { phase: 'terminating', graceSeconds: record.worker.graceSeconds ?? graceSeconds },
  )
  return phase === 'terminating' ? gone : wake(turn, gone)
}
