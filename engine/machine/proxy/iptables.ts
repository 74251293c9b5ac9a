/**
 * kube-proxy: makes the addresses of Services work by writing rules into every machine's kernel. No packet ever
 * passes through it; it only keeps the rules in step with Services and EndpointSlices, which is why a Service goes on
 * working for a while after the proxy dies, with the endpoints of that moment.
 *
 * Upstream: pkg/proxy/iptables
 * Left out: partial syncs (the rules are a function of what the proxy knows, computed when someone looks); the order
 * of Services within KUBE-SERVICES, random upstream, is that of the proxy's view.
 */
import { type Chains, comment, jump, MASQUERADE_MARK, type Match, type Rule, type Tables } from '../network/rule.ts'
import { endpointsOf, usableEndpoints } from './endpoints.ts'
import type { EndpointSlice, ProxyNode, ProxyView, Service } from './objects.ts'
import { servicePorts } from './service-port.ts'
import { type ServiceRules, serviceRules } from './service-rules.ts'
import { slicesOf } from './slices.ts'

const LARGE_CLUSTER_ENDPOINTS = 1000

const isNew: Match = { match: 'conntrack', states: ['NEW'] }

const marked: Match = { match: 'mark', mark: MASQUERADE_MARK }

const to = (chain: string, note: string, ...first: readonly Match[]): Rule => ({
  matches: [...first, comment(note)],
  target: jump(chain),
})

const FIREWALL = to('KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', isNew)
const PORTALS = to('KUBE-SERVICES', 'kubernetes service portals')
const NEW_PORTALS = to('KUBE-SERVICES', 'kubernetes service portals', isNew)
const EXTERNAL = to('KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', isNew)

const NAT: Chains = {
  PREROUTING: [PORTALS],
  OUTPUT: [PORTALS],
  POSTROUTING: [to('KUBE-POSTROUTING', 'kubernetes postrouting rules')],
  'KUBE-MARK-MASQ': [{ matches: [], target: { to: 'MARK', value: MASQUERADE_MARK, mask: MASQUERADE_MARK } }],
  'KUBE-NODEPORTS': [],
  'KUBE-POSTROUTING': [
    { matches: [{ match: 'mark', mark: MASQUERADE_MARK, not: true }], target: { to: 'RETURN' } },
    { matches: [], target: { to: 'MARK', value: 0, mask: MASQUERADE_MARK } },
    { matches: [comment('kubernetes service traffic requiring SNAT')], target: { to: 'MASQUERADE' } },
  ],
  'KUBE-PROXY-CANARY': [],
  'KUBE-SERVICES': [],
}

const FORWARD_RULES: readonly Rule[] = [
  {
    matches: [
      { match: 'conntrack', states: ['INVALID'] },
      { match: 'nfacct', counter: 'ct_state_invalid_dropped_pkts' },
    ],
    target: { to: 'DROP' },
  },
  { matches: [comment('kubernetes forwarding rules'), marked], target: { to: 'ACCEPT' } },
  {
    matches: [
      comment('kubernetes forwarding conntrack rule'),
      { match: 'conntrack', states: ['RELATED', 'ESTABLISHED'] },
    ],
    target: { to: 'ACCEPT' },
  },
]

const FILTER: Chains = {
  INPUT: [FIREWALL, to('KUBE-NODEPORTS', 'kubernetes health check service ports'), EXTERNAL],
  FORWARD: [FIREWALL, to('KUBE-FORWARD', 'kubernetes forwarding rules'), NEW_PORTALS, EXTERNAL],
  OUTPUT: [FIREWALL, NEW_PORTALS],
  'KUBE-EXTERNAL-SERVICES': [],
  'KUBE-FORWARD': FORWARD_RULES,
  'KUBE-NODEPORTS': [],
  'KUBE-PROXY-CANARY': [],
  'KUBE-PROXY-FIREWALL': [],
  'KUBE-SERVICES': [],
}

const MANGLE: Chains = { 'KUBE-PROXY-CANARY': [] }

const NODE_PORTS_LAST: Rule = {
  matches: [
    comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain'),
    { match: 'addrtype', side: 'dst', type: 'LOCAL' },
  ],
  target: jump('KUBE-NODEPORTS'),
}

const endpointCount = (slices: readonly EndpointSlice[]): number =>
  slices.reduce((count, { endpoints }) => count + (endpoints?.length ?? 0), 0)

interface Remembered {
  readonly slices: readonly EndpointSlice[]
  readonly node: ProxyNode
  readonly terse: boolean
  readonly rules: readonly ServiceRules[]
}

const byService = new WeakMap<Service, Map<string, Remembered>>()

/** A Node may be a new object without saying anything new. */
const sameNode = (a: ProxyNode, b: ProxyNode): boolean =>
  a === b ||
  (a.address === b.address &&
    a.zone === b.zone &&
    a.clusterCidr === b.clusterCidr &&
    a.masqueradeAll === b.masqueradeAll)

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])

function computeRules(service: Service, slices: readonly EndpointSlice[], node: ProxyNode, terse: boolean) {
  return servicePorts(service).map((port) =>
    serviceRules(port, usableEndpoints(endpointsOf(slices, port, node.name), port, node), node, terse),
  )
}

/** The rules of one Service: remembered for as long as the Service and its slices are the same objects. */
function rulesOf(
  service: Service,
  slices: readonly EndpointSlice[],
  node: ProxyNode,
  terse: boolean,
): readonly ServiceRules[] {
  const perNode = byService.get(service) ?? new Map<string, Remembered>()
  byService.set(service, perNode)
  const known = perNode.get(node.name)
  if (known && sameNode(known.node, node) && known.terse === terse && same(known.slices, slices)) return known.rules
  const rules = computeRules(service, slices, node, terse)
  perNode.set(node.name, { slices, node, terse, rules })
  return rules
}

function append(chains: Record<string, readonly Rule[]>, added: Chains, owned: Set<readonly Rule[]>): void {
  for (const chain of Object.keys(added)) {
    const rules = added[chain]!
    const present = chains[chain]
    if (!present) chains[chain] = rules
    else if (owned.has(present)) (present as Rule[]).push(...rules)
    else {
      const grown = [...present, ...rules]
      owned.add(grown)
      chains[chain] = grown
    }
  }
}

function computeTables({ services, endpointSlices }: ProxyView, node: ProxyNode): Tables {
  const terse = endpointCount(endpointSlices) > LARGE_CLUSTER_ENDPOINTS
  const nat: Record<string, readonly Rule[]> = { ...NAT }
  const filter: Record<string, readonly Rule[]> = { ...FILTER }
  const owned = new Set<readonly Rule[]>()
  for (const service of services) {
    for (const rules of rulesOf(service, slicesOf(endpointSlices, service), node, terse)) {
      append(nat, rules.nat, owned)
      append(filter, rules.filter, owned)
    }
  }
  nat['KUBE-SERVICES'] = [...nat['KUBE-SERVICES']!, NODE_PORTS_LAST]
  return { mangle: MANGLE, nat, filter }
}

const byView = new WeakMap<ProxyView, Map<string, readonly [ProxyNode, Tables]>>()

/**
 * What kube-proxy has written on a machine, given what it knows. Nothing is computed until someone looks, and what
 * was computed is kept for as long as the view is the same object.
 */
export function iptablesRules(view: ProxyView, node: ProxyNode): Tables {
  const perNode = byView.get(view) ?? new Map<string, readonly [ProxyNode, Tables]>()
  byView.set(view, perNode)
  const known = perNode.get(node.name)
  if (known && sameNode(known[0], node)) return known[1]
  const tables = computeTables(view, node)
  perNode.set(node.name, [node, tables])
  return tables
}
