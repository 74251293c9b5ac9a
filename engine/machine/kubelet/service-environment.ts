/**
 * The oldest way to find a Service: every container is born with variables that name the Services of its namespace as
 * they were at that moment, and the API server's.
 *
 * Upstream: pkg/kubelet/envvars/envvars.go
 */
import type { Pod, Service, ServicePort } from '../../api/types.generated.ts'
import type { Turn } from '../turn.ts'

const prefixOf = (name: string): string => name.toUpperCase().replaceAll('-', '_')

function addPort(into: Map<string, string>, prefix: string, address: string, port: ServicePort): void {
  const protocol = (port.protocol ?? 'TCP').toLowerCase()
  const base = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`
  into.set(base, `${protocol}://${address}:${port.port}`)
  into.set(`${base}_PROTO`, protocol)
  into.set(`${base}_PORT`, String(port.port))
  into.set(`${base}_ADDR`, address)
}

function addService(into: Map<string, string>, { metadata, spec }: Service): void {
  const address = spec?.clusterIP
  const ports = spec?.ports ?? []
  if (!address || address === 'None' || ports.length === 0) return
  const prefix = prefixOf(metadata.name)
  const first = ports[0]!
  into.set(`${prefix}_SERVICE_HOST`, address)
  into.set(`${prefix}_SERVICE_PORT`, String(first.port))
  for (const { name, port } of ports) if (name) into.set(`${prefix}_SERVICE_PORT_${prefixOf(name)}`, String(port))
  into.set(`${prefix}_PORT`, `${(first.protocol ?? 'TCP').toLowerCase()}://${address}:${first.port}`)
  for (const port of ports) addPort(into, prefix, address, port)
}

export function serviceVariables(turn: Turn, pod: Pod): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  const api = turn.at.view.get<Service>('services', 'default/kubernetes')
  if (api) addService(variables, api)
  if (pod.spec.enableServiceLinks === false) return variables
  for (const service of turn.at.view.list<Service>('services', pod.metadata.namespace)) addService(variables, service)
  return variables
}
