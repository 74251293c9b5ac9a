/**
 * How a container is made to go: its preStop hook, then SIGTERM, then SIGKILL, all within the grace period. When a whole pod goes,
 * sidecars wait for the containers they serve, and go in the reverse of the order in which they came.
 *
 * Upstream: pkg/kubelet/kuberuntime/{kuberuntime_container,kuberuntime_termination_order}.go
 */
import type { Container, Pod } from '../../api/types.generated.ts'
import { type Millis, seconds } from '../../std/time.ts'
import type { ContainerRecord } from '../runtime/runtime.ts'
import { at, record as recordEvent, type Turn } from '../turn.ts'
import { goOnAfterStopping } from './after-stopping.ts'
import { containerNamed, fieldPathOf, initContainersOf, isSidecar } from './container-kind.ts'
import { containerExited, signalContainer } from './container-process.ts'
import { abandonHook, runHook } from './hooks.ts'
import type { Kill } from './pod-actions.ts'
import { type PodRecord, type Stopping, withEntry } from './pod-record.ts'

/** Nobody is given less, to be spared needless SIGKILLs. */
const LEAST_SECONDS = 2

const graceOf = (pod: Pod, record: PodRecord): number =>
  record.worker.graceSeconds ?? pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30

function graceFor(record: PodRecord, container: Container | undefined, kill: Kill): number {
  const probe = kill.probe === 'startup' ? container?.startupProbe : kill.probe && container?.livenessProbe
  return probe?.terminationGracePeriodSeconds ?? graceOf(record.pod, record)
}

const withStopping = (record: PodRecord, id: string, stopping: Stopping | undefined): PodRecord => ({
  ...record,
  stopping: withEntry(record.stopping, id, stopping),
})

/** Asks all of these to go. What comes next comes when they are gone. */
export function stopContainers(turn: Turn, record: PodRecord, kills: readonly Kill[]): PodRecord {
  let next = record
  for (const kill of kills) next = beginStopping(turn, next, kill)
  return goOnAfterStopping(turn, next)
}

function beginStopping(turn: Turn, record: PodRecord, kill: Kill): PodRecord {
  const { id, name } = kill.container
  if (record.stopping[id]) return record
  recordEvent(turn, record.pod, 'Normal', 'Killing', kill.message, fieldPathOf(record.pod, name))
  const container = containerNamed(record.pod, name)
  const graceSeconds = graceFor(record, container, kill)
  const deadline = turn.at.now + seconds(graceSeconds)
  const hook = graceSeconds > 0 ? container?.lifecycle?.preStop : undefined
  const stopping: Stopping = { since: turn.at.now, graceSeconds, stage: hook ? 'hook' : 'waiting', deadline }
  const begun = withStopping(record, id, stopping)
  if (!hook) return signalWhenItsTurn(turn, begun, kill.container)
  stageEnds(turn, begun, id, deadline)
  return runHook(turn, begun, kill.container, 'preStop', hook)
}

const stageEnds = (turn: Turn, record: PodRecord, container: string, when: Millis): void =>
  at(turn, when, { type: 'grace/ended', pod: record.pod.metadata.uid, container })

/** A sidecar's turn comes when the regular containers and the sidecars after it are gone. */
function isItsTurn(record: PodRecord, { name, kind }: ContainerRecord): boolean {
  if (kind === 'regular' || record.worker.step?.is !== 'ending') return true
  const inits = initContainersOf(record.pod)
  const index = inits.findIndex((init) => init.name === name)
  if (index < 0 || !isSidecar(inits[index]!)) return true
  const later = new Set(inits.slice(index + 1).map((init) => init.name))
  return !record.runtime.containers.some(
    (other) => other.state === 'running' && (other.kind === 'regular' || later.has(other.name)),
  )
}

function signalWhenItsTurn(turn: Turn, record: PodRecord, container: ContainerRecord): PodRecord {
  const stopping = record.stopping[container.id]!
  if (!isItsTurn(record, container)) return withStopping(record, container.id, { ...stopping, stage: 'waiting' })
  const spent = Math.floor((turn.at.now - stopping.since) / 1000)
  const left = Math.max(LEAST_SECONDS, stopping.graceSeconds - spent)
  const deadline = turn.at.now + seconds(left)
  stageEnds(turn, record, container.id, deadline)
  const signalled = withStopping(record, container.id, { ...stopping, stage: 'signalled', deadline })
  return signalContainer(turn, signalled, container, container.stopSignal)
}

/** Those whose turn has come are told to go. */
export function signalWaiting(turn: Turn, record: PodRecord): PodRecord {
  let next = record
  for (const container of record.runtime.containers)
    if (next.stopping[container.id]?.stage === 'waiting' && container.state === 'running')
      next = signalWhenItsTurn(turn, next, container)
  return next
}

export function onPreStopFinished(turn: Turn, record: PodRecord, container: ContainerRecord): PodRecord {
  if (record.stopping[container.id]?.stage !== 'hook') return record
  return goOnAfterStopping(turn, signalWhenItsTurn(turn, record, container))
}

/** The hook is given up, or the container killed. */
export function onGraceEnded(turn: Turn, record: PodRecord, container: ContainerRecord): PodRecord {
  const stopping = record.stopping[container.id]
  if (!stopping || stopping.deadline > turn.at.now || container.state !== 'running') return record
  if (stopping.stage === 'hook') {
    hookFailed(turn, record, container)
    return onPreStopFinished(turn, abandonHook(record, container), container)
  }
  return containerExited(turn, record, container, 137, 'Error')
}

export const hookFailed = (turn: Turn, record: PodRecord, { name }: ContainerRecord): void =>
  recordEvent(turn, record.pod, 'Warning', 'FailedPreStopHook', 'PreStopHook failed', fieldPathOf(record.pod, name))
