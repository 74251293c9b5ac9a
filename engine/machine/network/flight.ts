/**
 * A packet on one machine: what its kernel knows about it, which rules it meets on the way in and on the way out, and
 * at which interfaces it is seen.
 *
 * Upstream: the kernel's netfilter hooks and nf_conntrack
 */
import {
  begin,
  type Conversation,
  findConversation,
  rewriteDestination,
  rewriteSource,
  type Tracked,
  withDnat,
  withSnat,
} from './conntrack.ts'
import { formatIpv4, parseIpv4 } from './ipv4.ts'
import type { MachineNetwork, PodLink } from './machine-network.ts'
import type { Machines } from './machines.ts'
import { type Decision, decide, type Passing, type Surroundings } from './netfilter.ts'
import type { Frame, Hop, InterfaceHop, Outcome, Packet, Place } from './packet.ts'
import { isLocalAddress } from './route.ts'
import type { ConnectionState, Hook, TableName, Tables } from './rule.ts'
import { machineTables } from './tables.ts'

/** What is gathered while packets travel; a trace keeps one for request and answer. */
export interface Walk {
  readonly machines: Machines
  readonly hops: Hop[]
  readonly conversations: Map<string, Conversation[]>
  readonly remembered: { readonly node: string; readonly endpointChain: string; readonly source: string }[]
  readonly resolved: Set<string>
}

export interface Arrived {
  readonly arrived: true
  readonly place: Place
  readonly packet: Packet
}

export interface Stopped {
  readonly arrived: false
  readonly outcome: Outcome
  readonly words: string
  /** The machine that says so, and about which packet; absent when nobody says anything. */
  readonly said?: { readonly node: string; readonly about: Packet; readonly note: string }
}

export type Arrival = Arrived | Stopped

/** A packet on one machine. */
export interface Flight {
  readonly node: string
  readonly network: MachineNetwork
  readonly tables: Tables
  packet: Packet
  tracked: Tracked | undefined
  /** The first packet of its conversation here: only that one is shown to the nat table. */
  fresh: boolean
  mark: number
}

export const newWalk = (machines: Machines): Walk => ({
  machines,
  hops: [],
  conversations: new Map(),
  remembered: [],
  resolved: new Set(),
})

export const arrivedAt = (place: Place, packet: Packet): Arrived => ({ arrived: true, place, packet })

export const failed = (outcome: Outcome, words: string): Stopped => ({ arrived: false, outcome, words })

const PORT_UNREACHABLE = 'destination unreachable code 3'

export const machineOff = (node: string): Stopped =>
  failed('lost', `${node} is not running, so nobody passes the packet on`)

const endpointText = ({ destination, destinationPort }: Packet): string => `${destination}:${destinationPort}`

export const podFrame = (link: PodLink): string => `${link.name}/eth0`

export function see(walk: Walk, hop: Omit<InterfaceHop, 'hop'>): void {
  walk.hops.push({ hop: 'interface', ...hop })
}

export function seeAtBridge(walk: Walk, node: string, frame: Frame, packet: Packet): void {
  see(walk, { node, interface: 'cni0', frame, packet })
}

export const seeAtVeth = (walk: Walk, node: string, link: PodLink, frame: Frame, packet: Packet): void =>
  see(walk, { node, interface: link.veth, pod: link.name, frame, packet })

export const seeInPod = (walk: Walk, node: string, link: PodLink, frame: Frame, packet: Packet): void =>
  see(walk, { node, interface: 'eth0', pod: link.name, frame, packet })

const isIcmpError = ({ note }: Packet): boolean => note.startsWith('destination unreachable')

function statesOf({ packet, fresh, tracked }: Flight): readonly ConnectionState[] {
  if (isIcmpError(packet)) return ['RELATED']
  const conversation = tracked?.conversation
  const redirected = conversation && conversation.original.destination !== conversation.reply.source
  return [fresh ? 'NEW' : 'ESTABLISHED', ...(redirected ? (['DNAT'] as const) : [])]
}

function passingOf(flight: Flight): Passing {
  const { protocol, source, destination, destinationPort } = flight.packet
  return {
    protocol,
    source: parseIpv4(source) ?? 0,
    destination: parseIpv4(destination) ?? 0,
    destinationPort,
    states: statesOf(flight),
    mark: flight.mark,
  }
}

function surroundings({ machines }: Walk, { node, network, packet }: Flight): Surroundings {
  return {
    isLocal: (address) => isLocalAddress(network, formatIpv4(address)),
    takes: (share, chain, index) =>
      machines.draw('endpoint', node, chain, index, packet.source, packet.sourcePort) * 0x80000000 < share,
    remembers: (chain, source, seconds) => machines.remembers?.(node, chain, formatIpv4(source), seconds) ?? false,
  }
}

function consult(walk: Walk, flight: Flight, table: TableName, hook: Hook): Decision {
  const decision = decide(flight.tables[table], hook, passingOf(flight), surroundings(walk, flight))
  const { rules, remembered } = decision
  if (rules.length > 0) walk.hops.push({ hop: 'rules', node: flight.node, hook, table, rules })
  for (const endpointChain of remembered)
    walk.remembered.push({ node: flight.node, endpointChain, source: flight.packet.source })
  flight.mark = decision.mark
  return decision
}

export function conversationsOf(walk: Walk, node: string): Conversation[] {
  const list = walk.conversations.get(node) ?? []
  walk.conversations.set(node, list)
  return list
}

function track(walk: Walk, flight: Flight, conversation: Conversation): void {
  const list = conversationsOf(walk, flight.node)
  const index = flight.tracked ? list.indexOf(flight.tracked.conversation) : -1
  if (index >= 0) list[index] = conversation
  else list.push(conversation)
  flight.tracked = { conversation, direction: 'original' }
}

/** A conversation whose first packet did not get through is never confirmed. */
function forget(walk: Walk, { node, tracked, fresh }: Flight): void {
  if (!fresh || !tracked) return
  const list = conversationsOf(walk, node)
  list.splice(list.indexOf(tracked.conversation), 1)
}

/** A packet enters a machine's network stack: it is known, or the nat table decides where its conversation goes. */
export function enter(walk: Walk, node: string, packet: Packet, hook: 'PREROUTING' | 'OUTPUT'): Flight | Stopped {
  const network = walk.machines.network(node)
  if (!network) return machineOff(node)
  const tables = machineTables(network, walk.machines.proxyTables(node))
  const flight: Flight = { node, network, tables, packet, tracked: undefined, fresh: false, mark: 0 }
  if (isIcmpError(packet)) return flight
  flight.tracked = findConversation(conversationsOf(walk, node), packet)
  if (flight.tracked) {
    flight.packet = rewriteDestination(packet, flight.tracked)
    return flight
  }
  flight.fresh = true
  const stopped = screen(walk, flight, hook, 'mangle')
  if (stopped) return stopped
  const { target } = consult(walk, flight, 'nat', hook)
  const conversation = begin(packet)
  track(walk, flight, target?.to === 'DNAT' ? withDnat(conversation, target.address, target.port) : conversation)
  flight.packet = rewriteDestination(packet, flight.tracked!)
  return flight
}

/** The last rules before a packet leaves: masquerading. */
export function leave(walk: Walk, flight: Flight, outgoing: string): void {
  if (!flight.tracked) return
  if (flight.fresh && consult(walk, flight, 'nat', 'POSTROUTING').verdict === 'MASQUERADE') {
    const { source, sourcePort } = flight.packet
    const drawn = walk.machines.draw('masquerade port', flight.node, source, sourcePort, outgoing)
    const port = flight.packet.protocol === 'icmp' ? sourcePort : 1024 + Math.floor(drawn * (65536 - 1024))
    track(walk, flight, withSnat(flight.tracked.conversation, outgoing, port))
  }
  flight.packet = rewriteSource(flight.packet, flight.tracked)
}

const lastRule = (rules: readonly string[]): string => rules.at(-1) ?? ''

/** The filter table, or what is said before any address is rewritten: undefined when the packet may go on. */
export function screen(walk: Walk, flight: Flight, hook: Hook, table: TableName = 'filter'): Stopped | undefined {
  const { verdict, rules } = consult(walk, flight, table, hook)
  if (verdict !== 'DROP' && verdict !== 'REJECT') return undefined
  forget(walk, flight)
  const where = `on ${flight.node} by the rule "${lastRule(rules)}"`
  const { packet } = flight
  if (verdict === 'DROP') return failed('dropped', `the packet to ${endpointText(packet)} was dropped ${where}`)
  const said = { node: flight.node, about: packet, note: PORT_UNREACHABLE }
  return { ...failed('rejected', `the connection to ${endpointText(packet)} was refused ${where}`), said }
}

export function policed(walk: Walk, way: 'egress' | 'ingress', node: string, link: PodLink, packet: Packet) {
  const words = walk.machines.refuses?.(way, node, link.uid, packet)
  return words === undefined ? undefined : failed('dropped', words)
}
