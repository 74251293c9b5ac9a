/**
 * What CoreDNS knows of the cluster: its watches' last delivery, looked up by name or address.
 */

import { type EndpointSlice, SERVICE_NAME_LABEL, type Service } from '../machine/proxy/objects.ts'
import { isProxied } from '../machine/proxy/service-port.ts'

export interface DnsView {
  readonly services: readonly Service[]
  readonly endpointSlices: readonly EndpointSlice[]
  readonly namespaces: readonly string[]
  /** For `pods verified`; not watched otherwise. */
  readonly pods?: readonly { readonly namespace: string; readonly name: string; readonly ip: string }[]
  /** The Service CoreDNS itself is behind, `kube-system/kube-dns`: it is the zone's name server. */
  readonly ownService?: string
  /** The start of the zone, a count of seconds that grows with every change. */
  readonly serial?: number
}

export interface DnsEndpoint {
  readonly address: string
  readonly hostname?: string
  readonly podName?: string
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[]
  /** `namespace/name`. */
  readonly service: string
}

interface Index {
  readonly services: ReadonlyMap<string, Service>
  readonly byClusterIp: ReadonlyMap<string, Service>
  readonly endpoints: ReadonlyMap<string, readonly DnsEndpoint[]>
  readonly byAddress: ReadonlyMap<string, readonly DnsEndpoint[]>
  readonly namespaces: ReadonlySet<string>
}

const keyOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`

/** Only ready endpoints have records; an EndpointSlice calls unready ones ready when they are to be published. */
function endpointsOf(slice: EndpointSlice): readonly DnsEndpoint[] {
  const service = `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`
  const ports = (slice.ports ?? []).map(({ name = '', protocol = 'TCP', port = -1 }) => ({ name, protocol, port }))
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready ?? true)
    .flatMap(({ addresses, hostname, targetRef }) =>
      addresses.map((address) => ({
        address,
        ...(hostname ? { hostname } : {}),
        ...(targetRef?.name ? { podName: targetRef.name } : {}),
        ports: ports.length > 0 ? ports : [{ name: '', protocol: 'TCP', port: -1 }],
        service,
      })),
    )
}

function grouped(endpoints: readonly DnsEndpoint[], key: (endpoint: DnsEndpoint) => string) {
  const groups = new Map<string, DnsEndpoint[]>()
  for (const endpoint of endpoints) {
    const group = groups.get(key(endpoint))
    if (group) group.push(endpoint)
    else groups.set(key(endpoint), [endpoint])
  }
  return groups
}

const indexes = new WeakMap<DnsView, Index>()

function computeIndex({ services, endpointSlices, namespaces }: DnsView): Index {
  const endpoints = endpointSlices.flatMap(endpointsOf)
  return {
    services: new Map(services.map((service) => [keyOf(service), service])),
    byClusterIp: new Map(services.filter(isProxied).map((service) => [service.spec.clusterIP!, service])),
    endpoints: grouped(endpoints, ({ service }) => service),
    byAddress: grouped(endpoints, ({ address }) => address),
    namespaces: new Set(namespaces),
  }
}

export function dnsIndex(view: DnsView): Index {
  const known = indexes.get(view)
  if (known) return known
  const index = computeIndex(view)
  indexes.set(view, index)
  return index
}
