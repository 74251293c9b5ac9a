/**
 * Every slice says when the change that it tells of happened: the time at which a Pod became ready or stopped being so, or at which
 * the Service was made. Who programs the network measures its own delay from it. Only changes since the last look count.
 *
 * Upstream: staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go
 */
import { conditionOf, type Pod } from '../../core/pod/pod-state.ts'
import type { Service } from './endpointslice.ts'

/** What was seen at the last look: when the Service was made, and its Pods, in the order of their names. */
export interface SeenTimes {
  readonly service: string
  readonly pods: readonly Pod[]
}

export interface Trigger {
  /** The earliest change since then; undefined when nothing changed. */
  readonly time: string | undefined
  readonly seen: SeenTimes
}

const earlier = (a: string | undefined, b: string): string => (a === undefined || b < a ? b : a)

const changedAt = (pod: Pod): string | undefined => conditionOf(pod, 'Ready')?.lastTransitionTime ?? undefined

/** When this Pod last changed, if that is later than what was seen. */
function newsOf(pod: Pod, known: Pod | undefined): string | undefined {
  const changed = changedAt(pod)
  const before = known && changedAt(known)
  return changed !== undefined && (before === undefined || changed > before) ? changed : undefined
}

/** Both lists are in the order of names, so one walk finds for each Pod what was seen of it. */
function earliestNews(pods: readonly Pod[], seen: readonly Pod[]): string | undefined {
  let time: string | undefined
  let at = 0
  for (const pod of pods) {
    while (at < seen.length && seen[at] !== pod && seen[at]!.metadata.name < pod.metadata.name) at++
    const known = seen[at]
    if (known === pod) {
      at++
      continue
    }
    const news = newsOf(pod, known?.metadata.name === pod.metadata.name ? known : undefined)
    if (news !== undefined) time = earlier(time, news)
  }
  return time
}

export function triggerOf(service: Service, pods: readonly Pod[], before: SeenTimes | undefined): Trigger {
  const made = service.metadata.creationTimestamp
  const news = earliestNews(pods, before?.pods ?? [])
  return { time: before?.service === made ? news : earlier(news, made), seen: { service: made, pods } }
}
