/**
 * Starting containers, one after another: is it time to try again, is the image here, is everything known that its
 * environment needs; then create it, start it, and wait for its postStart hook. A container that cannot be started does not keep
 * the next from being tried.
 *
 * Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer)
 */
import type { Container } from '../../api/types.generated.ts'
import { formatDuration } from '../../std/duration.ts'
import { type Millis, minutes } from '../../std/time.ts'
import type { ImageOnDisk } from '../runtime/image-store.ts'
import { type ContainerRecord, latestContainer, withContainer } from '../runtime/runtime.ts'
import { after, around, record as recordEvent, type Turn } from '../turn.ts'
import { nextBackOff, timeLeft } from './back-off.ts'
import { configurationProblem } from './container-configuration.ts'
import { containerNamed, fieldPathOf } from './container-kind.ts'
import { newContainer, startProblem, startProcess } from './container-process.ts'
import { runHook } from './hooks.ts'
import { type Failure, type PodRecord, type StartResult, withEntry, withWorker } from './pod-record.ts'
import { finished, relistNow, willBeNoticed } from './pod-worker.ts'
import { ensureImage } from './pull-image.ts'
import { stopContainers } from './stop-container.ts'
import { errorDelay, jittered } from './sync-pod.ts'

const STARTING: Millis = 90

type Queue = readonly string[]

const waitFor = (record: PodRecord, queue: Queue, results: readonly StartResult[]): PodRecord =>
  withWorker(record, { step: { is: 'starting', queue, results } })

/** Starts the first of the queue; it stays the first until it is started or has failed. */
export function startNext(turn: Turn, record: PodRecord, queue: Queue, results: readonly StartResult[]): PodRecord {
  const name = queue[0]
  if (name === undefined) return conclude(turn, record, results)
  const container = containerNamed(record.pod, name)
  if (!container) return startNext(turn, record, queue.slice(1), results)
  const waiting = waitFor(record, queue, results)
  const held = heldBack(turn, waiting, container)
  if ('failure' in held) return failed(turn, waiting, held.failure)
  return withImage(turn, held.record, container)
}

/** The current container failed; the next one is tried. */
export function failed(turn: Turn, record: PodRecord, failure: Failure): PodRecord {
  const { step } = record.worker
  if (step?.is !== 'starting') return record
  const container = step.queue[0]!
  return startNext(turn, record, step.queue.slice(1), [...step.results, { container, failure }])
}

function started(turn: Turn, record: PodRecord): PodRecord {
  const { step } = record.worker
  if (step?.is !== 'starting') return record
  return startNext(turn, record, step.queue.slice(1), [...step.results, { container: step.queue[0]! }])
}

/** `p_default(uid)` */
const podText = ({ pod: { metadata } }: PodRecord): string => `${metadata.name}_${metadata.namespace}(${metadata.uid})`

/** A container that keeps ending is left alone for a while. */
function heldBack(
  turn: Turn,
  record: PodRecord,
  { name }: Container,
): { readonly failure: Failure } | { readonly record: PodRecord } {
  const latest = latestContainer(record.seen, name)
  if (latest?.state !== 'exited') return { record }
  const entry = record.backOff[name]
  if (timeLeft(entry, latest.finishedAt, turn.at.now) > 0) {
    const message = `Back-off restarting failed container ${name} in pod ${podText(record)}`
    recordEvent(turn, record.pod, 'Warning', 'BackOff', message, fieldPathOf(record.pod, name))
    const wait = formatDuration(entry!.delay)
    const text = `back-off ${wait} restarting failed container=${name} pod=${podText(record)}`
    return { failure: { reason: 'CrashLoopBackOff', message: text } }
  }
  const next = nextBackOff(entry, latest.finishedAt, turn.at.now)
  return { record: { ...record, backOff: withEntry(record.backOff, name, next) } }
}

/** Fetches the image or finds it; the answer may come later. */
function withImage(turn: Turn, record: PodRecord, container: Container): PodRecord {
  const found = ensureImage(turn, record, container)
  if (found.is === 'waiting') return found.record
  if (found.is === 'failed') return complain(turn, found.record, container, found.failure, found.failure.reason)
  return create(turn, record, container, found.image)
}

/** After a pull. */
export function imageArrived(turn: Turn, record: PodRecord, image: ImageOnDisk): PodRecord {
  const { step } = record.worker
  const container = step?.is === 'starting' ? containerNamed(record.pod, step.queue[0]!) : undefined
  return container ? create(turn, record, container, image) : record
}

export function imageFailed(turn: Turn, record: PodRecord, failure: Failure): PodRecord {
  const { step } = record.worker
  const container = step?.is === 'starting' ? containerNamed(record.pod, step.queue[0]!) : undefined
  return container ? complain(turn, record, container, failure, failure.reason) : record
}

function complain(turn: Turn, record: PodRecord, container: Container, failure: Failure, text: string): PodRecord {
  const path = fieldPathOf(record.pod, container.name)
  recordEvent(turn, record.pod, 'Warning', 'Failed', `Error: ${text}`, path)
  return failed(turn, record, failure)
}

function create(turn: Turn, record: PodRecord, container: Container, image: ImageOnDisk): PodRecord {
  const problem = configurationProblem(turn, record, container, image)
  if (problem) return complain(turn, record, container, problem, problem.message)
  const made = newContainer(turn, record, container, image)
  const { uid } = record.pod.metadata
  recordEvent(turn, record.pod, 'Normal', 'Created', 'Container created', fieldPathOf(record.pod, container.name))
  after(turn, around(turn, STARTING, 'start', made.id), { type: 'container/started', pod: uid, container: made.id })
  return { ...record, runtime: withContainer(record.runtime, made) }
}

/** The runtime has tried to start it. */
export function onContainerStarted(turn: Turn, record: PodRecord, made: ContainerRecord): PodRecord {
  const container = containerNamed(record.pod, made.name)
  if (!container || made.state !== 'created') return record
  const problem = startProblem(turn, record, container, made)
  if (problem) return startFailed(turn, record, container, made, problem)
  recordEvent(turn, record.pod, 'Normal', 'Started', 'Container started', fieldPathOf(record.pod, made.name))
  const running = startProcess(turn, record, container, made)
  const hook = container.lifecycle?.postStart
  return hook ? runHook(turn, running, made, 'postStart', hook) : started(turn, running)
}

function startFailed(
  turn: Turn,
  record: PodRecord,
  container: Container,
  made: ContainerRecord,
  problem: string,
): PodRecord {
  const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${problem}`
  const dead: ContainerRecord = {
    ...made,
    state: 'exited',
    startedAt: -1,
    finishedAt: turn.at.now,
    exitCode: 128,
    reason: 'StartError',
    message,
  }
  const recorded = { ...record, runtime: withContainer(record.runtime, dead) }
  return complain(turn, recorded, container, { reason: 'RunContainerError', message }, message)
}

export const onPostStartFinished = started

/** A failed postStart hook costs the container its life. */
export function postStartFailed(turn: Turn, record: PodRecord, container: ContainerRecord, message: string): PodRecord {
  const { step } = record.worker
  if (step?.is !== 'starting') return record
  const path = fieldPathOf(record.pod, container.name)
  recordEvent(turn, record.pod, 'Warning', 'FailedPostStartHook', 'PostStartHook failed', path)
  const failing = { reason: 'PostStartHookError', message }
  const ending = withWorker(record, { step: { ...step, failing } })
  return stopContainers(turn, ending, [{ container, message: 'FailedPostStartHook' }])
}

const isBackOff = ({ failure }: StartResult): boolean => failure?.reason === 'CrashLoopBackOff'

/** Every container of the queue has been tried. */
function conclude(turn: Turn, record: PodRecord, results: readonly StartResult[]): PodRecord {
  let failures = record.failures
  for (const { container, failure } of results)
    if (failures[container] !== failure) failures = withEntry(failures, container, failure)
  const noted = failures === record.failures ? record : { ...record, failures }
  if (results.some((result) => result.failure && !isBackOff(result)))
    return willBeNoticed(turn, finished(turn, noted, errorDelay(turn, noted)))
  if (results.some(isBackOff)) return willBeNoticed(turn, finished(turn, noted, backOffDelay(turn, noted, results)))
  return relistNow(turn, finished(turn, noted))
}

/** Looks again when the first of the back-offs is over, but at least every minute. */
function backOffDelay(turn: Turn, record: PodRecord, results: readonly StartResult[]): Millis {
  let least = minutes(1)
  for (const { container } of results.filter(isBackOff)) {
    const since = latestContainer(record.seen, container)?.finishedAt ?? turn.at.now
    least = Math.min(least, timeLeft(record.backOff[container], since, turn.at.now))
  }
  return jittered(turn, record, least)
}
