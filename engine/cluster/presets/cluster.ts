/**
 * Ready-made clusters: what `kubeadm init` and some `kubeadm join` leave behind, as a world in which the nodes are ready and the
 * system's own Pods run.
 *
 * Left out: the control plane's own Pods (etcd, kube-apiserver and the others run beside the machines, not on one), kubeadm's
 * ConfigMaps, kube-proxy and Flannel as DaemonSets (they are parts of each machine).
 */
import type { Draft } from '../../api/object.ts'
import { isFailure } from '../../api/status.ts'
import type { User } from '../../apiserver/request.ts'
import { newApiServer } from '../../apiserver/server.ts'
import { newInformed } from '../../client/informed.ts'
import { CONTROLLER_RATE, type RateLimit } from '../../client/rate-limit.ts'
import { controllers } from '../../controllers/index.ts'
import { emptyStore } from '../../etcd/store.ts'
import { type MachineSpecification, newMachine } from '../../machine/slice.ts'
import { newScheduler } from '../../scheduler/scheduler.ts'
import { emptyAgenda } from '../../std/agenda.ts'
import { drawing } from '../../std/draw.ts'
import { sortedFrom, sortedKeys } from '../../std/sorted.ts'
import type { Millis } from '../../std/time.ts'
import { announce, COHORTS, sendNews } from '../announce.ts'
import { later } from '../control.ts'
import { send } from '../send.ts'
import { newTerminal } from '../terminal.ts'
import { NO_FAULTS, type World } from '../world.ts'
import { corednsObjects } from './coredns.ts'
import { bootstrapRoles } from './roles.ts'

export interface ClusterShape {
  readonly seed?: number
  readonly machines?: readonly MachineSpecification[]
  /** CoreDNS; true when not given. */
  readonly addons?: boolean
  /** `--kube-api-qps` and `--kube-api-burst` of kube-controller-manager. */
  readonly controllerRate?: RateLimit
  /** Files in the learner's home directory. */
  readonly files?: Readonly<Record<string, string>>
  /** When it begins; 0, which is `EPOCH`, when not given. */
  readonly now?: Millis
}

/** The addresses of machines begin here; the API server's is the one before. */
const FIRST_ADDRESS = 3

/** `node-1`, `node-2`, …, each with 2 CPUs and 4 GiB unless said otherwise. */
export const nodes = (count: number, each: Partial<MachineSpecification> = {}): readonly MachineSpecification[] =>
  Array.from({ length: count }, (_, index) => {
    const host = index + FIRST_ADDRESS
    const address = `172.18.${host >> 8}.${host & 255}`
    return { memoryBytes: 4 * 1024 ** 3, ...each, name: `node-${index + 1}`, address }
  })

function emptyWorld({
  seed = 1,
  machines = nodes(3),
  files = {},
  now = 0,
  controllerRate = CONTROLLER_RATE,
}: ClusterShape): World {
  const draw = drawing(seed)
  return {
    seed,
    now,
    happened: 0,
    agenda: emptyAgenda(),
    server: newApiServer(),
    controllers: sortedFrom(controllers.map(({ name }) => [name, newInformed()] as const)),
    controllerRate,
    cohorts: sortedFrom(COHORTS.map((name) => [name, { seen: emptyStore(), delivering: false }] as const)),
    scheduler: newScheduler(),
    machines: sortedFrom(machines.map((machine) => [machine.name, newMachine(machine, draw)] as const)),
    terminals: sortedFrom([['main', newTerminal(files)] as const]),
    faults: NO_FAULTS,
  }
}

/** The API server's own identity, under which it makes what must be there before anyone can be authorized. */
const API_SERVER: User = { name: 'system:apiserver', groups: ['system:masters'] }

const RESOURCES: Readonly<Record<string, string>> = {
  ClusterRole: 'clusterroles.rbac.authorization.k8s.io',
  ClusterRoleBinding: 'clusterrolebindings.rbac.authorization.k8s.io',
  Namespace: 'namespaces',
  PriorityClass: 'priorityclasses.scheduling.k8s.io',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  Deployment: 'deployments.apps',
}

function create(world: World, object: Draft, namespace?: string): World {
  const resource = RESOURCES[String(object.kind)]!
  const [next, response] = send(world, {
    verb: 'create',
    resource,
    ...(namespace !== undefined && { namespace }),
    body: object,
    user: API_SERVER,
    userAgent: 'kube-apiserver',
  })
  if (isFailure(response.body)) throw new Error(`the cluster could not be made: ${response.body.message}`)
  return next
}

const namespace = (name: string): Draft => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

const priorityClass = (name: string, value: number): Draft => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  description: `Used for system critical pods that must ${value > 2_000_000_000 ? 'not be moved from their current node' : 'run in the cluster, but can be moved to another node if necessary'}.`,
})

/** The Service through which Pods reach the API server. */
const kubernetesService: Draft = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: {
    clusterIP: '10.96.0.1',
    type: 'ClusterIP',
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
  },
}

function bootstrap(world: World, addons: boolean): World {
  let next = world
  for (const name of ['kube-system', 'kube-public', 'kube-node-lease', 'default']) next = create(next, namespace(name))
  for (const object of bootstrapRoles) next = create(next, object)
  next = create(next, priorityClass('system-node-critical', 2_000_001_000))
  next = create(next, priorityClass('system-cluster-critical', 2_000_000_000))
  next = create(next, kubernetesService, 'default')
  return addons ? corednsObjects.reduce((reached, object) => create(reached, object, 'kube-system'), next) : next
}

/** A cluster whose machines are about to start. */
export function newCluster(shape: ClusterShape = {}): World {
  const empty = emptyWorld(shape)
  let world = announce(empty, bootstrap(empty, shape.addons ?? true))
  for (const { name } of controllers) world = sendNews(world, name)
  for (const machine of sortedKeys(world.machines)) world = later(world, 0, { type: 'kubelet/started', machine })
  return world
}
