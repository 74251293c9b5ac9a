/** What a Service's type asks for: an address, ports on every machine, a port for health checks. */
import type { Service, ServiceSpec } from '../../../api/types.generated.ts'

export const NO_SPEC: ServiceSpec = {}

export const specOf = ({ spec = NO_SPEC }: Service): ServiceSpec => spec

export const isExternalName = ({ type }: ServiceSpec): boolean => type === 'ExternalName'
export const isLoadBalancer = ({ type }: ServiceSpec): boolean => type === 'LoadBalancer'

export const isHeadless = ({ clusterIPs = [] }: ServiceSpec): boolean =>
  clusterIPs.length === 1 && clusterIPs[0] === 'None'

export const needsClusterIP = ({ type }: ServiceSpec): boolean =>
  type === 'ClusterIP' || type === 'NodePort' || type === 'LoadBalancer'

export const needsNodePort = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)

/** Traffic that must stay on its machine needs a way to ask which machines have anyone to take it. */
export const needsHealthCheckPort = (spec: ServiceSpec): boolean =>
  isLoadBalancer(spec) && spec.externalTrafficPolicy === 'Local'

export const isExternal = ({ type, externalIPs = [], clusterIP }: ServiceSpec): boolean =>
  type === 'NodePort' ||
  type === 'LoadBalancer' ||
  (type === 'ClusterIP' && externalIPs.length > 0 && clusterIP !== 'None')
