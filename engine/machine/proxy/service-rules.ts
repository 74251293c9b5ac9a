/**
 * The rules for one port of a Service on one machine: which packets are caught (by ClusterIP, external IP, load
 * balancer address or node port), whether they are masqueraded, and among which endpoints the choice is. Without
 * endpoints the filter table refuses instead.
 *
 * Upstream: pkg/proxy/iptables/proxier.go
 * Left out: nodePortAddresses (node ports answer on every address of the machine), localhostNodePorts: false.
 */
import { contains, parseCidr, parseIpv4 } from '../network/ipv4.ts'
import { type Chains, comment, jump, type Match, type Range, type Rule, type Target } from '../network/rule.ts'
import { endpointChain, type ServiceChains, serviceChains } from './chain-name.ts'
import { type Endpoint, type UsableEndpoints, usesCluster, usesLocal } from './endpoints.ts'
import type { ProxyNode } from './objects.ts'
import { isExternallyAccessible, type ServicePort } from './service-port.ts'

export interface ServiceRules {
  readonly nat: Chains
  readonly filter: Chains
}

/** All that the rules of a port are made from. */
interface Subject {
  readonly port: ServicePort
  readonly usable: UsableEndpoints
  readonly node: ProxyNode
  readonly chains: ServiceChains
  /** In clusters of more than a thousand endpoints kube-proxy saves the comments. */
  readonly terse: boolean
}

interface Draft {
  readonly nat: Record<string, Rule[]>
  readonly filter: Record<string, Rule[]>
}

const MARK_FOR_MASQUERADE = jump('KUBE-MARK-MASQ')

const LOCALHOST: Range = { cidr: parseCidr('127.0.0.0/8') }

const range = (text: string): Range => ({ cidr: parseCidr(text) })

function add(chains: Record<string, Rule[]>, chain: string, ...rules: readonly Rule[]): void {
  const list = chains[chain]
  if (list) list.push(...rules)
  else chains[chain] = [...rules]
}

/** A rule for packets to an address and port. */
const towards = ({ protocol }: ServicePort, address: string, port: number, note: string, target: Target): Rule => ({
  destination: range(address),
  protocol,
  matches: [comment(note), { match: 'port', protocol, port }],
  target,
})

const hasInternal = ({ port, usable }: Subject): boolean =>
  usable.any && (!port.internalLocal || usable.local.length > 0)

const hasExternal = ({ port, usable }: Subject): boolean =>
  usable.any && (!port.externalLocal || usable.local.length > 0)

const usesFirewall = ({ port, usable }: Subject): boolean =>
  usable.any && port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0

/** Nobody anywhere: say so at once. Nobody here, by a Local policy: be silent, another machine may answer. */
const refusal = ({ port, usable }: Subject): readonly [note: string, target: Target] =>
  usable.any
    ? [`${port.name} has no local endpoints`, { to: 'DROP' }]
    : [`${port.name} has no endpoints`, { to: 'REJECT' }]

function captureClusterIp(draft: Draft, subject: Subject): void {
  const { port, chains } = subject
  const caught = (note: string, target: Target): Rule => towards(port, port.clusterIp, port.port, note, target)
  const chain = port.internalLocal ? chains.local : chains.cluster
  if (hasInternal(subject)) add(draft.nat, 'KUBE-SERVICES', caught(`${port.name} cluster IP`, jump(chain)))
  else add(draft.filter, 'KUBE-SERVICES', caught(...refusal(subject)))
}

/** External IPs and load balancer addresses are caught alike; `kind` is the word in the comment. */
function captureAddresses(
  draft: Draft,
  subject: Subject,
  addresses: readonly string[],
  kind: string,
  chain: string,
): void {
  const { port, usable } = subject
  for (const address of addresses) {
    if (usable.any)
      add(draft.nat, 'KUBE-SERVICES', towards(port, address, port.port, `${port.name} ${kind} IP`, jump(chain)))
    if (!hasExternal(subject)) {
      const [note, target] = refusal(subject)
      add(draft.filter, 'KUBE-EXTERNAL-SERVICES', towards(port, address, port.port, note, target))
    }
  }
}

function shieldBalancer(draft: Draft, { port, chains }: Subject): void {
  const note = `${port.name} traffic not accepted by ${chains.firewall}`
  for (const address of port.loadBalancerIps)
    add(draft.filter, 'KUBE-PROXY-FIREWALL', towards(port, address, port.port, note, { to: 'DROP' }))
}

function captureNodePort(draft: Draft, subject: Subject): void {
  const { port, chains, usable } = subject
  const { protocol, nodePort } = port
  const here: Match = { match: 'port', protocol, port: nodePort }
  if (usable.any) {
    const caught: Rule = { protocol, matches: [comment(port.name), here], target: jump(chains.external) }
    const counter: Match = { match: 'nfacct', counter: 'localhost_nps_accepted_pkts' }
    const counted: Rule = { ...caught, destination: LOCALHOST, matches: [...caught.matches, counter] }
    add(draft.nat, 'KUBE-NODEPORTS', counted, caught)
  }
  if (hasExternal(subject)) return
  const [note, target] = refusal(subject)
  const local: Match = { match: 'addrtype', side: 'dst', type: 'LOCAL' }
  add(draft.filter, 'KUBE-EXTERNAL-SERVICES', { protocol, matches: [comment(note), local, here], target })
}

function admitHealthChecks(draft: Draft, { port }: Subject): void {
  const matches: Match[] = [
    comment(`${port.name} health check node port`),
    { match: 'port', protocol: 'tcp', port: port.healthCheckNodePort },
  ]
  add(draft.filter, 'KUBE-NODEPORTS', { protocol: 'tcp', matches, target: { to: 'ACCEPT' } })
}

/** Traffic to the ClusterIP from outside the pods' range must come back this way, so its source is rewritten. */
function masqueradeInternal(draft: Draft, subject: Subject): void {
  const { port, chains, node } = subject
  if (!hasInternal(subject)) return
  const rule = towards(port, port.clusterIp, port.port, `${port.name} cluster IP`, MARK_FOR_MASQUERADE)
  const chain = port.internalLocal ? chains.local : chains.cluster
  if (node.masqueradeAll) add(draft.nat, chain, rule)
  else if (node.clusterCidr) add(draft.nat, chain, { source: { ...range(node.clusterCidr), not: true }, ...rule })
}

/** Under policy Local pods and the machine itself are short-circuited; only strangers are held to it. */
function shortCircuit({ port, chains, node }: Subject): Rule[] {
  const note = (text: string) => comment(`${text} for ${port.name} external destinations`)
  const fromHere: Match = { match: 'addrtype', side: 'src', type: 'LOCAL' }
  const all = jump(chains.cluster)
  return [
    ...(node.clusterCidr ? [{ source: range(node.clusterCidr), matches: [note('pod traffic')], target: all }] : []),
    { matches: [note('masquerade LOCAL traffic'), fromHere], target: MARK_FOR_MASQUERADE },
    { matches: [note('route LOCAL traffic'), fromHere], target: all },
  ]
}

function externalChain(draft: Draft, subject: Subject): void {
  const { port, chains } = subject
  const note = comment(`masquerade traffic for ${port.name} external destinations`)
  const rules = port.externalLocal ? shortCircuit(subject) : [{ matches: [note], target: MARK_FOR_MASQUERADE }]
  add(draft.nat, chains.external, ...rules)
  const policy = port.externalLocal ? chains.local : chains.cluster
  if (hasExternal(subject)) add(draft.nat, chains.external, { matches: [], target: jump(policy) })
}

function firewallChain(draft: Draft, { port, chains, node }: Subject): void {
  const note = comment(`${port.name} loadbalancer IP`)
  const admit = (source: string): Rule => ({ source: range(source), matches: [note], target: jump(chains.external) })
  const address = parseIpv4(node.address) ?? 0
  const fromNode = port.sourceRanges.some((source) => contains(parseCidr(source), address))
  add(
    draft.nat,
    chains.firewall,
    ...port.sourceRanges.map(admit),
    ...(fromNode ? port.loadBalancerIps.map(admit) : []),
    { matches: [comment(`other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`)] },
  )
}

const note = ({ terse }: Subject, text: string): Match[] => (terse ? [] : [comment(text)])

/** One in `left`: kept as the kernel keeps it, in parts of 2^31, from the ten digits kube-proxy writes. */
const oneIn = (left: number): Match => ({
  match: 'statistic',
  share: Math.round(Number((1 / left).toFixed(10)) * 0x80000000),
})

/** First those who were here before go where they went, then each rule takes its share of the rest. */
function spread(draft: Draft, subject: Subject, chain: string, endpoints: readonly Endpoint[]): void {
  const { port } = subject
  const rule = (endpoint: Endpoint, ...more: readonly Match[]): Rule => ({
    matches: [...note(subject, `${port.name} -> ${endpoint.address}:${endpoint.port}`), ...more],
    target: jump(endpointChain(port, endpoint)),
  })
  const seconds = port.affinitySeconds
  const again = (endpoint: Endpoint): Match => ({
    match: 'recent',
    remembered: endpointChain(port, endpoint),
    seconds: seconds ?? 0,
  })
  if (seconds !== undefined) add(draft.nat, chain, ...endpoints.map((endpoint) => rule(endpoint, again(endpoint))))
  const last = endpoints.length - 1
  const share = (index: number): Match[] => (index < last ? [oneIn(endpoints.length - index)] : [])
  add(draft.nat, chain, ...endpoints.map((endpoint, index) => rule(endpoint, ...share(index))))
}

/** A pod that asks itself through its Service must see another's address, hence the mark. */
function endpointRules(draft: Draft, subject: Subject, endpoint: Endpoint): void {
  const { port } = subject
  const { protocol } = port
  const chain = endpointChain(port, endpoint)
  const remember: Match[] = port.affinitySeconds === undefined ? [] : [{ match: 'recent', remember: chain }]
  add(
    draft.nat,
    chain,
    { source: range(endpoint.address), matches: note(subject, port.name), target: MARK_FOR_MASQUERADE },
    {
      protocol,
      matches: [...note(subject, port.name), ...remember, { match: 'port', protocol }],
      target: { to: 'DNAT', address: endpoint.address, port: endpoint.port },
    },
  )
}

function capture(draft: Draft, subject: Subject): void {
  const { port, chains } = subject
  captureClusterIp(draft, subject)
  captureAddresses(draft, subject, port.externalIps, 'external', chains.external)
  const firewalled = usesFirewall(subject)
  captureAddresses(draft, subject, port.loadBalancerIps, 'loadbalancer', firewalled ? chains.firewall : chains.external)
  if (firewalled) shieldBalancer(draft, subject)
  if (port.nodePort !== 0) captureNodePort(draft, subject)
  if (port.healthCheckNodePort !== 0) admitHealthChecks(draft, subject)
}

export function serviceRules(
  port: ServicePort,
  usable: UsableEndpoints,
  node: ProxyNode,
  terse: boolean,
): ServiceRules {
  const subject: Subject = { port, usable, node, chains: serviceChains(port), terse }
  const draft: Draft = { nat: {}, filter: {} }
  capture(draft, subject)
  masqueradeInternal(draft, subject)
  if (usable.any && isExternallyAccessible(port)) externalChain(draft, subject)
  if (usesFirewall(subject)) firewallChain(draft, subject)
  if (usable.cluster.length > 0 && usesCluster(port)) spread(draft, subject, subject.chains.cluster, usable.cluster)
  if (usable.local.length > 0 && usesLocal(port)) spread(draft, subject, subject.chains.local, usable.local)
  for (const endpoint of usable.reachable) endpointRules(draft, subject, endpoint)
  return draft
}
