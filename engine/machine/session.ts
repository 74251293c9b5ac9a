/**
 * `kubectl exec`: a process in a running container whose input and output belong to a person. It is opened, typed at, looked at and
 * closed; while it waits it is plain data like every other process.
 *
 * Left out: `kubectl attach`, resizing the terminal.
 */
import { getSorted } from '../std/sorted.ts'
import type { MachineFact } from './fact.ts'
import { execute, give } from './kubelet/container-process.ts'
import { type PodRecord, withEntry } from './kubelet/pod-record.ts'
import { textOf } from './runtime/process.ts'
import type { Machine } from './slice.ts'
import type { Turn } from './turn.ts'

export const openSession = (pod: string, container: string, session: string, argv: readonly string[]): MachineFact => ({
  type: 'session/opened',
  pod,
  container,
  session,
  argv,
})

export const typeIntoSession = (pod: string, session: string, text: string): MachineFact => ({
  type: 'session/typed',
  pod,
  session,
  text,
})

export const closeSession = (pod: string, session: string): MachineFact => ({ type: 'session/closed', pod, session })

export interface SessionState {
  readonly stdout: string
  readonly stderr: string
  /** Undefined while it runs. */
  readonly code: number | undefined
}

const processId = (session: string): string => `session ${session}`

/** What a session has printed, and how it ended. A session whose container is gone ended with 137. */
export function sessionState(machine: Machine, pod: string, session: string): SessionState {
  const instance = getSorted(machine.pods, pod)?.processes[processId(session)]
  if (!instance) return { stdout: '', stderr: '', code: 137 }
  return {
    stdout: textOf(instance.output, 'stdout'),
    stderr: textOf(instance.output, 'stderr'),
    code: instance.exiting,
  }
}

const NOT_STARTED = 126

export function onSessionOpened(
  turn: Turn,
  record: PodRecord,
  {
    container,
    session,
    argv,
  }: { readonly container: string; readonly session: string; readonly argv: readonly string[] },
): PodRecord {
  const running = record.runtime.containers.find(({ name, state }) => name === container && state === 'running')
  if (!running) return record
  const id = processId(session)
  const begun = execute(turn, record, running, id, { is: 'session', session }, argv)
  return 'problem' in begun ? notStarted(turn, record, running.id, id, argv, begun.problem) : begun
}

function notStarted(
  turn: Turn,
  record: PodRecord,
  container: string,
  id: string,
  argv: readonly string[],
  problem: string,
): PodRecord {
  const text = `OCI runtime exec failed: exec failed: unable to start container process: ${problem}\n`
  const instance = {
    id,
    container,
    purpose: { is: 'session', session: id } as const,
    program: 'shell',
    argv,
    environment: [],
    workingDirectory: '/',
    state: null,
    ports: [],
    memory: 0,
    output: { pieces: [{ at: turn.at.now, stream: 'stderr' as const, text }], length: text.length },
    exiting: NOT_STARTED,
  }
  return { ...record, processes: { ...record.processes, [id]: instance } }
}

export const onSessionTyped = (turn: Turn, record: PodRecord, session: string, text: string): PodRecord =>
  give(turn, record, processId(session), { type: 'stdin', text })

export const onSessionClosed = (record: PodRecord, session: string): PodRecord => ({
  ...record,
  processes: withEntry(record.processes, processId(session), undefined),
})
