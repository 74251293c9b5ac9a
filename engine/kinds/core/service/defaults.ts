/** What a Service's author need not say. Upstream: pkg/apis/core/v1/defaults.go (SetDefaults_Service) */
import { every, type Fill, filling, inTurn, withField } from '../../../api/filling.ts'
import type {
  LoadBalancerIngress,
  LoadBalancerStatus,
  Service,
  ServicePort,
  ServiceSpec,
  ServiceStatus,
} from '../../../api/types.generated.ts'

const AFFINITY_SECONDS = 10_800

/** Traffic goes to the port of the same number; 0 and the empty name mean the same as nothing. */
const targetPort: Fill<ServicePort> = (port) =>
  port.targetPort === undefined || port.targetPort === 0 || port.targetPort === ''
    ? withField(port, 'targetPort', port.port)
    : port

const port = inTurn(filling<ServicePort>({ protocol: 'TCP' }), targetPort)

export const isExternal = ({ type, externalIPs }: ServiceSpec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer' || (externalIPs?.length ?? 0) > 0

/** How long a client keeps its Pod; only said where clients keep theirs at all. */
const affinity: Fill<ServiceSpec> = (spec) => {
  if (spec.sessionAffinity !== 'ClientIP') return withField(spec, 'sessionAffinityConfig', undefined)
  const timeoutSeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS
  return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === timeoutSeconds
    ? spec
    : withField(spec, 'sessionAffinityConfig', { clientIP: { timeoutSeconds } })
}

const spec = inTurn<ServiceSpec>(
  filling<ServiceSpec>({ sessionAffinity: 'None', type: 'ClusterIP' }, { ports: every(port) }),
  affinity,
  filling<ServiceSpec>({
    externalTrafficPolicy: (said) => (isExternal(said) ? 'Cluster' : undefined),
    internalTrafficPolicy: ({ type }) => (type === 'ExternalName' ? undefined : 'Cluster'),
    allocateLoadBalancerNodePorts: ({ type }) => (type === 'LoadBalancer' ? true : undefined),
  }),
)

/** An address of a load balancer is one that machines need not know unless it says so. */
const ingress = filling<LoadBalancerIngress>({ ipMode: ({ ip }) => (ip ? 'VIP' : undefined) })

const status = filling<ServiceStatus>(
  {},
  { loadBalancer: filling<LoadBalancerStatus>({}, { ingress: every(ingress) }) },
)

export const defaultService: Fill<Service> = filling<Service>({}, { spec, status })
