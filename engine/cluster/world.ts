/**
 * The world: everything there is, as plain data. It can be written down as JSON and read back at any instant, and two worlds with the
 * same seed to which the same things were done are equal to the last byte. Each room has its slice, and only this floor
 * knows that there is more than one.
 */
import type { ApiServer } from '../apiserver/server.ts'
import type { Informed } from '../client/informed.ts'
import type { RateLimit } from '../client/rate-limit.ts'
import type { Store } from '../etcd/store.ts'
import type { Machine } from '../machine/machine.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import type { Agenda } from '../std/agenda.ts'
import type { At } from '../std/at.ts'
import { drawing } from '../std/draw.ts'
import { emptySorted, getSorted, type Sorted, setSorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import type { Fact } from './fact.ts'
import type { Terminal } from './terminal.ts'

/** What several clients of the same kind have seen. They share one cursor until a fault tells one of them apart. */
export interface Cohort {
  readonly seen: Store
  readonly delivering: boolean
}

export interface Lost {
  readonly count: number
  /** The request gets through; only the answer is lost. */
  readonly answer: boolean
}

export interface Faults {
  readonly down: Sorted<true>
  readonly stalled: Sorted<true>
  readonly losing: Sorted<Lost>
  /** Links that are cut, by `linkName`. */
  readonly cut: Sorted<true>
}

export interface World {
  readonly seed: number
  readonly now: Millis
  /** How many facts have happened. */
  readonly happened: number
  readonly agenda: Agenda<Fact>
  readonly server: ApiServer
  readonly controllers: Sorted<Informed>
  /** How fast each controller may send requests. */
  readonly controllerRate: RateLimit
  /** The scheduler, the kubelets, the proxies: `kube-scheduler`, `kubelets`, `kube-proxies`. */
  readonly cohorts: Sorted<Cohort>
  readonly scheduler: Scheduler
  readonly machines: Sorted<Machine>
  readonly terminals: Sorted<Terminal>
  readonly faults: Faults
}

export const NO_FAULTS: Faults = {
  down: emptySorted(),
  stalled: emptySorted(),
  losing: emptySorted(),
  cut: emptySorted(),
}

export const linkName = ([one, other]: readonly [string, string]): string =>
  one < other ? `${one} ${other}` : `${other} ${one}`

export const atOf = (world: World): At => ({ now: world.now, draw: drawing(world.seed) })

export const storeOf = (world: World): Store => world.server.store

export const cohortOf = (world: World, name: string): Cohort => {
  const cohort = getSorted(world.cohorts, name)
  if (!cohort) throw new Error(`there is no client called ${name}`)
  return cohort
}

export const withCohort = (world: World, name: string, cohort: Cohort): World => ({
  ...world,
  cohorts: setSorted(world.cohorts, name, cohort),
})

export const controllerOfWorld = (world: World, name: string): Informed => {
  const controller = getSorted(world.controllers, name)
  if (!controller) throw new Error(`there is no controller called ${name}`)
  return controller
}

export const withController = (world: World, name: string, controller: Informed): World => ({
  ...world,
  controllers: setSorted(world.controllers, name, controller),
})

export const machineOf = (world: World, name: string): Machine => {
  const machine = getSorted(world.machines, name)
  if (!machine) throw new Error(`there is no machine called ${name}`)
  return machine
}

export const withMachine = (world: World, name: string, machine: Machine): World => ({
  ...world,
  machines: setSorted(world.machines, name, machine),
})
