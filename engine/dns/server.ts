/**
 * CoreDNS: takes a question through the plugins of its Corefile. Names of the cluster are answered from what it
 * watches, everything else is asked of the resolver of the machine it runs on, and answers from there are kept for
 * thirty seconds at most.
 *
 * Upstream: coredns/coredns
 * Left out: what the cache keeps (an answer from it is the same but for its TTL), autopath, hosts, rewrite, template.
 */
import type { Draw } from '../std/draw.ts'
import { answerInZone, type Lookup, reverseAnswer, type Zone, type ZoneOptions } from './cluster-zone.ts'
import { type Directive, optionOf, parseCorefile, pluginOf, type ServerBlock } from './corefile.ts'
import type { DnsView } from './dns-view.ts'
import { type Answer, answerOf, canonical, isWithin, type Query, type ResourceRecord } from './message.ts'

/** The world's name servers: what `forward` asks. Without one, nobody answers. */
export type Upstream = (query: Query, servers: readonly string[]) => Answer

export interface DnsServer {
  readonly view: DnsView
  readonly corefile: string
  readonly upstream?: Upstream
  /** The order of equal addresses, when the Corefile says `loadbalance`. */
  readonly draw?: Draw
}

const REFUSED: Answer = { ...answerOf([], [], 'REFUSED'), flags: ['qr', 'rd'] }

const NO_UPSTREAM: Answer = { ...answerOf([], [], 'SERVFAIL'), flags: ['qr', 'rd'] }

/** The block with the longest zone that holds the name. */
function blockFor(blocks: readonly ServerBlock[], name: string): ServerBlock | undefined {
  const length = (block: ServerBlock): number =>
    Math.max(-1, ...block.zones.filter((zone) => isWithin(name, zone)).map((zone) => canonical(zone).length))
  const fitting = blocks.filter((block) => length(block) >= 0)
  return fitting.toSorted((a, b) => length(b) - length(a))[0]
}

const DEFAULT_TTL = 5

function zoneOptions(plugin: Directive): ZoneOptions {
  const zone = plugin.arguments.find((name) => !isReverse(name)) ?? 'cluster.local'
  return {
    zone: canonical(zone),
    ttl: Number(optionOf(plugin, 'ttl')?.[0] ?? DEFAULT_TTL),
    pods: (optionOf(plugin, 'pods')?.[0] ?? 'disabled') as ZoneOptions['pods'],
    endpointPodNames: optionOf(plugin, 'endpoint_pod_names') !== undefined,
  }
}

const isReverse = (zone: string): boolean => /(^|\.)(in-addr|ip6)\.arpa\.?$/.test(zone)

/** No arguments: everything falls through; otherwise only names in these zones. */
function fallsThrough(plugin: Directive, name: string): boolean {
  const zones = optionOf(plugin, 'fallthrough')
  return zones !== undefined && (zones.length === 0 || zones.some((zone) => isWithin(name, zone)))
}

/** The answer of `kubernetes`, or undefined when the question is not its own or falls through to the next plugin. */
function fromCluster(server: DnsServer, plugin: Directive, query: Query, lookup: Lookup): Answer | undefined {
  const options = zoneOptions(plugin)
  const zone: Zone = { view: server.view, options, lookup }
  const own = plugin.arguments.find((name) => isWithin(query.name, name))
  if (own === undefined && !isWithin(query.name, options.zone)) return undefined
  const answer =
    own !== undefined && isReverse(own)
      ? (reverseAnswer(server.view, options, query) ?? answerOf([], [], 'NXDOMAIN'))
      : answerInZone(zone, query)
  return answer.rcode === 'NXDOMAIN' && fallsThrough(plugin, query.name) ? undefined : answer
}

function forwarded(server: DnsServer, block: ServerBlock, query: Query): Answer {
  const plugin = block.plugins.find(
    ({ name, arguments: [zone = '.'] }) => name === 'forward' && isWithin(query.name, zone),
  )
  if (!plugin) return REFUSED
  return server.upstream?.(query, plugin.arguments.slice(1)) ?? NO_UPSTREAM
}

const capped = (records: readonly ResourceRecord[], ttl: number): readonly ResourceRecord[] =>
  records.map((record) => ({ ...record, ttl }))

const DEFAULT_CACHE_SECONDS = 3600
const LEAST_CACHE_SECONDS = 5

/** An answer that may be kept gets one TTL for all its records: the least, but no more than the cache keeps it. */
function cached(block: ServerBlock, answer: Answer): Answer {
  const plugin = pluginOf(block, 'cache')
  if (!plugin) return answer
  const records = [...answer.answer, ...answer.authority, ...answer.additional]
  if (records.length === 0) return answer
  const longest = Number(plugin.arguments[0] ?? DEFAULT_CACHE_SECONDS)
  const ttl = Math.min(longest, Math.max(LEAST_CACHE_SECONDS, ...[Math.min(...records.map((record) => record.ttl))]))
  return {
    ...answer,
    answer: capped(answer.answer, ttl),
    authority: capped(answer.authority, ttl),
    additional: capped(answer.additional, ttl),
  }
}

const isAddress = ({ type }: ResourceRecord): boolean => type === 'A' || type === 'AAAA'

/** Whoever takes the first address of several shall not always get the same. */
function balanced(server: DnsServer, block: ServerBlock, query: Query, answer: Answer): Answer {
  const { draw } = server
  const addresses = answer.answer.filter(isAddress)
  if (!draw || !pluginOf(block, 'loadbalance') || addresses.length < 2) return answer
  const order = addresses.map((record) => [draw('dns order', query.name, record.data), record] as const)
  const shuffled = order.toSorted(([a], [b]) => a - b).map(([, record]) => record)
  return { ...answer, answer: [...answer.answer.filter((record) => !isAddress(record)), ...shuffled] }
}

/** The answer of CoreDNS to a question. */
export function resolve(server: DnsServer, query: Query): Answer {
  const block = blockFor(parsed(server.corefile), query.name)
  if (!block) return REFUSED
  const lookup: Lookup = (next) => resolve(server, next)
  const plugin = pluginOf(block, 'kubernetes')
  const own = plugin && fromCluster(server, plugin, query, lookup)
  return balanced(server, block, query, own ?? cached(block, forwarded(server, block, query)))
}

let lastCorefile: readonly [text: string, blocks: readonly ServerBlock[]] | undefined

/** Every server reads the same Corefile, so the last one parsed is kept. */
function parsed(text: string): readonly ServerBlock[] {
  if (lastCorefile?.[0] !== text) lastCorefile = [text, parseCorefile(text)]
  return lastCorefile[1]
}
