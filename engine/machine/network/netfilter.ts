/**
 * Follows the rules of one table for one packet: from the kernel's chain through the chains it jumps to, until a rule
 * decides. This is the place where a Service's address becomes a pod's, and where a refusal comes from.
 *
 * Upstream: the kernel's netfilter
 * Left out: mangle (nobody writes rules there) and raw; counters.
 */
import { printRule } from './iptables-save.ts'
import { contains, type Ipv4 } from './ipv4.ts'
import type { Chains, ConnectionState, Match, Protocol, Range, Rule, Target } from './rule.ts'

/** A packet as rules see it. */
export interface Passing {
  readonly protocol: Protocol
  readonly source: Ipv4
  readonly destination: Ipv4
  readonly destinationPort: number
  readonly states: readonly ConnectionState[]
  readonly mark: number
}

export interface Surroundings {
  readonly isLocal: (address: Ipv4) => boolean
  /** Whether this rule gets its share (of 2^31) of the connections: a draw. */
  readonly takes: (share: number, chain: string, index: number) => boolean
  /** Whether this source was sent to that endpoint within so many seconds. */
  readonly remembers: (endpointChain: string, source: Ipv4, seconds: number) => boolean
}

export interface Decision {
  readonly verdict: 'ACCEPT' | 'DROP' | 'REJECT' | 'DNAT' | 'MASQUERADE'
  readonly target?: Target
  readonly mark: number
  /** The rules that matched and did something, in order, as iptables-save prints them. */
  readonly rules: readonly string[]
  /** Chains of endpoints that are to be remembered for this source. */
  readonly remembered: readonly string[]
}

/** What is gathered on the way. */
interface Progress {
  readonly chains: Chains
  readonly around: Surroundings
  readonly rules: string[]
  readonly remembered: string[]
  passing: Passing
  decided: Target | undefined
}

const inRange = (range: Range | undefined, address: Ipv4): boolean =>
  range === undefined || contains(range.cidr, address) !== (range.not === true)

const sideOf = (passing: Passing, side: 'src' | 'dst'): Ipv4 => (side === 'src' ? passing.source : passing.destination)

type MatchTest<M extends Match['match']> = (
  match: Extract<Match, { match: M }>,
  progress: Progress,
  chain: string,
  index: number,
) => boolean

const TESTS: { readonly [M in Match['match']]: MatchTest<M> } = {
  comment: () => true,
  nfacct: () => true,
  port: ({ port }, { passing }) => port === undefined || port === passing.destinationPort,
  addrtype: ({ side }, { passing, around }) => around.isLocal(sideOf(passing, side)),
  mark: ({ mark, not }, { passing }) => ((passing.mark & mark) === mark) !== (not === true),
  conntrack: ({ states, not }, { passing }) =>
    states.some((state) => passing.states.includes(state)) !== (not === true),
  statistic: ({ share }, { around }, chain, index) => around.takes(share, chain, index),
  recent: (match, { passing, around, remembered }) => {
    if ('remembered' in match) return around.remembers(match.remembered, passing.source, match.seconds)
    remembered.push(match.remember)
    return true
  },
}

function matches(rule: Rule, progress: Progress, chain: string, index: number): boolean {
  const { passing } = progress
  if (rule.protocol && rule.protocol !== passing.protocol) return false
  if (!inRange(rule.destination, passing.destination) || !inRange(rule.source, passing.source)) return false
  return rule.matches.every((match) =>
    (TESTS[match.match] as MatchTest<typeof match.match>)(match as never, progress, chain, index),
  )
}

interface Lookup {
  readonly byDestination: ReadonlyMap<Ipv4, readonly number[]>
  readonly always: readonly number[]
}

const LONG_CHAIN = 24

const lookups = new WeakMap<readonly Rule[], Lookup>()

/** Thousands of Services make one long chain of which each packet concerns a few rules: those for its destination. */
function lookupOf(rules: readonly Rule[]): Lookup {
  const known = lookups.get(rules)
  if (known) return known
  const byDestination = new Map<Ipv4, number[]>()
  const always: number[] = []
  rules.forEach(({ destination }, index) => {
    const single = destination && !destination.not && destination.cidr.length === 32
    const list = single ? (byDestination.get(destination.cidr.base) ?? []) : always
    list.push(index)
    if (single) byDestination.set(destination.cidr.base, list)
  })
  const lookup = { byDestination, always }
  lookups.set(rules, lookup)
  return lookup
}

function candidates(rules: readonly Rule[], destination: Ipv4): Iterable<number> {
  if (rules.length < LONG_CHAIN) return rules.keys()
  const { byDestination, always } = lookupOf(rules)
  return [...(byDestination.get(destination) ?? []), ...always].sort((a, b) => a - b)
}

/** Returns whether the chain decided; a mark is set and the walk goes on. */
function applyTarget(target: Target, progress: Progress): boolean {
  if (target.to === 'chain') return follow(target.chain, progress)
  if (target.to === 'MARK') {
    const { passing } = progress
    progress.passing = { ...passing, mark: (passing.mark & ~target.mask) | target.value }
    return false
  }
  progress.decided = target
  return true
}

function follow(chain: string, progress: Progress): boolean {
  const rules = progress.chains[chain] ?? []
  for (const index of candidates(rules, progress.passing.destination)) {
    const rule = rules[index]!
    if (!rule.target || !matches(rule, progress, chain, index)) continue
    progress.rules.push(printRule(chain, rule))
    if (rule.target.to === 'RETURN') return false
    if (applyTarget(rule.target, progress)) return true
  }
  return false
}

/** What the chain of a hook decides about a packet; what no rule decides is accepted. */
export function decide(chains: Chains, hook: string, passing: Passing, around: Surroundings): Decision {
  const progress: Progress = { chains, around, passing, rules: [], remembered: [], decided: undefined }
  follow(hook, progress)
  const { decided, rules, remembered } = progress
  const verdict = (decided?.to ?? 'ACCEPT') as Decision['verdict']
  return { verdict, ...(decided ? { target: decided } : {}), mark: progress.passing.mark, rules, remembered }
}
