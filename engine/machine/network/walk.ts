/**
 * One packet's way: out of a pod through its veth into the bridge, through the rules, over a route to the other
 * machine inside a VXLAN packet, and there the same backwards. Every interface and rule it meets is written down.
 *
 * Upstream: the kernel's bridge (with br_netfilter), IP forwarding and VXLAN
 * Left out: fragments and MTU, path filtering (rp_filter is off), multicast.
 */
import { draw } from '../../std/draw.ts'
import { begin, findConversation, rewriteSource } from './conntrack.ts'
import { gatewayOf, VNI, VXLAN_OVERHEAD, VXLAN_PORT } from './flannel.ts'
import {
  type Arrival,
  arrivedAt,
  conversationsOf,
  enter,
  type Flight,
  failed,
  leave,
  machineOff,
  podFrame,
  policed,
  type Stopped,
  screen,
  see,
  seeAtBridge,
  seeAtVeth,
  seeInPod,
  type Walk,
} from './flight.ts'
import { contains, parseCidr, parseIpv4 } from './ipv4.ts'
import { type MachineNetwork, type PodLink, podAt } from './machine-network.ts'
import { bridgeAsks, podAsks } from './neighbours.ts'
import type { Frame, Packet } from './packet.ts'
import { type Route, routeTo } from './route.ts'

const HOST_UNREACHABLE = 'destination unreachable code 1'

const EPHEMERAL_FIRST = 32768
const EPHEMERAL_COUNT = 28232

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
