/**
 * What a Pod takes of the node it is on. It is computed when the Pod is placed and kept with the placement, so that exactly the same
 * is given back when the Pod goes.
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

export function computeLoad(pod: Pod): Load {
  const { requests, counted } = podRequests(pod)
  return { requests: amountsOf(requests), counted: amountsOf(counted), ports: hostPorts(pod) }
}

const known = new WeakMap<object, Load>()

/** Versions of a Pod share their spec, and with it this. */
export function loadOf(pod: Pod): Load {
  const remembered = known.get(pod.spec)
  if (remembered) return remembered
  const load = computeLoad(pod)
  known.set(pod.spec, load)
  return load
}
