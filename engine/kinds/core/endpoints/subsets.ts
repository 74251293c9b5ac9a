/**
 * The old form of a Service's endpoints: addresses that share their ports stand together in a subset, the ready ones apart from the
 * others, everything sorted.
 *
 * Upstream: pkg/controller/endpoint/endpoints_controller.go, pkg/api/v1/endpoints/util.go
 * Left out: the order of several subsets, which upstream sorts by their hashes.
 */
import { isPodReady, type Pod } from '../../../controllers/pods.ts'
import { belongs, endpointOf, portsOf } from '../../discovery/endpointslice/endpoint.ts'
import { type EndpointPort, isHeadless, type Service } from '../../discovery/endpointslice/endpointslice.ts'
import { placeOf } from '../../discovery/endpointslice/port-order.ts'

export interface EndpointAddress {
  readonly ip: string
  readonly hostname?: string
  readonly nodeName?: string
  readonly targetRef: {
    readonly kind: string
    readonly namespace?: string
    readonly name: string
    readonly uid: string
  }
}

interface Port {
  readonly name?: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

export interface Subset {
  readonly addresses?: readonly EndpointAddress[]
  readonly notReadyAddresses?: readonly EndpointAddress[]
  readonly ports?: readonly Port[]
}

/** As many addresses as one object may hold. */
export const CAPACITY = 1000

function addressOf(pod: Pod, service: Service): EndpointAddress | undefined {
  const family = service.spec.ipFamilies?.[0] ?? 'IPv4'
  const endpoint = endpointOf(pod, undefined, service, family)
  if (!endpoint) return undefined
  const { addresses, hostname, nodeName, targetRef } = endpoint
  return { ip: addresses[0]!, ...(hostname && { hostname }), ...(nodeName && { nodeName }), targetRef: targetRef! }
}

const portOf = ({ name, ...port }: EndpointPort): Port => ({ ...(name && { name }), ...port })

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byAddress = (a: EndpointAddress, b: EndpointAddress): number =>
  compareText(a.ip, b.ip) || compareText(a.targetRef.uid, b.targetRef.uid)

/** Ports stand in the order of their hashes, like those of slices, but printed as another type. */
const printed = ({ name = '', port, protocol, appProtocol }: Port): string =>
  `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} ` +
  `AppProtocol:(*string)${appProtocol ?? '<nil>'}}`

const byPort = (a: Port, b: Port): number => (placeOf(printed(a)) < placeOf(printed(b)) ? -1 : 1)

interface Listed {
  readonly address: EndpointAddress
  readonly ready: boolean
  readonly ports: readonly Port[]
}

function list(service: Service, pods: readonly Pod[]): readonly Listed[] {
  const everyone = Boolean(service.spec.publishNotReadyAddresses)
  const listed: Listed[] = []
  for (const pod of pods) {
    const address = belongs(pod, everyone) ? addressOf(pod, service) : undefined
    if (!address) continue
    const ports = portsOf(service, pod).map(portOf)
    const ready = everyone || isPodReady(pod)
    if ((service.spec.ports ?? []).length === 0) {
      if (isHeadless(service)) listed.push({ address, ready, ports: [] })
    } else for (const port of ports) listed.push({ address, ready, ports: [port] })
  }
  return listed
}

/** All ports of each address, in one text that those with the same ports share. */
function portsByAddress(listed: readonly Listed[]): ReadonlyMap<string, Listed> {
  const found = new Map<string, Listed>()
  for (const one of listed) {
    const id = `${one.address.targetRef.uid} ${one.address.ip} ${one.ready}`
    const known = found.get(id)
    found.set(id, known ? { ...one, ports: [...known.ports, ...one.ports] } : one)
  }
  return found
}

function subsetOf(members: readonly Listed[]): Subset {
  const [ready, waiting] = [members.filter((one) => one.ready), members.filter((one) => !one.ready)]
  const addresses = ready.map(({ address }) => address).sort(byAddress)
  const notReadyAddresses = waiting.map(({ address }) => address).sort(byAddress)
  const { ports } = members[0]!
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(ports.length > 0 && { ports }),
  }
}

export function subsetsOf(service: Service, pods: readonly Pod[]): readonly Subset[] {
  const byPorts = new Map<string, Listed[]>()
  for (const one of portsByAddress(list(service, pods)).values()) {
    const sorted = { ...one, ports: [...one.ports].sort(byPort) }
    const id = JSON.stringify(sorted.ports)
    byPorts.set(id, [...(byPorts.get(id) ?? []), sorted])
  }
  const ids = [...byPorts.keys()].sort()
  return ids.map((id) => subsetOf(byPorts.get(id)!))
}

const sizeOf = ({ addresses = [], notReadyAddresses = [] }: Subset): number =>
  addresses.length + notReadyAddresses.length

const cut = <T>(list: readonly T[] | undefined, most: number): readonly T[] | undefined =>
  list === undefined || most <= 0 ? undefined : list.slice(0, most)

/** As many addresses as fit, the ready ones first; the same subsets when all do. */
export function truncated(subsets: readonly Subset[]): readonly Subset[] {
  let left = CAPACITY
  if (subsets.reduce((sum, subset) => sum + sizeOf(subset), 0) <= left) return subsets
  const ready = subsets.map(({ addresses }) => {
    const kept = cut(addresses, left)
    left -= kept?.length ?? 0
    return kept
  })
  return subsets.map(({ notReadyAddresses, ports }, i) => {
    const waiting = cut(notReadyAddresses, left)
    left -= waiting?.length ?? 0
    return {
      ...(ready[i] && { addresses: ready[i] }),
      ...(waiting && { notReadyAddresses: waiting }),
      ...(ports && { ports }),
    }
  })
}
