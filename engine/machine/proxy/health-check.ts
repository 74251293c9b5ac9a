/**
 * The answer kube-proxy gives a load balancer that asks a node whether to send it traffic of a Service with policy
 * Local: yes, if one of its endpoints runs here.
 *
 * Upstream: pkg/proxy/healthcheck/service_health.go
 * Left out: an unhealthy proxy (serviceProxyHealthy is always true).
 */
import { endpointsOf, usableEndpoints } from './endpoints.ts'
import { type ProxyNode, type ProxyView, SERVICE_NAME_LABEL } from './objects.ts'
import { servicePorts } from './service-port.ts'

/** How many of a Service's endpoints run on this machine. */
export function localEndpointCount({ services, endpointSlices }: ProxyView, key: string, node: ProxyNode): number {
  const service = services.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key)
  if (!service) return 0
  const slices = endpointSlices.filter(
    ({ metadata }) => `${metadata.namespace}/${metadata.labels?.[SERVICE_NAME_LABEL]}` === key,
  )
  const addresses = servicePorts(service).flatMap((port) =>
    usableEndpoints(endpointsOf(slices, port, node.name), port, node).local.map(({ address }) => address),
  )
  return new Set(addresses).size
}

/** The whole HTTP answer, without its Date. */
export function healthAnswer(view: ProxyView, key: string, node: ProxyNode): string {
  const count = localEndpointCount(view, key, node)
  const [namespace, name] = key.split('/')
  const body = `{\n\t"service": {\n\t\t"namespace": "${namespace}",\n\t\t"name": "${name}"\n\t},\n\t"localEndpoints": ${count},\n\t"serviceProxyHealthy": true\n}`
  return [
    `HTTP/1.1 ${count > 0 ? '200 OK' : '503 Service Unavailable'}`,
    'Content-Type: application/json',
    'X-Content-Type-Options: nosniff',
    `X-Load-Balancing-Endpoint-Weight: ${count}`,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\n')
}
