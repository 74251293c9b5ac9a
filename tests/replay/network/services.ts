/** services-iptables and services-nftables: the rules on every node and who answers whom, in each stage of each situation. */
import { iptablesSave } from '../../../engine/machine/network/iptables-save.ts'
import type { Machines } from '../../../engine/machine/network/machines.ts'
import type { Place } from '../../../engine/machine/network/packet.ts'
import type { TableName } from '../../../engine/machine/network/rule.ts'
import { machineTables } from '../../../engine/machine/network/tables.ts'
import { type Connection, connect } from '../../../engine/machine/network/trace.ts'
import { healthAnswer } from '../../../engine/machine/proxy/health-check.ts'
import { iptablesRules } from '../../../engine/machine/proxy/iptables.ts'
import { PROXY_MODES, type ProxyMode } from '../../../engine/machine/proxy/mode.ts'
import { nftList } from '../../../engine/machine/proxy/nft-table.ts'
import { nftablesRules } from '../../../engine/machine/proxy/nftables.ts'
import type { EndpointSlice, ProxyView, Service } from '../../../engine/machine/proxy/objects.ts'
import { drawing } from '../../../engine/std/draw.ts'
import type { ReplayedItem } from '../replay.ts'
import {
  type Addresses,
  type Fixtures,
  fixturesView,
  machinesOf,
  networks,
  OUTSIDE_ADDRESS,
  podUid,
  proxyNodes,
  type RecordedPod,
  selectedSlices,
  serviceObject,
  sliceObject,
} from './cluster.ts'
import { filesIn, readJson, readShared } from './files.ts'

type Lines = Readonly<Record<string, readonly string[]>>

interface Stage {
  readonly stage: string
  readonly pods?: Addresses
  readonly service?: Service['spec']
  readonly endpointslices?: readonly Pick<EndpointSlice, 'addressType' | 'ports' | 'endpoints'>[]
  readonly rules?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly diff: Readonly<Record<string, Lines>>
  readonly traffic?: Readonly<Record<string, Readonly<Record<string, number>> | string>>
  readonly 'differs from before'?: Readonly<Record<string, Lines>>
}

interface Item {
  readonly id: string
  readonly objects: readonly {
    readonly kind: string
    readonly metadata: { readonly name: string }
    readonly spec: unknown
  }[]
  readonly status?: { readonly status: Service['status'] }
  readonly stages: readonly Stage[]
}

const TABLES: readonly TableName[] = ['nat', 'filter']

// --- rules ---

/** In these chains kube-proxy writes Services in the order of a Go map, which is random; within one port it is fixed. */
const RANDOM_ORDER =
  /^-A (KUBE-SERVICES|KUBE-NODEPORTS|KUBE-EXTERNAL-SERVICES|KUBE-PROXY-FIREWALL) .*--comment "([^ "]+\/[^ "]+)/

const orderKey = (line: string): string | undefined => {
  const match = RANDOM_ORDER.exec(line)
  return match ? `${match[1]} ${match[2]}` : undefined
}

/** Neighbouring lines of those chains, sorted by their Service's port and otherwise left in their order. */
export function normalised(text: string): readonly string[] {
  const lines = text.trim().split('\n')
  const result: string[] = []
  let run: string[] = []
  const flush = () => {
    result.push(
      ...run
        .map((line, at) => ({ line, at, key: orderKey(line)! }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.at - b.at))
        .map(({ line }) => line),
    )
    run = []
  }
  for (const line of lines) {
    if (orderKey(line) !== undefined) run.push(line)
    else {
      flush()
      result.push(line)
    }
  }
  flush()
  return result
}

const ELEMENT = /^(elements = \{ )?((?:[\d./]+|tcp|udp|sctp)(?: \.| :|,|$| \})|elements = )/

/** Elements of sets are printed in the order of a hash, several to a line: one to a line here. */
function nftTokens(line: string): readonly string[] {
  const text = line.trim()
  if (!ELEMENT.test(text)) return [text]
  const elements = text
    .replace(/^elements = \{ /, '')
    .replace(/ \}$/, '')
    .replace(/,$/, '')
  return elements.split(', ')
}

/**
 * Sets and chains by name (upstream makes them in the order of a map), each with its elements sorted and its rules as
 * they are. A chain that is no longer needed is emptied at once and taken away at the next sync, whenever that is:
 * an empty chain counts as none.
 */
export function nftNormalised(text: string): readonly string[] {
  const blocks = text.trim().split(/\n(?=\t(?:set|map|chain) )/)
  return blocks
    .map((block) => block.split('\n').filter((line) => line.trim() !== '' && line !== '\t}' && line !== '}'))
    .filter(([head, ...lines]) => lines.length > 0 || !head!.includes('chain '))
    .map(([head, ...lines]) => {
      const isMap = /^\s*(set|map) /.test(head!)
      const tokens = lines.flatMap(nftTokens)
      return [head!.trim(), ...(isMap ? tokens.sort() : tokens)].join('\n')
    })
    .sort()
    .flatMap((block) => block.split('\n'))
}

export function firstDifference(ours: readonly string[], recorded: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(ours.length, recorded.length); i++)
    if (ours[i] !== recorded[i]) return `ours: ${ours[i] ?? '(nothing)'} | recorded: ${recorded[i] ?? '(nothing)'}`
  return undefined
}

/** The texts of a node's rules, by the names they have in the recordings, as lines in an order that does not depend on chance. */
function rulesOf(fixtures: Fixtures, view: ProxyView, addresses: Addresses, node: string): Lines {
  const proxyNode = proxyNodes(fixtures)[node]!
  if (fixtures.mode === 'nftables')
    return { 'nft-kube-proxy': nftNormalised(nftList(nftablesRules(view, proxyNode).table)) }
  const tables = machineTables(networks(fixtures, addresses)[node]!, iptablesRules(view, proxyNode))
  return Object.fromEntries(TABLES.map((table) => [`iptables-${table}`, normalised(iptablesSave(tables, table))]))
}

const normaliserOf = ({ mode }: Fixtures) => (mode === 'nftables' ? nftNormalised : normalised)

function* ruleDifferences(fixtures: Fixtures, view: ProxyView, stage: Stage): Iterable<string> {
  for (const node of Object.keys(proxyNodes(fixtures))) {
    const ours = rulesOf(fixtures, view, stage.pods ?? fixtures.addresses, node)
    for (const [name, lines] of Object.entries(ours)) {
      const recorded = stage.rules?.[node]?.[name]
      if (recorded === undefined) yield `${stage.stage}, ${node}: no ${name} recorded`
      else {
        const difference = firstDifference(lines, normaliserOf(fixtures)(recorded))
        if (difference) yield `${stage.stage}, ${node} ${name}: ${difference}`
      }
    }
  }
}

// --- the objects of a stage ---

/** The address of a Service that was not written down with its object is read off its rule. */
function clusterIpIn(stage: Stage, name: string): string | undefined {
  const rules = Object.values(stage.rules ?? {})[0]
  const text = rules?.['iptables-nat'] ?? rules?.['nft-kube-proxy'] ?? ''
  const iptables = new RegExp(`-d ([\\d.]+)/32 .*"default/${name} cluster IP"`)
  const nftables = new RegExp(`([\\d.]+) \\. tcp \\. \\d+ : goto service-\\w+-default/${name}/`)
  return (iptables.exec(text) ?? nftables.exec(text))?.[1]
}

function viewOf(fixtures: Fixtures, item: Item, stage: Stage, pods: readonly RecordedPod[]): ProxyView {
  const before = fixturesView(fixtures, stage.pods)
  const services = [...before.services]
  const endpointSlices = [...before.endpointSlices]
  if (!stage.service) return { services, endpointSlices }
  for (const { kind, metadata, spec } of item.objects) {
    if (kind !== 'Service') continue
    if (metadata.name === 'svc') {
      services.push(serviceObject('svc', 'default', stage.service, item.status?.status))
      endpointSlices.push(...(stage.endpointslices ?? []).map((slice, i) => sliceObject('svc', 'default', i, slice)))
    } else {
      const other = spec as Service['spec']
      const clusterIP = clusterIpIn(stage, metadata.name)
      services.push(serviceObject(metadata.name, 'default', { ...other, ...(clusterIP ? { clusterIP } : {}) }))
      endpointSlices.push(...selectedSlices(metadata.name, other, pods, stage.pods ?? fixtures.addresses))
    }
  }
  return { services, endpointSlices }
}

// --- traffic ---

const KEY = /^(\S+) -> (?:clusterIP |nodePort )?([\d.]+):(\d+)/

/** What the client prints: wget in the pods, killed after two seconds, curl on the nodes and outside. */
function printed(connection: Connection, source: string, address: string, port: number): readonly string[] {
  const isPod = source.startsWith('pod:')
  const timedOut = isPod ? ['Terminated', 'no answer in 2 s'] : ['curl: (28) Connection timed out after <n> ms']
  const failed = (words: string) =>
    isPod
      ? `wget: can't connect to remote host (${address}): ${words}`
      : `curl: (7) Failed to connect to ${address} port ${port} after <n> ms: Couldn't connect to server`
  const { error, errorAfterMillis, answeredBy, arrivedAt, sourceSeen } = connection
  if (error === undefined) {
    if (answeredBy!.of === 'outside') return ['answered outside']
    const who = answeredBy!.of === 'pod' ? answeredBy!.uid.slice(podUid('').length) : answeredBy!.node
    return [`answered by ${who} at ${arrivedAt!.address}:${arrivedAt!.port}, saw ${sourceSeen}`]
  }
  // Neighbours are asked for three seconds, counted from the first packet of anybody: a client that came later may see the end.
  if (errorAfterMillis > 2000) return errorAfterMillis < 10_000 ? [...timedOut, failed(error)] : timedOut
  return [failed(error)]
}

function placeOf(source: string, fixtures: Addresses): Place {
  if (source === 'outside') return { of: 'outside' }
  if (!source.startsWith('pod:')) return { of: 'machine', node: source }
  const name = source.slice('pod:'.length)
  return { of: 'pod', node: fixtures[name]!.node, uid: podUid(name) }
}

/** Every way the draws among endpoints can fall. */
function everyConnection(ask: (draw: Machines['draw']) => Connection): readonly Connection[] {
  const found: Connection[] = []
  const pending: (readonly boolean[])[] = [[]]
  while (pending.length > 0) {
    const taken = pending.pop()!
    const fallen: boolean[] = []
    const rest = drawing(1)
    const connection = ask((...purpose) => {
      if (purpose[0] !== 'endpoint') return rest(...purpose)
      const takes = taken[fallen.length] ?? true
      if (fallen.length >= taken.length) pending.push([...fallen, false])
      fallen.push(takes)
      return takes ? 0 : 0.9999999999
    })
    found.push(connection)
  }
  return found
}

const FAILURE = /^(wget: can't connect|curl: \(|Terminated|no answer in|answered by)/

/** An answer from outside the cluster is whatever the web server there says. */
const outcomeOf = (text: string): string => (FAILURE.test(text) ? text : 'answered outside')

interface Asked {
  readonly key: string
  readonly recorded: Readonly<Record<string, number>>
  readonly machines: Machines
  readonly addresses: Addresses
}

function possibleTexts(
  { key, machines, addresses }: Asked,
  remembers?: Machines['remembers'],
): readonly (readonly [Connection, readonly string[]])[] {
  const [, source, address, port] = KEY.exec(key)!
  const from = placeOf(source!, addresses)
  const options = from.of === 'outside' ? { fromAddress: OUTSIDE_ADDRESS } : {}
  return everyConnection((draw) =>
    connect({ ...machines, draw, ...(remembers ? { remembers } : {}) }, from, address!, Number(port), 'tcp', options),
  ).map((connection) => [connection, printed(connection, source!, address!, Number(port))])
}

/** Affinity: from the second connection on, what was remembered of the first one holds. */
function withMemory(asked: Asked, first: Connection): readonly string[] {
  const remembers: Machines['remembers'] = (node, chain, source) =>
    first.remembered.some(
      (memory) => memory.node === node && memory.endpointChain === chain && memory.source === source,
    )
  return possibleTexts(asked, remembers).flatMap(([, texts]) => texts)
}

function trafficDifference(asked: Asked): string | undefined {
  const recorded = Object.keys(asked.recorded).map(outcomeOf)
  const possible = possibleTexts(asked)
  const sticky = possible.some(([first]) => first.remembered.length > 0)
  const sets = sticky
    ? possible.map(([first, texts]) => [...texts, ...withMemory(asked, first)])
    : [possible.flatMap(([, texts]) => texts)]
  const fits = sets.some((set) => recorded.every((text) => set.includes(text)))
  return fits
    ? undefined
    : `${asked.key}: recorded ${JSON.stringify(recorded)}, possible ${JSON.stringify([...new Set(sets.flat())])}`
}

const answerer = (text: string): string | undefined => /^answered by (\S+)/.exec(text)?.[1]

/** Over the whole stage everybody who can answer did, unless clients stick to the one they drew. */
function missingAnswerers(asked: readonly Asked[]): string | undefined {
  const tries = asked.reduce((count, { recorded }) => count + Object.values(recorded).reduce((a, b) => a + b, 0), 0)
  if (tries < 20) return undefined
  const possible = asked.flatMap((one) => possibleTexts(one))
  if (possible.some(([connection]) => connection.remembered.length > 0)) return undefined
  const able = new Set(possible.flatMap(([, texts]) => texts.map(answerer)).filter((who) => who !== undefined))
  const seen = new Set(asked.flatMap(({ recorded }) => Object.keys(recorded).map(answerer)))
  const missing = [...able].filter((who) => !seen.has(who))
  return missing.length > 0 ? `never answered in the recording: ${missing.join(', ')}` : undefined
}

/** The traffic of a stage with that stage's objects: what there is to compare, and what differs on the way. */
function* askedOf(
  fixtures: Fixtures,
  view: ProxyView,
  stage: Stage,
  pods: readonly RecordedPod[],
): Iterable<Asked | string> {
  const addresses = stage.pods!
  const healthPort = stage.service?.healthCheckNodePort
  const machines = machinesOf({ fixtures, addresses, pods, view, ...(healthPort ? { healthPorts: [healthPort] } : {}) })
  for (const [key, recorded] of Object.entries(stage.traffic ?? {})) {
    if (key.startsWith('health check of ')) {
      const node = proxyNodes(fixtures)[key.slice('health check of '.length)]!
      const reached = connect(machines, { of: 'outside' }, node.address, healthPort!, 'tcp', {
        fromAddress: OUTSIDE_ADDRESS,
      })
      const ours = reached.error ?? healthAnswer(view, 'default/svc', node)
      if (ours !== recorded)
        yield `${stage.stage}, ${key}: ours ${JSON.stringify(ours)}, recorded ${JSON.stringify(recorded)}`
    } else if (typeof recorded === 'string') {
      // UDP: the recorder's client has no netcat for it and prints nothing, whatever the network does.
      if (recorded !== '') yield `${stage.stage}, ${key}: a UDP answer that is not understood: ${recorded}`
    } else yield { key, recorded, machines, addresses }
  }
}

/** Asking takes half a minute: when the stage itself came to its end meanwhile, the later questions belong to the next one. */
function lateDifference(asked: readonly Asked[], next: Machines): string | undefined {
  const now = asked.map(trafficDifference)
  const from = now.findIndex((difference) => difference !== undefined)
  if (from < 0) return undefined
  const later = asked.slice(from).map((one) => trafficDifference({ ...one, machines: next }))
  return later.some((difference) => difference !== undefined) ? now[from] : undefined
}

function* trafficDifferences(
  fixtures: Fixtures,
  view: ProxyView,
  stage: Stage,
  pods: readonly RecordedPod[],
  next: Machines | undefined,
): Iterable<string> {
  const asked: Asked[] = []
  for (const one of askedOf(fixtures, view, stage, pods)) {
    if (typeof one === 'string') yield one
    else asked.push(one)
  }
  const difference = next ? lateDifference(asked, next) : asked.map(trafficDifference).find((one) => one !== undefined)
  if (difference) yield `${stage.stage}, ${difference}`
  const missing = missingAnswerers(asked)
  if (missing) yield `${stage.stage}, ${missing}`
}

// --- stages ---

/** What really changed: lines that were only moved are on both sides. */
function changed(fixtures: Fixtures, lines: readonly string[]): readonly string[] {
  const count = new Map<string, number>()
  const parts = (line: string) => (fixtures.mode === 'nftables' ? nftTokens(line) : [line])
  for (const line of lines)
    for (const part of parts(line.slice(1))) count.set(part, (count.get(part) ?? 0) + (line[0] === '+' ? 1 : -1))
  return [...count]
    .filter(([line, sum]) => sum !== 0 && line !== '' && line !== '}')
    .map(([line, sum]) => `${sum > 0 ? '+' : '-'}${line}`)
    .sort()
}

/** Of a stage that only says what changed. */
function* diffDifferences(fixtures: Fixtures, before: ProxyView, after: ProxyView, stage: Stage): Iterable<string> {
  const left = Object.values(stage['differs from before'] ?? {}).flatMap((tables) => Object.values(tables))
  if (left.some((lines) => changed(fixtures, lines).length > 0)) yield `${stage.stage}: something was left behind`
  for (const node of Object.keys(proxyNodes(fixtures))) {
    const [was, is] = [before, after].map((view) => rulesOf(fixtures, view, fixtures.addresses, node))
    for (const name of Object.keys(was!)) {
      const both = [...was![name]!.map((line) => `-${line}`), ...is![name]!.map((line) => `+${line}`)]
      const ours = changed(fixtures, both)
      const difference = firstDifference(ours, changed(fixtures, stage.diff[node]?.[name] ?? []))
      if (difference) yield `${stage.stage}, ${node} ${name}: ${difference}`
    }
  }
}

function* differences(fixtures: Fixtures, item: Item): Iterable<string> {
  const pods = [
    ...fixtures.pods,
    ...item.objects.filter(({ kind }) => kind === 'Pod').map((pod) => pod as unknown as RecordedPod),
  ]
  const views = item.stages.map((stage) => viewOf(fixtures, item, stage, pods))
  for (const [i, stage] of item.stages.entries()) {
    const next = item.stages[i + 1]?.pods
    const later = next ? machinesOf({ fixtures, addresses: next, pods, view: views[i + 1]! }) : undefined
    if (stage.rules) {
      yield* ruleDifferences(fixtures, views[i]!, stage)
      yield* trafficDifferences(fixtures, views[i]!, stage, pods, later)
    } else yield* diffDifferences(fixtures, views[i - 1]!, views[i]!, stage)
  }
  if (item.stages.length === 0) yield 'nothing recorded'
}

function* replayMode(directory: string, mode: ProxyMode): Iterable<ReplayedItem> {
  const area = `services-${mode}`
  const shared = readShared(directory, area, 'fixtures.json')
  const fixtures: Fixtures & { readonly rules: NonNullable<Stage['rules']> } = { ...shared, mode }
  for (const file of filesIn(directory, area)) {
    const id = file.replace(/\.json$/, '')
    const stage: Stage = { stage: 'before', pods: fixtures.addresses, rules: fixtures.rules, diff: {} }
    const found =
      id === 'fixtures'
        ? ruleDifferences(fixtures, viewOf(fixtures, { id, objects: [], stages: [] }, stage, []), stage)
        : differences(fixtures, readJson(directory, area, file))
    const [difference] = found
    yield { id, area, agrees: difference === undefined, ...(difference ? { difference } : {}) }
  }
}

export function* replayServices(directory: string): Iterable<ReplayedItem> {
  for (const mode of PROXY_MODES) yield* replayMode(directory, mode)
}

/** variants: the same in iptables mode with `masqueradeAll`, recorded with the nftables fixtures' Services and host-gw. */
export function* replayVariants(directory: string): Iterable<ReplayedItem> {
  const fixtures: Fixtures = {
    ...readShared(directory, 'services-nftables', 'fixtures.json'),
    masqueradeAll: true,
    backend: 'host-gw',
  }
  for (const file of filesIn(directory, 'variants')) {
    const [difference] = differences(fixtures, readJson(directory, 'variants', file))
    const id = file.replace(/\.json$/, '')
    yield { id, area: 'variants', agrees: difference === undefined, ...(difference ? { difference } : {}) }
  }
}
