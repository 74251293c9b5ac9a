/**
 * kube-proxy in nftables mode: the same decisions as in iptables mode, but one lookup in a map for all Services instead
 * of one rule for each. It differs where it can be seen: node ports answer on the node's own address only, and what goes
 * to a ClusterIP that nobody has is dropped.
 *
 * Upstream: pkg/proxy/nftables
 * Left out: nodePortAddresses other than the node's own address; partial syncs, so a chain that is no longer needed
 * is gone at once, while upstream empties it and deletes it at its next sync.
 */
import { parseCidr } from '../network/ipv4.ts'
import { jump, MASQUERADE_MARK, type Match, type Rule, type Tables } from '../network/rule.ts'
import { endpointsOf, usableEndpoints } from './endpoints.ts'
import { type NftElement, type NftService, nftService } from './nft-service.ts'
import { type NftChain, type NftRule, type NftSet, type NftTable, nftTables } from './nft-table.ts'
import type { ProxyNode, ProxyView } from './objects.ts'
import { servicePorts } from './service-port.ts'
import { slicesOf } from './slices.ts'

const isNew: Match = { match: 'conntrack', states: ['NEW'] }

const jumpTo = (chain: string): NftRule => ({ text: `jump ${chain}`, does: [{ matches: [], target: jump(chain) }] })

const newTo = (chain: string): NftRule => ({
  text: `ct state new jump ${chain}`,
  does: [{ matches: [isNew], target: jump(chain) }],
})

const base = (table: 'mangle' | 'nat' | 'filter', hook: string, priority: string): NonNullable<NftChain['base']> => ({
  text: `type ${table === 'nat' ? 'nat' : 'filter'} hook ${hook} priority ${priority}; policy accept;`,
  table,
  hook: hook.toUpperCase() as NonNullable<NftChain['base']>['hook'],
})

const BASE_CHAINS: readonly NftChain[] = [
  {
    name: 'filter-prerouting-pre-dnat',
    base: base('mangle', 'prerouting', 'dstnat - 10'),
    rules: [newTo('firewall-check')],
  },
  { name: 'filter-output-pre-dnat', base: base('mangle', 'output', '-110'), rules: [newTo('firewall-check')] },
  {
    name: 'filter-input',
    base: base('filter', 'input', 'filter'),
    rules: [newTo('nodeport-endpoints-check'), newTo('service-endpoints-check')],
  },
  {
    name: 'filter-forward',
    base: base('filter', 'forward', 'filter'),
    rules: [newTo('service-endpoints-check'), newTo('cluster-ips-check')],
  },
  {
    name: 'filter-output',
    base: base('filter', 'output', 'filter'),
    rules: [newTo('service-endpoints-check'), newTo('cluster-ips-check')],
  },
  { name: 'nat-prerouting', base: base('nat', 'prerouting', 'dstnat'), rules: [jumpTo('services')] },
  { name: 'nat-output', base: base('nat', 'output', '-100'), rules: [jumpTo('services')] },
  { name: 'nat-postrouting', base: base('nat', 'postrouting', 'srcnat'), rules: [jumpTo('masquerading')] },
]

const REJECT_CHAIN: NftChain = {
  name: 'reject-chain',
  comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
  rules: [{ text: 'reject', does: [{ matches: [], target: { to: 'REJECT' } }] }],
}

const doing = (elements: readonly NftElement[]): readonly Rule[] => elements.map(({ does }) => does)

const lookup = (map: string, elements: readonly NftElement[], what = 'ip daddr . meta l4proto'): NftRule => ({
  text: `${what} . th dport vmap @${map}`,
  does: doing(elements),
})

const NODE_PORT = 'ip daddr @nodeport-ips meta l4proto'

const MARK_BITS = `0x0000${MASQUERADE_MARK.toString(16)}`

/** Everything gathered from all ports. */
type Gathered = { readonly [K in Exclude<keyof NftService, 'clusterIp'>]: NftService[K] } & {
  readonly clusterIps: readonly string[]
}

function markRule({ clusterIps }: Gathered, { clusterCidr, masqueradeAll }: ProxyNode): readonly NftRule[] {
  if (!masqueradeAll && !clusterCidr) return []
  const strangers = masqueradeAll ? '' : ` ip saddr != ${clusterCidr}`
  const note = masqueradeAll ? 'masquerade all clusterIP traffic' : 'masquerade clusterIP traffic from outside cluster'
  const does = clusterIps.map(
    (address): Rule => ({
      destination: { cidr: parseCidr(address) },
      ...(masqueradeAll ? {} : { source: { cidr: parseCidr(clusterCidr!), not: true } }),
      matches: [],
      target: { to: 'MARK', value: MASQUERADE_MARK, mask: MASQUERADE_MARK },
    }),
  )
  const text = `ip daddr @cluster-ips${strangers} meta mark set meta mark | ${MARK_BITS} comment "${note}"`
  return [{ text, does }]
}

function masquerading({ hairpins }: Gathered): NftChain {
  const marked: Rule = { matches: [{ match: 'mark', mark: MASQUERADE_MARK }], target: { to: 'MASQUERADE' } }
  return {
    name: 'masquerading',
    rules: [
      {
        text: `meta mark & ${MARK_BITS} != 0x00000000 meta mark set meta mark ^ ${MARK_BITS} masquerade fully-random`,
        does: [marked],
      },
      {
        text: 'ct status dnat ip saddr . ip daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random',
        does: doing(hairpins),
      },
    ],
  }
}

function clusterIpsCheck({ clusterIps }: Gathered, { serviceCidrs = [] }: ProxyNode): NftChain {
  const towards = (cidr: string, to: 'REJECT' | 'DROP'): Rule => ({
    destination: { cidr: parseCidr(cidr) },
    matches: [],
    target: { to },
  })
  const ranges = serviceCidrs.length === 1 ? serviceCidrs[0] : `{ ${serviceCidrs.join(', ')} }`
  const drop: NftRule = {
    text: `ip daddr ${ranges} drop comment "Drop traffic to unallocated ClusterIPs"`,
    does: serviceCidrs.map((cidr) => towards(cidr, 'DROP')),
  }
  const reject: NftRule = {
    text: 'ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"',
    does: clusterIps.map((address) => towards(address, 'REJECT')),
  }
  return { name: 'cluster-ips-check', rules: [reject, ...(serviceCidrs.length > 0 ? [drop] : [])] }
}

const sharedChains = (all: Gathered, node: ProxyNode): readonly NftChain[] => [
  { name: 'nodeport-endpoints-check', rules: [lookup('no-endpoint-nodeports', all.emptyNodePorts, NODE_PORT)] },
  { name: 'service-endpoints-check', rules: [lookup('no-endpoint-services', all.emptyServices)] },
  { name: 'firewall-check', rules: [lookup('firewall-ips', all.firewalled)] },
  {
    name: 'services',
    rules: [
      ...markRule(all, node),
      lookup('service-ips', all.serviceIps),
      lookup('service-nodeports', all.nodePorts, NODE_PORT),
    ],
  },
  masquerading(all),
  clusterIpsCheck(all, node),
  REJECT_CHAIN,
]

const VERDICT_BY_ADDRESS = 'type ipv4_addr . inet_proto . inet_service : verdict'
const VERDICT_BY_PORT = 'type inet_proto . inet_service : verdict'

const texts = (elements: readonly NftElement[]): readonly string[] => elements.map(({ text }) => text)

const setOf = (
  kind: NftSet['kind'],
  name: string,
  type: string,
  comment: string,
  elements: readonly string[],
): NftSet => ({
  kind,
  name,
  lines: [type, `comment "${comment}"`],
  elements: [...new Set(elements)],
})

const CONNECTION = 'type ipv4_addr . ipv4_addr . inet_proto . inet_service'

const setsOf = (all: Gathered, { address }: ProxyNode): readonly NftSet[] => [
  setOf('set', 'hairpin-connections', CONNECTION, 'service hairpin connections', texts(all.hairpins)),
  setOf('set', 'cluster-ips', 'type ipv4_addr', 'Active ClusterIPs', all.clusterIps),
  setOf('set', 'nodeport-ips', 'type ipv4_addr', 'IPs that accept NodePort traffic', [address]),
  setOf(
    'map',
    'no-endpoint-services',
    VERDICT_BY_ADDRESS,
    'vmap to drop or reject packets to services with no endpoints',
    texts(all.emptyServices),
  ),
  setOf(
    'map',
    'no-endpoint-nodeports',
    VERDICT_BY_PORT,
    'vmap to drop or reject packets to service nodeports with no endpoints',
    texts(all.emptyNodePorts),
  ),
  setOf(
    'map',
    'firewall-ips',
    VERDICT_BY_ADDRESS,
    'destinations that are subject to LoadBalancerSourceRanges',
    texts(all.firewalled),
  ),
  setOf(
    'map',
    'service-ips',
    VERDICT_BY_ADDRESS,
    'ClusterIP, ExternalIP and LoadBalancer IP traffic',
    texts(all.serviceIps),
  ),
  setOf('map', 'service-nodeports', VERDICT_BY_PORT, 'NodePort traffic', texts(all.nodePorts)),
  ...all.affinity,
]

function gather(ports: readonly NftService[]): Gathered {
  return {
    clusterIps: [...new Set(ports.map(({ clusterIp }) => clusterIp))],
    serviceIps: ports.flatMap((port) => port.serviceIps),
    nodePorts: ports.flatMap((port) => port.nodePorts),
    emptyServices: ports.flatMap((port) => port.emptyServices),
    emptyNodePorts: ports.flatMap((port) => port.emptyNodePorts),
    firewalled: ports.flatMap((port) => port.firewalled),
    hairpins: ports.flatMap((port) => port.hairpins),
    affinity: ports.flatMap((port) => port.affinity),
    chains: ports.flatMap((port) => port.chains),
  }
}

function servicesOf({ services, endpointSlices }: ProxyView, node: ProxyNode): readonly NftService[] {
  return services.flatMap((service) => {
    const own = slicesOf(endpointSlices, service)
    return servicePorts(service).map((port) =>
      nftService(port, usableEndpoints(endpointsOf(own, port, node.name), port, node), node),
    )
  })
}

export interface NftRules {
  readonly table: NftTable
  readonly tables: Tables
}

const byView = new WeakMap<ProxyView, Map<string, readonly [ProxyNode, NftRules]>>()

/** What kube-proxy in nftables mode has written on a machine: to be printed, and to be followed. */
export function nftablesRules(view: ProxyView, node: ProxyNode): NftRules {
  const perNode = byView.get(view) ?? new Map<string, readonly [ProxyNode, NftRules]>()
  byView.set(view, perNode)
  const known = perNode.get(node.name)
  if (known?.[0] === node) return known[1]
  const all = gather(servicesOf(view, node))
  const table: NftTable = {
    comment: 'rules for kube-proxy',
    sets: setsOf(all, node),
    chains: [...BASE_CHAINS, ...sharedChains(all, node), ...all.chains],
  }
  const rules: NftRules = { table, tables: nftTables(table) }
  perNode.set(node.name, [node, rules])
  return rules
}
