/**
 * What breaks, and what heals it. A fault is a fact like any other, so it can be drawn by a search, typed by a teacher, chosen in
 * the page, shrunk and replayed.
 *
 * Left out: several API servers, disks that fill, clocks that drift.
 */
import { restarted } from '../client/informed.ts'
import { emptyStore } from '../etcd/store.ts'
import { bootMachine, crashMachine } from '../machine/boot.ts'
import { leaseRenewTime } from '../machine/heartbeat.ts'
import { leasePatch } from '../machine/node.ts'
import { newScheduler } from '../scheduler/scheduler.ts'
import { withoutItems } from '../std/agenda.ts'
import { deleteSorted, getSorted, setSorted, sortedKeys } from '../std/sorted.ts'
import { sendNews } from './announce.ts'
import { kubeletOf, onMachineFact } from './components.ts'
import { later } from './control.ts'
import type { Fact, FaultFact } from './fact.ts'
import { ask } from './send.ts'
import {
  atOf,
  type Faults,
  linkName,
  machineOf,
  NO_FAULTS,
  type World,
  withCohort,
  withController,
  withMachine,
} from './world.ts'

const withFaults = (world: World, faults: Partial<Faults>): World => ({
  ...world,
  faults: { ...world.faults, ...faults },
})

const belongsTo =
  (name: string) =>
  (fact: Fact): boolean =>
    ('client' in fact && fact.client === name) ||
    ('machine' in fact && fact.machine === name && !fact.type.startsWith('machine/')) ||
    ('from' in fact && fact.from === name)

/** Whatever it was going to do is forgotten. */
const forgetPlans = (world: World, name: string): World => ({
  ...world,
  agenda: withoutItems(world.agenda, belongsTo(name)),
})

function crashComponent(world: World, client: string, restartAfter: number): World {
  const stopped = withFaults(forgetPlans(world, client), { down: setSorted(world.faults.down, client, true as const) })
  return later(stopped, restartAfter, { type: 'component/started', client })
}

function startComponent(world: World, client: string): World {
  const running = withFaults(world, { down: deleteSorted(world.faults.down, client) })
  if (getSorted(world.controllers, client)) return sendNews(withController(running, client, restarted()), client)
  const fresh = withCohort(running, client, { seen: emptyStore(), delivering: false })
  return sendNews(client === 'kube-scheduler' ? { ...fresh, scheduler: newScheduler() } : fresh, client)
}

const stall = (world: World, client: string): World =>
  withFaults(world, { stalled: setSorted(world.faults.stalled, client, true as const) })

const resume = (world: World, client: string): World =>
  sendNews(withFaults(world, { stalled: deleteSorted(world.faults.stalled, client) }), client)

function crash(world: World, name: string): World {
  const stopped = forgetPlans(world, name)
  const silent = ask(stopped, kubeletOf(name), leasePatch(name, leaseRenewTime(machineOf(world, name), world.now)))[0]
  const dark = withMachine(silent, name, crashMachine(machineOf(world, name), atOf(world)))
  return withFaults(dark, { down: setSorted(world.faults.down, name, true as const) })
}

function boot(world: World, name: string): World {
  const powered = withFaults(world, { down: deleteSorted(world.faults.down, name) })
  const booted = withMachine(powered, name, bootMachine(machineOf(world, name), atOf(world)))
  return onMachineFact(booted, name, { type: 'kubelet/started' })
}

/** Everything that is broken is mended: what a search does before it asks whether the cluster recovers. */
function calm(world: World): World {
  const { down, stalled } = world.faults
  let next = withFaults(world, { stalled: NO_FAULTS.stalled, losing: NO_FAULTS.losing, cut: NO_FAULTS.cut })
  for (const name of sortedKeys(stalled)) next = sendNews(next, name)
  for (const name of sortedKeys(down))
    next = getSorted(world.machines, name) ? boot(next, name) : startComponent(next, name)
  return next
}

export function onFault(world: World, fact: FaultFact): World {
  const { faults } = world
  switch (fact.type) {
    case 'component/crashed':
      return crashComponent(world, fact.client, fact.restartAfter)
    case 'component/started':
      return startComponent(world, fact.client)
    case 'watch/stalled':
      return stall(world, fact.client)
    case 'watch/resumed':
      return resume(world, fact.client)
    case 'requests/lost': {
      const lost = { count: fact.count, answer: fact.answer === true }
      return withFaults(world, { losing: setSorted(faults.losing, fact.client, lost) })
    }
    case 'machine/crashed':
      return crash(world, fact.machine)
    case 'machine/booted':
      return boot(world, fact.machine)
    case 'link/cut':
      return withFaults(world, { cut: setSorted(faults.cut, linkName(fact.between), true as const) })
    case 'link/healed':
      return withFaults(world, { cut: deleteSorted(faults.cut, linkName(fact.between)) })
    case 'calm/restored':
      return calm(world)
  }
}
