/**
 * News of writes on its way to those who watch. Who watches what is known beforehand, so a write wakes only the
 * clients it concerns, and a client that has a delivery on its way gets the rest with it.
 */
import type { ResourceName } from '../api/object.ts'
import { controllers } from '../controllers/index.ts'
import { changesSince } from '../etcd/store.ts'
import { SCHEDULER_WATCHES } from '../scheduler/scheduler.ts'
import { schedule } from '../std/agenda.ts'
import { getSorted, hasSorted, setSorted } from '../std/sorted.ts'
import type { Fact } from './fact.ts'
import { deliveryLatency } from './latency.ts'
import { atOf, storeOf, type World } from './world.ts'

/** What each cohort watches. */
const COHORT_WATCHES: Readonly<Record<string, readonly ResourceName[]>> = {
  'kube-scheduler': SCHEDULER_WATCHES,
  kubelets: ['pods', 'nodes', 'configmaps', 'secrets'],
  'kube-proxies': ['services', 'endpointslices.discovery.k8s.io', 'nodes'],
  coredns: ['services', 'endpointslices.discovery.k8s.io', 'pods', 'namespaces', 'configmaps'],
}

export const COHORTS: readonly string[] = Object.keys(COHORT_WATCHES)

function invert(): ReadonlyMap<ResourceName, readonly string[]> {
  const watchers = new Map<ResourceName, string[]>()
  const add = (resource: ResourceName, client: string) =>
    watchers.set(resource, [...(watchers.get(resource) ?? []), client])
  for (const { name, watches } of controllers) for (const resource of Object.keys(watches)) add(resource, name)
  for (const [cohort, resources] of Object.entries(COHORT_WATCHES))
    for (const resource of resources) add(resource, cohort)
  return watchers
}

const WATCHERS = invert()
const NOBODY: readonly string[] = []

/** Marks a delivery to the client as on its way; the same world when one is already, or when nothing reaches it. */
function onItsWay(world: World, client: string): World {
  if (hasSorted(world.faults.down, client) || hasSorted(world.faults.stalled, client)) return world
  const controller = getSorted(world.controllers, client)
  const cohort = controller ? undefined : getSorted(world.cohorts, client)
  if (controller?.delivering !== false && cohort?.delivering !== false) return world
  return controller
    ? { ...world, controllers: setSorted(world.controllers, client, { ...controller, delivering: true }) }
    : { ...world, cohorts: setSorted(world.cohorts, client, { ...cohort!, delivering: true }) }
}

export function sendNews(world: World, client: string): World {
  const marked = onItsWay(world, client)
  if (marked === world) return world
  const fact: Fact = { type: 'changes/delivered', client }
  return { ...marked, agenda: schedule(marked.agenda, world.now + deliveryLatency(atOf(world), client), fact) }
}

/** Sends news of everything that was written between two worlds. */
export function announce(before: World, after: World): World {
  const from = storeOf(before).revision
  if (storeOf(after).revision === from) return after
  let world = after
  let last: ResourceName | undefined
  for (const { resource } of changesSince(storeOf(after), from) ?? []) {
    if (resource === last) continue
    for (const client of WATCHERS.get(resource) ?? NOBODY) world = sendNews(world, client)
    last = resource
  }
  return world
}
