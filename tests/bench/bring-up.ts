/**
 * Brings up so many Pods on so many nodes, from nothing to all of them Ready: Deployments of three sizes with a Service each, fifty
 * namespaces, everything that a real cluster does on the way (ReplicaSets, scheduling, kubelets, EndpointSlices, Events).
 * Prints one line of JSON with the CPU time and the heap.
 *
 *     node --expose-gc tests/bench/bring-up.ts NODES PODS
 */

import { announce } from '../../engine/cluster/announce.ts'
import { newCluster, nodes } from '../../engine/cluster/presets/cluster.ts'
import { run, step } from '../../engine/cluster/run.ts'
import { send } from '../../engine/cluster/send.ts'
import type { World } from '../../engine/cluster/world.ts'
import { collectionOf } from '../../engine/etcd/store.ts'
import { nextDue } from '../../engine/std/agenda.ts'
import { visitSorted } from '../../engine/std/sorted.ts'
import { minutes, seconds } from '../../engine/std/time.ts'

const ADMINISTRATOR = { name: 'kubernetes-admin', groups: ['system:masters'] }

/** A third in one large Deployment, a third in Deployments of 120, a third in Deployments of 10. */
function sizesFor(pods: number): number[] {
  const third = Math.floor(pods / 3)
  const sizes = [third, ...Array<number>(Math.floor(third / 120)).fill(120)]
  const rest = pods - sizes.reduce((sum, size) => sum + size, 0)
  return [...sizes, ...Array<number>(Math.floor(rest / 10)).fill(10), ...(rest % 10 > 0 ? [rest % 10] : [])]
}

const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: name } },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'nginx:1.27',
            ports: [{ containerPort: 80 }],
            resources: { requests: { cpu: '100m', memory: '200Mi' } },
          },
        ],
      },
    },
  },
})

const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
})

function create(world: World, resource: string, namespace: string | undefined, body: object): World {
  const [next, response] = send(world, {
    verb: 'create',
    resource,
    ...(namespace !== undefined && { namespace }),
    body: body as never,
    user: ADMINISTRATOR,
  })
  if (response.code !== 201) throw new Error(JSON.stringify(response.body))
  return announce(world, next)
}

function withNamespaces(world: World, count: number): World {
  let next = world
  for (let at = 0; at < count; at++)
    next = create(next, 'namespaces', undefined, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `ns-${at}` },
    })
  return run(next, next.now + seconds(5))
}

function withWorkloads(world: World, namespaces: number, pods: number): World {
  let next = world
  for (let at = 0; at < namespaces; at++)
    for (const [index, size] of sizesFor(Math.floor(pods / namespaces)).entries()) {
      next = create(next, 'deployments.apps', `ns-${at}`, deployment(`web-${index}`, size))
      next = create(next, 'services', `ns-${at}`, service(`web-${index}`))
    }
  return next
}

type PodStatus = {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

function readyPods(world: World): number {
  let ready = 0
  visitSorted(collectionOf(world.server.store, 'pods').objects, (pod) => {
    if ((pod as PodStatus).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
      ready++
    return true
  })
  return ready
}

function untilReady(world: World, pods: number): { readonly world: World; readonly facts: number } {
  let [next, facts] = [world, 0]
  for (let check = world.now + seconds(1); readyPods(next) < pods; check += seconds(1)) {
    for (let due = nextDue(next.agenda); due !== undefined && due <= check; due = nextDue(next.agenda)) {
      next = step(next)
      facts++
    }
    if (check > world.now + minutes(120)) throw new Error(`only ${readyPods(next)} of ${pods} Pods became ready`)
  }
  return { world: next, facts }
}

const cpuMillis = (): number => {
  const { user, system } = process.cpuUsage()
  return Math.round((user + system) / 1000)
}

function heapBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** What operators of large clusters give kube-controller-manager. */
const LARGE_CLUSTER = { perSecond: 100, burst: 100 }

const [nodeCount = 34, podCount = 1000] = process.argv.slice(2).map(Number)
const namespaces = Math.max(1, Math.round(podCount / 3000))
const before = heapBytes()
const machines = nodes(nodeCount, { milliCpu: 32_000, memoryBytes: 64 * 1024 ** 3 })
const empty = run(newCluster({ machines, controllerRate: LARGE_CLUSTER }), seconds(60))
const prepared = withNamespaces(empty, namespaces)
const started = cpuMillis()
const { world, facts } = untilReady(withWorkloads(prepared, namespaces, podCount), podCount)
const cpuMs = cpuMillis() - started
const heapPerPod = (heapBytes() - before) / podCount
console.log(
  JSON.stringify({
    nodes: nodeCount,
    pods: podCount,
    cpuMs,
    facts,
    writes: world.server.store.revision,
    heapPerPod: Math.round(heapPerPod),
    simulatedMs: world.now,
  }),
)
