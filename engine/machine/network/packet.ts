/**
 * A packet and the places it is seen at: what a trace is made of. Everything is named the way one would name it with
 * tcpdump on the machines, and is plain data, so that pictures and lessons can be drawn from it.
 */
import type { Hook, Protocol, TableName } from './rule.ts'

export interface Packet {
  readonly protocol: Protocol
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
  readonly ttl: number
  /** Of the whole IP packet, in bytes. */
  readonly length: number
  /** In tcpdump's words: `S`, `S.`, `.R`, `echo request`, `destination unreachable code 3`. */
  readonly note: string
}

/** Who sends or receives: a pod, a machine's own processes, or the world outside the cluster. */
export type Place =
  | { readonly of: 'pod'; readonly node: string; readonly uid: string }
  | { readonly of: 'machine'; readonly node: string }
  | { readonly of: 'outside' }

export const OUTSIDE: Place = { of: 'outside' }

/** Between which interfaces a frame travels: `client-1/eth0`, `node-1/cni0`, `outside/br0`, `broadcast`. */
export interface Frame {
  readonly source: string
  readonly destination: string
}

interface Seen {
  /** Undefined outside the cluster. */
  readonly node?: string
  readonly interface: string
  /** The pod whose interface it is, or whose peer it is. */
  readonly pod?: string
  readonly frame: Frame
}

export interface InterfaceHop extends Seen {
  readonly hop: 'interface'
  readonly packet: Packet
  /** What flannel.1 wrapped into the packet. */
  readonly vxlan?: { readonly vni: number; readonly frame: Frame; readonly packet: Packet }
}

/** Somebody asks who has an address before the first packet to it. */
export interface ArpHop extends Seen {
  readonly hop: 'arp'
  readonly says: string
}

/** The rules of one table that had a say, as iptables-save prints them. */
export interface RulesHop {
  readonly hop: 'rules'
  readonly node: string
  readonly hook: Hook
  readonly table: TableName
  readonly rules: readonly string[]
}

export interface RouteHop {
  readonly hop: 'route'
  readonly node: string
  /** As `ip route` prints it. */
  readonly route: string
}

export type Hop = InterfaceHop | ArpHop | RulesHop | RouteHop

export type Outcome =
  | 'answered'
  /** It arrived and nobody listens: TCP resets, UDP says port unreachable. */
  | 'closed'
  /** A rule said REJECT. */
  | 'rejected'
  /** A rule or a policy said DROP. */
  | 'dropped'
  /** Nobody has the address: its neighbours asked for it in vain. */
  | 'unreachable'
  /** A link is cut or a machine is off. */
  | 'lost'
  /** The packet came back to the asker under an address it did not ask, or was never the asker's. */
  | 'misdirected'

export interface Verdict {
  readonly outcome: Outcome
  /** For a person who learns, in one sentence. */
  readonly words: string
}
