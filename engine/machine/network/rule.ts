/**
 * The rules a machine's kernel applies to packets: tables hold chains, chains hold rules, a rule matches and then does
 * something. kube-proxy, the kubelet and Flannel each write some of them; `netfilter.ts` follows them for one packet
 * and `iptables-save.ts` prints them.
 *
 * Upstream: iptables of the kernel and of netfilter.org, as far as Kubernetes uses it.
 * Left out: matches and targets that no component of the cluster writes.
 */
import type { Cidr } from './ipv4.ts'

export type Protocol = 'tcp' | 'udp' | 'sctp' | 'icmp'

export type TableName = 'mangle' | 'nat' | 'filter'

export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'

/** Conntrack's word for where a packet stands in its conversation. */
export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'DNAT'

export type Match =
  | { readonly match: 'comment'; readonly comment: string }
  | { readonly match: 'port'; readonly protocol: Protocol; readonly port?: number }
  | { readonly match: 'addrtype'; readonly side: 'src' | 'dst'; readonly type: 'LOCAL' }
  | { readonly match: 'mark'; readonly mark: number; readonly not?: true }
  | { readonly match: 'conntrack'; readonly states: readonly ConnectionState[]; readonly not?: true }
  /** Of 2^31 packets, how many it lets through: the kernel keeps probabilities that way, and prints what it keeps. */
  | { readonly match: 'statistic'; readonly share: number }
  | { readonly match: 'recent'; readonly remember: string }
  | { readonly match: 'recent'; readonly remembered: string; readonly seconds: number }
  | { readonly match: 'nfacct'; readonly counter: string }

export type Target =
  | { readonly to: 'ACCEPT' | 'DROP' | 'RETURN' | 'REJECT' | 'MASQUERADE' }
  | { readonly to: 'DNAT'; readonly address: string; readonly port: number }
  | { readonly to: 'MARK'; readonly value: number; readonly mask: number }
  | { readonly to: 'chain'; readonly chain: string }

export interface Range {
  readonly cidr: Cidr
  readonly not?: true
}

export interface Rule {
  readonly source?: Range
  readonly destination?: Range
  readonly protocol?: Protocol
  readonly matches: readonly Match[]
  /** Without one the rule only counts. */
  readonly target?: Target
  /** How it is printed, when it is not one of iptables. */
  readonly text?: string
}

export type Chains = Readonly<Record<string, readonly Rule[]>>

export type Tables = Readonly<Record<TableName, Chains>>

/** The chains of each table that the kernel itself enters, in the order it prints them. */
export const HOOKS: Readonly<Record<TableName, readonly Hook[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
}

export const comment = (text: string): Match => ({ match: 'comment', comment: text })

export const jump = (chain: string): Target => ({ to: 'chain', chain })

/** The bit that says: give this packet the machine's own address on its way out. */
export const MASQUERADE_MARK = 0x4000
