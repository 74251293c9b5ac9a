/**
 * Brings up so many Pods on so many nodes, from nothing to all of them Ready: Deployments of three sizes with a Service each,
 * namespaces of 3,000 Pods, everything that a real cluster does on the way (ReplicaSets, scheduling, kubelets, EndpointSlices, Events).
 * Prints one line of JSON with the CPU time and the heap.
 *
 *     node --expose-gc tests/bench/bring-up.ts NODES PODS
 */
import { newCluster, nodes } from '../../engine/cluster/presets/cluster.ts'
import { run } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { seconds } from '../../engine/std/time.ts'
import { cpuMillis, create, deployment, service, tell, untilReady } from './scene.ts'

/** A third in one large Deployment, a third in Deployments of 120, a third in Deployments of 10. */
function sizesFor(pods: number): number[] {
  const third = Math.floor(pods / 3)
  const sizes = [third, ...Array<number>(Math.floor(third / 120)).fill(120)]
  const rest = pods - sizes.reduce((sum, size) => sum + size, 0)
  return [...sizes, ...Array<number>(Math.floor(rest / 10)).fill(10), ...(rest % 10 > 0 ? [rest % 10] : [])]
}

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

function withNamespaces(world: World, count: number): World {
  let next = world
  for (let at = 0; at < count; at++) next = create(next, 'namespaces', undefined, namespace(`ns-${at}`))
  return run(next, next.now + seconds(5))
}

/** So many Pods divided among namespaces, as evenly as it goes. */
function withWorkloads(world: World, namespaces: number, pods: number): World {
  let next = world
  for (let at = 0; at < namespaces; at++) {
    const share = Math.floor((pods * (at + 1)) / namespaces) - Math.floor((pods * at) / namespaces)
    for (const [index, size] of sizesFor(share).entries()) {
      next = create(next, 'deployments.apps', `ns-${at}`, deployment(`web-${index}`, size))
      next = create(next, 'services', `ns-${at}`, service(`web-${index}`))
    }
  }
  return next
}

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** What operators of large clusters give kube-controller-manager. */
const LARGE_CLUSTER = { perSecond: 100, burst: 100 }

const [nodeCount = 34, podCount = 1000] = process.argv.slice(2).map(Number)
const namespaces = Math.max(1, Math.ceil(podCount / 3000))
const before = heapBytes()
const machines = nodes(nodeCount, { milliCpu: 32_000, memoryBytes: 64 * 1024 ** 3 })
const empty = run(newCluster({ machines, controllerRate: LARGE_CLUSTER }), seconds(60))
const prepared = withNamespaces(empty, namespaces)
const started = cpuMillis()
const { world, facts } = untilReady(withWorkloads(prepared, namespaces, podCount), podCount)
const cpuMs = cpuMillis() - started
const heapPerPod = Math.round((heapBytes() - before) / podCount)
const { revision } = world.server.store
tell({ nodes: nodeCount, pods: podCount, cpuMs, facts, writes: revision, heapPerPod, simulatedMs: world.now })
