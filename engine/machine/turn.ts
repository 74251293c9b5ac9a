/**
 * One fact being handled: the machine as it becomes, the time, and the orders given so far. A turn lives inside one call of the
 * component and is never kept.
 */
import type { KubeObject } from '../api/object.ts'
import type { AtClient, Order } from '../client/component.ts'
import type { Answer, Query } from '../dns/message.ts'
import { deleteSorted, getSorted, setSorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import type { MachineFact } from './fact.ts'
import type { FetchFailure, HttpRequest, HttpResponse } from './images/program.ts'
import type { PodRecord } from './kubelet/pod-record.ts'
import { type Machine, relistPhase } from './slice.ts'

/** A call outward: how a process asks a host that is not its own pod. Whoever runs the cluster may lend it. */
export type Dial = (
  from: { readonly machine: string; readonly pod: string },
  host: string,
  port: number,
  request: HttpRequest,
  /** The turn that asks, so that a request may come back to a machine whose turn it is. */
  asking: Turn,
) => HttpResponse | FetchFailure

/** A question to a name server, from a pod; undefined when nobody answers. */
export type Resolve = (
  from: { readonly machine: string; readonly pod: string },
  nameserver: string,
  query: Query,
) => Answer | undefined

export interface AtMachine extends AtClient {
  readonly dial?: Dial
  readonly resolve?: Resolve
}

export interface Turn {
  machine: Machine
  readonly at: AtMachine
  readonly orders: Order<MachineFact>[]
}

export const recordOf = (turn: Turn, uid: string): PodRecord | undefined => getSorted(turn.machine.pods, uid)

export function keepRecord(turn: Turn, record: PodRecord): void {
  const pods = setSorted(turn.machine.pods, record.pod.metadata.uid, record)
  if (pods !== turn.machine.pods) turn.machine = { ...turn.machine, pods }
}

export function forgetRecord(turn: Turn, uid: string): void {
  turn.machine = { ...turn.machine, pods: deleteSorted(turn.machine.pods, uid) }
}

export const after = (turn: Turn, delay: Millis, fact: MachineFact): void =>
  void turn.orders.push({ do: 'after', delay, fact })

export const at = (turn: Turn, due: Millis, fact: MachineFact): void =>
  after(turn, Math.max(0, due - turn.at.now), fact)

export const record = (
  turn: Turn,
  about: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  fieldPath?: string,
): void =>
  void turn.orders.push({
    do: 'record',
    about,
    type,
    reason,
    message,
    ...(fieldPath !== undefined && { fieldPath }),
  })

const RELIST_PERIOD: Millis = 1000

/** When the kubelet lists the runtime's pods next, after now. */
export function nextRelist(turn: Turn): Millis {
  const phase = relistPhase(turn.machine.name, turn.at.draw)
  return Math.floor((turn.at.now - phase) / RELIST_PERIOD + 1) * RELIST_PERIOD + phase
}

/** When it last did. */
export const lastRelist = (turn: Turn): Millis => nextRelist(turn) - RELIST_PERIOD

/** A duration around `middle`: it takes a little longer or shorter each time. */
export const around = (turn: Turn, middle: Millis, ...purpose: readonly (string | number)[]): Millis =>
  Math.round(middle * (0.75 + 0.5 * turn.at.draw('latency', ...purpose)))
