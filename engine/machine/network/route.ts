/**
 * Where a machine sends a packet: to itself, over the bridge to one of its pods, through flannel.1 to another
 * machine's pods, or over eth0. The text is that of `ip route`, where it can be read off.
 *
 * Upstream: the kernel's routing tables main and local, as Flannel and the bridge plugin fill them.
 */
import { type FlannelLease, gatewayOf, leaseFor, vtepAddress } from './flannel.ts'
import { contains, parseCidr, parseIpv4 } from './ipv4.ts'
import type { MachineNetwork } from './machine-network.ts'

export interface Route {
  readonly device: 'lo' | 'cni0' | 'flannel.1' | 'eth0'
  /** The address packets get that the machine itself sends this way, and that masquerading gives. */
  readonly source: string
  /** Whom to ask for on the link: the destination itself, or the gateway. */
  readonly nextHop: string
  readonly text: string
  readonly lease?: FlannelLease
}

/** Addresses that are the machine itself. */
export function isLocalAddress(network: MachineNetwork, address: string): boolean {
  const { podCidr } = network
  if (address === network.address || address.startsWith('127.')) return true
  if (podCidr === undefined || !network.overlay) return false
  return (
    (network.backend === 'vxlan' && address === vtepAddress(podCidr)) ||
    (network.bridged && address === gatewayOf(podCidr))
  )
}

const within = (cidr: string, address: string): boolean => contains(parseCidr(cidr), parseIpv4(address) ?? 0)

const bridgeText = (podCidr: string): string => `${podCidr} dev cni0 proto kernel scope link src ${gatewayOf(podCidr)}`

const leaseText = ({ podCidr }: FlannelLease): string => `${podCidr} via ${vtepAddress(podCidr)} dev flannel.1 onlink`

/** host-gw: the other machine is the gateway to its pods. */
const gatewayText = ({ podCidr, publicIp }: FlannelLease): string => `${podCidr} via ${publicIp} dev eth0`

const wireText = ({ uplink, address }: MachineNetwork): string =>
  `${uplink.cidr} dev eth0 proto kernel scope link src ${address}`

const defaultText = ({ uplink }: MachineNetwork): string => `default via ${uplink.gateway} dev eth0`

export function routeTo(network: MachineNetwork, destination: string): Route {
  const { podCidr, address, uplink } = network
  if (isLocalAddress(network, destination)) {
    const source = destination.startsWith('127.') ? '127.0.0.1' : destination
    return { device: 'lo', source, nextHop: destination, text: `local ${destination} dev lo` }
  }
  if (podCidr !== undefined && network.bridged && within(podCidr, destination))
    return { device: 'cni0', source: gatewayOf(podCidr), nextHop: destination, text: bridgeText(podCidr) }
  const lease = network.overlay ? leaseFor(network, destination) : undefined
  if (lease && network.backend === 'host-gw')
    return { device: 'eth0', source: address, nextHop: lease.publicIp, text: gatewayText(lease) }
  if (lease && podCidr !== undefined) {
    const nextHop = vtepAddress(lease.podCidr)
    return { device: 'flannel.1', source: vtepAddress(podCidr), nextHop, text: leaseText(lease), lease }
  }
  if (within(uplink.cidr, destination))
    return { device: 'eth0', source: address, nextHop: destination, text: wireText(network) }
  return { device: 'eth0', source: address, nextHop: uplink.gateway, text: defaultText(network) }
}

export const routeTexts = { bridgeText, leaseText, gatewayText, wireText, defaultText }
