/**
 * A port of a Service as kube-proxy sees it: every port of every Service is proxied on its own, under the name
 * `namespace/service:port`.
 *
 * Upstream: pkg/proxy/serviceport.go
 * Left out: IPv6 and dual stack; spec.trafficDistribution is seen through the EndpointSlices' hints, as upstream does.
 */
import type { Protocol } from '../network/rule.ts'
import type { Service, ServicePortSpec } from './objects.ts'

export interface ServicePort {
  /** `default/web:http`, or `default/web` when the port has no name. */
  readonly name: string
  readonly portName: string
  readonly protocol: Protocol
  readonly clusterIp: string
  readonly port: number
  readonly nodePort: number
  readonly externalIps: readonly string[]
  readonly loadBalancerIps: readonly string[]
  readonly sourceRanges: readonly string[]
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  readonly healthCheckNodePort: number
  /** Undefined: any endpoint for every connection. */
  readonly affinitySeconds: number | undefined
}

/** Headless Services and external names have no address of their own, so there is nothing to proxy. */
export const isProxied = ({ spec }: Service): boolean =>
  spec.type !== 'ExternalName' && spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None'

/** From outside the cluster: by a port of the nodes, a load balancer's address or an external IP. */
export const isExternallyAccessible = (port: ServicePort): boolean =>
  port.nodePort !== 0 || port.loadBalancerIps.length > 0 || port.externalIps.length > 0

const DEFAULT_AFFINITY_SECONDS = 10800

const affinityOf = ({ spec }: Service): number | undefined =>
  spec.sessionAffinity === 'ClientIP'
    ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
    : undefined

/** A balancer that is itself a proxy (ipMode) must be reached, not short-circuited. */
const balancerIps = ({ status }: Service): readonly string[] =>
  (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : []))

function portOf(service: Service, { name = '', protocol = 'TCP', port, nodePort = 0 }: ServicePortSpec): ServicePort {
  const { metadata, spec } = service
  const externalLocal = spec.externalTrafficPolicy === 'Local'
  return {
    name: `${metadata.namespace}/${metadata.name}${name && `:${name}`}`,
    portName: name,
    protocol: protocol.toLowerCase() as Protocol,
    clusterIp: spec.clusterIP!,
    port,
    nodePort,
    externalIps: spec.externalIPs ?? [],
    loadBalancerIps: balancerIps(service),
    sourceRanges: spec.loadBalancerSourceRanges ?? [],
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal,
    healthCheckNodePort: externalLocal && spec.type === 'LoadBalancer' ? (spec.healthCheckNodePort ?? 0) : 0,
    affinitySeconds: affinityOf(service),
  }
}

export const servicePorts = (service: Service): readonly ServicePort[] =>
  isProxied(service) ? (service.spec.ports ?? []).map((port) => portOf(service, port)) : []
