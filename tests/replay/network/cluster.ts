/** The recorded nodes and pods as the engine's own data: three machines, the pods plugged in at their recorded addresses. */
import {
  type FlannelLeases,
  flannelAnnotations,
  flannelSees,
  flannelStarts,
  withNode,
} from '../../../engine/machine/network/flannel.ts'
import { addPod } from '../../../engine/machine/network/host-local.ts'
import { formatIpv4, parseIpv4 } from '../../../engine/machine/network/ipv4.ts'
import { type MachineNetwork, machineNetwork } from '../../../engine/machine/network/machine-network.ts'
import type { Machines } from '../../../engine/machine/network/machines.ts'
import type { Place } from '../../../engine/machine/network/packet.ts'
import type { Protocol } from '../../../engine/machine/network/rule.ts'
import { type ProxyMode, proxyTables } from '../../../engine/machine/proxy/mode.ts'
import {
  type EndpointSlice,
  type ProxyNode,
  type ProxyView,
  SERVICE_NAME_LABEL,
  type Service,
} from '../../../engine/machine/proxy/objects.ts'
import { drawing } from '../../../engine/std/draw.ts'
import { emptySorted } from '../../../engine/std/sorted.ts'

export type Addresses = Readonly<Record<string, { readonly ip: string | null; readonly node: string }>>

export interface RecordedPod {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec: {
    readonly nodeName: string
    readonly hostNetwork?: boolean
    readonly hostname?: string
    readonly subdomain?: string
    readonly containers: readonly {
      readonly image: string
      readonly env?: readonly { readonly name: string; readonly value: string }[]
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
    }[]
  }
}

export interface Fixtures {
  readonly mode?: ProxyMode
  readonly masqueradeAll?: boolean
  readonly backend?: MachineNetwork['backend']
  readonly pods: readonly RecordedPod[]
  readonly addresses: Addresses
  readonly nodes: Readonly<
    Record<
      string,
      { readonly podCIDR: string; readonly addresses: readonly { readonly type: string; readonly address: string }[] }
    >
  >
  readonly services: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string }
    readonly spec: Service['spec']
  }[]
}

/** The machine that runs the API server, the pod of CoreDNS, and the world outside with its one web server. */
const API_SERVER = '172.18.0.2'
export const COREDNS = { name: 'coredns', ip: '10.244.0.2', node: 'node-1' }
export const OUTSIDE_ADDRESS = '172.18.0.1'
const OUTSIDE_PORT = 5000
const UPLINK = { cidr: '172.18.0.0/16', gateway: OUTSIDE_ADDRESS }
export const CLUSTER_CIDR = '10.244.0.0/16'

const meta = (name: string, namespace: string, labels?: Readonly<Record<string, string>>) => ({
  name,
  namespace,
  uid: `${namespace}/${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-05T09:00:00Z',
  ...(labels ? { labels } : {}),
})

export const serviceObject = (
  name: string,
  namespace: string,
  spec: Service['spec'],
  status?: Service['status'],
): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(name, namespace),
  spec,
  ...(status ? { status } : {}),
})

export const sliceObject = (
  service: string,
  namespace: string,
  ordinal: number,
  slice: Pick<EndpointSlice, 'addressType' | 'ports' | 'endpoints'>,
): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: meta(`${service}-${ordinal}`, namespace, { [SERVICE_NAME_LABEL]: service }),
  ...slice,
})

const systemSlice = (
  service: string,
  namespace: string,
  address: string,
  node: string | undefined,
  ports: readonly (readonly [string, string, number])[],
) =>
  sliceObject(service, namespace, 0, {
    addressType: 'IPv4',
    ports: ports.map(([name, protocol, port]) => ({ name, protocol, port })),
    endpoints: [{ addresses: [address], conditions: { ready: true }, ...(node ? { nodeName: node } : {}) }],
  })

export const systemSlices: readonly EndpointSlice[] = [
  systemSlice('kubernetes', 'default', API_SERVER, undefined, [['https', 'TCP', 6443]]),
  systemSlice('kube-dns', 'kube-system', COREDNS.ip, COREDNS.node, [
    ['dns', 'UDP', 53],
    ['dns-tcp', 'TCP', 53],
    ['metrics', 'TCP', 9153],
  ]),
]

const nodeAddress = (fixtures: Fixtures, node: string): string =>
  fixtures.nodes[node]!.addresses.find(({ type }) => type === 'InternalIP')!.address

export const proxyNodes = (fixtures: Fixtures): Readonly<Record<string, ProxyNode>> =>
  Object.fromEntries(
    Object.keys(fixtures.nodes).map((name) => [
      name,
      {
        name,
        address: nodeAddress(fixtures, name),
        clusterCidr: CLUSTER_CIDR,
        serviceCidrs: ['10.96.0.0/16'],
        ...(fixtures.masqueradeAll ? { masqueradeAll: true } : {}),
      },
    ]),
  )

export const podUid = (name: string): string => `uid-of-${name}`

function plugged(network: MachineNetwork, name: string, ip: string): MachineNetwork {
  const [next, address] = addPod(
    { ...network, lastReserved: formatIpv4(parseIpv4(ip)! - 1) },
    { uid: podUid(name), name, namespace: 'default' },
  )
  if (address !== ip) throw new Error(`${name} was to get ${ip} and got ${address}`)
  return next
}

/** The networks of all nodes with flanneld settled and these pods plugged in. */
export function networks(fixtures: Fixtures, pods: Addresses): Readonly<Record<string, MachineNetwork>> {
  let leases: FlannelLeases = emptySorted()
  const bare = Object.keys(fixtures.nodes).map((node) =>
    flannelStarts(
      { ...machineNetwork(node, nodeAddress(fixtures, node), UPLINK), backend: fixtures.backend ?? 'vxlan' },
      fixtures.nodes[node]!.podCIDR,
    ),
  )
  for (const network of bare)
    leases = withNode(leases, undefined, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { ...meta(network.node, ''), annotations: flannelAnnotations(network) },
      spec: { podCIDR: network.podCidr! },
    })
  const all = { [COREDNS.name]: COREDNS, ...pods }
  return Object.fromEntries(
    bare.map((network) => {
      let full = flannelSees(network, leases)
      for (const [name, { ip, node }] of Object.entries(all))
        if (node === network.node && ip?.startsWith('10.244.')) full = plugged(full, name, ip)
      return [network.node, full]
    }),
  )
}

interface Listener {
  readonly protocol: Protocol
  readonly port: number
}

/** The web server of the recordings listens where its environment says; the busybox pods do not listen. */
function listenersOf(pod: RecordedPod): readonly Listener[] {
  return pod.spec.containers.flatMap(({ image, env = [] }) => {
    if (!image.startsWith('nginx')) return []
    const value = (name: string) => env.find((variable) => variable.name === name)?.value
    const udp = value('UDP_PORT')
    return [
      { protocol: 'tcp' as const, port: Number(value('PORT') ?? 80) },
      ...(udp ? [{ protocol: 'udp' as const, port: Number(udp) }] : []),
    ]
  })
}

export interface Situation {
  readonly fixtures: Fixtures
  readonly addresses: Addresses
  readonly pods: readonly RecordedPod[]
  readonly view: ProxyView
  /** Ports on which kube-proxy itself answers health checks. */
  readonly healthPorts?: readonly number[]
  readonly extra?: Partial<Machines>
}

export function machinesOf({ fixtures, addresses, pods, view, healthPorts = [], extra }: Situation): Machines {
  const byNode = networks(fixtures, addresses)
  const nodes = proxyNodes(fixtures)
  const named = new Map(pods.map((pod) => [pod.metadata.name, pod]))
  const isOpen = (pod: RecordedPod, protocol: Protocol, port: number) =>
    listenersOf(pod).some((open) => open.protocol === protocol && open.port === port)
  const listens = (place: Place, protocol: Protocol, _address: string, port: number): boolean => {
    if (place.of === 'outside') return protocol === 'tcp' && port === OUTSIDE_PORT
    if (place.of === 'machine')
      return (
        healthPorts.includes(port) ||
        pods.some(
          (pod) => pod.spec.hostNetwork === true && pod.spec.nodeName === place.node && isOpen(pod, protocol, port),
        )
      )
    const pod = named.get(place.uid.slice(podUid('').length))
    return pod !== undefined && isOpen(pod, protocol, port)
  }
  return {
    network: (node) => byNode[node],
    proxyTables: (node) => proxyTables(fixtures.mode ?? 'iptables', view, nodes[node]!),
    nodeOf: (address) => Object.values(nodes).find((node) => node.address === address)?.name,
    listens,
    outsideRoute: () => 'node-1',
    draw: drawing(1),
    ...extra,
  }
}

const selects = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> = {}) =>
  Object.entries(selector).every(([key, value]) => labels[key] === value)

/** The slices of a Service of which only the object was written down: from its selector and the pods. */
export function selectedSlices(
  name: string,
  spec: Service['spec'] & { readonly selector?: Readonly<Record<string, string>> },
  pods: readonly RecordedPod[],
  addresses: Addresses,
): readonly EndpointSlice[] {
  const { selector } = spec
  if (!selector) return []
  const chosen = pods.filter((pod) => selects(selector, pod.metadata.labels) && addresses[pod.metadata.name]?.ip)
  const ports = (spec.ports ?? []).map(({ name: portName = '', protocol = 'TCP', port, targetPort }) => ({
    name: portName,
    protocol,
    port: Number(targetPort ?? port),
  }))
  const endpoints = chosen.map((pod) => ({
    addresses: [addresses[pod.metadata.name]!.ip!],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: pod.spec.nodeName,
  }))
  return [sliceObject(name, 'default', 0, { addressType: 'IPv4', ports, endpoints })]
}

/** What kube-proxy saw before any Service of the situation: the fixtures' Services and their endpoints. */
export function fixturesView(fixtures: Fixtures, addresses: Addresses = fixtures.addresses): ProxyView {
  const others = fixtures.services.filter(({ metadata }) => metadata.namespace === 'default')
  const slices = others.flatMap(({ metadata, spec }) => selectedSlices(metadata.name, spec, fixtures.pods, addresses))
  return {
    services: fixtures.services.map(({ metadata, spec }) => serviceObject(metadata.name, metadata.namespace, spec)),
    endpointSlices: [...systemSlices, ...slices],
  }
}
