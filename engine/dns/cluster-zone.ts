/**
 * The names of a cluster: CoreDNS's plugin `kubernetes` answers from Services and EndpointSlices, so that a program
 * needs to know a Service's name and nothing else. ClusterIP Services have their address, headless ones all their
 * pods', and every address of a pod has a name, whether there is such a pod or not.
 *
 * Upstream: coredns/coredns, plugin/kubernetes and plugin/backend_lookup.go
 * Left out: zone transfers, multicluster zones, namespace_labels and the label selectors, IPv6.
 */
import { parseIpv4 } from '../machine/network/ipv4.ts'
import { type DnsEndpoint, type DnsView, dnsIndex } from './dns-view.ts'
import { type Answer, absolute, answerOf, canonical, type Query, type ResourceRecord } from './message.ts'

export interface ZoneOptions {
  readonly zone: string
  readonly ttl: number
  readonly pods: 'disabled' | 'insecure' | 'verified'
  readonly endpointPodNames: boolean
}

/** How names outside the zone are found out: the target of an external name, say. */
export type Lookup = (query: Query) => Answer

/** A place a name stands for, before it is written as a record of some type. */
interface Target {
  readonly host: string
  readonly isAddress: boolean
  readonly port: number
  /** The name that SRV records point to. */
  readonly owner: string
}

/** `undefined` says that there is no such name; an empty list that the name has nothing of its own. */
type Found = readonly Target[] | undefined

interface Parsed {
  readonly kind: 'svc' | 'pod'
  readonly namespace: string
  readonly service: string
  readonly endpoint: string
  readonly port: string
  readonly protocol: string
}

const SERIAL_UNKNOWN = 0

const soaOf = ({ zone, ttl }: ZoneOptions, { serial = SERIAL_UNKNOWN }: DnsView): ResourceRecord => ({
  name: absolute(zone),
  ttl,
  type: 'SOA',
  data: `ns.dns.${zone}. hostmaster.${zone}. ${serial} 7200 1800 86400 ${ttl}`,
})

const withoutUnderscore = (label: string): string => (label.startsWith('_') ? label.slice(1) : label)

/** The labels before the zone, read from the right: `_port._protocol.service.namespace.svc` or `endpoint.service…`. */
function parse(labels: readonly string[]): Parsed | undefined {
  const [kind, namespace = '', service = '', ...rest] = labels.toReversed()
  if ((kind !== 'svc' && kind !== 'pod') || rest.length > 2) return undefined
  const parsed = { kind, namespace, service, endpoint: '', port: '', protocol: '' } as const
  if (rest.length === 1) return { ...parsed, endpoint: rest[0]! }
  if (rest.length === 2) return { ...parsed, protocol: withoutUnderscore(rest[0]!), port: withoutUnderscore(rest[1]!) }
  return parsed
}

const dashed = (address: string): string => address.replaceAll('.', '-')

const endpointName = ({ hostname, podName, address }: DnsEndpoint, { endpointPodNames }: ZoneOptions): string =>
  hostname ?? (endpointPodNames && podName && podName.length <= 63 ? podName : dashed(address))

const isPort = ({ port, protocol }: Parsed, name: string, itsProtocol: string): boolean =>
  (port === '' || port === name.toLowerCase()) && (protocol === '' || protocol === itsProtocol.toLowerCase())

function endpointTargets(view: DnsView, options: ZoneOptions, parsed: Parsed, key: string, domain: string): Target[] {
  return (dnsIndex(view).endpoints.get(key) ?? []).flatMap((endpoint) => {
    const name = endpointName(endpoint, options)
    if (parsed.endpoint !== '' && parsed.endpoint !== name.toLowerCase()) return []
    return endpoint.ports
      .filter((port) => isPort(parsed, port.name, port.protocol))
      .map(({ port }) => ({ host: endpoint.address, isAddress: true, port, owner: `${name}.${domain}` }))
  })
}

const orNothing = (targets: readonly Target[]): Found => (targets.length > 0 ? targets : undefined)

function serviceTargets(view: DnsView, options: ZoneOptions, parsed: Parsed): Found {
  const key = `${parsed.namespace}/${parsed.service}`
  const service = dnsIndex(view).services.get(key)
  if (!service) return undefined
  const { type, externalName, clusterIP, ports = [] } = service.spec
  const domain = `${parsed.service}.${parsed.namespace}.svc.${options.zone}`
  if (type === 'ExternalName') {
    const isPlain = parsed.endpoint === '' && parsed.port === '' && parsed.protocol === ''
    if (!isPlain || !externalName) return undefined
    return [{ host: externalName, isAddress: parseIpv4(externalName) !== undefined, port: -1, owner: domain }]
  }
  if (clusterIP === 'None' || parsed.endpoint !== '')
    return orNothing(endpointTargets(view, options, parsed, key, domain))
  const open = ports.filter((port) => isPort(parsed, port.name ?? '', port.protocol ?? 'TCP'))
  return orNothing(open.map(({ port }) => ({ host: clusterIP!, isAddress: true, port, owner: domain })))
}

/** A dashed address is answered without looking, unless the pods are to be verified. */
function podTargets(view: DnsView, { pods, zone }: ZoneOptions, { service, namespace }: Parsed): Found {
  const address = service.replaceAll('-', '.')
  if (pods === 'disabled' || parseIpv4(address) === undefined) return undefined
  const exists = () => view.pods?.some((pod) => pod.ip === address && pod.namespace === namespace) ?? false
  if (pods === 'verified' && !exists()) return undefined
  return [{ host: address, isAddress: true, port: -1, owner: `${service}.${namespace}.pod.${zone}` }]
}

const labelsBefore = (name: string, zone: string): readonly string[] => {
  const [inner, outer] = [canonical(name), canonical(zone)]
  return inner === outer ? [] : inner.slice(0, inner.length - outer.length - 1).split('.')
}

function ownServiceTargets(view: DnsView, options: ZoneOptions): Found {
  const [namespace = '', service = ''] = (view.ownService ?? 'kube-system/kube-dns').split('/')
  return serviceTargets(view, options, { kind: 'svc', namespace, service, endpoint: '', port: '', protocol: '' })
}

/** What a name of the zone stands for. */
function targetsOf(view: DnsView, options: ZoneOptions, name: string): Found {
  const labels = labelsBefore(name, options.zone)
  if (labels.length === 0) return []
  if (labels.join('.') === 'ns.dns') return ownServiceTargets(view, options)
  const parsed = parse(labels)
  if (!parsed) return undefined
  if (parsed.namespace === '') return []
  if (!dnsIndex(view).namespaces.has(parsed.namespace)) return undefined
  if (parsed.service === '') return []
  return parsed.kind === 'svc' ? serviceTargets(view, options, parsed) : podTargets(view, options, parsed)
}

const distinct = (records: readonly ResourceRecord[]): readonly ResourceRecord[] => {
  const seen = new Set<string>()
  return records.filter(({ name, data }) => {
    const key = `${name} ${data}`
    return !seen.has(key) && seen.add(key)
  })
}

const MOST_ALIASES = 7

/** Follows an external name; inside the zone the alias is only told if it leads somewhere. */
function alias(zone: Zone, query: Query, { host }: Target, depth: number): readonly ResourceRecord[] {
  const { options } = zone
  if (depth > MOST_ALIASES) return []
  const record: ResourceRecord = { name: absolute(query.name), ttl: options.ttl, type: 'CNAME', data: absolute(host) }
  if (!canonical(host).endsWith(`.${options.zone}`)) return [record, ...zone.lookup({ ...query, name: host }).answer]
  const next = addresses(zone, { ...query, name: host }, targetsOf(zone.view, options, host) ?? [], depth + 1)
  return next.length > 0 ? [record, ...next] : []
}

function addresses(zone: Zone, query: Query, targets: readonly Target[], depth = 0): readonly ResourceRecord[] {
  const { ttl } = zone.options
  const records = targets.flatMap((target) => {
    if (!target.isAddress) return alias(zone, query, target, depth)
    if (query.type !== 'A') return []
    return [{ name: absolute(query.name), ttl, type: 'A', data: target.host } as const]
  })
  return distinct(records)
}

/** All ports share the weight of 100. */
function services(zone: Zone, query: Query, targets: readonly Target[]): Answer {
  const { ttl } = zone.options
  const inside = targets.filter(({ isAddress, port }) => isAddress && port !== -1)
  const weight = Math.max(1, Math.floor(100 / Math.max(1, targets.filter(({ isAddress }) => isAddress).length)))
  const answer = inside.map(({ port, owner }): ResourceRecord => {
    return { name: absolute(query.name), ttl, type: 'SRV', data: `0 ${weight} ${port} ${absolute(owner)}` }
  })
  const additional = inside.map(
    ({ host, owner }): ResourceRecord => ({ name: absolute(owner), ttl, type: 'A', data: host }),
  )
  return answerOf(distinct(answer), distinct(additional))
}

export interface Zone {
  readonly view: DnsView
  readonly options: ZoneOptions
  readonly lookup: Lookup
}

const nothingHere = ({ view, options }: Zone): Answer => answerOf([], [], 'NOERROR', [soaOf(options, view)])

const noSuchName = ({ view, options }: Zone): Answer => answerOf([], [], 'NXDOMAIN', [soaOf(options, view)])

const DNS_SCHEMA_VERSION: Omit<ResourceRecord, 'name'> = { ttl: 28800, type: 'TXT', data: '1.1.0' }

/** Only the version of the naming scheme has a text; every other name, real or not, has none. */
function text(zone: Zone, query: Query): Answer {
  const labels = labelsBefore(query.name, zone.options.zone)
  if (labels.length !== 1 || labels[0] !== 'dns-version') return nothingHere(zone)
  return answerOf([{ name: absolute(query.name), ...DNS_SCHEMA_VERSION }])
}

function nameServers(zone: Zone, query: Query): Answer {
  const { ttl } = zone.options
  const own = (ownServiceTargets(zone.view, zone.options) ?? []).slice(0, 1)
  const names = own.map(
    ({ owner }): ResourceRecord => ({ name: absolute(query.name), ttl, type: 'NS', data: absolute(owner) }),
  )
  return answerOf(
    names,
    own.map(({ host, owner }) => ({ name: absolute(owner), ttl, type: 'A', data: host })),
  )
}

function aliasOnly({ options }: Zone, query: Query, targets: readonly Target[]): readonly ResourceRecord[] {
  const external = targets.find(({ isAddress }) => !isAddress)
  return external
    ? [{ name: absolute(query.name), ttl: options.ttl, type: 'CNAME', data: absolute(external.host) }]
    : []
}

function written(zone: Zone, query: Query, targets: readonly Target[]): Answer {
  if (query.type === 'SRV') return services(zone, query, targets)
  if (query.type === 'A' || query.type === 'AAAA') return answerOf(addresses(zone, query, targets))
  if (query.type === 'CNAME') return answerOf(aliasOnly(zone, query, targets))
  return answerOf([])
}

/** The answer to a question about a name of the zone; there is always one. */
export function answerInZone(zone: Zone, query: Query): Answer {
  const isApex = labelsBefore(query.name, zone.options.zone).length === 0
  if (isApex && query.type === 'SOA')
    return answerOf([{ ...soaOf(zone.options, zone.view), name: absolute(query.name) }])
  if (isApex && query.type === 'NS') return nameServers(zone, query)
  if (query.type === 'TXT') return text(zone, query)
  const targets = targetsOf(zone.view, zone.options, query.name)
  if (!targets) return noSuchName(zone)
  const found = written(zone, query, targets)
  return found.answer.length > 0 ? found : nothingHere(zone)
}

const REVERSE = '.in-addr.arpa'

/** Which names an address has: its Service's, or those it has as an endpoint. Undefined: none is known here. */
export function reverseAnswer(view: DnsView, options: ZoneOptions, query: Query): Answer | undefined {
  const name = canonical(query.name)
  if (query.type !== 'PTR' || !name.endsWith(REVERSE)) return undefined
  const address = name.slice(0, -REVERSE.length).split('.').toReversed().join('.')
  const index = dnsIndex(view)
  const service = index.byClusterIp.get(address)
  const domain = (key: string) => `${key.split('/').toReversed().join('.')}.svc.${options.zone}.`
  const names = service
    ? [domain(`${service.metadata.namespace}/${service.metadata.name}`)]
    : (index.byAddress.get(address) ?? []).map((e) => `${endpointName(e, options)}.${domain(e.service)}`)
  if (names.length === 0) return undefined
  const { ttl } = options
  return answerOf(distinct(names.map((data) => ({ name: absolute(query.name), ttl, type: 'PTR', data }))))
}
