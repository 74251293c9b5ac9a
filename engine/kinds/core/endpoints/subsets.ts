/**
 * The old form of a Service's endpoints: addresses that share their ports stand together in a subset, the ready ones apart from the
 * others, everything sorted.
 *
 * Upstream: pkg/controller/endpoint/endpoints_controller.go, pkg/api/v1/endpoints/util.go
 * Left out: the order of several subsets, which upstream sorts by their hashes.
 */

import { remembered } from '../../../std/remembered.ts'
import { belongs, newEndpoint, portsOf } from '../../discovery/endpointslice/endpoint.ts'
import { type EndpointPort, isHeadless, type Service } from '../../discovery/endpointslice/endpointslice.ts'
import { placeOf } from '../../discovery/endpointslice/port-order.ts'
import { isPodReady, type Pod } from '../pod/pod-state.ts'

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
  const endpoint = newEndpoint(pod, undefined, service, family)
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

/** A Pod as it will be listed. */
interface Listed {
  readonly service: Service
  readonly address: EndpointAddress
  readonly ready: boolean
  readonly ports: readonly Port[]
  /** Equal for those with the same ports. */
  readonly portsId: string
}

const idOf = remembered((ports: readonly Port[]): string => JSON.stringify(ports))

const sortedPorts = remembered((ports: readonly EndpointPort[]): readonly Port[] => ports.map(portOf).sort(byPort))

const NO_PORTS: readonly Port[] = []

function listing(service: Service, pod: Pod): Listed | undefined {
  const everyone = Boolean(service.spec.publishNotReadyAddresses)
  const address = belongs(pod, everyone) ? addressOf(pod, service) : undefined
  if (!address) return undefined
  const named = (service.spec.ports ?? []).length > 0
  const ports = named ? sortedPorts(portsOf(service, pod)) : NO_PORTS
  if (named ? ports.length === 0 : !isHeadless(service)) return undefined
  return { service, address, ready: everyone || isPodReady(pod), ports, portsId: idOf(ports) }
}

const listings = new WeakMap<Pod, { readonly service: Service; readonly listed: Listed | undefined }>()

/** The same listing as long as neither the Pod nor the Service changes. */
function listed(service: Service, pod: Pod): Listed | undefined {
  const known = listings.get(pod)
  if (known?.service === service) return known.listed
  const fresh = listing(service, pod)
  listings.set(pod, { service, listed: fresh })
  return fresh
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
  for (const pod of pods) {
    const one = listed(service, pod)
    if (!one) continue
    const members = byPorts.get(one.portsId)
    if (members) members.push(one)
    else byPorts.set(one.portsId, [one])
  }
  return [...byPorts.keys()].sort().map((id) => subsetOf(byPorts.get(id)!))
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
