/**
 * Every slice says when the change that it tells of happened: the time at which a Pod became ready or stopped being so, or at which
 * the Service was made. Who programs the network measures its own delay from it. Only changes since the last look count.
 *
 * Upstream: staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go
 */
import { conditionOf, type Pod } from '../../../controllers/pods.ts'
import type { Service } from './endpointslice.ts'

/** The times that were seen at the last look, as they are written in the objects. */
export interface SeenTimes {
  readonly service: string
  readonly pods: Readonly<Record<string, string>>
}

export interface Trigger {
  /** The earliest change since then; undefined when nothing changed. */
  readonly time: string | undefined
  readonly seen: SeenTimes
}

const earlier = (a: string | undefined, b: string): string => (a === undefined || b < a ? b : a)

export function triggerOf(service: Service, pods: readonly Pod[], before: SeenTimes | undefined): Trigger {
  let time: string | undefined
  const seen: Record<string, string> = {}
  for (const pod of pods) {
    const { name } = pod.metadata
    const changed = conditionOf(pod, 'Ready')?.lastTransitionTime
    if (!changed) continue
    seen[name] = changed
    const known = before?.pods[name]
    if (known === undefined || changed > known) time = earlier(time, changed)
  }
  const made = service.metadata.creationTimestamp
  if (before?.service !== made) time = earlier(time, made)
  return { time, seen: { service: made, pods: seen } }
}
