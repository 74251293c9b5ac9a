/**
 * A machine's network as the commands `ip` and `bridge` show it, and the files of the CNI plugins. What one looks at
 * on a node when a pod cannot be reached.
 *
 * Upstream: iproute2; flannel's and the CNI plugins' files
 * Left out: interfaces that do not belong to the cluster; what the kernel learned and forgot with time (neighbours on
 * the bridge are shown as if used just now).
 */
import { sortedValues } from '../../std/sorted.ts'
import { type FlannelLease, gatewayOf, VNI, VXLAN_PORT, vtepAddress } from './flannel.ts'
import { linkLocal, macOf } from './hardware.ts'
import { formatIpv4, lastOf, parseCidr, parseIpv4 } from './ipv4.ts'
import { type MachineNetwork, type PodLink, podLink } from './machine-network.ts'
import { routeTexts } from './route.ts'

interface Link {
  readonly index: number
  readonly name: string
  readonly flags: string
  readonly mtu: number
  readonly rest: string
  readonly hardware: string
  readonly addresses: readonly (readonly [family: 'inet' | 'inet6', text: string])[]
}

const FOREVER = '       valid_lft forever preferred_lft forever'

const linkText = ({ index, name, flags, mtu, rest, hardware, addresses }: Link): string =>
  [
    `${index}: ${name}: <${flags}> mtu ${mtu} qdisc noqueue ${rest}`,
    `    link/${hardware}`,
    ...addresses.flatMap(([family, text]) => [`    ${family} ${text}`, FOREVER]),
    '',
  ].join('\n')

const ETHERNET = 'BROADCAST,MULTICAST,UP,LOWER_UP'
const BROADCAST = 'brd ff:ff:ff:ff:ff:ff'
const UP = 'state UP group default'

const LOOPBACK: Link = {
  index: 1,
  name: 'lo',
  flags: 'LOOPBACK,UP,LOWER_UP',
  mtu: 65536,
  rest: 'state UNKNOWN group default qlen 1000',
  hardware: 'loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
  addresses: [
    ['inet', '127.0.0.1/8 scope host lo'],
    ['inet6', '::1/128 scope host '],
  ],
}

const ethernet = (mac: string): string => `ether ${mac} ${BROADCAST}`

const ownAddress = (mac: string) => ['inet6', `${linkLocal(mac)}/64 scope link `] as const

const broadcastOf = (cidr: string): string => formatIpv4(lastOf(parseCidr(cidr)))

const lengthOf = (cidr: string): number => parseCidr(cidr).length

/** The hardware address of a pod's eth0 and of the machine's end of its link. */
export const podMac = ({ uid }: PodLink): string => macOf('pod', uid)
export const vethMac = ({ uid }: PodLink): string => macOf('veth', uid)

function uplinkOf({ node, address, uplink }: MachineNetwork): Link {
  const mac = macOf(node, 'eth0')
  const rest = `${UP} qlen 1000`
  const addresses = [['inet', `${address}/${lengthOf(uplink.cidr)} scope global eth0`] as const, ownAddress(mac)]
  return { index: 2, name: 'eth0', flags: ETHERNET, mtu: 1500, rest, hardware: ethernet(mac), addresses }
}

const OVERLAY_MTU = 1450

function overlayOf({ node, podCidr }: MachineNetwork): Link {
  const mac = macOf(node, 'flannel.1')
  const addresses = [['inet', `${vtepAddress(podCidr!)}/32 scope global flannel.1`] as const, ownAddress(mac)]
  const rest = 'state UNKNOWN group default '
  return { index: 3, name: 'flannel.1', flags: ETHERNET, mtu: OVERLAY_MTU, rest, hardware: ethernet(mac), addresses }
}

function bridgeOf({ node, podCidr }: MachineNetwork): Link {
  const mac = macOf(node, 'cni0')
  const cidr = podCidr!
  const own = `${gatewayOf(cidr)}/${lengthOf(cidr)} brd ${broadcastOf(cidr)} scope global cni0`
  const addresses = [['inet', own] as const, ownAddress(mac)]
  const rest = `${UP} qlen 1000`
  return { index: 4, name: 'cni0', flags: ETHERNET, mtu: OVERLAY_MTU, rest, hardware: ethernet(mac), addresses }
}

function vethOf(link: PodLink): Link {
  const mac = vethMac(link)
  const hardware = `${ethernet(mac)} link-netns cni-${link.uid}`
  const name = `${link.veth}@if2`
  const rest = `master cni0 ${UP} `
  return { index: link.index, name, flags: ETHERNET, mtu: OVERLAY_MTU, rest, hardware, addresses: [ownAddress(mac)] }
}

const byIndex = (a: PodLink, b: PodLink): number => a.index - b.index

const linksOf = (network: MachineNetwork): readonly PodLink[] => sortedValues(network.pods).toSorted(byIndex)

/** `ip addr` on the machine. */
export const ipAddr = (network: MachineNetwork): string =>
  [
    LOOPBACK,
    uplinkOf(network),
    ...(network.overlay && network.backend === 'vxlan' ? [overlayOf(network)] : []),
    ...(network.bridged ? [bridgeOf(network)] : []),
    ...linksOf(network).map(vethOf),
  ]
    .map(linkText)
    .join('')

const otherLeases = ({ leases, node }: MachineNetwork): readonly FlannelLease[] =>
  sortedValues(leases).filter((lease) => lease.node !== node)

const byDestination = (a: string, b: string): number =>
  parseCidr(a.split(' ')[0]!).base - parseCidr(b.split(' ')[0]!).base

/** `ip route` on the machine. */
export function ipRoute(network: MachineNetwork): string {
  const { podCidr, bridged, overlay, backend } = network
  const { leaseText, gatewayText } = routeTexts
  const ranges = [
    ...(overlay ? otherLeases(network).map(backend === 'vxlan' ? leaseText : gatewayText) : []),
    ...(podCidr !== undefined && bridged ? [routeTexts.bridgeText(podCidr)] : []),
    routeTexts.wireText(network),
  ]
  return [routeTexts.defaultText(network), ...ranges.sort(byDestination)].map((line) => `${line} \n`).join('')
}

const sortedLines = (lines: readonly string[]): string =>
  lines
    .toSorted()
    .map((line) => `${line} \n`)
    .join('')

/** The other ends of flannel.1. */
const remoteEnds = (network: MachineNetwork): readonly FlannelLease[] =>
  network.backend === 'vxlan' ? otherLeases(network) : []

/** `ip neigh`: flannel.1's neighbours are written by flanneld and never asked for. */
export const ipNeigh = (network: MachineNetwork): string =>
  sortedLines([
    ...remoteEnds(network).map(({ podCidr, mac }) => `${vtepAddress(podCidr)} dev flannel.1 lladdr ${mac} PERMANENT`),
    ...linksOf(network).map((link) => `${link.address} dev cni0 lladdr ${podMac(link)} REACHABLE`),
  ])

/** The groups every Ethernet interface listens to: all hosts, and its own IPv6 address' neighbours. */
const groupsOf = (name: string, mac: string, ...more: readonly string[]): readonly string[] =>
  ['01:00:5e:00:00:01', '33:33:00:00:00:01', `33:33:ff:${mac.slice(9)}`, ...more].map(
    (group) => `${group} dev ${name} self permanent`,
  )

function bridgeEntries({ node, bridged }: MachineNetwork): readonly string[] {
  if (!bridged) return []
  const mac = macOf(node, 'cni0')
  return [...groupsOf('cni0', mac, '01:00:5e:00:00:6a', '33:33:00:00:00:6a'), `${mac} dev cni0 master cni0 permanent`]
}

const portEntries = (link: PodLink): readonly string[] => [
  ...groupsOf(link.veth, vethMac(link)),
  `${vethMac(link)} dev ${link.veth} master cni0 permanent`,
  `${podMac(link)} dev ${link.veth} master cni0`,
]

/** `bridge fdb show`: behind which port, or on which machine, a hardware address is. */
export function bridgeFdb(network: MachineNetwork): string {
  const remote = remoteEnds(network).map(({ mac, publicIp }) => `${mac} dev flannel.1 dst ${publicIp} self permanent`)
  const own = groupsOf('eth0', macOf(network.node, 'eth0'))
  const entries = [...own, ...remote, ...bridgeEntries(network), ...linksOf(network).flatMap(portEntries)]
  return entries
    .toSorted()
    .map((line) => (line.endsWith('permanent') ? `${line}\n` : `${line} \n`))
    .join('')
}

/** `bridge link`: the ports of cni0. */
export const bridgeLink = (network: MachineNetwork): string =>
  linksOf(network)
    .map(
      ({ index, veth }) =>
        `${index}: ${veth}@eth0: <${ETHERNET}> mtu ${OVERLAY_MTU} master cni0 state forwarding priority 32 cost 2 \n`,
    )
    .join('')

/** The options of flannel.1, as `ip -d link` shows them. */
export const vxlanText = ({ address }: MachineNetwork): string =>
  `vxlan id ${VNI} local ${address} dev eth0 srcport 0 0 dstport ${VXLAN_PORT} nolearning ttl auto ageing 300`

/** /etc/cni/net.d: what the runtime runs for every pod. */
export const cniConfig = ({ podCidr, clusterCidr }: MachineNetwork): string =>
  [
    '{"name": "cbr0", "cniVersion": "0.3.1", "plugins": [',
    `  {"type": "bridge", "bridge": "cni0", "isGateway": true, "isDefaultGateway": true, "hairpinMode": true, "ipMasq": false, "mtu": ${OVERLAY_MTU},`,
    `   "ipam": {"type": "host-local", "ranges": [[{"subnet": "${podCidr}"}]], "routes": [{"dst": "${clusterCidr}"}]}},`,
    '  {"type": "portmap", "capabilities": {"portMappings": true}}]}',
    '',
  ].join('\n')

const STATE_FOLDER = '/var/lib/cni/networks/cbr0'

/** The files of host-local: one for each address that is given, and the last one it gave. */
export const hostLocalFiles = (network: MachineNetwork): readonly string[] => [
  ...linksOf(network)
    .map(({ address }) => address)
    .toSorted((a, b) => parseIpv4(a)! - parseIpv4(b)!)
    .map((address) => `${STATE_FOLDER}/${address}`),
  `${STATE_FOLDER}/last_reserved_ip.0`,
  `${STATE_FOLDER}/lock`,
]

/** `sysctl` of what the cluster's network needs. */
export const sysctlText = ({ sysctls }: MachineNetwork): string =>
  Object.entries(sysctls)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')

/** `ip addr` inside a pod (busybox's). */
export function podIpAddr(network: MachineNetwork, uid: string): string | undefined {
  const link = podLink(network, uid)
  if (!link || network.podCidr === undefined) return undefined
  const mac = podMac(link)
  const cidr = network.podCidr
  const own = `${link.address}/${lengthOf(cidr)} brd ${broadcastOf(cidr)} scope global eth0`
  return [
    linkText({ ...LOOPBACK, rest: 'qlen 1000' }),
    linkText({
      index: 2,
      name: `eth0@if${link.index}`,
      flags: `${ETHERNET},M-DOWN`,
      mtu: OVERLAY_MTU,
      rest: '',
      hardware: ethernet(mac),
      addresses: [['inet', own], ownAddress(mac)],
    }),
  ].join('')
}

/** `ip route` inside a pod: everything goes to the bridge. */
export function podIpRoute(network: MachineNetwork, uid: string): string | undefined {
  const link = podLink(network, uid)
  const { podCidr, clusterCidr } = network
  if (!link || podCidr === undefined) return undefined
  const gateway = gatewayOf(podCidr)
  const near = `${podCidr} dev eth0 scope link  src ${link.address} `
  const far = `${clusterCidr} via ${gateway} dev eth0 `
  const isFirst = parseCidr(podCidr).base === parseCidr(clusterCidr).base
  return [`default via ${gateway} dev eth0 `, ...(isFirst ? [near, far] : [far, near]), ''].join('\n')
}
