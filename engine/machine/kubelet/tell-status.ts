/**
 * Telling the API server about a pod. One request per pod is under way at a time; what changes meanwhile is told together
 * with the next, so versions that follow each other closely become one. A pod that has ended is deleted for good once
 * everything about it has been told.
 *
 * Upstream: pkg/kubelet/status/status_manager.go
 */

import type { Status } from '../../api/status.ts'
import type { PodStatus } from '../../api/types.generated.ts'
import { seconds } from '../../std/time.ts'
import { after, type Turn } from '../turn.ts'
import { isOver, type PodRecord } from './pod-record.ts'
import { statusPatch } from './pod-status.ts'

export function tellStatus(turn: Turn, record: PodRecord, status: PodStatus): PodRecord {
  return status === record.status ? record : tell(turn, { ...record, status })
}

/** Sends what has not been told yet, unless an answer is still awaited. */
function tell(turn: Turn, record: PodRecord): PodRecord {
  if (record.telling || record.removed) return record
  const body = statusPatch(record.pod, record.told, record.status)
  if (!body) return deleteWhenDone(turn, record)
  const { namespace, name, uid } = record.pod.metadata
  const target = { resource: 'pods', subresource: 'status', namespace: namespace!, name }
  turn.orders.push({ do: 'ask', ask: { verb: 'patch', patchType: 'strategic', ...target, body }, tag: `status ${uid}` })
  return { ...record, told: record.status, telling: true }
}

/** The last word: the object goes, now that nothing of the pod is left. */
export function deleteWhenDone(turn: Turn, record: PodRecord): PodRecord {
  const { namespace, name, uid, deletionTimestamp } = record.pod.metadata
  if (!isOver(record) || record.telling || record.removed || deletionTimestamp === undefined) return record
  const options = { gracePeriodSeconds: 0, preconditions: { uid } }
  turn.orders.push({
    do: 'ask',
    ask: { verb: 'delete', resource: 'pods', namespace: namespace!, name, options },
    tag: `delete ${uid}`,
  })
  return { ...record, telling: true }
}

/** A refusal is tried again later; upstream's status manager looks every ten seconds. */
export function statusAnswered(turn: Turn, record: PodRecord, refusal: Status | undefined): PodRecord {
  const answered = { ...record, telling: false }
  if (!refusal) return tell(turn, answered)
  if (refusal.reason === 'NotFound') return answered
  after(turn, seconds(10), { type: 'status/retried', pod: record.pod.metadata.uid })
  return { ...answered, told: record.pod.status ?? {}, telling: true }
}

export const tellAgain = (turn: Turn, record: PodRecord): PodRecord => tell(turn, { ...record, telling: false })
