/**
 * Each pod has a worker that does one thing at a time: it synchronises, later ends the pod, and at last clears up. News
 * that comes while it is busy makes it look once more; and it never acts on a listing older than its own last deed.
 *
 * Upstream: pkg/kubelet/pod_workers.go, pkg/kubelet/container/cache.go (GetNewerThan)
 * Left out: the periodic look every minute when nothing has changed, which would find nothing to do.
 */
import type { Millis } from '../../std/time.ts'
import { looksTheSame } from '../runtime/runtime.ts'
import { at, lastRelist, nextRelist, type Turn } from '../turn.ts'
import { endPod, podHasEnded } from './end-pod.ts'
import { type PodRecord, withWorker } from './pod-record.ts'
import { syncPod } from './sync-pod.ts'

function run(turn: Turn, record: PodRecord): PodRecord {
  const started = withWorker(record, { dueAt: null, again: false })
  switch (record.worker.phase) {
    case 'syncing':
      return syncPod(turn, started)
    case 'terminating':
      return endPod(turn, started)
    case 'terminated':
      return podHasEnded(turn, started)
    case 'ended':
    case 'rejected':
      return record
  }
}

function due(turn: Turn, record: PodRecord, when: Millis): PodRecord {
  at(turn, when, { type: 'pod/due', pod: record.pod.metadata.uid, at: when })
  return withWorker(record, { dueAt: when })
}

/** There is a reason to look at the pod. `fresh`: it has just been listed. */
export function wake(turn: Turn, record: PodRecord, fresh = false): PodRecord {
  const { step, syncedAt } = record.worker
  if (step) return record.worker.again ? record : withWorker(record, { again: true })
  if (!fresh && syncedAt !== null && lastRelist(turn) <= syncedAt) return due(turn, record, nextRelist(turn))
  return run(turn, record)
}

/** The worker has done what it began. `again`: when to look next, if nothing happens before. */
export function finished(turn: Turn, record: PodRecord, lookAfter?: Millis): PodRecord {
  const wanted = record.worker.again
  const idle = withWorker(record, { step: null, again: false, syncedAt: turn.at.now, dueAt: null })
  if (wanted) return wake(turn, idle)
  return lookAfter === undefined ? idle : due(turn, idle, turn.at.now + lookAfter)
}

export const onDue = (turn: Turn, record: PodRecord, when: Millis): PodRecord =>
  record.worker.dueAt === when && !record.worker.step ? run(turn, record) : record

/** The runtime has changed: the next listing will notice. */
export function willBeNoticed(turn: Turn, record: PodRecord): PodRecord {
  if (record.relistAt !== null || looksTheSame(record.runtime, record.seen)) return record
  const when = nextRelist(turn)
  at(turn, when, { type: 'pod/relisted', pod: record.pod.metadata.uid })
  return { ...record, relistAt: when }
}

/** What the kubelet itself did it sees at once. */
export function relistNow(turn: Turn, record: PodRecord): PodRecord {
  if (looksTheSame(record.runtime, record.seen)) return record
  return wake(turn, { ...record, seen: record.runtime }, true)
}

export function onRelisted(turn: Turn, record: PodRecord): PodRecord {
  const listed = { ...record, relistAt: null }
  if (looksTheSame(record.runtime, record.seen)) return listed
  const pruned = withoutOldContainers({ ...listed, seen: record.runtime })
  return wake(turn, pruned, true)
}

/** Of each name the newest container and one that ended before it are kept. */
function withoutOldContainers(record: PodRecord): PodRecord {
  const dead = new Map<string, number>()
  const containers = record.runtime.containers.filter(({ name, state }) => {
    if (state !== 'exited') return true
    const count = (dead.get(name) ?? 0) + 1
    dead.set(name, count)
    return count <= 1
  })
  if (containers.length === record.runtime.containers.length) return record
  const runtime = { ...record.runtime, containers }
  const kept = new Set(containers.map(({ id }) => id))
  const keep = <T>(map: Readonly<Record<string, T>>, owner: (value: T, key: string) => string): Record<string, T> =>
    Object.fromEntries(Object.entries(map).filter(([key, value]) => kept.has(owner(value, key))))
  return {
    ...record,
    runtime,
    seen: runtime,
    processes: keep(record.processes, (instance) => instance.container),
    layers: keep(record.layers, (_files, id) => id),
  }
}
