/**
 * All rules of one machine: those of kube-proxy, the kubelet and Flannel in one set of tables, as the kernel holds
 * them. Who wrote which is told by the chains' names.
 */
import { flannelRules } from './flannel.ts'
import { parseCidr } from './ipv4.ts'
import type { MachineNetwork } from './machine-network.ts'
import { type Chains, comment, type Rule, type Tables } from './rule.ts'

const LOOPBACK = parseCidr('127.0.0.0/8')

const TO_FIREWALL: readonly Rule[] = [{ matches: [], target: { to: 'chain', chain: 'KUBE-FIREWALL' } }]

/** Strangers may not reach what listens on 127.0.0.1 only, although route_localnet is on for node ports. */
const BLOCK_MARTIANS: Rule = {
  source: { cidr: LOOPBACK, not: true },
  destination: { cidr: LOOPBACK },
  matches: [
    comment('block incoming localnet connections'),
    { match: 'conntrack', states: ['RELATED', 'ESTABLISHED', 'DNAT'], not: true },
  ],
  target: { to: 'DROP' },
}

/** What the kubelet writes. Upstream: pkg/kubelet/kubelet_network_linux.go */
const KUBELET: Tables = {
  mangle: { 'KUBE-IPTABLES-HINT': [], 'KUBE-KUBELET-CANARY': [] },
  nat: { 'KUBE-KUBELET-CANARY': [] },
  filter: { INPUT: TO_FIREWALL, OUTPUT: TO_FIREWALL, 'KUBE-FIREWALL': [BLOCK_MARTIANS], 'KUBE-KUBELET-CANARY': [] },
}

function joined(parts: readonly Chains[]): Chains {
  const chains: Record<string, readonly Rule[]> = { ...parts[0] }
  for (const part of parts.slice(1))
    for (const chain of Object.keys(part)) chains[chain] = [...(chains[chain] ?? []), ...part[chain]!]
  return chains
}

const byProxy = new WeakMap<Tables, Map<string, Tables>>()

const joinedTables = (parts: readonly Tables[]): Tables => ({
  mangle: joined(parts.map(({ mangle }) => mangle)),
  nat: joined(parts.map(({ nat }) => nat)),
  filter: joined(parts.map(({ filter }) => filter)),
})

/**
 * The tables of a machine, given what its kube-proxy wrote: `NO_TABLES`, if it never ran. The kubelet's and Flannel's
 * part depends on nothing but the machine's range.
 */
export function machineTables(network: MachineNetwork, proxy: Tables): Tables {
  const key = `${network.clusterCidr} ${network.overlay ? network.podCidr : ''}`
  const perProxy = byProxy.get(proxy) ?? new Map<string, Tables>()
  byProxy.set(proxy, perProxy)
  const tables = perProxy.get(key) ?? joinedTables([proxy, KUBELET, flannelRules(network)])
  perProxy.set(key, tables)
  return tables
}

export const NO_TABLES: Tables = { mangle: {}, nat: {}, filter: {} }
