/**
 * A cluster of two machines with a client, a web pod and Services, for tests of the network and for anyone who wants
 * to try a trace: the smallest one in which a packet has to travel.
 */
import { drawing } from '../../std/draw.ts'
import { emptySorted } from '../../std/sorted.ts'
import { iptablesRules } from '../proxy/iptables.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL, type Service } from '../proxy/objects.ts'
import {
  type FlannelLeases,
  type FlannelNode,
  flannelAnnotations,
  flannelSees,
  flannelStarts,
  withNode,
} from './flannel.ts'
import { addPod } from './host-local.ts'
import { type MachineNetwork, machineNetwork } from './machine-network.ts'
import type { Machines } from './machines.ts'
import type { Place } from './packet.ts'

const UPLINK = { cidr: '172.18.0.0/16', gateway: '172.18.0.1' }

const meta = (name: string, namespace = 'default') => ({
  name,
  namespace,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-05T09:00:00Z',
})

export const smallService = (name: string, spec: Service['spec']): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(name),
  spec,
})

/** A slice with ready endpoints, each on the machine whose range holds it. */
export const smallSlice = (service: string, port: number, addresses: readonly string[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { ...meta(`${service}-1`), labels: { [SERVICE_NAME_LABEL]: service } },
  addressType: 'IPv4',
  ports: [{ name: '', protocol: 'TCP', port }],
  endpoints: addresses.map((address) => ({
    addresses: [address],
    nodeName: `node-${Number(address.split('.')[2]) + 1}`,
  })),
})

const bareNetwork = (ordinal: number): MachineNetwork =>
  flannelStarts(machineNetwork(`node-${ordinal}`, `172.18.0.${ordinal + 2}`, UPLINK), `10.244.${ordinal - 1}.0/24`)

const nodeOf = (network: MachineNetwork): FlannelNode => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { ...meta(network.node), annotations: flannelAnnotations(network) },
  spec: { podCIDR: network.podCidr! },
})

const plugged = (network: MachineNetwork, ...names: readonly string[]): MachineNetwork =>
  names.reduce((grown, name) => addPod(grown, { uid: name, name, namespace: 'default' })[0], network)

/** On node-1 `client` (10.244.0.2) and `near` (10.244.0.3), on node-2 `far` (10.244.1.2); the web listens on port 80. */
export const smallNetworks = (): readonly MachineNetwork[] => {
  const bare = [bareNetwork(1), bareNetwork(2)]
  const leases = bare.reduce<FlannelLeases>((all, network) => withNode(all, undefined, nodeOf(network)), emptySorted())
  const [first, second] = bare.map((network) => flannelSees(network, leases))
  return [plugged(first!, 'client', 'near'), plugged(second!, 'far')]
}

export function smallCluster(
  services: readonly Service[],
  endpointSlices: readonly EndpointSlice[],
  extra: Partial<Machines> = {},
): Machines {
  const networks = smallNetworks()
  const view = { services, endpointSlices }
  const named = (node: string) => networks.find((network) => network.node === node)
  const proxies = networks.map(({ node, address }) => ({ name: node, address, clusterCidr: '10.244.0.0/16' }))
  return {
    network: named,
    proxyTables: (node) => iptablesRules(view, proxies.find(({ name }) => name === node)!),
    nodeOf: (address) => networks.find((network) => network.address === address)?.node,
    listens: (place: Place, _protocol, _address, port) => place.of === 'pod' && place.uid !== 'client' && port === 80,
    draw: drawing(7),
    ...extra,
  }
}

export const CLIENT: Place = { of: 'pod', node: 'node-1', uid: 'client' }
