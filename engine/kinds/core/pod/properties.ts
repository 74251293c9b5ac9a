/** What is true of Pods in every cluster that works. */

import type { KubeObject } from '../../../api/object.ts'
import type { Node, Pod } from '../../../api/types.generated.ts'
import { always, eachStep, eventually, type Property, sometimes } from '../../../check/property.ts'
import { storeOf, type World } from '../../../cluster/world.ts'
import { getObject, listObjects, objectsByIndex } from '../../../etcd/store.ts'
import { milliValueOfQuantity, parseQuantity } from '../../../std/quantity.ts'
import { minutes } from '../../../std/time.ts'

const asPod = (object: KubeObject | undefined): Pod | undefined => object as Pod | undefined

export const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

export const isReady = (pod: Pod): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

/** Requests of one resource in thousandths: the containers' together. */
function requested(pod: Pod, resource: string): number {
  const amounts = pod.spec.containers.map((container) => container.resources?.requests?.[resource])
  return amounts.reduce((sum, text) => sum + (text === undefined ? 0 : milli(text)), 0)
}

const milli = (text: string): number => {
  const quantity = parseQuantity(text)
  return quantity ? milliValueOfQuantity(quantity) : 0
}

function overcommitted(pod: Pod, world: World, resource: string): string | undefined {
  const name = pod.spec.nodeName
  if (!name) return undefined
  const node = getObject(storeOf(world), 'nodes', name) as Node | undefined
  const room = node?.status?.allocatable?.[resource]
  if (room === undefined) return undefined
  const there = (objectsByIndex(storeOf(world), 'pods', 'node', name) as unknown as Pod[]).filter(
    (other) => !isFinished(other),
  )
  const sum = there.reduce((total, other) => total + requested(other, resource), 0)
  return sum > milli(room) ? `node ${name} has ${sum}m of ${resource} requested and ${milli(room)}m to give` : undefined
}

const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed']

export const podProperties: readonly Property[] = [
  always('no node has more cpu requested of it than it has', {
    because: 'a request is a promise, and the scheduler only promises what a node can keep',
    of: 'pods',
    broken: (pod, world) => overcommitted(pod as Pod, world, 'cpu'),
  }),
  always('no node runs more Pods than it allows', {
    because: 'each Pod needs an address and a slot of the kubelet, and maxPods says how many there are',
    of: 'pods',
    broken: (object, world) => {
      const name = (object as Pod).spec.nodeName
      const node = name ? (getObject(storeOf(world), 'nodes', name) as Node | undefined) : undefined
      const most = node?.status?.allocatable?.pods
      if (!name || most === undefined) return undefined
      const count = (objectsByIndex(storeOf(world), 'pods', 'node', name) as unknown as Pod[]).filter(
        (pod) => !isFinished(pod),
      ).length
      return count > Number(most) ? `node ${name} has ${count} Pods and allows ${most}` : undefined
    },
  }),
  eachStep('a Pod stays on the node it was bound to', {
    because: 'its containers and their files are there; another node gets another Pod',
    of: 'pods',
    broken: ({ before, after }) => {
      const [from, to] = [asPod(before)?.spec.nodeName, asPod(after)?.spec.nodeName]
      return from && after && from !== to ? `it moved from ${from} to ${to ?? 'nowhere'}` : undefined
    },
  }),
  eachStep('a Pod that has ended does not run again', {
    because: 'Succeeded and Failed are final, and whoever wants another run makes another Pod',
    of: 'pods',
    broken: ({ before, after }) =>
      before && after && isFinished(before as Pod) && !isFinished(after as Pod)
        ? `it was ${asPod(before)!.status!.phase} and is ${asPod(after)!.status?.phase}`
        : undefined,
  }),
  eachStep('a container is never restarted less often than before', {
    because: 'restartCount only grows; a smaller one would hide a crash',
    of: 'pods',
    broken: ({ before, after }) => {
      const counts = (pod: Pod | undefined) =>
        (pod?.status?.containerStatuses ?? []).map((status) => [status.name, status.restartCount] as const)
      const old = new Map(counts(asPod(before)))
      const fallen = counts(asPod(after)).find(([name, count]) => count < (old.get(name) ?? 0))
      return fallen ? `container ${fallen[0]} had ${old.get(fallen[0])} restarts and now has ${fallen[1]}` : undefined
    },
  }),
  always('a Pod that runs has a node and an address', {
    because: 'a container runs somewhere, and other Pods must be able to reach it',
    of: 'pods',
    broken: (object) => {
      const { spec, status } = object as Pod
      if (status?.phase !== 'Running') return undefined
      if (!spec.nodeName) return 'it is Running on no node'
      return status.podIP || spec.hostNetwork ? undefined : 'it is Running without an address'
    },
  }),
  always('a Pod is ready only while it runs', {
    because: 'Ready means that traffic may be sent to it now',
    of: 'pods',
    broken: (object) => {
      const pod = object as Pod
      return isReady(pod) && pod.status?.phase !== 'Running' ? `it is Ready and ${pod.status?.phase}` : undefined
    },
  }),
  always('a Pod is in one of its four phases', {
    because: 'Unknown has not been reported by a kubelet for years',
    of: 'pods',
    broken: (object) => {
      const phase = (object as Pod).status?.phase
      return phase === undefined || PHASES.includes(phase) ? undefined : `its phase is ${phase}`
    },
  }),
  always('no two Pods on the Pod network have the same address', {
    because: 'the machine that gives an address out takes it back before it gives it again',
    of: 'pods',
    broken: (object, world) => {
      const pod = object as Pod
      if (!pod.status?.podIP || pod.spec.hostNetwork || isFinished(pod) || !pod.spec.nodeName) return undefined
      const twin = (objectsByIndex(storeOf(world), 'pods', 'node', pod.spec.nodeName) as unknown as Pod[]).find(
        (other) =>
          other.metadata.uid !== pod.metadata.uid &&
          other.status?.podIP === pod.status!.podIP &&
          !other.spec.hostNetwork &&
          !isFinished(other),
      )
      return twin ? `it has ${pod.status.podIP}, and so has ${twin.metadata.name}` : undefined
    },
  }),
  eventually('no Pod is left being deleted', {
    because: 'when its grace period is over and its node is there, nothing holds it',
    within: minutes(8),
    broken: (world) =>
      listObjects(storeOf(world), 'pods')
        .filter((pod) => pod.metadata.deletionTimestamp !== undefined && (pod.metadata.finalizers ?? []).length === 0)
        .map((pod) => ({
          object: `Pod ${pod.metadata.namespace}/${pod.metadata.name}`,
          says: 'it is still Terminating',
        })),
  }),
  sometimes('a Pod was deleted while it ran', {
    because: 'ending well is half of a life cycle',
    seen: ({ resource, after }) =>
      resource === 'pods' &&
      after?.metadata.deletionTimestamp !== undefined &&
      asPod(after)?.status?.phase === 'Running',
  }),
]
