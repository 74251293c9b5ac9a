/** What the benchmarks share: a cluster is asked for Deployments, and runs until all their Pods are ready. */
import type { KubeObject } from '../../engine/api/object.ts'
import { announce } from '../../engine/cluster/announce.ts'
import { step } from '../../engine/cluster/run.ts'
import { send } from '../../engine/cluster/send.ts'
import type { World } from '../../engine/cluster/world.ts'
import { listObjects } from '../../engine/etcd/store.ts'
import { nextDue } from '../../engine/std/agenda.ts'
import { minutes, seconds } from '../../engine/std/time.ts'

const ADMINISTRATOR = { name: 'kubernetes-admin', groups: ['system:masters'] }

export const deployment = (name: string, replicas: number) => ({
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
            resources: { requests: { cpu: '10m', memory: '16Mi' } },
          },
        ],
      },
    },
  },
})

export const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
})

/** Asks for an object as its administrator does, over the same door as everyone. */
export function create(world: World, resource: string, namespace: string | undefined, body: object): World {
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

type WithReplicas = KubeObject & { readonly status?: { readonly readyReplicas?: number } }

/** As the Deployments tell it; the one of the cluster's own names is not counted. */
const readyPods = (world: World): number =>
  listObjects(world.server.store, 'deployments.apps')
    .filter(({ metadata }) => metadata.namespace !== 'kube-system')
    .reduce((sum, one) => sum + ((one as WithReplicas).status?.readyReplicas ?? 0), 0)

const LONGEST = minutes(240)

/** Runs until so many Pods are ready; looks once a second of the cluster's time. */
export function untilReady(world: World, pods: number): { readonly world: World; readonly facts: number } {
  let [next, facts] = [world, 0]
  for (let check = world.now + seconds(1); readyPods(next) < pods; check += seconds(1)) {
    for (let due = nextDue(next.agenda); due !== undefined && due <= check; due = nextDue(next.agenda)) {
      next = step(next)
      facts++
    }
    if (check > world.now + LONGEST) throw new Error(`only ${readyPods(next)} of ${pods} Pods became ready`)
  }
  return { world: next, facts }
}

export const cpuMillis = (): number => {
  const { user, system } = process.cpuUsage()
  return Math.round((user + system) / 1000)
}

export const tell = (figures: Readonly<Record<string, number>>): void => console.log(JSON.stringify(figures))
