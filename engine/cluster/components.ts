/**
 * The scheduler and the machines in the world: facts reach them, and what they order becomes facts.
 */
import { isStatus } from '../api/status.ts'
import type { ClientFact, Order } from '../client/component.ts'
import type { Change } from '../client/controller.ts'
import { newsSince, withoutHistory } from '../client/informed.ts'
import { viewOf } from '../client/view.ts'
import { keysByIndex, type LoggedChange, type Store } from '../etcd/store.ts'
import type { MachineFact } from '../machine/fact.ts'
import type { FetchFailure, HttpRequest, HttpResponse } from '../machine/images/program.ts'
import { askDuringTurn } from '../machine/kubelet/local-request.ts'
import { machine } from '../machine/machine.ts'
import { serveRequest } from '../machine/served-request.ts'
import type { AtMachine, Dial, Turn } from '../machine/turn.ts'
import type { SchedulerFact } from '../scheduler/fact.ts'
import { scheduler } from '../scheduler/scheduler.ts'
import { getSorted, hasSorted } from '../std/sorted.ts'
import { later } from './control.ts'
import type { AskFact } from './fact.ts'
import { requestLatency } from './latency.ts'
import { loseRequest } from './losses.ts'
import { askName, destinationOf } from './network.ts'
import { ask, record, type Speaker } from './send.ts'
import { atOf, cohortOf, machineOf, storeOf, type World, withCohort, withMachine } from './world.ts'

const SCHEDULER: Speaker = {
  user: { name: 'system:kube-scheduler', groups: ['system:authenticated'] },
  userAgent: 'kube-scheduler',
  source: { component: 'default-scheduler', series: true },
}

/** The speaker of each machine's kubelet, made once. */
const kubelets = new Map<string, Speaker>()

export function kubeletOf(name: string): Speaker {
  const known = kubelets.get(name)
  if (known) return known
  const speaker: Speaker = {
    user: { name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] },
    userAgent: 'kubelet',
    source: { component: 'kubelet', host: name },
  }
  kubelets.set(name, speaker)
  return speaker
}

const speakerOf = (from: string): Speaker => (from === 'kube-scheduler' ? SCHEDULER : kubeletOf(from))

type ComponentFact = SchedulerFact | MachineFact

/** Carries out one order of a component: at once, or as a fact to come. */
function obey<Fact extends ComponentFact>(
  world: World,
  from: string,
  order: Order<Fact>,
  dress: (fact: Fact) => Parameters<typeof later>[2],
): World {
  if (order.do === 'record') return record(world, speakerOf(from), order)
  if (order.do === 'after') return later(world, order.delay, dress(order.fact))
  const fact: AskFact = {
    type: 'ask/arrived',
    from,
    ask: order.ask,
    ...(order.tag !== undefined && { tag: order.tag }),
  }
  return later(world, requestLatency(atOf(world), from), fact)
}

export function onSchedulerFact(world: World, fact: SchedulerFact | ClientFact): World {
  if (hasSorted(world.faults.down, 'kube-scheduler')) return world
  const at = atOf(world)
  const view = viewOf(cohortOf(world, 'kube-scheduler').seen, at)
  const [slice, orders] = scheduler(world.scheduler, fact, { ...at, view })
  let next: World = { ...world, scheduler: slice }
  for (const order of orders)
    next = obey(next, 'kube-scheduler', order, (due) => ({ ...due, client: 'kube-scheduler' }))
  return next
}

/** A world that changes while one machine's turn lasts: its programs may ask programs on other machines, who change by it. */
interface Desk {
  world: World
  /** Machines in the middle of a turn: what comes back to them meanwhile is part of it. */
  readonly turns: Map<string, Turn>
}

const obeyMachine = (world: World, name: string, orders: readonly Order<MachineFact>[]): World =>
  orders.reduce((next, order) => obey(next, name, order, (due) => ({ ...due, machine: name })), world)

interface Server {
  readonly machine: string
  readonly pod: string
  readonly port: number
}

/** A process asks a server somewhere in the cluster: the way there is traced, and the server's program answers at once. */
function dialFrom(desk: Desk): Dial {
  return (from, host, port, request, asking) => {
    const to = destinationOf(desk.world, from, host, port)
    if ('error' in to) return to
    desk.turns.set(from.machine, asking)
    const turn = desk.turns.get(to.machine)
    return turn ? askDuringTurn(turn, to.pod, to.port, request) : serve(desk, to, request)
  }
}

function serve(desk: Desk, to: Server, request: HttpRequest): HttpResponse | FetchFailure {
  const at = atMachine(desk)
  const {
    machine: served,
    orders,
    answer,
  } = serveRequest(machineOf(desk.world, to.machine), to.pod, to.port, request, at)
  desk.turns.delete(to.machine)
  desk.world = obeyMachine(withMachine(desk.world, to.machine, served), to.machine, orders)
  return answer
}

/** A request has come from outside of any machine to a server in a Pod. */
export function askServer(
  world: World,
  to: Server,
  request: HttpRequest,
): readonly [World, HttpResponse | FetchFailure] {
  const desk: Desk = { world, turns: new Map() }
  const answer = serve(desk, to, request)
  return [desk.world, answer]
}

function atMachine(desk: Desk): AtMachine {
  const at = atOf(desk.world)
  return {
    ...at,
    view: viewOf(cohortOf(desk.world, 'kubelets').seen, at),
    dial: dialFrom(desk),
    resolve: (from, nameserver, query) =>
      askName(desk.world, { of: 'pod', node: from.machine, uid: from.pod }, nameserver, query),
  }
}

export function onMachineFact(world: World, name: string, fact: MachineFact | ClientFact): World {
  if (hasSorted(world.faults.down, name)) return world
  const desk: Desk = { world, turns: new Map() }
  const [slice, orders] = machine(machineOf(world, name), fact, atMachine(desk))
  return obeyMachine(withMachine(desk.world, name, slice), name, orders)
}

export function onAskArrived(world: World, { from, ask: wanted, tag }: AskFact): World {
  if (hasSorted(world.faults.down, from)) return world
  const lost = loseRequest(world, from)
  if (lost && !lost.answer) return answer(lost.world, from, tag, LOST)
  const [asked, response] = ask(lost?.world ?? world, speakerOf(from), wanted)
  return answer(asked, from, tag, lost ? LOST : response.body)
}

const LOST = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  reason: 'Timeout',
  code: 504,
} as const

function answer(world: World, from: string, tag: string | undefined, body: unknown): World {
  if (tag === undefined) return world
  const said = isStatus(body) ? { status: body } : { object: body as NonNullable<Change['after']> }
  const fact: ClientFact = { type: 'response/arrived', tag, ...said }
  return from === 'kube-scheduler' ? onSchedulerFact(world, fact) : onMachineFact(world, from, fact)
}

type OnNode = { readonly spec?: { readonly nodeName?: string } }

/** The machines that a change concerns. */
function machinesFor(change: LoggedChange, store: Store): readonly string[] {
  if (change.resource === 'nodes') return [change.key]
  if (change.resource === 'configmaps' || change.resource === 'secrets') return machinesUsing(change, store)
  if (change.resource !== 'pods') return []
  const name = ((change.after ?? change.before) as OnNode).spec?.nodeName
  return name ? [name] : []
}

/** The machines with Pods that mount or read this ConfigMap or Secret. */
function machinesUsing({ resource, key }: LoggedChange, store: Store): readonly string[] {
  const pods = keysByIndex(store, 'pods', 'uses', `${resource}/${key}`)
  const objects = getSorted(store.collections, 'pods')?.objects
  const names = pods.map((pod) => (objects && (getSorted(objects, pod) as OnNode | undefined))?.spec?.nodeName ?? '')
  return [...new Set(names.filter((name) => name !== ''))].sort()
}

function changesByMachine(news: readonly LoggedChange[], store: Store): ReadonlyMap<string, Change[]> {
  const byMachine = new Map<string, Change[]>()
  for (const change of news)
    for (const name of machinesFor(change, store)) {
      const changes = byMachine.get(name)
      if (changes) changes.push(change)
      else byMachine.set(name, [change])
    }
  return byMachine
}

/** News reaches a cohort: its cursor moves on, and each member hears what concerns it. */
export function onCohortDelivered(world: World, name: string): World {
  const cohort = cohortOf(world, name)
  if (hasSorted(world.faults.stalled, name)) return withCohort(world, name, { ...cohort, delivering: false })
  const store = storeOf(world)
  const moved = withCohort(world, name, { seen: withoutHistory(store), delivering: false })
  if (name === 'kube-proxies' || name === 'coredns') return moved
  const news = newsSince(cohort.seen, store)
  if (name === 'kube-scheduler') return onSchedulerFact(moved, { type: 'changes/delivered', changes: news })
  let next = moved
  for (const [machineName, changes] of changesByMachine(news, store))
    if (getSorted(world.machines, machineName))
      next = onMachineFact(next, machineName, { type: 'changes/delivered', changes })
  return next
}
