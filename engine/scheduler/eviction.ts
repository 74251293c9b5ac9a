/**
 * Making Pods leave for a more important one. All but the last are asked to go at once, and while they are awaited the
 * important Pod is held back; it is the last one's going that wakes it.
 *
 * Upstream: pkg/scheduler/framework/preemption/preemption.go (prepareCandidateAsync)
 */
import type { Key } from '../api/object.ts'
import type { View } from '../client/controller.ts'
import { deleteSorted, getSorted, setSorted, sortedEntries } from '../std/sorted.ts'
import type { Pod } from './objects.ts'
import { clearNomination, deletePod, EVICTION, type Orders, recordPreempted, tagOf, writeStatus } from './orders.ts'
import type { Candidate, Victim } from './preemption.ts'
import type { Scheduler } from './slice.ts'

const DISRUPTED = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'PreemptionByScheduler',
} as const

function evict(pod: Pod, preemptor: Pod, key: Key, node: string, view: View): Orders {
  if (pod.metadata.deletionTimestamp) return []
  const schedulerName = preemptor.spec.schedulerName ?? 'default-scheduler'
  const message = `${schedulerName}: preempting to accommodate a higher priority pod`
  const marks = writeStatus(pod, view, { ...DISRUPTED, message })
  return [...marks, deletePod(pod, tagOf(EVICTION, key)), recordPreempted(pod, preemptor, node)]
}

/** Less important Pods that were promised room on the same node must look elsewhere. */
function withdrawPromises(slice: Scheduler, node: string, priority: number, view: View): readonly [Scheduler, Orders] {
  const losers = sortedEntries(slice.nominations).filter(
    ([, promise]) => promise.node === node && promise.priority < priority,
  )
  const nominations = losers.reduce((left, [key]) => deleteSorted(left, key), slice.nominations)
  const orders = losers.flatMap(([key]) => {
    const pod = view.get<Pod>('pods', key)
    return pod?.status?.nominatedNodeName ? [clearNomination(pod)] : []
  })
  return [{ ...slice, nominations }, orders]
}

const isStaying = ({ pod }: Victim): boolean => pod.metadata.deletionTimestamp === undefined

/** Begins to make room on the candidate's node. */
export function beginEviction(
  slice: Scheduler,
  preemptor: Pod,
  key: Key,
  { node, victims }: Candidate,
  view: View,
): readonly [Scheduler, Orders] {
  const staying = victims.filter(isStaying)
  const last = staying.at(-1)
  const others = staying.slice(0, -1)
  if (!last) return [slice, []]
  const [freed, withdrawn] = withdrawPromises(slice, node, preemptor.spec.priority ?? 0, view)
  if (others.length === 0) return [freed, [...withdrawn, ...evict(last.pod, preemptor, key, node, view)]]
  const eviction = { awaited: others.length, last: { key: last.key, uid: last.pod.metadata.uid }, node }
  const orders = others.flatMap(({ pod }) => evict(pod, preemptor, key, node, view))
  return [{ ...freed, evictions: setSorted(freed.evictions, key, eviction) }, [...withdrawn, ...orders]]
}

/** One of those who were asked to go has been; after all of them it is the last one's turn. */
export function evictionAnswered(slice: Scheduler, key: Key, view: View): readonly [Scheduler, Orders] {
  const eviction = getSorted(slice.evictions, key)
  if (!eviction) return [slice, []]
  if (eviction.awaited > 1) {
    const evictions = setSorted(slice.evictions, key, { ...eviction, awaited: eviction.awaited - 1 })
    return [{ ...slice, evictions }, []]
  }
  const freed = { ...slice, evictions: deleteSorted(slice.evictions, key) }
  const [pod, preemptor] = [view.get<Pod>('pods', eviction.last.key), view.get<Pod>('pods', key)]
  if (!pod || pod.metadata.uid !== eviction.last.uid || !preemptor) return [freed, []]
  return [freed, evict(pod, preemptor, key, eviction.node, view)]
}
