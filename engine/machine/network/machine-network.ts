/**
 * What one machine knows of the network: its own address, the range its pods get addresses from, the pods plugged
 * into its bridge, and the leases of all other machines. Everything a learner sees with `ip addr`, `ip route` or
 * `bridge fdb` follows from it.
 *
 * Upstream: the kernel's network configuration, as the CNI plugins bridge and host-local and flanneld leave it.
 * Left out: several networks or interfaces per machine, IPv6, traffic shaping, the portmap plugin (hostPort).
 */
import { emptySorted, getSorted, type Sorted } from '../../std/sorted.ts'
import type { FlannelLease } from './flannel.ts'

/** One end in the pod as eth0, the other in the machine's bridge. */
export interface PodLink {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly address: string
  /** The machine's end: `veth` and eight letters. */
  readonly veth: string
  /** The kernel's number of the machine's end. */
  readonly index: number
}

/** The wire between the machines. */
export interface Uplink {
  readonly cidr: string
  readonly gateway: string
}

export interface MachineNetwork {
  readonly node: string
  readonly address: string
  readonly uplink: Uplink
  /** The range of all pods of the cluster. */
  readonly clusterCidr: string
  /** Undefined until the Node has been given one: no pod can be plugged in before. */
  readonly podCidr?: string
  /** How Flannel reaches other machines' pods: wrapped into VXLAN, or with the machines themselves as gateways. */
  readonly backend: 'vxlan' | 'host-gw'
  /** flanneld runs and has written subnet.env. */
  readonly overlay: boolean
  /** By the first address of their range; the machine's own among them. */
  readonly leases: Sorted<FlannelLease, number>
  readonly pods: Sorted<PodLink>
  /** uid by address. */
  readonly byAddress: Sorted<string>
  /** What host-local gave last, so that an address just freed is not given again at once. */
  readonly lastReserved?: string
  /** The bridge appears with the first pod and stays. */
  readonly bridged: boolean
  readonly nextIndex: number
  readonly sysctls: Readonly<Record<string, number>>
}

/** lo, eth0, flannel.1 and cni0 come before any pod. */
const FIRST_POD_INDEX = 5

/** What kube-proxy, the kubelet and the installation need to be so. */
const SYSCTLS: Readonly<Record<string, number>> = {
  'net.ipv4.ip_forward': 1,
  'net.ipv4.conf.all.route_localnet': 1,
  'net.bridge.bridge-nf-call-iptables': 1,
  'net.ipv4.conf.cni0.rp_filter': 0,
  'net.ipv4.conf.all.arp_ignore': 0,
}

export const machineNetwork = (
  node: string,
  address: string,
  uplink: Uplink,
  clusterCidr: string = '10.244.0.0/16',
): MachineNetwork => ({
  node,
  address,
  uplink,
  clusterCidr,
  backend: 'vxlan',
  overlay: false,
  leases: emptySorted(),
  pods: emptySorted(),
  byAddress: emptySorted(),
  bridged: false,
  nextIndex: FIRST_POD_INDEX,
  sysctls: SYSCTLS,
})

export const podAt = (network: MachineNetwork, address: string): PodLink | undefined => {
  const uid = getSorted(network.byAddress, address)
  return uid === undefined ? undefined : getSorted(network.pods, uid)
}

export const podLink = (network: MachineNetwork, uid: string): PodLink | undefined => getSorted(network.pods, uid)
