/**
 * Probes at work: asking a container by command, request or connection, and what follows from the answers. A probe whose
 * answer cannot have changed since it last succeeded is not asked again until something happens in its pod: the
 * outcome is the same, and an idle machine costs nothing.
 *
 * Upstream: pkg/kubelet/prober
 * Left out: gRPC probes (they say so), HTTPS as different from HTTP, redirects to other hosts.
 */
import type { Container, ContainerStatus, Probe } from '../../api/types.generated.ts'
import { formatDuration } from '../../std/duration.ts'
import { instantOf, type Millis, timestamp } from '../../std/time.ts'
import { isFetchFailure } from '../images/program.ts'
import { hexId } from '../runtime/identifier.ts'
import type { Process } from '../runtime/process.ts'
import { type ContainerRecord, containerById, readySandbox } from '../runtime/runtime.ts'
import { at, record as recordEvent, type Turn } from '../turn.ts'
import { containerNamed, containersOf, fieldPathOf, initContainersOf, isSidecar } from './container-kind.ts'
import { execute } from './container-process.ts'
import { askPod, listenerOn } from './local-request.ts'
import type { Phase } from './phase.ts'
import { containersReady, podReady, withCondition } from './pod-conditions.ts'
import { type PodRecord, withEntry } from './pod-record.ts'
import { wake } from './pod-worker.ts'
import { portNumber } from './port-number.ts'
import {
  answered,
  forContainer,
  isReady,
  newWorker,
  nextBeat,
  PROBE_KINDS,
  type ProbeAnswer,
  type ProbeKind,
  type ProbeWorker,
  probeKey,
  probeOf,
} from './probe-worker.ts'
import { tellStatus } from './tell-status.ts'

const probedContainers = (record: PodRecord): readonly Container[] => [
  ...initContainersOf(record.pod).filter(isSidecar),
  ...containersOf(record.pod),
]

const hasProbes = (record: PodRecord): boolean => {
  for (const _key in record.probes) return true
  return false
}

const withWorker = (record: PodRecord, key: string, worker: ProbeWorker): PodRecord =>
  record.probes[key] === worker ? record : { ...record, probes: { ...record.probes, [key]: worker } }

/** Workers start with the pod, once its volumes are there. */
export function addProbeWorkers(turn: Turn, record: PodRecord, delay: Millis): PodRecord {
  let probes: Record<string, ProbeWorker> | undefined
  for (const container of probedContainers(record))
    for (const kind of PROBE_KINDS) {
      const key = probeKey(kind, container.name)
      if (probeOf(container, kind) && !record.probes[key])
        (probes ??= { ...record.probes })[key] = newWorker(turn.at.now + delay)
    }
  return probes ? { ...record, probes } : record
}

/** A little while after the status is told, upstream asks an unready container at once. */
const AT_ONCE: Millis = 20

function schedule(turn: Turn, record: PodRecord, kind: ProbeKind, name: string, when: Millis): PodRecord {
  const key = probeKey(kind, name)
  const worker = record.probes[key]!
  if (worker.dueAt === when) return record
  at(turn, when, { type: 'probe/due', pod: record.pod.metadata.uid, container: name, probe: kind, at: when })
  return withWorker(record, key, { ...worker, dueAt: when })
}

const statusNamed = (record: PodRecord, name: string): ContainerStatus | undefined =>
  record.status.containerStatuses?.find((status) => status.name === name) ??
  record.status.initContainerStatuses?.find((status) => status.name === name)

/** The status was told: workers learn of new containers, and unready ones are asked at once. */
export function noticeContainers(turn: Turn, record: PodRecord): PodRecord {
  if (!hasProbes(record)) return record
  let next = record
  for (const container of probedContainers(record)) {
    const status = statusNamed(record, container.name)
    for (const kind of PROBE_KINDS) if (probeOf(container, kind)) next = notice(turn, next, container, kind, status)
  }
  return next
}

function notice(
  turn: Turn,
  record: PodRecord,
  container: Container,
  kind: ProbeKind,
  status: ContainerStatus | undefined,
): PodRecord {
  const key = probeKey(kind, container.name)
  const old = record.probes[key]
  if (!old || !status?.state?.running || status.containerID === undefined) return record
  const worker = forContainer(old, kind, status.containerID)
  const next = withWorker(record, key, worker)
  if (worker.askedAt !== null || worker.onHold) return next
  if (kind === 'readiness' && status.started && worker.result !== 'success')
    return schedule(turn, next, kind, container.name, turn.at.now + AT_ONCE)
  if (worker.dueAt !== null) return next
  return schedule(turn, next, kind, container.name, nextBeat(worker, probeOf(container, kind)!, turn.at.now))
}

/** Something happened in the pod: probes that were left alone are asked again at their next beat. */
export function wakeProbes(turn: Turn, record: PodRecord): PodRecord {
  if (!hasProbes(record)) return record
  let next = record
  for (const container of probedContainers(record))
    for (const kind of PROBE_KINDS) {
      const probe = probeOf(container, kind)
      const worker = record.probes[probeKey(kind, container.name)]
      const sleeps = worker && worker.containerId !== '' && worker.dueAt === null && worker.askedAt === null
      if (probe && sleeps && !worker.onHold)
        next = schedule(turn, next, kind, container.name, nextBeat(worker, probe, turn.at.now))
    }
  return next
}

export function onProbeDue(turn: Turn, record: PodRecord, name: string, kind: ProbeKind, when: Millis): PodRecord {
  const key = probeKey(kind, name)
  const worker = record.probes[key]
  const container = containerNamed(record.pod, name)
  const probe = container && probeOf(container, kind)
  if (!worker || !probe || worker.dueAt !== when) return record
  const idle = withWorker(record, key, { ...worker, dueAt: null })
  const verdict = mayAsk(turn, idle, kind, name, probe)
  if (verdict === 'stop') return idle
  const again = nextBeat(worker, probe, turn.at.now)
  if (verdict === 'later') return schedule(turn, idle, kind, name, again)
  return ask(turn, idle, container, kind, probe)
}

function mayAsk(turn: Turn, record: PodRecord, kind: ProbeKind, name: string, probe: Probe): 'ask' | 'later' | 'stop' {
  const status = statusNamed(record, name)
  const startedAt = status?.state?.running?.startedAt
  if (!status || startedAt === undefined || startedAt === null || record.removed) return 'stop'
  const { phase } = record.worker
  if (
    phase === 'terminated' ||
    phase === 'ended' ||
    (kind !== 'readiness' && (phase === 'terminating' || isDeleting(record)))
  )
    return 'stop'
  const age = Math.floor((turn.at.now - (instantOf(startedAt as string) ?? 0)) / 1000)
  if (age < (probe.initialDelaySeconds ?? 0)) return 'later'
  return (kind === 'startup') === (status.started ?? false) ? 'stop' : 'ask'
}

const isDeleting = ({ pod }: PodRecord): boolean => pod.metadata.deletionTimestamp !== undefined

const timeoutOf = (probe: Probe): Millis => (probe.timeoutSeconds ?? 1) * 1000

interface Asked {
  readonly record: PodRecord
  /** Undefined: it comes later. */
  readonly answer: ProbeAnswer | undefined
  readonly steady: boolean
}

function ask(turn: Turn, record: PodRecord, container: Container, kind: ProbeKind, probe: Probe): PodRecord {
  const running = runningContainer(record, container.name)
  if (!running) return record
  const asked = probe.exec
    ? askByCommand(turn, record, running, kind, probe)
    : probe.httpGet
      ? askByRequest(turn, record, container, kind, probe)
      : askByConnection(turn, record, container, probe)
  if (!asked.answer) return waitForAnswer(turn, asked.record, container.name, kind)
  return digest(turn, asked.record, container, kind, asked.answer, asked.steady)
}

const runningContainer = (record: PodRecord, name: string): ContainerRecord | undefined =>
  record.runtime.containers.find((container) => container.name === name && container.state === 'running')

function waitForAnswer(turn: Turn, record: PodRecord, name: string, kind: ProbeKind): PodRecord {
  const key = probeKey(kind, name)
  return withWorker(record, key, { ...record.probes[key]!, askedAt: turn.at.now })
}

const addressOf = (turn: Turn, record: PodRecord): string =>
  readySandbox(record.runtime)?.ip || turn.machine.identity.address

const unknown = (output: string): ProbeAnswer => ({ result: 'unknown', output })
const failure = (output: string): ProbeAnswer => ({ result: 'failure', output })
const SUCCESS: ProbeAnswer = { result: 'success', output: '' }

function answerLater(
  turn: Turn,
  record: PodRecord,
  name: string,
  kind: ProbeKind,
  when: Millis,
  answer: ProbeAnswer,
): void {
  const { uid } = record.pod.metadata
  at(turn, when, { type: 'probe/answered', pod: uid, container: name, probe: kind, askedAt: turn.at.now, answer })
}

const probeProcess = (container: string, kind: ProbeKind): string => `${container} ${kind} probe`

function askByCommand(turn: Turn, record: PodRecord, running: ContainerRecord, kind: ProbeKind, probe: Probe): Asked {
  const command = probe.exec?.command ?? []
  const { now } = turn.at
  const deadline = now + timeoutOf(probe)
  const purpose = { is: 'probe', probe: kind, deadline } as const
  const begun = execute(turn, record, running, probeProcess(running.id, kind), purpose, command)
  if ('problem' in begun) {
    const id = hexId(turn.at.draw, 'exec', running.id, now)
    const output = `rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: ${begun.problem}`
    return { record, answer: unknown(output), steady: false }
  }
  const late = `command timed out: "${command.join(' ')}" timed out after ${formatDuration(timeoutOf(probe))}`
  answerLater(turn, record, running.name, kind, deadline, failure(late))
  return { record: begun, answer: undefined, steady: false }
}

const USER_AGENT = ['User-Agent', 'kube-probe/1.36'] as const

function headersOf(probe: Probe): readonly (readonly [string, string])[] {
  const own = (probe.httpGet?.httpHeaders ?? []).map(({ name, value }) => [name, value] as const)
  const has = (header: string) => own.some(([name]) => name.toLowerCase() === header)
  return [
    ...own,
    ...(has('user-agent') ? [] : [USER_AGENT]),
    ...(has('accept') ? [] : [['Accept', '*/*'] as const]),
    ['Connection', 'close'],
  ]
}

const notANumber = (port: string | number): ProbeAnswer => unknown(`strconv.Atoi: parsing "${port}": invalid syntax`)

function askByRequest(turn: Turn, record: PodRecord, container: Container, kind: ProbeKind, probe: Probe): Asked {
  const { path = '/', port: wanted, scheme = 'HTTP', host } = probe.httpGet!
  const port = portNumber(container, wanted)
  if (port === undefined) return { record, answer: notANumber(wanted), steady: false }
  const ip = host || addressOf(turn, record)
  const request = {
    method: 'GET',
    path,
    headers: headersOf(probe),
    body: '',
    remote: `${turn.machine.identity.address}:${40_000 + (turn.at.now % 20_000)}`,
    local: `${ip}:${port}`,
  }
  const { record: asked, answer, steady } = askPod(turn, record, port, request)
  const url = `${scheme.toLowerCase()}://${ip}:${port}${path}`
  if (isFetchFailure(answer))
    return {
      record: asked,
      answer: failure(`Get "${url}": dial tcp ${ip}:${port}: connect: connection refused`),
      steady,
    }
  const judged = judge(answer.code)
  const delay = answer.after ?? 0
  if (delay === 0) return { record: asked, answer: judged, steady }
  const late = delay > timeoutOf(probe)
  const told = late
    ? failure(`Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)
    : judged
  answerLater(turn, record, container.name, kind, turn.at.now + Math.min(delay, timeoutOf(probe)), told)
  return { record: asked, answer: undefined, steady: false }
}

const judge = (code: number): ProbeAnswer =>
  code >= 200 && code < 400 ? SUCCESS : failure(`HTTP probe failed with statuscode: ${code}`)

function askByConnection(turn: Turn, record: PodRecord, container: Container, probe: Probe): Asked {
  if (probe.grpc) return { record, answer: unknown('kubefold does not model gRPC probes'), steady: false }
  const wanted = probe.tcpSocket?.port ?? 0
  const port = portNumber(container, wanted)
  if (port === undefined) return { record, answer: notANumber(wanted), steady: false }
  if (listenerOn(record, port)) return { record, answer: SUCCESS, steady: true }
  const ip = probe.tcpSocket?.host || addressOf(turn, record)
  return { record, answer: failure(`dial tcp ${ip}:${port}: connect: connection refused`), steady: true }
}

/** A probe's command has ended in time. */
export function onProbeProcessEnded(
  turn: Turn,
  record: PodRecord,
  running: ContainerRecord,
  instance: Process,
  code: number,
  output: string,
): PodRecord {
  if (instance.purpose.is !== 'probe') return record
  const kind = instance.purpose.probe
  const worker = record.probes[probeKey(kind, running.name)]
  const container = containerNamed(record.pod, running.name)
  if (!container || !worker || worker.askedAt === null) return record
  return digest(turn, record, container, kind, code === 0 ? SUCCESS : failure(output), !instance.askedTime)
}

export function onProbeAnswered(
  turn: Turn,
  record: PodRecord,
  name: string,
  kind: ProbeKind,
  askedAt: Millis,
  answer: ProbeAnswer,
): PodRecord {
  const worker = record.probes[probeKey(kind, name)]
  const container = containerNamed(record.pod, name)
  if (!container || worker?.askedAt !== askedAt) return record
  const id = worker.containerId.slice('containerd://'.length)
  const running = containerById(record.runtime, id)
  const given = running
    ? { ...record, processes: withEntry(record.processes, probeProcess(id, kind), undefined) }
    : record
  return digest(turn, given, container, kind, answer, false)
}

const TITLE: Readonly<Record<ProbeKind, string>> = { liveness: 'Liveness', readiness: 'Readiness', startup: 'Startup' }

function complain(turn: Turn, record: PodRecord, name: string, kind: ProbeKind, { result, output }: ProbeAnswer): void {
  const what = result === 'unknown' ? 'errored and resulted in unknown state' : 'failed'
  recordEvent(
    turn,
    record.pod,
    'Warning',
    'Unhealthy',
    `${TITLE[kind]} probe ${what}: ${output}`,
    fieldPathOf(record.pod, name),
  )
}

/** What an answer means: for the probe's next beat, for the container's readiness, for its life. */
function digest(
  turn: Turn,
  record: PodRecord,
  container: Container,
  kind: ProbeKind,
  answer: ProbeAnswer,
  steady: boolean,
): PodRecord {
  const { name } = container
  const key = probeKey(kind, name)
  const before = record.probes[key]!
  const probe = probeOf(container, kind)!
  if (answer.result !== 'success') complain(turn, record, name, kind, answer)
  const worker =
    answer.result === 'unknown'
      ? { ...before, askedAt: null }
      : answered(before, probe, kind, answer.result === 'success')
  const rests = steady && answer.result === 'success' && worker.result === 'success'
  const kept = withWorker(record, key, worker)
  const scheduled =
    rests || worker.onHold ? kept : schedule(turn, kept, kind, name, nextBeat(worker, probe, turn.at.now))
  return worker.result === before.result ? scheduled : resultChanged(turn, scheduled, container, kind)
}

function resultChanged(turn: Turn, record: PodRecord, container: Container, kind: ProbeKind): PodRecord {
  const told = kind === 'liveness' ? record : tellStatus(turn, record, withResult(turn, record, container, kind))
  const isTrouble = record.worker.phase === 'syncing'
  return isTrouble ? wake(turn, told) : told
}

/** The status with one container's readiness or start changed, and nothing else: it is told before the next look. */
function withResult(turn: Turn, record: PodRecord, container: Container, kind: ProbeKind): PodRecord['status'] {
  const change = (status: ContainerStatus): ContainerStatus => {
    if (status.name !== container.name) return status
    if (kind === 'startup')
      return { ...status, started: record.probes[probeKey(kind, container.name)]!.result === 'success' }
    const ready = (status.started ?? false) && isReady(record.probes, container, status.containerID)
    return ready === status.ready ? status : { ...status, ready }
  }
  const { status } = record
  const regular = status.containerStatuses?.map(change) ?? []
  const inits = status.initContainerStatuses?.map(change)
  const changed = { ...status, containerStatuses: regular, ...(inits && { initContainerStatuses: inits }) }
  if (kind === 'startup') return changed
  const now = timestamp(turn.at.now)
  const { generation } = record.pod.metadata
  const observed = Math.min(status.observedGeneration ?? 1, generation ?? 1)
  const containers = containersReady(record.pod, inits ?? [], regular, status.phase as Phase)
  let conditions = withCondition(
    status.conditions ?? [],
    podReady(record.pod, status.conditions ?? [], containers),
    observed,
    now,
  )
  conditions = withCondition(conditions, containers, observed, now)
  return { ...changed, conditions }
}
