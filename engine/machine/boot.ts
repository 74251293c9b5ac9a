/**
 * A machine loses its power, and gets it back. Everything that ran is gone in an instant and nobody is told; when the machine is up
 * again the runtime finds its records of containers that no longer run, and the kubelet makes new ones.
 *
 * Upstream: containerd's CRI plugin (restart: recovery of containers in state unknown)
 */
import type { At } from '../std/at.ts'
import { getSorted, setSorted, sortedKeys } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import { NONE, type PodRecord } from './kubelet/pod-record.ts'
import type { ContainerRecord, PodRuntime } from './runtime/runtime.ts'
import type { Machine } from './slice.ts'

export const crashMachine = (machine: Machine, at: At): Machine => ({
  ...machine,
  pulls: [],
  kubelet: { ...machine.kubelet, running: false, stoppedAt: at.now },
})

/** What containerd says of a container that it cannot ask any more. */
const lost = (container: ContainerRecord, now: Millis): ContainerRecord =>
  container.state === 'exited'
    ? container
    : { ...container, state: 'exited', exitCode: 255, reason: 'Unknown', finishedAt: now }

const allLost = (runtime: PodRuntime, now: Millis): PodRuntime => ({
  sandboxes: runtime.sandboxes.map((sandbox) => ({ ...sandbox, ready: false })),
  containers: runtime.containers.map((container) => lost(container, now)),
})

const forgotten = (record: PodRecord, now: Millis): PodRecord => ({
  ...record,
  runtime: allLost(record.runtime, now),
  processes: NONE,
  probes: NONE,
  stopping: NONE,
})

/** The machine is up again; its kubelet is about to start. */
export function bootMachine(machine: Machine, at: At): Machine {
  let { pods } = machine
  for (const uid of sortedKeys(pods)) pods = setSorted(pods, uid, forgotten(getSorted(pods, uid)!, at.now))
  return { ...machine, pods }
}
