/**
 * Plugging a pod in: host-local gives it an address of the machine's range, and bridge makes the pair of interfaces
 * and puts one end into cni0. No other machine is asked, which is why the ranges must not overlap.
 *
 * Upstream: containernetworking/plugins, plugins/ipam/host-local and plugins/main/bridge
 */
import { deleteSorted, getSorted, hasSorted, setSorted } from '../../std/sorted.ts'
import { vethName } from './hardware.ts'
import { type Cidr, formatIpv4, lastOf, parseCidr, parseIpv4 } from './ipv4.ts'
import type { MachineNetwork, PodLink } from './machine-network.ts'

export interface PodIdentity {
  readonly uid: string
  readonly name: string
  readonly namespace: string
}

/** The gateway is the first address; the last is for broadcasts. */
function nextAddress(network: MachineNetwork, range: Cidr): string | undefined {
  const first = range.base + 2
  const count = lastOf(range) - first
  const last = network.lastReserved === undefined ? first - 1 : parseIpv4(network.lastReserved)!
  for (let step = 1; step <= count; step++) {
    const address = formatIpv4(first + ((last - first + step + count) % count))
    if (!hasSorted(network.byAddress, address)) return address
  }
  return undefined
}

/** The words of the plugin when a machine's range is used up. */
export const noAddressLeft = (podCidr: string): string => {
  const range = parseCidr(podCidr)
  return `no IP addresses available in range set: ${formatIpv4(range.base + 1)}-${formatIpv4(lastOf(range) - 1)}`
}

/**
 * The network with the pod plugged in, and the pod's address. Asked again for the same pod it gives the same. Undefined
 * when the machine has no range yet or none is free (`noAddressLeft`).
 */
export function addPod(
  network: MachineNetwork,
  pod: PodIdentity,
): readonly [network: MachineNetwork, address: string | undefined] {
  const known = getSorted(network.pods, pod.uid)
  if (known) return [network, known.address]
  const address = network.podCidr === undefined ? undefined : nextAddress(network, parseCidr(network.podCidr))
  if (address === undefined) return [network, undefined]
  const link: PodLink = { ...pod, address, veth: vethName(pod.uid), index: network.nextIndex }
  const grown: MachineNetwork = {
    ...network,
    pods: setSorted(network.pods, pod.uid, link),
    byAddress: setSorted(network.byAddress, address, pod.uid),
    lastReserved: address,
    bridged: true,
    nextIndex: network.nextIndex + 1,
  }
  return [grown, address]
}

/** The network without the pod; the same network if it was not plugged in. */
export function removePod(network: MachineNetwork, uid: string): MachineNetwork {
  const link = getSorted(network.pods, uid)
  if (!link) return network
  return {
    ...network,
    pods: deleteSorted(network.pods, uid),
    byAddress: deleteSorted(network.byAddress, link.address),
  }
}
