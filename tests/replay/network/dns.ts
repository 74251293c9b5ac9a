/** dns-answers and dns-search: CoreDNS's answers, and what a resolver in a pod asks it. */
import type { DnsView } from '../../../engine/dns/dns-view.ts'
import {
  type Answer,
  absolute,
  answerOf,
  type Query,
  type RecordType,
  type ResourceRecord,
  recordText,
} from '../../../engine/dns/message.ts'
import {
  type Asked,
  lookUp,
  nslookup,
  nslookupExitCode,
  nslookupText,
  parseResolvConf,
} from '../../../engine/dns/resolver.ts'
import { type DnsServer, resolve } from '../../../engine/dns/server.ts'
import type { EndpointSlice, Service } from '../../../engine/machine/proxy/objects.ts'
import type { ReplayedItem } from '../replay.ts'
import { type Addresses, type Fixtures, type RecordedPod, serviceObject, sliceObject, systemSlices } from './cluster.ts'
import { filesIn, readJson, readShared } from './files.ts'

interface Recorded {
  readonly label: string
  readonly query: string
  readonly rcode: string
  readonly flags: readonly string[]
  readonly answer?: readonly string[]
  readonly authority?: readonly string[]
  readonly additional?: readonly string[]
}

interface Answers {
  readonly objects: readonly (
    | {
        readonly kind: 'Service'
        readonly metadata: { readonly name: string }
        readonly spec: Service['spec'] & { readonly selector?: Readonly<Record<string, string>> }
      }
    | ({ readonly kind: 'Pod' } & RecordedPod)
  )[]
  readonly pods: Addresses
  readonly services: Readonly<
    Record<
      string,
      {
        readonly clusterIP: string | null
        readonly type: string
        readonly ports: Service['spec']['ports'] | null
        readonly selector: Readonly<Record<string, string>> | null
        readonly externalName: string | null
      }
    >
  >
  readonly corefile: string
  readonly answers: readonly Recorded[]
}

// --- the cluster behind the questions ---

/** The recorder gave the pod w1 the label `dns: yes` for these questions. */
const labelsOf = ({ metadata }: RecordedPod): Readonly<Record<string, string>> => ({
  ...metadata.labels,
  ...(metadata.name === 'w1' ? { dns: 'yes' } : {}),
})

/** s2 has a readiness probe that always fails. */
const isReady = (pod: RecordedPod): boolean =>
  !JSON.stringify(pod.spec).includes('"readinessProbe":{"exec":{"command":["false"]}}')

function sliceFor(
  name: string,
  recorded: Answers['services'][string],
  publish: boolean,
  pods: readonly RecordedPod[],
  addresses: Addresses,
): readonly EndpointSlice[] {
  const { selector, ports } = recorded
  if (!selector) return []
  const chosen = pods.filter((pod) => Object.entries(selector).every(([key, value]) => labelsOf(pod)[key] === value))
  const endpoints = chosen.map((pod) => ({
    addresses: [addresses[pod.metadata.name]!.ip!],
    conditions: { ready: publish || isReady(pod) },
    nodeName: pod.spec.nodeName,
    ...(pod.spec.hostname && pod.spec.subdomain === name ? { hostname: pod.spec.hostname } : {}),
    targetRef: { kind: 'Pod', namespace: 'default', name: pod.metadata.name },
  }))
  const slicePorts = (ports ?? []).map(({ name: portName = '', protocol = 'TCP', port, targetPort }) => ({
    name: portName,
    protocol,
    port: Number(targetPort ?? port),
  }))
  return [sliceObject(name, 'default', 0, { addressType: 'IPv4', ports: slicePorts, endpoints })]
}

function viewOf(fixtures: Fixtures, { objects, services, pods }: Answers): DnsView {
  const all = [...fixtures.pods, ...objects.filter((object) => object.kind === 'Pod').map((pod) => pod as RecordedPod)]
  const published = new Set(
    objects
      .filter((object) => object.kind === 'Service' && object.spec.publishNotReadyAddresses)
      .map(({ metadata }) => metadata.name),
  )
  const own = Object.entries(services).map(([name, { clusterIP, type, ports, externalName }]) =>
    serviceObject(name, 'default', {
      type: type as NonNullable<Service['spec']['type']>,
      ...(clusterIP ? { clusterIP } : {}),
      ...(ports ? { ports } : {}),
      ...(externalName ? { externalName } : {}),
    }),
  )
  const system = fixtures.services
    .filter(({ metadata }) => metadata.namespace !== 'default')
    .map(({ metadata, spec }) => serviceObject(metadata.name, metadata.namespace, spec))
  return {
    services: [...own, ...system],
    endpointSlices: [
      ...systemSlices,
      ...Object.entries(services).flatMap(([name, recorded]) =>
        sliceFor(name, recorded, published.has(name), all, pods),
      ),
    ],
    namespaces: ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
  }
}

/** The name server of the recorder's network knows three names; its root knows no others. */
const KNOWN = /^((www\.)?example\.com|host\.example\.internal)\.$/

const soa = (name: string, ttl: number, data: string): ResourceRecord => ({ name, ttl, type: 'SOA', data })

function upstream({ name, type }: Query): Answer {
  const asked = absolute(name)
  const isKnown = KNOWN.test(asked)
  if (isKnown && type === 'A') return answerOf([{ name: asked, ttl: 300, type, data: '203.0.113.10' }])
  if (isKnown && type === 'AAAA')
    return answerOf([], [], 'NOERROR', [soa(asked, 300, 'ns.example.com. admin.example.com. 1 7200 3600 1209600 300')])
  return answerOf([], [], 'NXDOMAIN', [soa('.', 900, 'a.root-servers.example. nstld.example. 1 1800 900 604800 900')])
}

const serverOf = (fixtures: Fixtures, recorded: Answers): DnsServer => ({
  view: viewOf(fixtures, recorded),
  corefile: recorded.corefile,
  upstream,
})

// --- answers ---

/** Addresses and ports of equal standing come in random order; the serial is the time of the last change. */
const normalised = (lines: readonly string[] = []): string =>
  lines
    .map((line) => line.replace(/( SOA \S+ \S+) \d+ /, '$1 <serial> '))
    .sort()
    .join('\n')

function answerDifference(server: DnsServer, recorded: Recorded): string | undefined {
  const [name, type] = recorded.query.split(' ')
  const ours = resolve(server, { name: name!, type: type as RecordType })
  if (ours.rcode !== recorded.rcode) return `rcode: ours ${ours.rcode}, recorded ${recorded.rcode}`
  if (ours.flags.join() !== recorded.flags.join()) return `flags: ours ${ours.flags}, recorded ${recorded.flags}`
  for (const section of ['answer', 'authority', 'additional'] as const) {
    const text = normalised(ours[section].map(recordText))
    if (text !== normalised(recorded[section]))
      return `${section}: ours ${text} | recorded ${normalised(recorded[section])}`
  }
  return undefined
}

// --- search ---

interface RecordedLookup {
  readonly name: string
  readonly tool: 'wget' | 'nslookup'
  readonly rc: number
  readonly output: string
  readonly asked: readonly string[]
}

interface Search {
  readonly 'resolv.conf': string
  readonly lookups: readonly RecordedLookup[]
}

const askedText = ({ query, answer }: Asked): string => `${query.type} ${query.name} udp: ${answer.rcode}`

/** The two types of a name go out side by side and are logged in either order; names one after the other. */
function pairs(lines: readonly string[]): readonly string[] {
  const found: string[] = []
  for (let i = 0; i < lines.length; i += 2)
    found.push(
      lines
        .slice(i, i + 2)
        .sort()
        .join(' + '),
    )
  return found
}

const EXIT_NOTE = 'command terminated with exit code 1\n'

/** nslookup sends all its questions at once: they are logged and answered in any order, and printed in that one. */
function nslookupDifference(nameserver: string, recorded: RecordedLookup, asked: readonly Asked[]): string | undefined {
  const ours = asked.map(askedText)
  if (ours.toSorted().join('\n') !== recorded.asked.toSorted().join('\n'))
    return `asked: ours ${ours.join('; ')} | recorded ${recorded.asked.join('; ')}`
  const code = nslookupExitCode(asked)
  if (code !== recorded.rc) return `exit code: ours ${code}, recorded ${recorded.rc}`
  const printed = (order: readonly Asked[]) => nslookupText(nameserver, order) + (code === 0 ? '' : EXIT_NOTE)
  const paragraphs = (text: string) =>
    text
      .split('\n\n')
      .map((part) => part.trim())
      .sort()
      .join('\n\n')
  return paragraphs(printed(asked)) === paragraphs(recorded.output) && printed(asked).length === recorded.output.length
    ? undefined
    : `output: ours ${JSON.stringify(printed(asked))} | recorded ${JSON.stringify(recorded.output)}`
}

function wgetDifference(
  recorded: RecordedLookup,
  asked: readonly Asked[],
  addresses: readonly string[],
): string | undefined {
  const [ours, theirs] = [pairs(asked.map(askedText)), pairs(recorded.asked)]
  if (ours.join('\n') !== theirs.join('\n')) return `asked: ours ${ours.join('; ')} | recorded ${theirs.join('; ')}`
  const isBad = recorded.output.includes(`wget: bad address '${recorded.name}'`)
  return isBad === (addresses.length === 0)
    ? undefined
    : `ours found ${addresses.join(', ') || 'nothing'}, recorded ${recorded.output}`
}

function lookupDifference(server: DnsServer, conf: string, recorded: RecordedLookup): string | undefined {
  const config = parseResolvConf(conf)
  const ask = (query: Query) => resolve(server, query)
  if (recorded.tool === 'nslookup')
    return nslookupDifference(config.nameservers[0]!, recorded, nslookup(recorded.name, config, ask).asked)
  const { asked, addresses } = lookUp(recorded.name, config, ask)
  return wgetDifference(recorded, asked, addresses)
}

export function* replayDns(directory: string): Iterable<ReplayedItem> {
  const files = filesIn(directory, 'dns')
  const recorded: Answers = readShared(directory, 'dns', 'answers.json')
  const server = serverOf(readShared(directory, 'services-iptables', 'fixtures.json'), recorded)
  for (const one of files.includes('answers.json') ? recorded.answers : []) {
    const difference = answerDifference(server, one)
    yield {
      id: one.label,
      area: 'dns-answers',
      agrees: difference === undefined,
      ...(difference ? { difference } : {}),
    }
  }
  if (!files.includes('search.json')) return
  const search: Search = readJson(directory, 'dns', 'search.json')
  for (const one of search.lookups) {
    const difference = lookupDifference(server, search['resolv.conf'], one)
    const id = `${one.tool} ${one.name}`
    yield { id, area: 'dns-search', agrees: difference === undefined, ...(difference ? { difference } : {}) }
  }
}
