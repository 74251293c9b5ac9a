/**
 * activeDeadlineSeconds: how long a pod may be active on its machine. When the time is up the kubelet fails it, whatever it does.
 *
 * Upstream: pkg/kubelet/active_deadline.go
 */
import { instantOf } from '../../std/time.ts'
import { at, record as recordEvent, type Turn } from '../turn.ts'
import { type PodRecord, withWorker } from './pod-record.ts'
import { type Generated, generateStatus } from './pod-status.ts'

const MESSAGE = 'Pod was active on the node longer than the specified deadline'

function deadline({ pod, status }: PodRecord): number | undefined {
  const limit = pod.spec.activeDeadlineSeconds
  if (limit === undefined || status.startTime === undefined) return undefined
  const started = instantOf(status.startTime)
  return started === undefined ? undefined : started + limit * 1000
}

/** Puts the end on the agenda, once. */
export function deadlineOf(turn: Turn, record: PodRecord): void {
  const when = deadline(record)
  if (when !== undefined) at(turn, when, { type: 'deadline/passed', pod: record.pod.metadata.uid })
}

/** A status, after asking whether the pod is past its deadline; it says so every time it is asked. */
export function generateTold(
  turn: Turn,
  record: PodRecord,
  ended: boolean,
): Generated & { readonly record: PodRecord } {
  const when = deadline(record)
  const late = when !== undefined && turn.at.now >= when
  if (late) recordEvent(turn, record.pod, 'Normal', 'DeadlineExceeded', MESSAGE)
  const judged = late ? withWorker(record, { eviction: { reason: 'DeadlineExceeded', message: MESSAGE } }) : record
  return { ...generateStatus(turn, judged, ended), record: judged }
}
