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
import { differencesOf } from '../../discovery/endpointslice/selection.ts'
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

/** The addresses of Pods with the same ports, each list sorted. */
interface Group {
  readonly ports: readonly Port[]
  readonly addresses: readonly EndpointAddress[]
  readonly notReadyAddresses: readonly EndpointAddress[]
}

type Groups = ReadonlyMap<string, Group>

const inAddressOrder = (members: readonly Listed[]): readonly EndpointAddress[] =>
  members.map(({ address }) => address).sort(byAddress)

const groupOf = (members: readonly Listed[]): Group => ({
  ports: members[0]!.ports,
  addresses: inAddressOrder(members.filter(({ ready }) => ready)),
  notReadyAddresses: inAddressOrder(members.filter(({ ready }) => !ready)),
})

const subsetOf = remembered(({ addresses, notReadyAddresses, ports }: Group): Subset => {
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(ports.length > 0 && { ports }),
  }
})

/** Where an address stands in a sorted list, or would stand. */
function placeIn(list: readonly EndpointAddress[], address: EndpointAddress): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (byAddress(list[middle]!, address) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function without(list: readonly EndpointAddress[], address: EndpointAddress): readonly EndpointAddress[] {
  const place = placeIn(list, address)
  return place < list.length && byAddress(list[place]!, address) === 0 ? list.toSpliced(place, 1) : list
}

const withOne = (list: readonly EndpointAddress[], address: EndpointAddress): readonly EndpointAddress[] =>
  list.toSpliced(placeIn(list, address), 0, address)

/** One Pod's address put into the list it belongs to, or taken out of it. */
function changed(groups: Groups, { ready, ports, portsId, address }: Listed, change: typeof withOne): Groups {
  const group = groups.get(portsId) ?? { ports, addresses: [], notReadyAddresses: [] }
  const list = ready ? 'addresses' : 'notReadyAddresses'
  const after = { ...group, [list]: change(group[list], address) }
  const next = new Map(groups)
  if (after.addresses.length + after.notReadyAddresses.length === 0) next.delete(portsId)
  else next.set(portsId, after)
  return next
}

interface LastLook {
  readonly pods: readonly Pod[]
  readonly groups: Groups
}

const lastLooks = new WeakMap<Service, LastLook>()

/** More changes than this are not worth putting in one by one. */
const FEW = 20

function groupsOf(service: Service, pods: readonly Pod[]): Groups {
  const last = lastLooks.get(service)
  const { gone, come } = differencesOf(last?.pods ?? [], pods)
  let groups = last?.groups
  if (groups && gone.length + come.length <= FEW) {
    for (const one of gone.map((pod) => listed(service, pod))) if (one) groups = changed(groups, one, without)
    for (const one of come.map((pod) => listed(service, pod))) if (one) groups = changed(groups, one, withOne)
  } else groups = groupedAnew(service, pods)
  lastLooks.set(service, { pods, groups })
  return groups
}

/** Only what has changed since the last look is put in its place. */
export function subsetsOf(service: Service, pods: readonly Pod[]): readonly Subset[] {
  const groups = groupsOf(service, pods)
  return [...groups.keys()].sort().map((id) => subsetOf(groups.get(id)!))
}

function groupedAnew(service: Service, pods: readonly Pod[]): Groups {
  const byPorts = new Map<string, Listed[]>()
  for (const pod of pods) {
    const one = listed(service, pod)
    if (!one) continue
    const members = byPorts.get(one.portsId)
    if (members) members.push(one)
    else byPorts.set(one.portsId, [one])
  }
  return new Map([...byPorts].map(([id, members]) => [id, groupOf(members)]))
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
