/** What `kubectl describe service` shows. Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go */
import { askTyped, type Describe, eventsAbout, itemsIn } from '../../../kubectl/describe/describer.ts'
import {
  eventLines,
  field,
  headText,
  labelText,
  listAt,
  mapAt,
  orNone,
  textAt,
} from '../../../kubectl/describe/text.ts'
import { isList, type TreeMap } from '../../../std/tree.ts'

const MOST_ENDPOINTS = 3

const isReady = (endpoint: TreeMap): boolean => mapAt(endpoint, 'conditions').ready !== false

const hostPort = (address: string, port: string): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** The addresses behind a port, ready ones only. */
function addressesOf(slice: TreeMap, portName: string): readonly string[] {
  const addresses = listAt(slice, 'endpoints')
    .filter(isReady)
    .map((endpoint) => textAt(endpoint, 'addresses', 0))
  const ports = listAt(slice, 'ports')
  if (ports.length === 0) return addresses
  return ports
    .filter((port) => textAt(port, 'name') === portName)
    .flatMap((port) => addresses.map((address) => hostPort(address, textAt(port, 'port'))))
}

function endpointsText(slices: readonly TreeMap[], portName: string): string {
  if (slices.length === 0) return '<none>'
  const all = slices.flatMap((slice) => addressesOf(slice, portName))
  const shown = all.slice(0, MOST_ENDPOINTS).join(',')
  return all.length > MOST_ENDPOINTS ? `${shown} + ${all.length - MOST_ENDPOINTS} more...` : shown
}

const joined = (object: TreeMap, ...path: string[]): string => {
  const list = listAt(object, ...path)
  return isList(list) ? list.join(',') : ''
}

const optional = (title: string, value: string): string => (value ? field(title, value) : '')

function portText(port: TreeMap, slices: readonly TreeMap[]): string {
  const name = textAt(port, 'name') || '<unset>'
  const protocol = textAt(port, 'protocol')
  const nodePort = textAt(port, 'nodePort')
  return [
    `Port:\t${name}\t${textAt(port, 'port')}/${protocol}\n`,
    field('TargetPort', `${textAt(port, 'targetPort')}/${protocol}`),
    optional('AppProtocol', textAt(port, 'appProtocol')),
    nodePort ? `NodePort:\t${name}\t${nodePort}/${protocol}\n` : '',
    field('Endpoints', endpointsText(slices, textAt(port, 'name'))),
  ].join('')
}

const ingressText = (service: TreeMap): string =>
  listAt(service, 'status', 'loadBalancer', 'ingress')
    .map((entry) =>
      textAt(entry, 'ip')
        ? `${textAt(entry, 'ip')}${textAt(entry, 'ipMode') ? ` (${textAt(entry, 'ipMode')})` : ''}`
        : textAt(entry, 'hostname'),
    )
    .join(', ')

export const describeService: Describe = (request) => {
  const { object: service, session, nowUnix } = request
  const spec = mapAt(service, 'spec')
  const namespace = textAt(service, 'metadata', 'namespace')
  const labelSelector = `kubernetes.io/service-name=${textAt(service, 'metadata', 'name')}`
  const slices = itemsIn(
    askTyped(session, `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, { labelSelector }),
  )
  const events = eventsAbout(request)
  return [
    headText(service),
    field('Selector', labelText(spec.selector)),
    field('Type', textAt(spec, 'type')),
    optional('IP Family Policy', textAt(spec, 'ipFamilyPolicy')),
    field('IP Families', orNone(joined(spec, 'ipFamilies'))),
    field('IP', textAt(spec, 'clusterIP')),
    field('IPs', orNone(joined(spec, 'clusterIPs'))),
    optional('External IPs', joined(spec, 'externalIPs')),
    optional('Desired LoadBalancer IP', textAt(spec, 'loadBalancerIP')),
    optional('External Name', textAt(spec, 'externalName')),
    optional('LoadBalancer Ingress', ingressText(service)),
    ...listAt(spec, 'ports').map((port) => portText(port, slices)),
    field('Session Affinity', textAt(spec, 'sessionAffinity')),
    optional('External Traffic Policy', textAt(spec, 'externalTrafficPolicy')),
    optional('Internal Traffic Policy', textAt(spec, 'internalTrafficPolicy')),
    optional('HealthCheck NodePort', textAt(spec, 'healthCheckNodePort')),
    optional('LoadBalancer Source Ranges', joined(spec, 'loadBalancerSourceRanges')),
    optional('Traffic Distribution', textAt(spec, 'trafficDistribution')),
    eventLines(events, nowUnix),
  ].join('')
}
