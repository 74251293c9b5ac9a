/**
 * Flannel joins the machines' ranges into one network: every machine writes into its Node where it can be reached, and
 * routes the others' ranges into flannel.1, which wraps each packet into a UDP datagram for the right machine (VXLAN), or
 * to that machine itself (host-gw), if all are on one wire. The API server is its only database; no machine asks another.
 *
 * Upstream: flannel-io/flannel, pkg/subnet/kube and pkg/backend/vxlan
 * Left out: the backends udp and WireGuard; IPv6; lease renewal (a Node's lease lasts as long as the Node).
 */
import type { KubeObject } from '../../api/object.ts'
import { deleteSorted, emptySorted, getSorted, type Sorted, setSorted, visitSorted } from '../../std/sorted.ts'
import { macOf } from './hardware.ts'
import { networkOf, nth, parseCidr, parseIpv4 } from './ipv4.ts'
import type { MachineNetwork } from './machine-network.ts'
import { comment, type Range, type Rule, type Tables } from './rule.ts'

export interface FlannelLease {
  readonly node: string
  readonly podCidr: string
  /** Where the machine is reached by the others. */
  readonly publicIp: string
  /** The hardware address of its flannel.1; empty where there is none. */
  readonly mac: string
}

export type FlannelLeases = Sorted<FlannelLease, number>

/** Of a Node, what flanneld reads. */
export interface FlannelNode extends KubeObject {
  readonly spec?: { readonly podCIDR?: string }
}

const PREFIX = 'flannel.alpha.coreos.com'

export const VXLAN_PORT = 8472
export const VNI = 1
/** Outer IP, UDP, VXLAN and the inner Ethernet header. */
export const VXLAN_OVERHEAD = 50

/** The annotations flanneld writes on its own Node. */
export const flannelAnnotations = ({ node, address, backend }: MachineNetwork): Readonly<Record<string, string>> => ({
  [`${PREFIX}/backend-data`]: backend === 'vxlan' ? `{"VNI":${VNI},"VtepMAC":"${macOf(node, 'flannel.1')}"}` : 'null',
  [`${PREFIX}/backend-type`]: backend,
  [`${PREFIX}/kube-subnet-manager`]: 'true',
  [`${PREFIX}/public-ip`]: address,
})

/** The condition flanneld sets, which takes the taint of a node without network away. */
export const FLANNEL_CONDITION = {
  type: 'NetworkUnavailable',
  status: 'False',
  reason: 'FlannelIsUp',
  message: 'Flannel is running on this node',
} as const

const VTEP_MAC = /"VtepMAC":"([0-9a-f:]+)"/

/** The lease in a Node, or undefined while it has no range or flanneld has not written yet. */
export function leaseOf({ metadata, spec }: FlannelNode): FlannelLease | undefined {
  const publicIp = metadata.annotations?.[`${PREFIX}/public-ip`]
  const data = metadata.annotations?.[`${PREFIX}/backend-data`]
  if (!spec?.podCIDR || !publicIp || data === undefined) return undefined
  const mac = VTEP_MAC.exec(data)?.[1] ?? ''
  return { node: metadata.name, podCidr: spec.podCIDR, publicIp, mac }
}

const keyOf = ({ podCidr }: FlannelLease): number => parseCidr(podCidr).base

const sameLease = (a: FlannelLease | undefined, b: FlannelLease | undefined): boolean =>
  a === b || (a?.node === b?.node && a?.podCidr === b?.podCidr && a?.publicIp === b?.publicIp && a?.mac === b?.mac)

/**
 * The leases after a Node changed. Machines that have seen the same Nodes may share one map: only the map's pointer is
 * kept in each `MachineNetwork`. The same map if nothing of interest changed.
 */
export function withNode(
  leases: FlannelLeases,
  before: FlannelNode | undefined,
  after: FlannelNode | undefined,
): FlannelLeases {
  const old = before && leaseOf(before)
  const now = after && leaseOf(after)
  if (sameLease(old, now)) return leases
  const rest = old && getSorted(leases, keyOf(old))?.node === old.node ? deleteSorted(leases, keyOf(old)) : leases
  return now ? setSorted(rest, keyOf(now), now) : rest
}

const leasesByNodes = new WeakMap<Sorted<KubeObject>, FlannelLeases>()

/** The leases in all Nodes of a store (`collectionOf(seen, 'nodes').objects`); computed once for the same Nodes. */
export function leasesOf(nodes: Sorted<KubeObject>): FlannelLeases {
  const known = leasesByNodes.get(nodes)
  if (known) return known
  let leases: FlannelLeases = emptySorted()
  visitSorted(nodes, (node) => {
    leases = withNode(leases, undefined, node)
    return true
  })
  leasesByNodes.set(nodes, leases)
  return leases
}

/** flanneld of a machine sees these leases: routes, neighbours and forwarding entries follow. */
export const flannelSees = (network: MachineNetwork, leases: FlannelLeases): MachineNetwork =>
  network.leases === leases ? network : { ...network, leases }

/** flanneld starts: it needs the Node's range, writes subnet.env and makes flannel.1. */
export const flannelStarts = (network: MachineNetwork, podCidr: string): MachineNetwork =>
  network.overlay && network.podCidr === podCidr ? network : { ...network, podCidr, overlay: true }

/** The lease of another machine in whose range the address lies. All ranges have the length of one's own. */
export function leaseFor({ leases, podCidr, node }: MachineNetwork, address: string): FlannelLease | undefined {
  if (podCidr === undefined) return undefined
  const lease = getSorted(leases, networkOf(parseIpv4(address) ?? 0, parseCidr(podCidr).length))
  return lease && lease.node !== node ? lease : undefined
}

/** The address of a machine's flannel.1: the first of its range. */
export const vtepAddress = (podCidr: string): string => nth(parseCidr(podCidr), 0)

/** The address of a machine's cni0: the second of its range, every pod's gateway. */
export const gatewayOf = (podCidr: string): string => nth(parseCidr(podCidr), 1)

/** /run/flannel/subnet.env, which the flannel CNI plugin makes the bridge's configuration of. */
export const subnetEnv = ({ clusterCidr, podCidr, backend }: MachineNetwork): string =>
  podCidr === undefined
    ? ''
    : [
        `FLANNEL_NETWORK=${clusterCidr}`,
        `FLANNEL_SUBNET=${gatewayOf(podCidr)}/${parseCidr(podCidr).length}`,
        `FLANNEL_MTU=${backend === 'vxlan' ? 1450 : 1500}`,
        'FLANNEL_IPMASQ=true',
        '',
      ].join('\n')

const range = (text: string): Range => ({ cidr: parseCidr(text) })
const outside = (text: string): Range => ({ ...range(text), not: true })

const MASQUERADE = [comment('flanneld masq')]
const FORWARD = [comment('flanneld forward')]

const masquerade = (source: Range, destination: Range, to: 'RETURN' | 'MASQUERADE'): Rule => ({
  source,
  destination,
  matches: MASQUERADE,
  target: { to },
})

/** Pods keep their address among themselves; whoever leaves the pods' network goes under the machine's. */
const masqueradeRules = (pods: string, own: string): readonly Rule[] => [
  { matches: [{ match: 'mark', mark: 0x4000 }, ...MASQUERADE], target: { to: 'RETURN' } },
  masquerade(range(own), range(pods), 'RETURN'),
  masquerade(range(pods), range(own), 'RETURN'),
  masquerade(outside(pods), range(own), 'RETURN'),
  masquerade(range(pods), outside('224.0.0.0/4'), 'MASQUERADE'),
  masquerade(outside(pods), range(pods), 'MASQUERADE'),
]

/** The rules flanneld writes. */
export function flannelRules({ clusterCidr, podCidr, overlay }: MachineNetwork): Tables {
  if (!overlay || podCidr === undefined) return { mangle: {}, nat: {}, filter: {} }
  const jump = (chain: string, matches: Rule['matches']): readonly Rule[] => [
    { matches, target: { to: 'chain', chain } },
  ]
  return {
    mangle: {},
    nat: {
      POSTROUTING: jump('FLANNEL-POSTRTG', MASQUERADE),
      'FLANNEL-POSTRTG': masqueradeRules(clusterCidr, podCidr),
    },
    filter: {
      FORWARD: jump('FLANNEL-FWD', FORWARD),
      'FLANNEL-FWD': [
        { source: range(clusterCidr), matches: FORWARD, target: { to: 'ACCEPT' } },
        { destination: range(clusterCidr), matches: FORWARD, target: { to: 'ACCEPT' } },
      ],
    },
  }
}
