/**
 * What a Pod takes of the node it is on. It is computed when the Pod is placed and kept with the placement, so that
 * exactly the same is given back when the Pod goes.
 */
import { type Amounts, amountsOf } from './amounts.ts'
import type { Container, Pod } from './objects.ts'
import { podRequests } from './pod-requests.ts'

export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

export interface Load {
  readonly requests: Amounts
  /** With 100m and 200 MiB for containers that ask for nothing. */
  readonly counted: Amounts
  readonly ports: readonly HostPort[]
}

export const NO_PORTS: readonly HostPort[] = []

function portsOfContainer(container: Container): readonly HostPort[] {
  if (!container.ports) return NO_PORTS
  return container.ports
    .filter((port) => (port.hostPort ?? 0) > 0)
    .map((port) => ({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol || 'TCP', port: port.hostPort! }))
}

const NONE: readonly Container[] = []

/** Host ports of the containers and of the sidecars, which hold theirs as long as the Pod lives. */
function hostPorts({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? NONE).filter((container) => container.restartPolicy === 'Always')
  const lasting = sidecars.length > 0 ? [...sidecars, ...spec.containers] : spec.containers
  return lasting.some((container) => container.ports) ? lasting.flatMap(portsOfContainer) : NO_PORTS
}

export interface Demand {
  readonly load: Load
  /** What the Pod counts for while nodes are compared for it. */
  readonly scored: Amounts
}

function computeDemand(pod: Pod): Demand {
  const { requests, counted, scored } = podRequests(pod)
  const onNode = amountsOf(counted)
  const load = { requests: amountsOf(requests), counted: onNode, ports: hostPorts(pod) }
  return { load, scored: scored === counted ? onNode : amountsOf(scored) }
}

interface Known {
  readonly spec: Pick<Pod['spec'], 'initContainers' | 'overhead' | 'resources'>
  readonly demand: Demand
}

const known = new WeakMap<Pod['spec']['containers'], Known>()

/** What it depends on; a Pod that is bound or changes its status shares all this with what it was. */
const isOf = ({ spec }: Known, other: Pod['spec']): boolean =>
  spec.initContainers === other.initContainers && spec.overhead === other.overhead && spec.resources === other.resources

export function demandOf(pod: Pod): Demand {
  const { spec } = pod
  const remembered = known.get(spec.containers)
  if (remembered && isOf(remembered, spec)) return remembered.demand
  const demand = computeDemand(pod)
  known.set(spec.containers, { spec, demand })
  return demand
}

export const loadOf = (pod: Pod): Load => demandOf(pod).load
