/**
 * What one port of a Service adds to kube-proxy's nftables: elements of the maps that catch its packets, and the
 * chains that choose an endpoint.
 *
 * Upstream: pkg/proxy/nftables/proxier.go
 * Left out: names of chains are not cut to the kernel's limit.
 */
import { contains, parseCidr, parseIpv4 } from '../network/ipv4.ts'
import { jump, MASQUERADE_MARK, type Match, type Range, type Rule, type Target } from '../network/rule.ts'
import { hash } from './chain-name.ts'
import type { Endpoint, UsableEndpoints } from './endpoints.ts'
import type { NftChain, NftRule, NftSet } from './nft-table.ts'
import type { ProxyNode } from './objects.ts'
import { isExternallyAccessible, type ServicePort } from './service-port.ts'

/** An element of a map, and the rule it stands for. */
export interface NftElement {
  readonly text: string
  readonly does: Rule
}

export interface NftService {
  readonly clusterIp: string
  readonly serviceIps: readonly NftElement[]
  readonly nodePorts: readonly NftElement[]
  readonly emptyServices: readonly NftElement[]
  readonly emptyNodePorts: readonly NftElement[]
  readonly firewalled: readonly NftElement[]
  readonly hairpins: readonly NftElement[]
  readonly affinity: readonly NftSet[]
  readonly chains: readonly NftChain[]
}

interface Subject {
  readonly port: ServicePort
  readonly usable: UsableEndpoints
  readonly node: ProxyNode
  readonly names: ReturnType<typeof namesOf>
}

const labelled = (label: string): string => `${hash(label).slice(0, 8)}-${label}`

const labelOf = ({ name, portName, protocol }: ServicePort): string =>
  `${portName ? name.slice(0, -portName.length - 1) : name}/${protocol}/${portName}`

function namesOf(port: ServicePort) {
  const base = labelled(labelOf(port))
  return {
    cluster: `service-${base}`,
    local: `local-${base}`,
    external: `external-${base}`,
    firewall: `firewall-${base}`,
  }
}

const endpointBase = (port: ServicePort, { address, port: number }: Endpoint): string =>
  labelled(`${labelOf(port)}__${address}/${number}`)

const range = (text: string): Range => ({ cidr: parseCidr(text) })

const at = ({ protocol }: ServicePort, port: number): Match => ({ match: 'port', protocol, port })

/** `10.96.0.1 . tcp . 443 : goto …` */
function element(port: ServicePort, address: string, note: string, verdict: string, target: Target): NftElement {
  const text = `${address} . ${port.protocol} . ${port.port}${note} : ${verdict}`
  return {
    text,
    does: { destination: range(address), protocol: port.protocol, matches: [at(port, port.port)], target },
  }
}

function nodePortElement({ port, node }: Subject, note: string, verdict: string, target: Target): NftElement {
  const { protocol, nodePort } = port
  const does: Rule = { destination: range(node.address), protocol, matches: [at(port, nodePort)], target }
  return { text: `${protocol} . ${nodePort}${note} : ${verdict}`, does }
}

const hasInternal = ({ port, usable }: Subject): boolean =>
  usable.any && (!port.internalLocal || usable.local.length > 0)

const hasExternal = ({ port, usable }: Subject): boolean =>
  usable.any && (!port.externalLocal || usable.local.length > 0)

const refusal = ({ usable }: Subject): readonly [verdict: string, target: Target] =>
  usable.any ? ['drop', { to: 'DROP' }] : ['goto reject-chain', jump('reject-chain')]

const externalAddresses = ({ externalIps, loadBalancerIps }: ServicePort): readonly string[] => [
  ...externalIps,
  ...loadBalancerIps,
]

function serviceIps(subject: Subject): readonly NftElement[] {
  const { port, names, usable } = subject
  const to = (address: string, chain: string) => element(port, address, '', `goto ${chain}`, jump(chain))
  const inner = port.internalLocal ? names.local : names.cluster
  return [
    ...(hasInternal(subject) ? [to(port.clusterIp, inner)] : []),
    ...(usable.any ? externalAddresses(port).map((address) => to(address, names.external)) : []),
  ]
}

function emptyServices(subject: Subject): readonly NftElement[] {
  const { port } = subject
  const [verdict, target] = refusal(subject)
  const addresses = [
    ...(hasInternal(subject) ? [] : [port.clusterIp]),
    ...(hasExternal(subject) ? [] : externalAddresses(port)),
  ]
  return addresses.map((address) => element(port, address, ` comment "${port.name}"`, verdict, target))
}

function nodePorts(subject: Subject): readonly NftElement[] {
  const { port, names, usable } = subject
  if (port.nodePort === 0 || !usable.any) return []
  return [nodePortElement(subject, '', `goto ${names.external}`, jump(names.external))]
}

function emptyNodePorts(subject: Subject): readonly NftElement[] {
  const { port } = subject
  if (port.nodePort === 0 || hasExternal(subject)) return []
  return [nodePortElement(subject, ` comment "${port.name}"`, ...refusal(subject))]
}

const isFirewalled = ({ port, usable }: Subject): boolean => usable.any && port.sourceRanges.length > 0

function firewalled(subject: Subject): readonly NftElement[] {
  const { port, names } = subject
  if (!isFirewalled(subject)) return []
  const chain = names.firewall
  return port.loadBalancerIps.map((address) => element(port, address, '', `goto ${chain}`, jump(chain)))
}

const withoutFullLength = (cidr: string): string => cidr.replace(/\/32$/, '')

function firewallChain({ port, names, node }: Subject): NftChain {
  const address = parseIpv4(node.address) ?? 0
  const fromNode = port.sourceRanges.some((source) => contains(parseCidr(source), address))
  const sources = [...port.sourceRanges, ...(fromNode ? port.loadBalancerIps : [])]
  const does: Rule[] = [
    ...sources.map((source): Rule => ({ source: range(source), matches: [], target: { to: 'RETURN' } })),
    { matches: [], target: { to: 'DROP' } },
  ]
  const text = `ip saddr != { ${sources.map(withoutFullLength).join(', ')} } drop`
  return { name: names.firewall, rules: [{ text, does }] }
}

/** A pod that asks itself must see another's address: only endpoints on this machine can be asked by themselves. */
function hairpins({ port, usable }: Subject): readonly NftElement[] {
  const { protocol } = port
  return usable.reachable
    .filter(({ local }) => local)
    .map((endpoint) => ({
      text: `${endpoint.address} . ${endpoint.address} . ${protocol} . ${endpoint.port}`,
      does: {
        source: range(endpoint.address),
        destination: range(endpoint.address),
        protocol,
        matches: [{ match: 'conntrack', states: ['DNAT'] }, at(port, endpoint.port)],
        target: { to: 'MASQUERADE' },
      },
    }))
}

const goto = (chain: string): NftRule => ({ text: `goto ${chain}`, does: [{ matches: [], target: jump(chain) }] })

const MARK = `meta mark set meta mark | 0x0000${MASQUERADE_MARK.toString(16)}`

const marking: Target = { to: 'MARK', value: MASQUERADE_MARK, mask: MASQUERADE_MARK }

function shortCircuit({ names, node }: Subject): readonly NftRule[] {
  const fromHere: Match = { match: 'addrtype', side: 'src', type: 'LOCAL' }
  const all = jump(names.cluster)
  const pods = node.clusterCidr
  const forPods = (cidr: string): NftRule => ({
    text: `ip saddr ${cidr} goto ${names.cluster} comment "short-circuit pod traffic"`,
    does: [{ source: range(cidr), matches: [], target: all }],
  })
  return [
    ...(pods ? [forPods(pods)] : []),
    {
      text: `fib saddr type local ${MARK} comment "masquerade local traffic"`,
      does: [{ matches: [fromHere], target: marking }],
    },
    {
      text: `fib saddr type local goto ${names.cluster} comment "short-circuit local traffic"`,
      does: [{ matches: [fromHere], target: all }],
    },
  ]
}

function externalChain(subject: Subject): NftChain {
  const { port, names } = subject
  const mark: NftRule = { text: `${MARK} comment "masquerade"`, does: [{ matches: [], target: marking }] }
  const policy = port.externalLocal ? names.local : names.cluster
  return {
    name: names.external,
    rules: [...(port.externalLocal ? shortCircuit(subject) : [mark]), ...(hasExternal(subject) ? [goto(policy)] : [])],
  }
}

/** The draw among n, as one rule after the other that takes its share of what is left. */
const shares = (targets: readonly Target[], protocol?: ServicePort['protocol']): readonly Rule[] =>
  targets.map((target, index) => {
    const left = targets.length - index
    const matches: Match[] = left > 1 ? [{ match: 'statistic', share: Math.round(0x80000000 / left) }] : []
    return { ...(protocol ? { protocol } : {}), matches, target }
  })

const dnat = ({ address, port }: Endpoint): Target => ({ to: 'DNAT', address, port })

function plainChoice({ protocol }: ServicePort, endpoints: readonly Endpoint[]): readonly NftRule[] {
  const map = endpoints.map(({ address, port }, index) => `${index} : ${address} . ${port}`).join(', ')
  const text = `meta l4proto ${protocol} dnat ip to numgen random mod ${endpoints.length} map { ${map} }`
  return [{ text, does: shares(endpoints.map(dnat), protocol) }]
}

function stickyChoice(port: ServicePort, endpoints: readonly Endpoint[]): readonly NftRule[] {
  const chains = endpoints.map((endpoint) => `endpoint-${endpointBase(port, endpoint)}`)
  const again = endpoints.map((endpoint, index): NftRule => {
    const remembered = `affinity-${endpointBase(port, endpoint)}`
    const matches: Match[] = [{ match: 'recent', remembered, seconds: port.affinitySeconds ?? 0 }]
    return { text: `ip saddr @${remembered} goto ${chains[index]}`, does: [{ matches, target: jump(chains[index]!) }] }
  })
  const map = chains.map((chain, index) => `${index} : goto ${chain}`).join(', ')
  const text = `numgen random mod ${chains.length} vmap { ${map} }`
  return [...again, { text, does: shares(chains.map(jump)) }]
}

const choose = (port: ServicePort, endpoints: readonly Endpoint[]): readonly NftRule[] =>
  port.affinitySeconds === undefined ? plainChoice(port, endpoints) : stickyChoice(port, endpoints)

function endpointChain(port: ServicePort, endpoint: Endpoint): NftChain {
  const base = endpointBase(port, endpoint)
  const { protocol } = port
  const remember: Match = { match: 'recent', remember: `affinity-${base}` }
  return {
    name: `endpoint-${base}`,
    rules: [
      { text: `update @affinity-${base} { ip saddr }`, does: [] },
      {
        text: `meta l4proto ${protocol} dnat to ${endpoint.address}:${endpoint.port}`,
        does: [{ protocol, matches: [remember], target: dnat(endpoint) }],
      },
    ],
  }
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]

/** Seconds as nft writes them: `3h`, `1m30s`. */
function duration(seconds: number): string {
  let left = seconds
  return UNITS.map(([unit, length]) => {
    const count = Math.floor(left / length)
    left -= count * length
    return count > 0 ? `${count}${unit}` : ''
  }).join('')
}

const affinitySet = (port: ServicePort, endpoint: Endpoint): NftSet => ({
  kind: 'set',
  name: `affinity-${endpointBase(port, endpoint)}`,
  lines: ['type ipv4_addr', 'size 65535', 'flags dynamic,timeout', `timeout ${duration(port.affinitySeconds ?? 0)}`],
  elements: [],
})

function chainsOf(subject: Subject): readonly NftChain[] {
  const { port, usable, names } = subject
  const sticky = port.affinitySeconds !== undefined
  return [
    ...(sticky ? usable.reachable.map((endpoint) => endpointChain(port, endpoint)) : []),
    ...(usable.cluster.length > 0 ? [{ name: names.cluster, rules: choose(port, usable.cluster) }] : []),
    ...(usable.local.length > 0 ? [{ name: names.local, rules: choose(port, usable.local) }] : []),
    ...(usable.any && isExternallyAccessible(port) ? [externalChain(subject)] : []),
    ...(isFirewalled(subject) && port.loadBalancerIps.length > 0 ? [firewallChain(subject)] : []),
  ]
}

export function nftService(port: ServicePort, usable: UsableEndpoints, node: ProxyNode): NftService {
  const subject: Subject = { port, usable, node, names: namesOf(port) }
  return {
    clusterIp: port.clusterIp,
    serviceIps: serviceIps(subject),
    nodePorts: nodePorts(subject),
    emptyServices: emptyServices(subject),
    emptyNodePorts: emptyNodePorts(subject),
    firewalled: firewalled(subject),
    hairpins: hairpins(subject),
    affinity: port.affinitySeconds === undefined ? [] : usable.reachable.map((endpoint) => affinitySet(port, endpoint)),
    chains: chainsOf(subject),
  }
}
