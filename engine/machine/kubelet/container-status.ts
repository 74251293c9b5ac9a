/**
 * What is told about each container: waiting and why, running since when, or ended and how, and how its predecessor
 * ended. It is made of what the last listing showed, of the status told before, and of why the last try to start it failed.
 *
 * Upstream: pkg/kubelet/kubelet_pods.go (convertToAPIContainerStatuses), pkg/kubelet/prober/prober_manager.go
 * Left out: resizing in place, volume mounts' recursive read-only, ephemeral containers.
 */
import type { Container, ContainerState, ContainerStatus, Pod } from '../../api/types.generated.ts'
import { timestamp } from '../../std/time.ts'
import type { ContainerRecord, PodRuntime } from '../runtime/runtime.ts'
import { containersOf, initContainersOf, isSidecar, shouldRestart, succeeded } from './container-kind.ts'
import type { Failure, PodRecord } from './pod-record.ts'
import { isReady, isStarted } from './probe-worker.ts'

const NO_STATE: ContainerState = {}

const waitingState = (reason: string, message?: string): ContainerState => ({
  waiting: { reason, ...(message !== undefined && message !== '' && { message }) },
})

const CREATING = waitingState('ContainerCreating')
const INITIALIZING = waitingState('PodInitializing')

/** The zero time of Unix: what a container that never started says. */
const NEVER = '1970-01-01T00:00:00Z'

const endedState = (container: ContainerRecord): ContainerState => ({
  terminated: {
    exitCode: container.exitCode,
    reason: container.reason,
    ...(container.message !== '' && { message: container.message }),
    startedAt: container.startedAt < 0 ? NEVER : timestamp(container.startedAt),
    finishedAt: timestamp(container.finishedAt),
    containerID: `containerd://${container.id}`,
  },
})

function stateOf(container: ContainerRecord, before: ContainerState): ContainerState {
  if (container.state === 'running') return { running: { startedAt: timestamp(container.startedAt) } }
  return container.state === 'exited' ? endedState(container) : before
}

type MountStatus = NonNullable<ContainerStatus['volumeMounts']>

const mountsCache = new WeakMap<object, MountStatus>()

function mountsOf(container: Container): MountStatus | undefined {
  const mounts = container.volumeMounts
  if (!mounts || mounts.length === 0) return undefined
  let statuses = mountsCache.get(mounts)
  if (!statuses) {
    statuses = mounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly && { readOnly: true, recursiveReadOnly: 'Disabled' }),
    })) as MountStatus
    mountsCache.set(mounts, statuses)
  }
  return statuses
}

const NO_RESOURCES: NonNullable<ContainerStatus['resources']> = {}

type Amounts = Readonly<Record<string, string>>

/** What a running container was given. Limits stand in for requests that were not said, as they do in the pod's spec. */
function resourcesOf(container: Container): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  const resources = container.resources
  if (!resources || (!resources.limits && !resources.requests)) return { resources: NO_RESOURCES }
  const requests = resources.requests as Amounts | undefined
  return { ...(requests && { allocatedResources: requests }), resources }
}

const ROOT_USER: NonNullable<ContainerStatus['user']> = { linux: { uid: 0, gid: 0, supplementalGroups: [0] } }

const userOf = ({ uid, gid, groups }: ContainerRecord): NonNullable<ContainerStatus['user']> =>
  uid === 0 && gid === 0 && groups.length === 1 && groups[0] === 0
    ? ROOT_USER
    : { linux: { uid, gid, supplementalGroups: groups } }

function unseen(
  container: Container,
  old: ContainerStatus | undefined,
  waiting: ContainerState,
  isInit: boolean,
): ContainerStatus {
  const mounts = mountsOf(container)
  return {
    name: container.name,
    state: isInit && old?.state?.terminated ? old.state : waiting,
    lastState: old?.lastState ?? NO_STATE,
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
    ...(mounts && { volumeMounts: mounts }),
  }
}

/** The newest container of a name and the one before it. */
function twoLatest(
  runtime: PodRuntime,
  name: string,
): readonly [ContainerRecord | undefined, ContainerRecord | undefined] {
  let latest: ContainerRecord | undefined
  for (const container of runtime.containers) {
    if (container.name !== name) continue
    if (latest) return [latest, container]
    latest = container
  }
  return [latest, undefined]
}

function seenStatus(
  container: Container,
  latest: ContainerRecord,
  previous: ContainerRecord | undefined,
  old: ContainerStatus | undefined,
  waiting: ContainerState,
): ContainerStatus {
  const mounts = mountsOf(container)
  return {
    name: container.name,
    state: stateOf(latest, waiting),
    lastState: previous ? stateOf(previous, NO_STATE) : (old?.lastState ?? NO_STATE),
    ready: false,
    restartCount: latest.attempt,
    image: latest.imageName,
    imageID: latest.imageDigest,
    containerID: `containerd://${latest.id}`,
    started: false,
    ...resourcesOf(container),
    ...(mounts && { volumeMounts: mounts }),
    user: userOf(latest),
  }
}

/** A container that is to be started, and failed to: the failure is its state, what it was its last state. */
function waitingFor(status: ContainerStatus, failure: Failure): ContainerStatus {
  return {
    ...status,
    state: waitingState(failure.reason, failure.message),
    ...(status.state?.terminated && { lastState: status.state }),
  }
}

function statusOf(record: PodRecord, container: Container, old: ContainerStatus | undefined, isInit: boolean) {
  const { pod, seen } = record
  const waiting = initContainersOf(pod).length > 0 ? INITIALIZING : CREATING
  const [latest, previous] = twoLatest(seen, container.name)
  const base = latest ? seenStatus(container, latest, previous, old, waiting) : unseen(container, old, waiting, isInit)
  const failure = record.failures[container.name]
  const isDone = isInit && !isSidecar(container) && succeeded(latest)
  const failed = failure && !isDone && shouldRestart(pod, container, seen)
  return probed(record, container, failed ? waitingFor(base, failure) : base, isInit)
}

/** Started and ready, as far as the probes say. */
function probed(record: PodRecord, container: Container, status: ContainerStatus, isInit: boolean): ContainerStatus {
  const done = isInit && !isSidecar(container)
  const started = status.state?.running !== undefined && isStarted(record.probes, container, status.containerID)
  const ready = done
    ? status.state?.terminated?.exitCode === 0
    : started && isReady(record.probes, container, status.containerID)
  return started === status.started && ready === status.ready ? status : { ...status, started, ready }
}

const byName = (statuses: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined =>
  statuses?.find((status) => status.name === name)

export const initStatuses = (record: PodRecord): readonly ContainerStatus[] =>
  initContainersOf(record.pod).map((container) =>
    statusOf(record, container, byName(record.status.initContainerStatuses, container.name), true),
  )

/** In order of name, as upstream tells them. */
export function regularStatuses(record: PodRecord): readonly ContainerStatus[] {
  const statuses = containersOf(record.pod).map((container) =>
    statusOf(record, container, byName(record.status.containerStatuses, container.name), false),
  )
  return statuses.length < 2 ? statuses : statuses.sort((one, other) => (one.name < other.name ? -1 : 1))
}

export const isTerminalPod = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
