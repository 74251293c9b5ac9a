/** A request that has found its way to a pod of this machine: the server in it answers, and what that changes stays changed. */
import type { Order } from '../client/component.ts'
import { getSorted } from '../std/sorted.ts'
import type { MachineFact } from './fact.ts'
import type { FetchFailure, HttpRequest, HttpResponse } from './images/program.ts'
import { askPod, listenerOn } from './kubelet/local-request.ts'
import type { Machine } from './slice.ts'
import { type AtMachine, keepRecord, recordOf, type Turn } from './turn.ts'

export interface Served {
  readonly machine: Machine
  readonly orders: readonly Order<MachineFact>[]
  readonly answer: HttpResponse | FetchFailure
}

export function serveRequest(machine: Machine, pod: string, port: number, request: HttpRequest, at: AtMachine): Served {
  const turn: Turn = { machine, at, orders: [] }
  const record = recordOf(turn, pod)
  if (!record) return { machine, orders: [], answer: { error: 'refused' } }
  const { record: after, answer } = askPod(turn, record, port, request)
  keepRecord(turn, after)
  return { machine: turn.machine, orders: turn.orders, answer }
}

/** Whether a process in a pod of this machine listens on a port. */
export function isServing(machine: Machine, pod: string, port: number): boolean {
  const record = getSorted(machine.pods, pod)
  return record !== undefined && listenerOn(record, port) !== undefined
}
