/**
 * From a Pod to the endpoint that stands for it: whether it belongs in a slice at all, under which address and ports, and whether it
 * takes traffic.
 *
 * Upstream: staging/src/k8s.io/endpointslice/utils.go, staging/src/k8s.io/endpointslice/util/controller_utils.go
 */
import type { KubeObject } from '../../../api/object.ts'
import { isPodReady, isPodTerminal, type Pod, type PodContainer } from '../../core/pod/pod-state.ts'
import type { Endpoint, EndpointPort, Service, ServicePort } from './endpointslice.ts'
import { inOrder } from './port-order.ts'

const ZONE = 'topology.kubernetes.io/zone'

export const zoneOf = (node: KubeObject): string | undefined => node.metadata.labels?.[ZONE]

const hasAddress = ({ status }: Pod): boolean => Boolean(status?.podIP) || (status?.podIPs?.length ?? 0) > 0

/** Pods that are stopping stay in, marked, until they have stopped. */
export const belongs = (pod: Pod, withTerminating: boolean): boolean =>
  !isPodTerminal(pod) && hasAddress(pod) && (withTerminating || pod.metadata.deletionTimestamp === undefined)

const isV6 = (address: string): boolean => address.includes(':')

const addressesOf = (pod: Pod, addressType: string): readonly string[] =>
  (pod.status?.podIPs ?? []).map(({ ip }) => ip).filter((ip) => isV6(ip) === (addressType === 'IPv6'))

const hostnameOf = ({ spec, metadata }: Pod, service: Service): string | undefined =>
  spec.hostname && spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace
    ? spec.hostname
    : undefined

interface Made {
  readonly node: KubeObject | undefined
  readonly service: Service
  readonly addressType: string
  readonly endpoint: Endpoint | undefined
}

const made = new WeakMap<Pod, Made>()

/** Undefined when the Pod has no address of this type. The same endpoint as long as nothing it is made of changes. */
export function endpointOf(
  pod: Pod,
  node: KubeObject | undefined,
  service: Service,
  addressType: string,
): Endpoint | undefined {
  const known = made.get(pod)
  if (known && known.node === node && known.service === service && known.addressType === addressType)
    return known.endpoint
  const endpoint = newEndpoint(pod, node, service, addressType)
  made.set(pod, { node, service, addressType, endpoint })
  return endpoint
}

export function newEndpoint(
  pod: Pod,
  node: KubeObject | undefined,
  service: Service,
  addressType: string,
): Endpoint | undefined {
  const addresses = addressesOf(pod, addressType)
  if (addresses.length === 0) return undefined
  const { namespace, name, uid } = pod.metadata
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = Boolean(service.spec.publishNotReadyAddresses) || (serving && !terminating)
  const hostname = hostnameOf(pod, service)
  const zone = node && zoneOf(node)
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname && { hostname }),
    targetRef: { kind: 'Pod', ...(namespace !== undefined && { namespace }), name, uid },
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    ...(zone && { zone }),
  }
}

const servingContainers = ({ spec }: Pod): readonly PodContainer[] => [
  ...spec.containers,
  ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'),
]

/** The number behind a port of the Service; undefined when no container has a port of that name. */
export function targetPortOf(pod: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  if (!targetPort) return port
  for (const { ports = [] } of servingContainers(pod))
    for (const one of ports)
      if (one.name === targetPort && (one.protocol ?? 'TCP') === protocol) return one.containerPort
  return undefined
}

const numbered = new WeakMap<Service['spec'], readonly EndpointPort[]>()

const isNumbered = ({ targetPort }: ServicePort): boolean => typeof targetPort !== 'string'

/** Ports that are named by number are the same for every Pod. */
export function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  const known = numbered.get(service.spec)
  if (known) return known
  const ports = portsFor(service, pod)
  if ((service.spec.ports ?? []).every(isNumbered)) numbered.set(service.spec, ports)
  return ports
}

function portsFor(service: Service, pod: Pod): readonly EndpointPort[] {
  const ports: EndpointPort[] = []
  for (const servicePort of service.spec.ports ?? []) {
    const port = targetPortOf(pod, servicePort)
    if (port === undefined) continue
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    ports.push({ name, protocol, port, ...(appProtocol !== undefined && { appProtocol }) })
  }
  return inOrder(ports)
}
