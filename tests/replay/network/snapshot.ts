/** snapshot: what the commands on the nodes and in the pods show, of all that the cluster put there. */
import { parseResolvConf } from '../../../engine/dns/resolver.ts'
import { FLANNEL_CONDITION, flannelAnnotations, subnetEnv } from '../../../engine/machine/network/flannel.ts'
import { addPod, removePod } from '../../../engine/machine/network/host-local.ts'
import {
  bridgeFdb,
  bridgeLink,
  cniConfig,
  hostLocalFiles,
  ipAddr,
  ipNeigh,
  ipRoute,
  podIpAddr,
  podIpRoute,
  sysctlText,
  vxlanText,
} from '../../../engine/machine/network/ip-command.ts'
import { iptablesSave } from '../../../engine/machine/network/iptables-save.ts'
import type { MachineNetwork } from '../../../engine/machine/network/machine-network.ts'
import type { TableName } from '../../../engine/machine/network/rule.ts'
import { machineTables } from '../../../engine/machine/network/tables.ts'
import { iptablesShown } from '../../../engine/machine/proxy/mode.ts'
import { nftList } from '../../../engine/machine/proxy/nft-table.ts'
import { nftablesRules } from '../../../engine/machine/proxy/nftables.ts'
import type { ReplayedItem } from '../replay.ts'
import { type Addresses, COREDNS, type Fixtures, fixturesView, networks, podUid, proxyNodes } from './cluster.ts'
import { filesIn, readJson, readShared } from './files.ts'
import { firstDifference, nftNormalised, normalised } from './services.ts'

type NodeView = Readonly<Record<string, string>> & {
  readonly annotations: Readonly<Record<string, string>>
  readonly podCIDR: string
  readonly conditions: readonly Readonly<Record<string, string>>[]
}

interface Item {
  readonly id: string
  readonly pods: Addresses
  readonly nodes: Readonly<Record<string, NodeView>>
  readonly 'pod view': Readonly<Record<string, Readonly<Record<string, string>>>>
}

// --- the network the recorder found: pods in the order of their addresses, and what had come and gone ---

const lastOctet = (address: string): number => Number(address.split('.')[3])

/** Somebody came and went: host-local gave an address that is free again. */
function passedBy(network: MachineNetwork): MachineNetwork {
  const [next] = addPod(network, { uid: 'gone', name: 'gone', namespace: 'default' })
  return removePod(next, 'gone')
}

const MOST_GONE = 300

/** Pods are plugged in one after the other, others came and went: host-local has to arrive at the recorded addresses by itself. */
function replugged(empty: MachineNetwork, pods: Addresses, lastReserved: string): MachineNetwork {
  const own = Object.entries({ ...pods, [COREDNS.name]: COREDNS }).filter(
    ([, { ip, node }]) => node === empty.node && ip?.startsWith('10.244.'),
  )
  let network = empty
  for (const [name, { ip }] of own.sort(([, a], [, b]) => lastOctet(a.ip!) - lastOctet(b.ip!))) {
    const identity = { uid: podUid(name), name, namespace: 'default' }
    for (let i = 0; i < MOST_GONE && addPod(network, identity)[1] !== ip; i++) network = passedBy(network)
    network = addPod(network, identity)[0]
  }
  for (let i = 0; network.lastReserved !== lastReserved && i < MOST_GONE; i++) network = passedBy(network)
  return network
}

// --- normalising: hardware addresses, names of links, what the recorder's own wiring shows ---

/** Each kind of name becomes a symbol by its first appearance, in both texts alike. */
function symbolised(text: string, symbols: Map<string, string>): string {
  return text.replace(
    /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b|\bveth[0-9a-f]{8}\b|\bcni-[\w-]+|\bfe80::[0-9a-f:]+/g,
    (found) => {
      if (/^(00|ff|01|33):/.test(found)) return found.startsWith('33:33:ff') ? '33:33:ff:*' : found
      const kind = found.startsWith('veth')
        ? 'veth'
        : found.startsWith('cni-')
          ? 'netns'
          : found.startsWith('fe80')
            ? 'fe80'
            : 'mac'
      const known =
        symbols.get(found) ??
        `${kind}-${[...symbols.values()].filter((symbol) => symbol.startsWith(`${kind}-`)).length + 1}`
      symbols.set(found, known)
      return known
    },
  )
}

/**
 * The recorder's machines are network namespaces themselves, and it cut lifetimes away. Of pods that started at once
 * nobody knows whose link was made first, so the number of a pod's other end is left out.
 */
const plain = (text: string): string =>
  text
    .replace(/eth0@if\d+(?=:.*mtu 1500)/g, 'eth0')
    .replace(/eth0@if\d+(?=:.*M-DOWN)/g, 'eth0')
    .replace(/ link-netnsid 0/g, '')
    .replace(/valid_lft.*/g, '')

const lines = (text: string): readonly string[] =>
  plain(text)
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())

/** Entries that flanneld and the plugins write; what the kernel learned depends on the traffic of the last minutes. */
const written = (text: string): readonly string[] =>
  lines(text).filter((line) => line.endsWith('permanent') || line.endsWith('PERMANENT'))

interface Symbols {
  readonly ours: Map<string, string>
  readonly theirs: Map<string, string>
}

function compare(
  what: string,
  ours: readonly string[],
  recorded: readonly string[],
  symbols: Symbols,
  sort = false,
): string | undefined {
  const order = (list: readonly string[]) => (sort ? list.toSorted() : list)
  const left = order(ours.map((line) => symbolised(plain(line), symbols.ours).trimEnd()))
  const right = order(recorded.map((line) => symbolised(plain(line), symbols.theirs).trimEnd()))
  const difference = firstDifference(left, right)
  return difference && `${what}: ${difference}`
}

const TABLES: readonly TableName[] = ['nat', 'filter', 'mangle']

function* nodeDifferences(
  fixtures: Fixtures,
  network: MachineNetwork,
  recorded: NodeView,
  symbols: Symbols,
): Iterable<string | undefined> {
  const mode = recorded['nft kube-proxy'] !== '' ? 'nftables' : 'iptables'
  const [view, proxyNode] = [fixturesView(fixtures), proxyNodes(fixtures)[network.node]!]
  const rules = iptablesShown(mode, view, proxyNode)
  const text = (name: string) => lines(recorded[name]!)
  yield compare('ip addr', lines(ipAddr(network)), text('ip addr'), symbols)
  yield compare('ip route', lines(ipRoute(network)), text('ip route'), symbols)
  yield compare('bridge link', lines(bridgeLink(network)), text('bridge link'), symbols)
  yield compare('ip neigh', written(ipNeigh(network)), written(recorded['ip neigh']!), symbols)
  yield compare('bridge fdb', written(bridgeFdb(network)), written(recorded['bridge fdb']!), symbols, true)
  const isVxlan = network.backend === 'vxlan'
  yield recorded['ip -d link']!.includes(vxlanText(network)) === isVxlan
    ? undefined
    : `ip -d link: ours ${vxlanText(network)}`
  for (const table of TABLES) {
    const difference = firstDifference(
      normalised(iptablesSave(machineTables(network, rules), table)),
      normalised(recorded[`iptables-${table}`]!),
    )
    yield difference && `iptables-${table}: ${difference}`
  }
  const nft = mode === 'nftables' ? nftNormalised(nftList(nftablesRules(view, proxyNode).table)) : []
  const difference = firstDifference(nft, mode === 'nftables' ? nftNormalised(recorded['nft kube-proxy']!) : [])
  yield difference && `nft kube-proxy: ${difference}`
  yield compare('subnet.env', lines(subnetEnv(network)), text('subnet.env'), symbols)
  yield compare('cni config', lines(cniConfig(network)), text('cni config'), symbols)
  yield compare(
    'host-local',
    hostLocalFiles(network),
    text('host-local').map((line) => line.split(':')[0]!),
    symbols,
  )
  yield compare('sysctl', lines(sysctlText(network)), text('sysctl'), symbols)
  const own = Object.entries(recorded.annotations).filter(([name]) => name.startsWith('flannel.'))
  yield compare(
    'annotations',
    Object.entries(flannelAnnotations(network)).map((entry) => entry.join(': ')),
    own.map((entry) => entry.join(': ')),
    symbols,
  )
  const condition = recorded.conditions.find(({ type }) => type === FLANNEL_CONDITION.type)
  yield JSON.stringify(condition) === JSON.stringify(FLANNEL_CONDITION)
    ? undefined
    : `condition: ${JSON.stringify(condition)}`
}

function* podDifferences(
  name: string,
  network: MachineNetwork,
  recorded: Readonly<Record<string, string>>,
  symbols: Symbols,
): Iterable<string | undefined> {
  yield compare(`${name} ip addr`, lines(podIpAddr(network, podUid(name)) ?? ''), lines(recorded['ip addr']!), symbols)
  yield compare(
    `${name} ip route`,
    lines(podIpRoute(network, podUid(name)) ?? ''),
    lines(recorded['ip route']!),
    symbols,
  )
  const { nameservers, search, ndots } = parseResolvConf(recorded['resolv.conf']!)
  yield nameservers.join() === '10.96.0.10' && search[0] === 'default.svc.cluster.local' && ndots === 5
    ? undefined
    : `${name} resolv.conf: ${recorded['resolv.conf']}`
}

function* differences(fixtures: Fixtures, item: Item): Iterable<string | undefined> {
  const empty = networks(fixtures, {})
  const symbols: Symbols = { ours: new Map(), theirs: new Map() }
  const all = new Map<string, MachineNetwork>()
  for (const [node, recorded] of Object.entries(item.nodes)) {
    const bare = removePod({ ...empty[node]!, nextIndex: 5 }, podUid(COREDNS.name))
    const { lastReserved: _, ...fresh } = bare
    const last = /last_reserved_ip\.0: ([\d.]+)/.exec(recorded['host-local']!)?.[1] ?? ''
    const network = replugged(fresh, item.pods, last)
    all.set(node, network)
    for (const difference of nodeDifferences(fixtures, network, recorded, symbols))
      yield difference && `${node} ${difference}`
  }
  for (const [name, recorded] of Object.entries(item['pod view']))
    yield* podDifferences(name, all.get(item.pods[name]!.node)!, recorded, symbols)
}

/** Snapshots of the usual cluster, and of clusters whose Flannel has another backend. */
function snapshotsIn(directory: string): readonly (readonly [area: string, file: string])[] {
  const others = filesIn(directory, 'backends').filter((file) => file.startsWith('nodes-'))
  return [
    ...filesIn(directory, 'snapshot').map((file) => ['snapshot', file] as const),
    ...others.map((file) => ['backends', file] as const),
  ]
}

export function* replaySnapshot(directory: string): Iterable<ReplayedItem> {
  const fixturesOf = (mode: string): Fixtures => readShared(directory, `services-${mode}`, 'fixtures.json')
  for (const [area, file] of snapshotsIn(directory)) {
    const item: Item = readJson(directory, area, file)
    const [node] = Object.values(item.nodes)
    const backend = node!.annotations['flannel.alpha.coreos.com/backend-type'] as NonNullable<Fixtures['backend']>
    const services = node!['nft kube-proxy'] !== '' || area === 'backends' ? 'nftables' : 'iptables'
    const difference = [...differences({ ...fixturesOf(services), backend }, item)].find((found) => found !== undefined)
    yield { id: item.id, area, agrees: difference === undefined, ...(difference ? { difference } : {}) }
  }
}
