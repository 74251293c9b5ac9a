/**
 * Requests to servers in pods: a probe that asks its container, a process that asks its neighbour in the pod, a packet that
 * has found its way here. The server is a program; what the request changes in it stays changed.
 */
import type { FetchFailure, HttpRequest, HttpResponse } from '../images/program.ts'
import type { Process } from '../runtime/process.ts'
import { containerById, readySandbox } from '../runtime/runtime.ts'
import { keepRecord, recordOf, type Turn } from '../turn.ts'
import { giveAsking } from './container-process.ts'
import type { PodRecord } from './pod-record.ts'

/** The process of a pod that serves a port. */
export function listenerOn(record: PodRecord, port: number): Process | undefined {
  for (const id in record.processes) {
    const instance = record.processes[id]!
    if (!instance.ports.includes(port) || instance.exiting !== undefined) continue
    if (containerById(record.runtime, instance.container)?.state === 'running') return instance
  }
  return undefined
}

export interface Answered {
  readonly record: PodRecord
  readonly answer: HttpResponse | FetchFailure
  readonly steady: boolean
}

const REFUSED: FetchFailure = { error: 'refused' }

/** Asks whoever serves this port in the pod. */
export function askPod(turn: Turn, record: PodRecord, port: number, request: HttpRequest): Answered {
  const server = listenerOn(record, port)
  if (!server) return { record, answer: REFUSED, steady: true }
  const given = giveAsking(turn, record, server.id, { type: 'http', port, request })
  return { record: given.record, answer: given.output.response ?? REFUSED, steady: given.steady }
}

const isLocal = (record: PodRecord, host: string): boolean =>
  host === 'localhost' || host.startsWith('127.') || host === readySandbox(record.runtime)?.ip

/** A request has come to a pod of a machine in the middle of its turn. */
export function askDuringTurn(
  turn: Turn,
  uid: string,
  port: number,
  request: HttpRequest,
): HttpResponse | FetchFailure {
  const asked = recordOf(turn, uid)
  if (!asked) return REFUSED
  const { record, answer } = askPod(turn, asked, port, request)
  keepRecord(turn, record)
  return answer
}

/** A process of the pod asks a host and port. Others than its own pod are reached by way of the cluster. */
export function answerFor(
  turn: Turn,
  record: PodRecord,
  host: string,
  port: number,
  request: HttpRequest,
): readonly [PodRecord, HttpResponse | FetchFailure] {
  if (isLocal(record, host)) {
    const { record: asked, answer } = askPod(turn, record, port, request)
    return [asked, answer]
  }
  const from = { machine: turn.machine.name, pod: record.pod.metadata.uid }
  return [record, turn.at.dial?.(from, host, port, request, turn) ?? { error: 'unreachable' }]
}
