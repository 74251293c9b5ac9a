/**
 * Containers and the processes in them: made, started, given what happens to them, signalled, ended. Everything a program
 * does to the world passes here: what it prints, the files it changes, when it wants to go on, and how it ends.
 *
 * Upstream: containerd, runc (texts of 2.4 and 1.1)
 * Left out: process ids, namespaces other than the network's, control groups except the limit of memory.
 */
import type { Container } from '../../api/types.generated.ts'
import type { Millis } from '../../std/time.ts'
import { programNamed } from '../images/catalogue.ts'
import {
  type Program,
  type ProgramHost,
  type ProgramInput,
  type ProgramOutput,
  SIGNAL_NUMBERS,
  type SignalName,
} from '../images/program.ts'
import { hexId } from '../runtime/identifier.ts'
import type { ImageContent } from '../runtime/image-content.ts'
import { type ImageOnDisk, imageOf } from '../runtime/image-store.ts'
import { type Process, printed } from '../runtime/process.ts'
import { type ContainerRecord, containerById, latestContainer, withContainer } from '../runtime/runtime.ts'
import { at, type Turn } from '../turn.ts'
import { goOnAfterStopping } from './after-stopping.ts'
import { amountOf } from './amount.ts'
import { containerNamed, isInit } from './container-kind.ts'
import { userOf } from './container-user.ts'
import { executableFor } from './executable.ts'
import { answerFor } from './local-request.ts'
import { type PodRecord, withEntry } from './pod-record.ts'
import { willBeNoticed } from './pod-worker.ts'
import { wakeProbes } from './probes.ts'
import { type ContainerContext, contextOf, processOf } from './process-context.ts'
import { processFinished } from './process-finished.ts'
import { terminationMessage } from './termination-message.ts'

export function newContainer(turn: Turn, record: PodRecord, container: Container, image: ImageOnDisk): ContainerRecord {
  const { pod } = record
  const before = latestContainer(record.runtime, container.name)
  const attempt = before ? before.attempt + 1 : 0
  const told = [...(record.status.containerStatuses ?? []), ...(record.status.initContainerStatuses ?? [])]
  const known = told.find(({ name, containerID }) => name === container.name && containerID !== undefined)
  return {
    id: hexId(turn.at.draw, 'container', pod.metadata.uid, container.name, attempt, turn.at.now),
    name: container.name,
    kind: isInit(pod, container.name) ? 'init' : 'regular',
    attempt: before || !known ? attempt : known.restartCount + 1,
    state: 'created',
    image: container.image ?? '',
    imageName: image.names[0]!,
    imageDigest: image.imageId,
    stopSignal: image.content.stopSignal ?? 'SIGTERM',
    createdAt: turn.at.now,
    startedAt: -1,
    finishedAt: -1,
    exitCode: 0,
    reason: '',
    message: '',
    ...userOf(pod, container, image.content),
  }
}

export const contentOf = (turn: Turn, container: ContainerRecord): ImageContent =>
  imageOf(turn.machine.images, container.imageDigest)?.content ?? { shell: false }

/** What runc would say about the command or the directory; undefined: it starts. */
export function startProblem(
  turn: Turn,
  record: PodRecord,
  container: Container,
  made: ContainerRecord,
): string | undefined {
  const context = contextOf(turn, record, container, made)
  const directory = container.workingDir && context.tree.stat(container.workingDir)
  if (directory && directory.kind !== 'directory')
    return `error during container init: mkdir ${container.workingDir}: not a directory`
  const found = executableFor(context.argv, contentOf(turn, made), () => context.tree)
  return 'problem' in found ? found.problem : undefined
}

export function startProcess(turn: Turn, record: PodRecord, container: Container, made: ContainerRecord): PodRecord {
  const running: ContainerRecord = { ...made, state: 'running', startedAt: turn.at.now }
  const context = contextOf(turn, record, container, running)
  if (container.workingDir && !context.tree.stat(container.workingDir)) makeDirectories(context, container.workingDir)
  const instance = processOf(context, context.argv, running.id, running.id, { is: 'main' }, contentOf(turn, running))
  const begun: PodRecord = {
    ...record,
    runtime: withContainer(record.runtime, running),
    processes: { ...record.processes, [running.id]: instance },
  }
  return give(turn, context.keep(begun), running.id, { type: 'start' })
}

function makeDirectories({ tree }: ContainerContext, path: string): void {
  const parts = path.split('/').slice(1)
  parts.forEach((_part, i) => {
    const partial = `/${parts.slice(0, i + 1).join('/')}`
    if (!tree.stat(partial)) tree.makeDirectory(partial)
  })
}

/** Something happens to a process; what it answers to a request is kept for the asker. */
export interface Given {
  readonly record: PodRecord
  readonly output: ProgramOutput
  /** Whether asking again without anything happening between would give the same. */
  readonly steady: boolean
}

export const give = (turn: Turn, record: PodRecord, id: string, input: ProgramInput): PodRecord =>
  giveAsking(turn, record, id, input).record

const NO_OUTPUT_AT_ALL: ProgramOutput = {}

export function giveAsking(turn: Turn, record: PodRecord, id: string, input: ProgramInput): Given {
  const instance = record.processes[id]
  const running = instance && containerById(record.runtime, instance.container)
  const container = running && containerNamed(record.pod, running.name)
  const dead = { record, output: NO_OUTPUT_AT_ALL, steady: true }
  if (!instance || !running || !container || instance.exiting !== undefined || running.state !== 'running') return dead
  let askedTime = false
  let current = record
  let firstSaid = ''
  let signalled: SignalName | undefined
  const context = contextOf(turn, record, container, running)
  const host: ProgramHost = {
    argv: instance.argv,
    environment: instance.environment,
    workingDirectory: instance.workingDirectory,
    user: { uid: running.uid, gid: running.gid, groups: running.groups },
    hostname: context.hostname,
    get files() {
      return context.tree
    },
    now: () => {
      askedTime = true
      return turn.at.now
    },
    draw: turn.at.draw,
    isFirst: instance.purpose.is === 'main',
    signalFirst: (signal) => {
      signalled = signal
    },
    writeToFirst: (text) => {
      firstSaid += text
    },
    fetch: (name, port, request) => {
      const [next, answer] = answerFor(turn, current, name, port, request)
      current = next
      return answer
    },
    ask: (nameserver, query) =>
      turn.at.resolve?.({ machine: turn.machine.name, pod: current.pod.metadata.uid }, nameserver, query),
    executable: (path) => imageProgram(contentOf(turn, running), path),
    memoryLimit: amountOf(container.resources?.limits?.memory as string | undefined) || Number.POSITIVE_INFINITY,
    isListening: (port) => Object.values(record.processes).some((other) => other.ports.includes(port)),
  }
  const [state, output] = programNamed(instance.program).run(instance.state, input, host)
  let next = context.keep(applied(turn, current, instance, state, kept(instance, input, output), askedTime))
  if (firstSaid) next = writeToFirst(turn, next, running.id, firstSaid)
  if (signalled) next = signalContainer(turn, next, running, signalled)
  return { record: next, output, steady: !askedTime && state === instance.state }
}

function writeToFirst(turn: Turn, record: PodRecord, id: string, text: string): PodRecord {
  const first = record.processes[id]
  if (!first) return record
  const said = { ...first, output: printed(first.output, turn.at.now, 'stdout', text) }
  return { ...record, processes: { ...record.processes, [id]: said } }
}

/** What a process waited for before it still waits for, unless that has just come. */
const kept = (instance: Process, input: ProgramInput, output: ProgramOutput): ProgramOutput =>
  output.wakeAt === undefined && instance.wakeAt !== undefined && input.type !== 'woke'
    ? { ...output, wakeAt: instance.wakeAt }
    : output

const DYING: Millis = 20

/** The process after it has handled an input: its state, what it printed, and what it waits for. */
function applied(
  turn: Turn,
  record: PodRecord,
  instance: Process,
  state: unknown,
  output: ProgramOutput,
  askedTime: boolean,
): PodRecord {
  const killed = output.memory !== undefined && overLimit(record, instance, output.memory)
  const silent =
    !output.stdout && !output.stderr && !output.printed && output.listens === undefined && output.memory === undefined
  if (silent && state === instance.state && output.exit === undefined && output.wakeAt === instance.wakeAt)
    return record
  const { now } = turn.at
  let said = killed ? instance.output : printed(instance.output, now, 'stdout', output.stdout)
  if (!killed) said = printed(said, now, 'stderr', output.stderr)
  for (const { stream, text } of output.printed ?? []) said = printed(said, now, stream, text)
  const { wakeAt: _woken, ...asleep } = instance
  let next: Process = {
    ...asleep,
    state,
    output: said,
    ports: output.listens ?? instance.ports,
    memory: output.memory ?? instance.memory,
    ...(askedTime && { askedTime }),
  }
  const exit = killed ? 137 : output.exit
  const wakeAt = exit === undefined ? output.wakeAt : now + DYING
  if (exit !== undefined) next = { ...next, exiting: exit, ...(killed && { killedBy: 'OOM' as const }) }
  if (wakeAt !== undefined) next = { ...next, wakeAt }
  if (wakeAt !== undefined && wakeAt !== instance.wakeAt) {
    at(turn, wakeAt, { type: 'process/woke', pod: record.pod.metadata.uid, process: instance.id, at: wakeAt })
  }
  const changed = { ...record, processes: { ...record.processes, [instance.id]: next } }
  return instance.purpose.is === 'probe' ? changed : wakeProbes(turn, changed)
}

/** The kernel ends a process that takes more memory than its container may have. */
function overLimit(record: PodRecord, instance: Process, memory: number): boolean {
  const name = containerById(record.runtime, instance.container)?.name
  const limit = name && containerNamed(record.pod, name)?.resources?.limits?.memory
  return limit !== undefined && limit !== '' && memory > amountOf(limit as string)
}

/** An executable that the image brings, for a shell that runs it. */
const imageProgram = ({ executables }: ImageContent, path: string): Program | undefined => {
  const own = executables?.find((candidate) => candidate.path === path || candidate.path.endsWith(`/bin/${path}`))
  return own && programNamed(own.program)
}

/** The time a process waited for has come, or its end is due. */
export function onProcessWoke(turn: Turn, record: PodRecord, id: string, when: Millis): PodRecord {
  const instance = record.processes[id]
  if (instance?.wakeAt !== when) return record
  if (instance.exiting === undefined) return give(turn, record, id, { type: 'woke' })
  const container = containerById(record.runtime, instance.container)
  if (instance.purpose.is !== 'main') return processFinished(turn, record, instance)
  if (container?.state !== 'running') return record
  const reason = instance.killedBy === 'OOM' ? 'OOMKilled' : instance.exiting === 0 ? 'Completed' : 'Error'
  return containerExited(turn, record, container, instance.exiting, reason)
}

export function signalContainer(
  turn: Turn,
  record: PodRecord,
  container: ContainerRecord,
  signal: SignalName,
): PodRecord {
  if (signal === 'SIGKILL') return containerExited(turn, record, container, 128 + SIGNAL_NUMBERS.SIGKILL, 'Error')
  return give(turn, record, container.id, { type: 'signal', signal })
}

/** Its log stays, its other processes go with it. */
function buriedProcesses(record: PodRecord, { id }: ContainerRecord): PodRecord['processes'] {
  const left: Record<string, Process> = {}
  for (const [key, instance] of Object.entries(record.processes)) {
    if (instance.container !== id) left[key] = instance
    else if (key === id)
      left[key] = { ...instance, state: null, ports: [], memory: 0, exiting: 0, output: instance.output }
  }
  return left
}

export function containerExited(
  turn: Turn,
  record: PodRecord,
  container: ContainerRecord,
  exitCode: number,
  reason: string,
): PodRecord {
  const message = terminationMessage(turn, record, container, exitCode)
  const ended: ContainerRecord = { ...container, state: 'exited', finishedAt: turn.at.now, exitCode, reason, message }
  const buried: PodRecord = {
    ...record,
    runtime: withContainer(record.runtime, ended),
    processes: buriedProcesses(record, container),
    stopping: withEntry(record.stopping, container.id, undefined),
  }
  const noticed = willBeNoticed(turn, buried)
  return record.stopping[container.id] ? goOnAfterStopping(turn, noticed) : noticed
}

/** Another process in a running container: a probe, a hook, a session. */
export function execute(
  turn: Turn,
  record: PodRecord,
  running: ContainerRecord,
  id: string,
  purpose: Process['purpose'],
  argv: readonly string[],
): PodRecord | { readonly problem: string } {
  const container = containerNamed(record.pod, running.name)
  if (!container) return { problem: 'container not found' }
  const context = contextOf(turn, record, container, running)
  const found = executableFor(argv, contentOf(turn, running), () => context.tree)
  if ('problem' in found) return { problem: found.problem }
  const instance = processOf(context, argv, id, running.id, purpose, contentOf(turn, running))
  const begun = { ...record, processes: { ...record.processes, [id]: instance } }
  return give(turn, begun, id, { type: 'start' })
}
