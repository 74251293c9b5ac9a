/**
 * What a trace asks about the cluster: the machines' networks and rules, who listens where, and which links are cut.
 * Whoever has a world gives the answers as functions; a trace only looks up what the packet meets.
 */
import type { Draw } from '../../std/draw.ts'
import type { MachineNetwork } from './machine-network.ts'
import type { Packet, Place } from './packet.ts'
import type { Protocol, Tables } from './rule.ts'

export interface Machines {
  /** Undefined: no such machine, or it is off. */
  readonly network: (node: string) => MachineNetwork | undefined
  /** What kube-proxy has written there. */
  readonly proxyTables: (node: string) => Tables
  /** The machine whose own address this is. */
  readonly nodeOf: (address: string) => string | undefined
  /** Whether a process listens; for pods the address is always its own. */
  readonly listens: (place: Place, protocol: Protocol, address: string, port: number) => boolean
  /** Whether the wire between two machines is cut; `outside` counts as one. */
  readonly isCut?: (from: string, to: string) => boolean
  /** Session affinity: whether a machine sent this source to this endpoint within so many seconds. */
  readonly remembers?: (node: string, endpointChain: string, source: string, seconds: number) => boolean
  /** A network policy's refusal in words; such packets are dropped. */
  readonly refuses?: (way: 'egress' | 'ingress', node: string, podUid: string, packet: Packet) => string | undefined
  /** Whether a machine's cni0, or a pod, has asked for this address before. By default everybody has. */
  readonly knowsNeighbour?: (asker: string, address: string) => boolean
  /** To which machine the world outside sends packets for an address that no machine has: a load balancer's, say. */
  readonly outsideRoute?: (address: string) => string | undefined
  /** Choices among equals, by purpose. */
  readonly draw: Draw
}

/** The name under which a pod appears in `knowsNeighbour`. */
export const podNeighbour = (node: string, uid: string): string => `${node}/${uid}`
