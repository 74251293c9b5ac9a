/**
 * Which endpoints of a Service's port this machine may send to. Traffic policies, hints of topology and endpoints
 * that are on their way out make the answer differ from machine to machine.
 *
 * Upstream: pkg/proxy/topology.go, pkg/proxy/endpointslicecache.go
 */

import type { EndpointSlice, ProxyNode, SliceEndpoint } from './objects.ts'
import { isExternallyAccessible, type ServicePort } from './service-port.ts'

export interface Endpoint {
  readonly address: string
  readonly port: number
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly local: boolean
  readonly zones: readonly string[]
  readonly nodes: readonly string[]
}

export interface UsableEndpoints {
  /** For policy Cluster. */
  readonly cluster: readonly Endpoint[]
  /** For policy Local. */
  readonly local: readonly Endpoint[]
  /** All that this machine may reach by one policy or the other. */
  readonly reachable: readonly Endpoint[]
  /** Whether any machine has one: without any the connection is refused, otherwise dropped here. */
  readonly any: boolean
}

const names = (list: readonly { readonly name: string }[] = []): readonly string[] => list.map(({ name }) => name)

const endpointOf = (endpoint: SliceEndpoint, port: number, node: string): Endpoint => ({
  address: endpoint.addresses[0]!,
  port,
  ready: endpoint.conditions?.ready ?? true,
  serving: endpoint.conditions?.serving ?? true,
  terminating: endpoint.conditions?.terminating ?? false,
  local: endpoint.nodeName === node,
  zones: names(endpoint.hints?.forZones),
  nodes: names(endpoint.hints?.forNodes),
})

const keyOf = ({ address, port }: Endpoint): string => `${address}:${port}`

const byKey = (a: Endpoint, b: Endpoint): number => (keyOf(a) < keyOf(b) ? -1 : 1)

function endpointsOfSlice(slice: EndpointSlice, port: ServicePort, node: string): Endpoint[] {
  const match = slice.ports?.find(
    ({ name = '', protocol = 'TCP' }) => name === port.portName && protocol.toLowerCase() === port.protocol,
  )
  if (match?.port === undefined) return []
  return (slice.endpoints ?? []).filter((e) => e.addresses.length > 0).map((e) => endpointOf(e, match.port!, node))
}

/** All endpoints of a port, in kube-proxy's order: by address and port as text. An address in two slices counts once. */
export function endpointsOf(slices: readonly EndpointSlice[], port: ServicePort, node: string): readonly Endpoint[] {
  const found = new Map<string, Endpoint>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    for (const endpoint of endpointsOfSlice(slice, port, node)) found.set(keyOf(endpoint), endpoint)
  }
  return [...found.values()].sort(byKey)
}

/** Local policy for traffic from outside still needs all endpoints: pods asking the external address are short-circuited. */
export const usesCluster = (port: ServicePort): boolean => !port.internalLocal || isExternallyAccessible(port)

export const usesLocal = (port: ServicePort): boolean =>
  port.internalLocal || (port.externalLocal && isExternallyAccessible(port))

const isDraining = ({ ready, serving, terminating }: Endpoint): boolean => !ready && serving && terminating

/** Hints count only if every ready endpoint has one and one of them is for here. */
function preferred(ready: readonly Endpoint[], { name, zone }: ProxyNode): readonly Endpoint[] {
  const forNode = ready.filter(({ nodes }) => nodes.includes(name))
  if (forNode.length > 0 && ready.every(({ nodes }) => nodes.length > 0)) return forNode
  const forZone = zone === undefined ? [] : ready.filter(({ zones }) => zones.includes(zone))
  if (forZone.length > 0 && ready.every(({ zones }) => zones.length > 0)) return forZone
  return ready
}

function clusterEndpoints(all: readonly Endpoint[], node: ProxyNode): readonly Endpoint[] {
  const ready = all.filter((endpoint) => endpoint.ready)
  return ready.length > 0 ? preferred(ready, node) : all.filter(isDraining)
}

function localEndpoints(all: readonly Endpoint[]): readonly Endpoint[] {
  const here = all.filter(({ local }) => local)
  const ready = here.filter((endpoint) => endpoint.ready)
  return ready.length > 0 ? ready : here.filter(isDraining)
}

export function usableEndpoints(all: readonly Endpoint[], port: ServicePort, node: ProxyNode): UsableEndpoints {
  const cluster = usesCluster(port) ? clusterEndpoints(all, node) : []
  const local = usesLocal(port) ? localEndpoints(all) : []
  return {
    cluster,
    local,
    reachable: [...new Set([...cluster, ...local])],
    any: all.some((endpoint) => endpoint.ready || isDraining(endpoint)),
  }
}
