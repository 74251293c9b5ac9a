/**
 * When a probe asks, and what its answers add up to. One worker per container and kind of probe; it starts with the pod
 * and keeps its beat whatever the container does. Answers count from a threshold on: a single failure is not yet unready.
 *
 * Upstream: pkg/kubelet/prober/{worker,prober_manager}.go
 * Left out: the jitter of the first beat after a kubelet's restart.
 */
import type { Container, ContainerStatus, Probe } from '../../api/types.generated.ts'
import type { Millis } from '../../std/time.ts'

export type ProbeKind = 'liveness' | 'readiness' | 'startup'

export const PROBE_KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness']

export interface ProbeWorker {
  /** The first beat; the others follow every period. */
  readonly from: Millis
  /** The container these answers are about, as its status names it; '': none yet. */
  readonly containerId: string
  readonly result: 'success' | 'failure' | 'unknown'
  readonly lastAnswer: boolean | null
  /** How often in a row. */
  readonly run: number
  /** It has condemned its container and waits for the next one. */
  readonly onHold: boolean
  /** When it asks next; null: nothing can change, or an answer is awaited. */
  readonly dueAt: Millis | null
  /** When it asked what it is waiting to hear. */
  readonly askedAt: Millis | null
}

/** `unknown`: the probe itself could not be carried out, and says nothing about the container. */
export interface ProbeAnswer {
  readonly result: 'success' | 'failure' | 'unknown'
  readonly output: string
}

/** By `kind container`. */
export type ProbeWorkers = Readonly<Record<string, ProbeWorker>>

export const probeKey = (kind: ProbeKind, container: string): string => `${kind} ${container}`

export function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  if (kind === 'liveness') return container.livenessProbe
  return kind === 'readiness' ? container.readinessProbe : container.startupProbe
}

const FIRST_RESULT: Readonly<Record<ProbeKind, ProbeWorker['result']>> = {
  liveness: 'success',
  readiness: 'failure',
  startup: 'unknown',
}

export const newWorker = (from: Millis): ProbeWorker => ({
  from,
  containerId: '',
  result: 'unknown',
  lastAnswer: null,
  run: 0,
  onHold: false,
  dueAt: null,
  askedAt: null,
})

/** The worker when its container has become this one. */
export const forContainer = (worker: ProbeWorker, kind: ProbeKind, containerId: string): ProbeWorker =>
  worker.containerId === containerId ? worker : { ...worker, containerId, result: FIRST_RESULT[kind], onHold: false }

export const periodOf = (probe: Probe): Millis => (probe.periodSeconds ?? 10) * 1000

/** The first beat after an instant. */
export function nextBeat(worker: ProbeWorker, probe: Probe, now: Millis): Millis {
  const period = periodOf(probe)
  return now < worker.from ? worker.from : worker.from + (Math.floor((now - worker.from) / period) + 1) * period
}

/** The worker after one answer: whether the result changes depends on how often it was given in a row. */
export function answered(worker: ProbeWorker, probe: Probe, kind: ProbeKind, success: boolean): ProbeWorker {
  const run = worker.lastAnswer === success ? worker.run + 1 : 1
  const threshold = success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
  const counted = { ...worker, lastAnswer: success, run, askedAt: null }
  if (run < threshold) return counted
  const condemned = kind !== 'readiness' && !success
  const result = success ? 'success' : 'failure'
  return condemned ? { ...counted, result, onHold: true, run: 0 } : { ...counted, result }
}

const resultFor = (
  workers: ProbeWorkers,
  kind: ProbeKind,
  container: string,
  containerId: string | undefined,
): ProbeWorker['result'] | undefined => {
  const worker = workers[probeKey(kind, container)]
  if (!worker || worker.containerId !== containerId) return undefined
  return worker.result
}

/** A running container counts as started when it has no startup probe or that has succeeded. */
export const isStarted = (workers: ProbeWorkers, container: Container, id: ContainerStatus['containerID']): boolean =>
  !container.startupProbe || resultFor(workers, 'startup', container.name, id) === 'success'

export const isReady = (workers: ProbeWorkers, container: Container, id: ContainerStatus['containerID']): boolean =>
  !container.readinessProbe || resultFor(workers, 'readiness', container.name, id) === 'success'

/** Which kind of probe has condemned this container, if any. */
export function condemnedBy(
  workers: ProbeWorkers,
  container: Container,
  id: string,
): 'liveness' | 'startup' | undefined {
  if (resultFor(workers, 'liveness', container.name, id) === 'failure' && container.livenessProbe) return 'liveness'
  return resultFor(workers, 'startup', container.name, id) === 'failure' && container.startupProbe
    ? 'startup'
    : undefined
}
