/**
 * The one word about a pod: Pending, Running, Succeeded or Failed. It follows from what each container does and from
 * whether it will be started again.
 *
 * Upstream: pkg/kubelet/kubelet_pods.go (getPhase)
 */
import type { Container, ContainerStatus, Pod } from '../../api/types.generated.ts'
import { containersOf, initContainersOf, isSidecar, restartsAfter } from './container-kind.ts'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

/** How many containers are in which situation. */
interface Tally {
  pendingInit: number
  failedInit: number
  pendingSidecars: number
  unknown: number
  running: number
  waiting: number
  stopped: number
  succeeded: number
  restarting: number
}

const EMPTY: Tally = {
  pendingInit: 0,
  failedInit: 0,
  pendingSidecars: 0,
  unknown: 0,
  running: 0,
  waiting: 0,
  stopped: 0,
  succeeded: 0,
  restarting: 0,
}

const statusNamed = (statuses: readonly ContainerStatus[], name: string): ContainerStatus | undefined =>
  statuses.find((status) => status.name === name)

function countInit(tally: Tally, pod: Pod, container: Container, status: ContainerStatus | undefined): void {
  const ended = status?.state?.terminated ?? (status?.state?.waiting && status.lastState?.terminated)
  if (!ended) tally.pendingInit++
  else if (ended.exitCode !== 0) {
    if (restartsAfter(pod, container, ended.exitCode)) tally.pendingInit++
    else tally.failedInit++
  }
}

function countSidecar(tally: Tally, status: ContainerStatus | undefined): void {
  if (!status) tally.unknown++
  else if (status.state?.running) {
    if (!status.started) tally.pendingSidecars++
    tally.running++
  } else if (status.state?.waiting && !status.lastState?.terminated) {
    tally.pendingSidecars++
    tally.waiting++
  }
}

function countStopped(tally: Tally, pod: Pod, container: Container, exitCode: number): void {
  tally.stopped++
  if (exitCode === 0) tally.succeeded++
  if (restartsAfter(pod, container, exitCode)) tally.restarting++
}

function countRegular(tally: Tally, pod: Pod, container: Container, status: ContainerStatus | undefined): void {
  const state = status?.state
  if (state?.running) tally.running++
  else if (state?.terminated) countStopped(tally, pod, container, state.terminated.exitCode)
  else if (!state?.waiting) tally.unknown++
  else if (status?.lastState?.terminated) countStopped(tally, pod, container, status.lastState.terminated.exitCode)
  else tally.waiting++
}

/** `ended`: the kubelet has ended the pod, so nothing will be started again whatever the restart policy says. */
export function phaseOf(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  ended: boolean,
): Phase {
  const tally = { ...EMPTY }
  for (const container of initContainersOf(pod)) {
    const status = statusNamed(initStatuses, container.name)
    if (isSidecar(container)) countSidecar(tally, status)
    else countInit(tally, pod, container, status)
  }
  for (const container of containersOf(pod)) countRegular(tally, pod, container, statusNamed(statuses, container.name))
  return decide(tally, statuses, ended)
}

const hasBegun = (status: ContainerStatus): boolean =>
  !status.state?.waiting || status.lastState?.terminated !== undefined

function decide(tally: Tally, statuses: readonly ContainerStatus[], ended: boolean): Phase {
  if (tally.failedInit > 0) return 'Failed'
  if (tally.pendingInit > 0 || (tally.pendingSidecars > 0 && !statuses.some(hasBegun))) return 'Pending'
  if (tally.waiting > 0 || tally.unknown > 0) return 'Pending'
  if (tally.running > 0) return 'Running'
  if (tally.stopped === 0) return 'Pending'
  if (!ended && tally.restarting > 0) return 'Running'
  return tally.stopped === tally.succeeded ? 'Succeeded' : 'Failed'
}
