/** walks: every packet of a conversation, at every interface it passed, against the way the engine says it takes. */
import type { Conversation } from '../../../engine/machine/network/conntrack.ts'
import type { Machines } from '../../../engine/machine/network/machines.ts'
import type { ArpHop, Hop, InterfaceHop, Packet, Place } from '../../../engine/machine/network/packet.ts'
import type { Protocol } from '../../../engine/machine/network/rule.ts'
import { type Question, type Trace, trace } from '../../../engine/machine/network/trace.ts'
import type { ReplayedItem } from '../replay.ts'
import { type Addresses, COREDNS, type Fixtures, fixturesView, machinesOf, OUTSIDE_ADDRESS, podUid } from './cluster.ts'
import { filesIn, readJson, readShared } from './files.ts'

interface RecordedHop {
  readonly us: number
  readonly at: string
  readonly eth: string
  readonly ip?: string
  readonly ttl?: number
  readonly length?: number
  readonly tcp?: string
  readonly udp?: string
  readonly icmp?: string
  readonly arp?: string
  readonly vxlan?: { readonly vni: number; readonly inner: Omit<RecordedHop, 'us' | 'at'> }
}

interface Run {
  readonly pods: Addresses
  readonly result: string
  readonly conntrack: Readonly<Record<string, readonly string[]>>
  readonly hops: readonly RecordedHop[]
}

interface Item {
  readonly id: string
  readonly title: string
  readonly runs: readonly Run[]
}

/** What was asked in each walk: the recorder's command, which the recording does not repeat. */
interface Command {
  readonly from: string
  readonly to: string
  readonly port?: number
  readonly protocol?: Protocol
}

const COMMANDS: Readonly<Record<string, Command>> = {
  'ping-same-node': { from: 'client-2', to: 'pod w2', protocol: 'icmp' },
  'ping-other-node': { from: 'client-1', to: 'pod w2', protocol: 'icmp' },
  'http-other-node': { from: 'client-1', to: 'pod w2', port: 80 },
  'http-service-other-node': { from: 'client-1', to: 'service walk', port: 80 },
  'http-service-same-node': { from: 'client-2', to: 'service walk', port: 80 },
  'http-service-own': { from: 'w1', to: 'service walk-own', port: 80 },
  'http-service-none': { from: 'client-1', to: 'service walk-none', port: 80 },
  'http-node-to-service': { from: 'node-1', to: 'service walk', port: 80 },
  'http-node-to-pod': { from: 'node-1', to: 'pod w2', port: 80 },
  'http-outside-nodeport-other': { from: 'outside', to: '172.18.0.3', port: 30081 },
  'http-outside-nodeport-here': { from: 'outside', to: '172.18.0.4', port: 30081 },
  'http-outside-nodeport-local': { from: 'outside', to: '172.18.0.4', port: 30082 },
  'http-outside-nodeport-local-elsewhere': { from: 'outside', to: '172.18.0.3', port: 30082 },
  'http-node-nodeport': { from: 'node-1', to: '172.18.0.3', port: 30081 },
  'http-pod-nodeport': { from: 'client-1', to: '172.18.0.3', port: 30081 },
  'http-pod-outside': { from: 'client-1', to: '172.18.0.1', port: 5000 },
  'udp-service': { from: 'client-1', to: 'service walk-udp', port: 5300, protocol: 'udp' },
  'dns-lookup': { from: 'client-1', to: 'service kube-dns', port: 53, protocol: 'udp' },
  'closed-port': { from: 'client-1', to: 'pod w2', port: 81 },
  'ping-host-gw': { from: 'client-1', to: 'pod w2', protocol: 'icmp' },
  'ping-udp': { from: 'client-1', to: 'pod w2', protocol: 'icmp' },
  'unused-address': { from: 'client-1', to: '10.244.1.250', protocol: 'icmp' },
}

// --- the engine's side ---

/** Neighbours that a bridge learned from other traffic just before the conversation began. */
function learnedBefore(run: Run, isOwn: (hop: RecordedHop) => boolean): ReadonlySet<string> {
  const began = run.hops.find((hop) => hop.arp === undefined && isOwn(hop))?.us ?? 0
  const answers = run.hops.filter(({ us, arp, eth }) => us < began && arp?.includes(' is at ') && eth.endsWith('/cni0'))
  return new Set(answers.map(({ eth, arp }) => `${eth.split('> ')[1]!.split('/')[0]} ${arp!.split(' ')[0]}`))
}

/**
 * Before each walk the recorder makes the bridges forget their neighbours; what pods still know shows in whether they
 * ask.
 */
const coldFor = (run: Run, learned: ReadonlySet<string>): Machines['knowsNeighbour'] => {
  const asking = new Set(
    run.hops.filter(({ arp, eth }) => arp && eth.endsWith('> broadcast')).map(({ eth }) => eth.split('/')[0]!),
  )
  return (asker, address) => {
    const [, uid] = asker.split('/')
    if (uid === undefined) return learned.has(`${asker} ${address}`)
    return !asking.has(uid.slice(podUid('').length))
  }
}

function machinesFor(fixtures: Fixtures, run: Run, extra: Partial<Machines>): Machines {
  const machines = machinesOf({
    fixtures,
    addresses: { ...fixtures.addresses, ...run.pods },
    pods: fixtures.pods,
    view: fixturesView(fixtures),
    extra,
  })
  const dns: Machines['listens'] = (place, protocol, address, port) =>
    (place.of === 'pod' && place.uid === podUid(COREDNS.name) && port === 53) ||
    machines.listens(place, protocol, address, port)
  return { ...machines, listens: dns }
}

function placeOf(name: string, run: Run): Place {
  if (name === 'outside') return { of: 'outside' }
  const pod = run.pods[name]
  return pod ? { of: 'pod', node: pod.node, uid: podUid(name) } : { of: 'machine', node: name }
}

function addressOf(to: string, fixtures: Fixtures, run: Run): string {
  const [kind, name] = to.split(' ')
  if (kind === 'pod') return run.pods[name!]!.ip!
  if (kind === 'service') return fixtures.services.find(({ metadata }) => metadata.name === name)!.spec.clusterIP!
  return to
}

const questionOf = ({ from, to, port, protocol = 'tcp' }: Command, fixtures: Fixtures, run: Run): Question => ({
  from: placeOf(from, run),
  fromAddress: OUTSIDE_ADDRESS,
  protocol,
  address: addressOf(to, fixtures, run),
  ...(port === undefined ? {} : { port }),
})

// --- hops as the recording writes them ---

type Tapped = (at: string) => boolean

const isSeen = (hop: Hop): hop is InterfaceHop | ArpHop => hop.hop === 'interface' || hop.hop === 'arp'

function placeText(hop: InterfaceHop | ArpHop): string {
  if (hop.node === undefined) return 'outside'
  if (hop.pod === undefined) return `${hop.node} ${hop.interface}`
  return hop.interface === 'eth0' ? `${hop.node} pod ${hop.pod} eth0` : `${hop.node} veth of ${hop.pod}`
}

/** One line of a packet's way, ephemeral ports and what differs from packet to packet of a conversation left out. */
interface Expected {
  readonly at: string
  readonly text: string
  readonly ports: readonly number[]
  readonly length: number
  readonly note: string
  readonly isArp: boolean
}

/** The recorder knows the names of the interfaces it listens at, and of the nodes'. */
const frameText = (hop: InterfaceHop | ArpHop, named: (name: string) => string): string =>
  `${named(hop.frame.source)} > ${named(hop.frame.destination)}`

const packetText = ({ source, destination, ttl, protocol }: Packet): string =>
  `${protocol} ${source} > ${destination} ttl ${ttl}`

const portsOf = ({ sourcePort, destinationPort }: Packet): number[] => [sourcePort, destinationPort]

function expectedHop(hop: InterfaceHop | ArpHop, named: (name: string) => string): Expected {
  const at = placeText(hop)
  const frame = frameText(hop, named)
  if (hop.hop === 'arp')
    return {
      at,
      text: `${frame} ${hop.says.replace(/is at (.*)/, (_, name) => `is at ${named(name)}`)}`,
      ports: [],
      length: 0,
      note: '',
      isArp: true,
    }
  const { packet, vxlan } = hop
  if (!vxlan)
    return {
      at,
      text: `${frame} ${packetText(packet)}`,
      ports: portsOf(packet),
      length: packet.length,
      note: packet.note,
      isArp: false,
    }
  const inner = `${vxlan.frame.source} > ${vxlan.frame.destination} ${packetText(vxlan.packet)}`
  return {
    at,
    text: `${frame} ${packetText(packet)} vxlan ${vxlan.vni} ${inner}`,
    ports: [...portsOf(packet), ...portsOf(vxlan.packet)],
    length: vxlan.packet.length,
    note: vxlan.packet.note,
    isArp: false,
  }
}

const TRANSPORT = /^(\d+) > (\d+)(?: \[(.*?)\])?/

function layersOf(hop: Omit<RecordedHop, 'us' | 'at'>): { text: string; ports: number[]; note: string } {
  const protocol = hop.tcp !== undefined ? 'tcp' : hop.icmp !== undefined ? 'icmp' : 'udp'
  const match = TRANSPORT.exec(hop.tcp ?? hop.udp ?? '')
  const text = `${protocol} ${hop.ip} ttl ${hop.ttl}`
  return { text, ports: match ? [Number(match[1]), Number(match[2])] : [0, 0], note: hop.icmp ?? match?.[3] ?? '' }
}

interface Line extends Expected {
  readonly us: number
}

function lineOf(hop: RecordedHop): Line {
  const { us, at } = hop
  if (hop.arp !== undefined)
    return { us, at, text: `${hop.eth} ${hop.arp}`, ports: [], length: 0, note: '', isArp: true }
  const outer = layersOf(hop)
  if (!hop.vxlan)
    return {
      us,
      at,
      text: `${hop.eth} ${outer.text}`,
      ports: outer.ports,
      length: hop.length!,
      note: outer.note,
      isArp: false,
    }
  const { vni, inner } = hop.vxlan
  const layers = layersOf(inner)
  const text = `${hop.eth} ${outer.text} vxlan ${vni} ${inner.eth} ${layers.text}`
  const length = hop.length === inner.length! + 50 ? inner.length! : Number.NaN
  return { us, at, text, ports: [...outer.ports, ...layers.ports], length, note: layers.note, isArp: false }
}

// --- following every recorded packet ---

/** Ports drawn at random, by what they are in the engine's trace: each stands for one in the recording. */
interface Ports {
  readonly ours: Map<number, number>
  readonly theirs: Map<number, number>
}

function portsAgree(
  ports: Ports,
  ours: readonly number[],
  theirs: readonly number[],
  fixed: ReadonlySet<number>,
): boolean {
  const agree = (port: number, other: number): boolean => {
    if (fixed.has(port) || fixed.has(other)) return port === other
    return (ports.ours.get(port) ?? other) === other && (ports.theirs.get(other) ?? port) === port
  }
  if (ours.length !== theirs.length || !ours.every((port, i) => agree(port, theirs[i]!))) return false
  ours.forEach((port, i) => {
    if (fixed.has(port)) return
    ports.ours.set(port, theirs[i]!)
    ports.theirs.set(theirs[i]!, port)
  })
  return true
}

interface InFlight {
  remaining: Expected[]
  readonly length: number
  readonly note: string
  readonly isFirst: boolean
  lastUs: number
}

interface Way {
  readonly first: readonly Expected[]
  readonly later: readonly Expected[]
  started: number
}

/** Interfaces are copied in different places of the stack, so two hops of one node this close may be swapped. */
const SWAP_MICROS = 30

const nodeOf = (at: string): string => at.split(' ')[0]!

function fits(
  expected: Expected,
  line: Line,
  packet: { readonly length: number; readonly note: string },
  ports: Ports,
  fixed: ReadonlySet<number>,
): boolean {
  if (expected.at !== line.at || expected.text !== line.text) return false
  if (line.isArp) return true
  return (
    line.length === packet.length && line.note === packet.note && portsAgree(ports, expected.ports, line.ports, fixed)
  )
}

/** The place of a recorded hop among a packet's remaining ones: the next, or one that was overtaken on the same node. */
function placeAmong(packet: InFlight, line: Line, ports: Ports, fixed: ReadonlySet<number>): number {
  for (let i = 0; i < packet.remaining.length; i++) {
    const expected = packet.remaining[i]!
    if (i > 0 && nodeOf(packet.remaining[i - 1]!.at) !== nodeOf(expected.at)) return -1
    if (i > 0 && line.us - packet.lastUs > SWAP_MICROS && !expected.isArp) return -1
    if (fits(expected, line, packet, ports, fixed)) return i
  }
  return -1
}

function start(ways: readonly Way[], line: Line, ports: Ports, fixed: ReadonlySet<number>): InFlight | undefined {
  for (const way of ways) {
    const isFirst = way.started === 0
    const path = isFirst ? way.first : way.later
    const known = path.find(({ isArp }) => !isArp)
    if (!known) continue
    // What a datagram is as long as, and what comes after the first packet of a connection, is the program's affair.
    const packet = isFirst && known.note !== '' ? known : line
    const { length, note } = packet
    const flight: InFlight = { remaining: [...path], length, note, isFirst, lastUs: line.us }
    const place = placeAmong(flight, line, ports, fixed)
    if (place !== 0) continue
    flight.remaining.splice(place, 1)
    way.started++
    return flight
  }
  return undefined
}

function follow(lines: readonly Line[], ways: readonly Way[], fixed: ReadonlySet<number>): string | undefined {
  const flying: InFlight[] = []
  let ports: Ports = { ours: new Map(), theirs: new Map() }
  for (const line of lines) {
    // A program may ask by datagrams from several ports; a connection has one.
    if (/ udp | vxlan .* udp /.test(line.text.replace(/ udp (.*) vxlan/, ' $1 vxlan')))
      ports = { ours: new Map(), theirs: new Map() }
    const known = flying.find((packet) => {
      const place = placeAmong(packet, line, ports, fixed)
      if (place < 0) return false
      packet.remaining.splice(place, 1)
      packet.lastUs = line.us
      return true
    })
    if (known) continue
    const begun = start(ways, line, ports, fixed)
    if (begun) flying.push(begun)
    else if (!line.isArp)
      return `not expected: ${line.at} ${line.text} ${line.ports.join('>')} [${line.note}] ${line.length} (${line.us} µs); next would be ${flying.flatMap(({ remaining }) => remaining.slice(0, 1).map((e) => `${e.at} ${e.text} ${e.ports.join('>')} [${e.note}]`)).join(' or ')}`
    else if (!isProbe(line, lines)) return `not expected: ${line.at} ${line.text} (${line.us} µs)`
  }
  const open = flying.find(({ remaining }) => remaining.length > 0)
  if (open) return `never seen: ${open.remaining[0]!.at} ${open.remaining[0]!.text}`
  const unused = ways.find(({ started, first }) => started === 0 && first.length > 0)
  return unused ? `no packet went: ${unused.first[0]!.at} ${unused.first[0]!.text}` : undefined
}

/** Five seconds after its first use a neighbour is asked again, directly; and an unanswered question is repeated each second. */
function isProbe(line: Line, lines: readonly Line[]): boolean {
  const first = lines.find(({ isArp }) => !isArp)?.us ?? 0
  return line.us - first > 900_000
}

// --- one walk ---

/** Others talk meanwhile: CoreDNS with the API server, and neighbours that have nothing to do with this conversation. */
function isOfConversation(hop: RecordedHop, addresses: ReadonlySet<string>): boolean {
  const named = `${hop.ip ?? ''} ${hop.vxlan?.inner.ip ?? ''} ${hop.arp ?? ''}`.match(/\d+\.\d+\.\d+\.\d+/g) ?? []
  return named.every((address) => addresses.has(address))
}

function addressesOf(hops: readonly Hop[], run: Run): ReadonlySet<string> {
  const packets = hops.flatMap((hop) =>
    hop.hop === 'interface' ? [hop.packet, ...(hop.vxlan ? [hop.vxlan.packet] : [])] : [],
  )
  const asked = hops.flatMap((hop) => (hop.hop === 'arp' ? (hop.says.match(/\d+\.\d+\.\d+\.\d+/g) ?? []) : []))
  const pods = Object.values(run.pods).map(({ ip }) => ip!)
  const gateways = pods.map((ip) => ip.replace(/\d+$/, '1'))
  return new Set([
    ...packets.flatMap(({ source, destination }) => [source, destination]),
    ...asked,
    ...pods,
    ...gateways,
  ])
}

function conntrackTexts(list: readonly Conversation[] = []): readonly string[] {
  const tuple = ({ source, destination, sourcePort, destinationPort }: Conversation['original'], isIcmp: boolean) =>
    `src=${source} dst=${destination}${isIcmp ? '' : ` sport=${sourcePort} dport=${destinationPort}`}`
  return list.map(
    ({ protocol, original, reply }) =>
      `${protocol} ${tuple(original, protocol === 'icmp')} ${tuple(reply, protocol === 'icmp')}`,
  )
}

const TUPLE = /src=\S+ dst=\S+(?: sport=\d+ dport=\d+)?/g

/** Entries of this conversation, ephemeral ports as `*`; the datagrams between the machines are UDP to one port. */
function normalisedConntrack(
  lines: readonly string[],
  addresses: ReadonlySet<string>,
  fixed: ReadonlySet<number>,
): readonly string[] {
  return lines
    .filter((line) => (line.match(/\d+\.\d+\.\d+\.\d+/g) ?? []).every((address) => addresses.has(address)))
    .map((line) => `${line.split(' ')[0]} ${(line.match(TUPLE) ?? []).join(' ')}`)
    .map((line) => line.replace(/port=(\d+)/g, (text, port) => (fixed.has(Number(port)) ? text : 'port=*')))
    .filter((line, i, all) => all.indexOf(line) === i)
    .sort()
}

function resultDifference(traced: Trace, run: Run): string | undefined {
  const answered = /^host=(\S+) version=\S+ local=(\S+) remote=([\d.]+):/.exec(run.result)
  const { verdict, reached } = traced
  if (answered) {
    if (verdict.outcome !== 'answered' || !reached) return `recorded an answer, ours: ${verdict.words}`
    const { destination, destinationPort, source } = reached.packet
    const ours = `${destination}:${destinationPort} ${source}`
    return ours === `${answered[2]} ${answered[3]}`
      ? undefined
      : `reached: ours ${ours}, recorded ${answered[2]} ${answered[3]}`
  }
  if (run.result.includes('Connection refused'))
    return ['closed', 'rejected'].includes(verdict.outcome) ? undefined : `recorded a refusal, ours: ${verdict.words}`
  if (run.result.includes('0% packet loss') && !run.result.includes('100% packet loss'))
    return verdict.outcome === 'answered' ? undefined : `recorded an answer, ours: ${verdict.words}`
  if (run.result.includes('100% packet loss') || run.result.includes('timed out'))
    return verdict.outcome === 'answered' ? 'recorded no answer, ours answers' : undefined
  return undefined
}

function walkDifference(fixtures: Fixtures, item: Item, run: Run): string | undefined {
  const command = COMMANDS[item.id]
  if (!command) return 'what was asked is not known'
  const question = questionOf(command, fixtures, run)
  const warm = trace(machinesFor(fixtures, run, {}), question)
  const addresses = addressesOf(warm.hops, run)
  const learned = learnedBefore(run, (hop) => isOfConversation(hop, addresses))
  const cold = trace(machinesFor(fixtures, run, { knowsNeighbour: coldFor(run, learned)! }), question)
  const taps = new Set([
    ...Object.entries(run.pods).flatMap(([name, { node }]) => [`${node} pod ${name} eth0`, `${node} veth of ${name}`]),
    ...[...new Set(run.hops.map(({ at }) => at))],
  ])
  const named = (name: string) =>
    /^(node-\d+|outside)\/|^broadcast$/.test(name) || run.pods[name.split('/')[0]!] ? name : '?'
  const nodes = new Set([...taps].map(nodeOf))
  const tapped: Tapped = (at) => taps.has(at) || (nodes.has(nodeOf(at)) && /^\S+ (cni0|flannel\.1|eth0)$/.test(at))
  const seen = (hops: readonly Hop[]) =>
    hops
      .filter(isSeen)
      .map((hop) => expectedHop(hop, named))
      .filter(({ at }) => tapped(at))
  const ways: Way[] = [
    { first: seen(cold.hops.slice(0, cold.turn)), later: seen(warm.hops.slice(0, warm.turn)), started: 0 },
    { first: seen(cold.hops.slice(cold.turn)), later: seen(warm.hops.slice(warm.turn)), started: 0 },
  ]
  const fixed = new Set([0, 53, 80, 81, 5000, 5300, 8472, 30081, 30082])
  const isOld = ({ arp = '' }: RecordedHop) =>
    [...learned].some(
      (known) =>
        arp.startsWith(`request who has ${known.split(' ')[1]} `) || arp.startsWith(`${known.split(' ')[1]} is at`),
    )
  const lines = run.hops.filter((hop) => isOfConversation(hop, addresses) && !isOld(hop)).map(lineOf)
  if (ways.every(({ first }) => first.length === 0)) return 'nothing to compare'
  const difference = resultDifference(cold, run) ?? follow(lines, ways, fixed)
  if (difference) return difference
  for (const node of Object.keys(run.conntrack)) {
    const ours = normalisedConntrack(conntrackTexts(cold.conntrack[node]), addresses, fixed)
    const recorded = normalisedConntrack(run.conntrack[node]!, addresses, fixed)
    if (ours.join('\n') !== recorded.join('\n'))
      return `conntrack of ${node}: ours ${ours.join('; ')} | recorded ${recorded.join('; ')}`
  }
  return undefined
}

/** The walks of the usual cluster, and the pings with another backend of Flannel. */
function walksIn(directory: string): readonly (readonly [area: string, file: string])[] {
  const pings = filesIn(directory, 'backends').filter((file) => file.startsWith('ping-'))
  return [
    ...filesIn(directory, 'walks').map((file) => ['walks', file] as const),
    ...pings.map((file) => ['backends', file] as const),
  ]
}

export function* replayWalks(directory: string): Iterable<ReplayedItem> {
  const base: Fixtures = readShared(directory, 'services-iptables', 'fixtures.json')
  const services: Fixtures['services'] = readShared(directory, 'services-nftables', 'fixtures.json').services
  for (const [area, file] of walksIn(directory)) {
    const item: Item = readJson(directory, area, file)
    const backend = item.id.endsWith('host-gw') ? 'host-gw' : 'vxlan'
    const fixtures: Fixtures = { ...base, services, backend }
    const difference = item.runs.map((run) => walkDifference(fixtures, item, run)).find((found) => found !== undefined)
    const agrees = difference === undefined && item.runs.length > 0
    yield { id: item.id, area, agrees, ...(difference ? { difference } : {}) }
  }
}
