/**
 * How long one Pod takes: `node engine/scheduler/scheduler.bench.ts [nodes] [pods] [deployments] [zones]`. The Pods of
 * some Deployments, taken in turn, arrive a thousand at a time, are placed and bound, and their bindings come back as
 * news. The little that is done here in the API server's place is counted too.
 */
import type { Key, KubeObject } from '../api/object.ts'
import type { Change, View } from '../client/controller.ts'
import { drawing } from '../std/draw.ts'
import type { Node, Pod } from './objects.ts'
import type { Orders } from './orders.ts'
import { newScheduler, type Scheduler, scheduler } from './scheduler.ts'

declare const process: {
  readonly argv: readonly string[]
  readonly cpuUsage: () => { readonly user: number; readonly system: number }
}
declare const console: { readonly log: (text: string) => void }

const argument = (index: number, otherwise: number): number => Number(process.argv[index] ?? otherwise)

const NODES = argument(2, 5_000)
const PODS = argument(3, 50_000)
const DEPLOYMENTS = argument(4, 10)
const ZONES = argument(5, 3)
const BATCH = 1_000

const metadata = (name: string, namespace?: string) => ({
  name,
  ...(namespace && { namespace }),
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-05T09:00:00Z',
})

function nodeNumber(index: number): Node {
  const name = `node-${index}`
  const zone = ZONES > 0 ? { 'topology.kubernetes.io/zone': `zone-${index % ZONES}` } : {}
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...zone }
  const allocatable = { cpu: '16', memory: '64Gi', 'ephemeral-storage': '100Gi', pods: '110' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadata(name), labels },
    spec: {},
    status: { capacity: allocatable, allocatable },
  }
}

const replicaSet = (index: number): KubeObject & { readonly spec: unknown } => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: metadata(`web-${index}`, 'default'),
  spec: { selector: { matchLabels: { app: `web-${index}`, 'pod-template-hash': 'abc' } } },
})

/** Each with a spec of its own, as admission makes them. */
function podNumber(index: number): Pod {
  const owner = index % DEPLOYMENTS
  const name = `web-${owner}-${index}`
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `web-${owner}`, uid: `uid-web-${owner}`, controller: true },
  ]
  const tolerations = ['not-ready', 'unreachable'].map((what) => ({
    key: `node.kubernetes.io/${what}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata(name, 'default'),
      labels: { app: `web-${owner}`, 'pod-template-hash': 'abc' },
      ownerReferences,
    },
    spec: {
      schedulerName: 'default-scheduler',
      priority: 0,
      tolerations,
      containers: [
        { name: 'web', image: 'nginx:1', resources: { requests: { cpu: '100m', memory: `${100 + (owner % 7)}Mi` } } },
      ],
    },
    status: { phase: 'Pending' },
  }
}

// ---- as much of a cluster as is needed ----

const objects = new Map<string, Map<Key, KubeObject>>(
  ['pods', 'nodes', 'replicasets.apps', 'services', 'namespaces'].map((resource) => [resource, new Map()]),
)

const view: View = {
  now: 0,
  draw: drawing(1),
  get: (resource, key) => objects.get(resource)?.get(key) as never,
  list: (resource) => [...(objects.get(resource)?.values() ?? [])] as never,
  by: () => [],
}

const at = { now: 0, draw: view.draw, view }

function created(resource: string, key: Key, object: KubeObject): Change {
  objects.get(resource)!.set(key, object)
  return { resource, key, before: undefined, after: object }
}

function bound(key: Key, nodeName: string): Change {
  const before = objects.get('pods')!.get(key) as Pod
  const after = { ...before, spec: { ...before.spec, nodeName } }
  objects.get('pods')!.set(key, after)
  return { resource: 'pods', key, before, after }
}

let slice: Scheduler = newScheduler()

const cpu = (): number => process.cpuUsage().user + process.cpuUsage().system

type Asked = Extract<Orders[number], { readonly do: 'ask' }>

const isTurn = (order: Orders[number]): boolean => order.do === 'after' && order.fact.type === 'cycle/due'

function deliver(changes: readonly Change[]): boolean {
  const [next, orders] = scheduler(slice, { type: 'changes/delivered', changes }, at)
  slice = next
  return orders.some(isTurn)
}

/** Lets the scheduler turn until nobody is in line. */
function turnAll(due: boolean): readonly Asked[] {
  const asked: Asked[] = []
  while (due) {
    const [next, orders] = scheduler(slice, { type: 'cycle/due' }, at)
    slice = next
    due = orders.some(isTurn)
    for (const order of orders) if (order.do === 'ask') asked.push(order)
  }
  return asked
}

/** Binds as was asked, and tells the scheduler that it was done. */
function answer({ ask, tag = '' }: Asked): Change {
  const news = bound(`default/${ask.name}`, (ask.body as { readonly target: { readonly name: string } }).target.name)
  slice = scheduler(slice, { type: 'response/arrived', tag }, at)[0]
  return news
}

for (let i = 0; i < DEPLOYMENTS; i++) created('replicasets.apps', `default/web-${i}`, replicaSet(i))
deliver(Array.from({ length: NODES }, (_, index) => created('nodes', `node-${index}`, nodeNumber(index))))

const pods = Array.from({ length: PODS }, (_, index) => podNumber(index))
const began = cpu()
let turning = 0
let placed = 0
for (let from = 0; from < PODS; from += BATCH) {
  const batch = pods.slice(from, from + BATCH)
  const due = deliver(batch.map((pod) => created('pods', `default/${pod.metadata.name}`, pod)))
  const before = cpu()
  const asked = turnAll(due)
  turning += cpu() - before
  placed += asked.length
  deliver(asked.map(answer))
}
const perPod = (spent: number): string => `${(spent / PODS).toFixed(1)} µs`
console.log(
  `${NODES} nodes, ${PODS} pods of ${DEPLOYMENTS} deployments, ${ZONES} zones: ${placed} placed; ` +
    `per pod ${perPod(turning)} for its turn, ${perPod(cpu() - began)} with news and answers`,
)
