/**
 * Before the first packet to an address somebody has to ask who has it (ARP). The bridge passes the question to all its
 * ports, so every pod of the machine hears it.
 *
 * Upstream: the kernel's neighbour table
 * Left out: neighbours on the wire between machines (they are known), the check after five seconds whether they are
 * still there.
 */
import { sortedValues } from '../../std/sorted.ts'
import { gatewayOf } from './flannel.ts'
import { type Flight, podFrame, type Walk } from './flight.ts'
import { type MachineNetwork, type PodLink, podAt } from './machine-network.ts'
import { podNeighbour } from './machines.ts'
import type { Frame } from './packet.ts'
import { isLocalAddress } from './route.ts'

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
export function bridgeAsks(
  walk: Walk,
  { node, network, packet }: Flight,
  address: string,
  target: PodLink | undefined,
): void {
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
export function podAsks(walk: Walk, node: string, network: MachineNetwork, link: PodLink, address: string): void {
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
