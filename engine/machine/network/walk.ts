/**
 * One packet's way: out of a pod through its veth into the bridge, through the rules, over a route to the other
 * machine inside a VXLAN packet, and there the same backwards. Every interface and rule it meets is written down.
 *
 * Upstream: the kernel's bridge (with br_netfilter), IP forwarding, netfilter and VXLAN
 * Left out: fragments and MTU, path filtering (rp_filter is off), multicast.
 */
import { draw } from '../../std/draw.ts'
import { sortedValues } from '../../std/sorted.ts'
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
import { gatewayOf, VNI, VXLAN_OVERHEAD, VXLAN_PORT } from './flannel.ts'
import { contains, formatIpv4, parseCidr, parseIpv4 } from './ipv4.ts'
import { type MachineNetwork, type PodLink, podAt } from './machine-network.ts'
import { type Machines, podNeighbour } from './machines.ts'
import { type Decision, decide, type Passing, type Surroundings } from './netfilter.ts'
import type { Frame, Hop, InterfaceHop, Outcome, Packet, Place } from './packet.ts'
import { isLocalAddress, type Route, routeTo } from './route.ts'
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
interface Flight {
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

const arrivedAt = (place: Place, packet: Packet): Arrived => ({ arrived: true, place, packet })

const failed = (outcome: Outcome, words: string): Stopped => ({ arrived: false, outcome, words })

const HOST_UNREACHABLE = 'destination unreachable code 1'
const PORT_UNREACHABLE = 'destination unreachable code 3'

const endpointText = ({ destination, destinationPort }: Packet): string => `${destination}:${destinationPort}`

const podFrame = (link: PodLink): string => `${link.name}/eth0`

function see(walk: Walk, hop: Omit<InterfaceHop, 'hop'>): void {
  walk.hops.push({ hop: 'interface', ...hop })
}

function seeAtBridge(walk: Walk, node: string, frame: Frame, packet: Packet): void {
  see(walk, { node, interface: 'cni0', frame, packet })
}

const seeAtVeth = (walk: Walk, node: string, link: PodLink, frame: Frame, packet: Packet): void =>
  see(walk, { node, interface: link.veth, pod: link.name, frame, packet })

const seeInPod = (walk: Walk, node: string, link: PodLink, frame: Frame, packet: Packet): void =>
  see(walk, { node, interface: 'eth0', pod: link.name, frame, packet })

// --- rules ---------------------------------------------------------------------------------------------------------

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

function conversationsOf(walk: Walk, node: string): Conversation[] {
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
function enter(walk: Walk, node: string, packet: Packet, hook: 'PREROUTING' | 'OUTPUT'): Flight | Stopped {
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

const EPHEMERAL_FIRST = 32768
const EPHEMERAL_COUNT = 28232

/** The last rules before a packet leaves: masquerading. */
function leave(walk: Walk, flight: Flight, outgoing: string): void {
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
function screen(walk: Walk, flight: Flight, hook: Hook, table: TableName = 'filter'): Stopped | undefined {
  const { verdict, rules } = consult(walk, flight, table, hook)
  if (verdict !== 'DROP' && verdict !== 'REJECT') return undefined
  forget(walk, flight)
  const where = `on ${flight.node} by the rule "${lastRule(rules)}"`
  const { packet } = flight
  if (verdict === 'DROP') return failed('dropped', `the packet to ${endpointText(packet)} was dropped ${where}`)
  const said = { node: flight.node, about: packet, note: PORT_UNREACHABLE }
  return { ...failed('rejected', `the connection to ${endpointText(packet)} was refused ${where}`), said }
}

function policed(walk: Walk, way: 'egress' | 'ingress', node: string, link: PodLink, packet: Packet) {
  const words = walk.machines.refuses?.(way, node, link.uid, packet)
  return words === undefined ? undefined : failed('dropped', words)
}

// --- neighbours ----------------------------------------------------------------------------------------------------

interface Asking {
  readonly node: string
  readonly interface: string
  readonly pod?: string
}

const say = (walk: Walk, at: Asking, frame: Frame, says: string): void =>
  void walk.hops.push({ hop: 'arp', ...at, frame, says })

const atBridge = (node: string): Asking => ({ node, interface: 'cni0' })
const atVeth = (node: string, link: PodLink): Asking => ({ node, interface: link.veth, pod: link.name })
const inPod = (node: string, link: PodLink): Asking => ({ node, interface: 'eth0', pod: link.name })

/** Whether the question must be asked first; the answer is known from then on. */
function mustAsk(walk: Walk, asker: string, address: string): boolean {
  const key = `${asker} ${address}`
  if (walk.resolved.has(key) || (walk.machines.knowsNeighbour?.(asker, address) ?? true)) return false
  walk.resolved.add(key)
  return true
}

/** cni0 asks all its ports for an address; at most one pod has it. It asks in the packet's name, if that is its own. */
function bridgeAsks(walk: Walk, { node, network, packet }: Flight, address: string, target: PodLink | undefined): void {
  if (target && !mustAsk(walk, node, address)) return
  const asker = isLocalAddress(network, packet.source) ? packet.source : gatewayOf(network.podCidr!)
  const question = `request who has ${address} tell ${asker}`
  const frame: Frame = { source: `${node}/cni0`, destination: 'broadcast' }
  say(walk, atBridge(node), frame, question)
  for (const link of sortedValues(network.pods)) {
    say(walk, atVeth(node, link), frame, question)
    say(walk, inPod(node, link), frame, question)
  }
  if (!target) return
  const answer: Frame = { source: podFrame(target), destination: `${node}/cni0` }
  for (const place of [inPod(node, target), atVeth(node, target), atBridge(node)])
    say(walk, place, answer, `${address} is at ${podFrame(target)}`)
}

/** A pod asks for its gateway. The bridge sends the question back to its own port too, because it is in hairpin mode. */
function podAsks(walk: Walk, node: string, network: MachineNetwork, link: PodLink, address: string): void {
  if (!mustAsk(walk, podNeighbour(node, link.uid), address)) return
  const question = `request who has ${address} tell ${link.address}`
  const frame: Frame = { source: podFrame(link), destination: 'broadcast' }
  say(walk, inPod(node, link), frame, question)
  say(walk, atVeth(node, link), frame, question)
  for (const port of sortedValues(network.pods)) {
    say(walk, atVeth(node, port), frame, question)
    say(walk, inPod(node, port), frame, question)
  }
  say(walk, atBridge(node), frame, question)
  const holder = podAt(network, address)
  const name = holder ? podFrame(holder) : `${node}/cni0`
  // Who is asked learns who asks.
  if (!holder) walk.resolved.add(`${node} ${link.address}`)
  const answer: Frame = { source: name, destination: podFrame(link) }
  const from = holder ? [inPod(node, holder), atVeth(node, holder)] : [atBridge(node)]
  for (const place of [...from, atVeth(node, link), inPod(node, link)])
    say(walk, place, answer, `${address} is at ${name}`)
}

const nobodyHas = (address: string, where: string): string =>
  `nobody on ${where} has the address ${address}: who asks for it gets no answer and gives up after three seconds`

// --- the bridge ----------------------------------------------------------------------------------------------------

/** From one port of the bridge to another: the packet is not routed, so its TTL stays. */
function bridgeTo(walk: Walk, flight: Flight, from: PodLink, target: PodLink): Arrival {
  const { node, network } = flight
  const stopped = screen(walk, flight, 'FORWARD') ?? policed(walk, 'ingress', node, target, flight.packet)
  if (stopped) return stopped
  const frame: Frame = { source: podFrame(from), destination: podFrame(target) }
  const before = flight.packet
  leave(walk, flight, gatewayOf(network.podCidr!))
  seeAtVeth(walk, node, target, frame, flight.packet)
  seeAtBridge(walk, node, frame, before)
  seeInPod(walk, node, target, frame, flight.packet)
  return arrivedAt({ of: 'pod', node, uid: target.uid }, flight.packet)
}

/** The bridge was asked for itself, but the rules turned the packet to one of its own ports. */
function turnBack(walk: Walk, flight: Flight, from: PodLink, target: PodLink): Arrival {
  const { node } = flight
  const known = walk.resolved.has(`${node} ${target.address}`)
  bridgeAsks(walk, flight, target.address, target)
  const asked = !known && walk.resolved.has(`${node} ${target.address}`)
  // The packet that waited for the answer is sent by cni0 itself, and then goes its way over the bridge.
  if (asked) seeAtBridge(walk, node, { source: `${node}/cni0`, destination: podFrame(target) }, flight.packet)
  return bridgeTo(walk, flight, from, target)
}

function fromBridgePort(walk: Walk, node: string, from: PodLink, packet: Packet, peer: PodLink | undefined): Arrival {
  const flight = enter(walk, node, packet, 'PREROUTING')
  if ('arrived' in flight) return flight
  if (peer) return bridgeTo(walk, flight, from, peer)
  const target = podAt(flight.network, flight.packet.destination)
  if (target) return turnBack(walk, flight, from, target)
  seeAtBridge(walk, node, { source: podFrame(from), destination: `${node}/cni0` }, flight.packet)
  return onward(walk, flight)
}

/** A pod sends. */
export function fromPod(walk: Walk, node: string, link: PodLink, packet: Packet): Arrival {
  const network = walk.machines.network(node)
  if (!network?.podCidr) return machineOff(node)
  if (packet.destination === link.address || packet.destination.startsWith('127.'))
    return arrivedAt({ of: 'pod', node, uid: link.uid }, packet)
  const refused = policed(walk, 'egress', node, link, packet)
  if (refused) return refused
  const near = contains(parseCidr(network.podCidr), parseIpv4(packet.destination) ?? 0)
  const peer = near ? podAt(network, packet.destination) : undefined
  if (near && !peer && packet.destination !== gatewayOf(network.podCidr))
    return failed('unreachable', nobodyHas(packet.destination, `the bridge of ${node}`))
  podAsks(walk, node, network, link, peer ? packet.destination : gatewayOf(network.podCidr))
  const frame: Frame = { source: podFrame(link), destination: peer ? podFrame(peer) : `${node}/cni0` }
  seeInPod(walk, node, link, frame, packet)
  seeAtVeth(walk, node, link, frame, packet)
  return fromBridgePort(walk, node, link, packet, peer)
}

// --- routing -------------------------------------------------------------------------------------------------------

const machineOff = (node: string): Stopped => failed('lost', `${node} is not running, so nobody passes the packet on`)

/** Up to the machine's own processes. */
function deliverHere(walk: Walk, flight: Flight): Arrival {
  const stopped = screen(walk, flight, 'INPUT')
  if (stopped) return stopped
  const { tracked, fresh, node } = flight
  const packet = tracked && !fresh ? rewriteSource(flight.packet, tracked) : flight.packet
  return arrivedAt({ of: 'machine', node }, packet)
}

/** After the first rules a machine decides: for me, or to be passed on. */
function onward(walk: Walk, flight: Flight): Arrival {
  const route = routeTo(flight.network, flight.packet.destination)
  if (route.device === 'lo') return deliverHere(walk, flight)
  walk.hops.push({ hop: 'route', node: flight.node, route: route.text })
  flight.packet = { ...flight.packet, ttl: flight.packet.ttl - 1 }
  const stopped = screen(walk, flight, 'FORWARD')
  if (stopped) return stopped
  leave(walk, flight, route.source)
  return transmit(walk, flight, route)
}

/** A process of the machine itself sends. */
export function fromMachine(walk: Walk, node: string, packet: Packet): Arrival {
  const flight = enter(walk, node, packet, 'OUTPUT')
  if ('arrived' in flight) return flight
  const stopped = screen(walk, flight, 'OUTPUT')
  if (stopped) return stopped
  const route = routeTo(flight.network, flight.packet.destination)
  walk.hops.push({ hop: 'route', node, route: route.text })
  leave(walk, flight, route.source)
  return transmit(walk, flight, route)
}

/** The address a process of the machine sends from, when it asks for this one. */
export const sourceFor = (network: MachineNetwork, destination: string): string => routeTo(network, destination).source

function transmit(walk: Walk, flight: Flight, route: Route): Arrival {
  if (route.device === 'lo') return overLoopback(walk, flight)
  if (route.device === 'cni0') return overBridge(walk, flight)
  if (route.device === 'flannel.1') return overVxlan(walk, flight, route)
  return overWire(walk, flight, route)
}

function overLoopback(walk: Walk, { node, packet }: Flight): Arrival {
  see(walk, { node, interface: 'lo', frame: { source: `${node}/lo`, destination: `${node}/lo` }, packet })
  const flight = enter(walk, node, packet, 'PREROUTING')
  return 'arrived' in flight ? flight : deliverHere(walk, flight)
}

/** A machine says that nobody answers for an address. */
function nobody(flight: Flight, address: string, where: string): Arrival {
  const said = { node: flight.node, about: flight.packet, note: HOST_UNREACHABLE }
  return { ...failed('unreachable', nobodyHas(address, where)), said }
}

function overBridge(walk: Walk, flight: Flight): Arrival {
  const { node, packet, network } = flight
  const target = podAt(network, packet.destination)
  bridgeAsks(walk, flight, packet.destination, target)
  if (!target) return nobody(flight, packet.destination, `the bridge of ${node}`)
  const refused = policed(walk, 'ingress', node, target, packet)
  if (refused) return refused
  const frame: Frame = { source: `${node}/cni0`, destination: podFrame(target) }
  seeAtBridge(walk, node, frame, packet)
  seeAtVeth(walk, node, target, frame, packet)
  seeInPod(walk, node, target, frame, packet)
  return arrivedAt({ of: 'pod', node, uid: target.uid }, packet)
}

const isCut = ({ machines }: Walk, from: string, to: string): boolean => machines.isCut?.(from, to) ?? false

const wireCut = (from: string, to: string): Stopped =>
  failed('lost', `the link between ${from} and ${to} is cut: the packet is lost and nobody says so`)

/** The same conversation takes the same source port, so that it stays on one path; others may take another. */
const outerPort = ({ source, sourcePort, destination, destinationPort }: Packet): number =>
  EPHEMERAL_FIRST + Math.floor(draw(0, 'vxlan', source, sourcePort, destination, destinationPort) * EPHEMERAL_COUNT)

const wrapped = (inner: Packet, from: string, to: string): Packet => ({
  protocol: 'udp',
  source: from,
  sourcePort: outerPort(inner),
  destination: to,
  destinationPort: VXLAN_PORT,
  ttl: 64,
  length: inner.length + VXLAN_OVERHEAD,
  note: '',
})

/** The outer packet is tracked like any other, on both machines. */
function trackOuter(walk: Walk, node: string, outer: Packet): void {
  const list = conversationsOf(walk, node)
  if (!findConversation(list, outer)) list.push(begin(outer))
}

function overVxlan(walk: Walk, flight: Flight, route: Route): Arrival {
  const { node, packet, network } = flight
  const lease = route.lease!
  const frame: Frame = { source: `${node}/flannel.1`, destination: `${lease.node}/flannel.1` }
  see(walk, { node, interface: 'flannel.1', frame, packet })
  const outer = wrapped(packet, network.address, lease.publicIp)
  const outerFrame: Frame = { source: `${node}/eth0`, destination: `${lease.node}/eth0` }
  const vxlan = { vni: VNI, frame, packet }
  trackOuter(walk, node, outer)
  see(walk, { node, interface: 'eth0', frame: outerFrame, packet: outer, vxlan })
  const peer = walk.machines.nodeOf(lease.publicIp)
  if (peer === undefined || !walk.machines.network(peer)?.overlay) return machineOff(lease.node)
  if (isCut(walk, node, peer)) return wireCut(node, peer)
  trackOuter(walk, peer, outer)
  see(walk, { node: peer, interface: 'eth0', frame: outerFrame, packet: outer, vxlan })
  see(walk, { node: peer, interface: 'flannel.1', frame, packet })
  return intoMachine(walk, peer, packet)
}

function intoMachine(walk: Walk, node: string, packet: Packet): Arrival {
  const flight = enter(walk, node, packet, 'PREROUTING')
  return 'arrived' in flight ? flight : onward(walk, flight)
}

function overWire(walk: Walk, flight: Flight, { nextHop }: Route): Arrival {
  const { node, packet, network } = flight
  const peer = walk.machines.nodeOf(nextHop)
  if (peer === undefined && nextHop !== network.uplink.gateway) return nobody(flight, nextHop, network.uplink.cidr)
  const frame: Frame = { source: `${node}/eth0`, destination: peer ? `${peer}/eth0` : 'outside/br0' }
  see(walk, { node, interface: 'eth0', frame, packet })
  if (isCut(walk, node, peer ?? 'outside')) return wireCut(node, peer ?? 'outside')
  if (peer === undefined) return arrivedAt({ of: 'outside' }, packet)
  if (!walk.machines.network(peer)) return machineOff(peer)
  see(walk, { node: peer, interface: 'eth0', frame, packet })
  return intoMachine(walk, peer, packet)
}

/** Somebody outside the cluster sends. */
export function fromOutside(walk: Walk, packet: Packet): Arrival {
  const { machines } = walk
  const node = machines.nodeOf(packet.destination) ?? machines.outsideRoute?.(packet.destination)
  if (node === undefined) return failed('unreachable', nobodyHas(packet.destination, "the machines' network"))
  const frame: Frame = { source: 'outside/br0', destination: `${node}/eth0` }
  see(walk, { interface: 'br0', frame, packet })
  if (isCut(walk, 'outside', node)) return wireCut('outside', node)
  if (!machines.network(node)) return machineOff(node)
  see(walk, { node, interface: 'eth0', frame, packet })
  return intoMachine(walk, node, packet)
}
