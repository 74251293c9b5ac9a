/**
 * Who is tried again when something happens. Each plugin that refused a waiting Pod is asked whether this may help; if
 * one says so, the Pod goes back into line, or into back-off if its last failure is too recent.
 *
 * Upstream: pkg/scheduler/backend/queue/scheduling_queue.go
 */
import type { View } from '../client/controller.ts'
import { hasSorted } from '../std/sorted.ts'
import { type Event, eventName } from './event.ts'
import type { Pod } from './objects.ts'
import type { AnyPlugin } from './plugin.ts'
import { DEFAULT_PREEMPTION, type Profile, profilesOf } from './profile.ts'
import { isBackingOff, type Line, type Queue, type QueuedPod, waitingPods, withPod } from './queue.ts'
import { backoffLimits, type Scheduler } from './slice.ts'

export const profileOf = ({ configuration }: Pick<Scheduler, 'configuration'>, { spec }: Pod): Profile | undefined =>
  profilesOf(configuration).get(spec.schedulerName ?? 'default-scheduler')

const FOR_PREEMPTION = { plugin: DEFAULT_PREEMPTION, why: 'waiting for the preemption for this pod to be finished' }

/** PreEnqueue: why a Pod may not be tried at all. */
export function holdOn(slice: Scheduler, profile: Profile, pod: Pod, key: string): QueuedPod['held'] {
  for (const { name, holds } of profile.all) {
    const why = holds?.(pod)
    if (why !== undefined) return { plugin: name, why }
  }
  return hasSorted(slice.evictions, key) ? FOR_PREEMPTION : undefined
}

/** Takes `held` away where there is none: plain data has no undefined fields. */
function heldBy({ held: _, ...pod }: QueuedPod, held: QueuedPod['held']): QueuedPod {
  return held ? { ...pod, held } : pod
}

/** Puts a Pod back where it may be tried: in line, in back-off, or aside if it may not be tried at all. */
export function requeue(slice: Scheduler, pod: QueuedPod, object: Pod, event: string, now: number): Queue {
  const limits = backoffLimits(slice)
  const profile = profileOf(slice, object)!
  const held = holdOn(slice, profile, object, pod.key)
  const resting: Line = pod.errors > 0 ? 'errors' : 'backoff'
  const line = held ? 'unschedulable' : isBackingOff(pod, limits, now) ? resting : 'active'
  return withPod(slice.queue, { ...heldBy(pod, held), line, event }, limits)
}

const wakes = (plugin: AnyPlugin | undefined, event: Event, pod: Pod, slice: Scheduler, view: View): boolean =>
  plugin?.wakes?.(event, pod, { services: slice.services, view }) ?? false

/** Preemption holds a Pod until its victims are asked to go; that one of them is gone may be the end of it. */
const endsPreemption = ({ of, change }: Event): boolean => of === 'AssignedPod' && change === 'Delete'

/** Whether what happened is worth another attempt. A Pod that nobody refused is always worth one. */
export function isWorthwhile(
  slice: Scheduler,
  { refusedBy, held }: QueuedPod,
  event: Event,
  pod: Pod,
  view: View,
): boolean {
  const plugins = profileOf(slice, pod)?.all ?? []
  const byName = (name: string) => plugins.find((plugin) => plugin.name === name)
  if (held?.plugin === DEFAULT_PREEMPTION) {
    if (!endsPreemption(event)) return false
  } else if (held) return wakes(byName(held.plugin), event, pod, slice, view)
  return refusedBy.length === 0 || refusedBy.some((name) => wakes(byName(name), event, pod, slice, view))
}

/** Something happened that may help Pods which wait aside. `mayHelp` narrows down whom. */
export function wake(
  slice: Scheduler,
  event: Event,
  view: View,
  mayHelp: (pod: QueuedPod) => boolean = () => true,
): Scheduler {
  if (slice.queue.lines.unschedulable.size === 0) return slice
  const name = eventName(event)
  for (const waiting of waitingPods(slice.queue)) {
    const pod = view.get<Pod>('pods', waiting.key)
    if (!pod || !mayHelp(waiting) || !isWorthwhile(slice, waiting, event, pod, view)) continue
    slice = { ...slice, queue: requeue(slice, waiting, pod, name, view.now) }
  }
  return slice
}
