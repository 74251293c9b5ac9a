/**
 * One attempt to place one Pod, from the first question to a node or to a list of reasons why not. It changes nothing:
 * it says what it found.
 *
 * Upstream: pkg/scheduler/schedule_one.go (schedulePod)
 */
import { getSorted } from '../std/sorted.ts'
import type { Incoming } from './incoming.ts'
import { type Filter, type Judge, plainJudge, prepareFilters, type Verdict } from './judging.ts'
import { type Nominations, nominees, regarding, type Supposing, supposing } from './nominations.ts'
import { placesOf } from './places.ts'
import type { Cluster, Surroundings } from './plugin.ts'
import type { Profile } from './profile.ts'
import { rememberingJudge } from './remembering.ts'
import { chooseBest, type Found, findFeasible, namedSlots, nodesToFind } from './search.ts'
import type { Snapshot } from './snapshot.ts'
import { plainTallies, rememberingTallies } from './tally.ts'
import { searchOrder } from './zones.ts'

/** What an attempt needs to know beside the Pod. */
export interface Situation extends Surroundings {
  readonly profile: Profile
  readonly snapshot: Snapshot
  readonly nominations: Nominations
  /** Where in the order of nodes the search begins. */
  readonly start: number
}

/** Remembering what was found out before, or asking everything anew: the result is the same. */
export interface Way {
  readonly suppose: Supposing
  readonly cluster: (situation: Situation) => Cluster
  readonly judge: (profile: Profile, incoming: Incoming, filters: readonly Filter[], cluster: Cluster) => Judge
}

const clusterOf =
  (tallies: typeof plainTallies) =>
  ({ snapshot, services, view }: Situation): Cluster => ({
    snapshot,
    services,
    view,
    places: placesOf(snapshot),
    order: searchOrder(snapshot.zones),
    tallies: tallies(snapshot),
  })

export const plainly: Way = {
  suppose: supposing(plainTallies),
  cluster: clusterOf(plainTallies),
  judge: plainJudge,
}

export const remembering: Way = {
  suppose: supposing(rememberingTallies),
  cluster: clusterOf(rememberingTallies),
  judge: rememberingJudge,
}

export interface Fit {
  readonly fits: true
  readonly node: string
  readonly found: Found
  readonly start: number
}

export interface Unfit {
  readonly fits: false
  readonly start: number
  /** By slot. */
  readonly verdicts: ReadonlyMap<number, Verdict>
  /** What holds for the nodes that were not looked at. */
  readonly absent?: Verdict
  /** The Pod was refused before any node was looked at. */
  readonly beforehand?: Verdict
  readonly refusedBy: readonly string[]
}

export type Outcome = Fit | Unfit

const NO_VERDICTS: ReadonlyMap<number, Verdict> = new Map()

const refusedBeforehand = (start: number, verdict: Verdict): Unfit => ({
  fits: false,
  start,
  verdicts: NO_VERDICTS,
  absent: verdict,
  beforehand: verdict,
  refusedBy: [verdict.plugin],
})

/** The plugin that named the only nodes which come into question has refused all others. */
function refusalOfOthers({ filters }: Profile, incoming: Incoming): Verdict | undefined {
  const naming = filters.filter(({ only }) => only?.(incoming) !== undefined).map(({ name }) => name)
  const [plugin] = naming
  if (plugin === undefined) return undefined
  const reason = `node(s) didn't satisfy plugin(s) [${naming.sort().join(' ')}]`
  return { plugin, refusal: { reasons: [reason], unresolvable: true } }
}

function explain(candidates: Int32Array, verdict: Judge['verdict'], others: Verdict | undefined, start: number): Unfit {
  const verdicts = new Map<number, Verdict>()
  for (const slot of candidates) verdicts.set(slot, verdict(slot)!)
  const plugins = new Set([...verdicts.values(), ...(others ? [others] : [])].map(({ plugin }) => plugin))
  return { fits: false, start, verdicts, ...(others && { absent: others }), refusedBy: [...plugins].sort() }
}

/** A Pod with a nomination looks at that node alone first. */
function atNominatedNode(cluster: Cluster, incoming: Incoming, verdict: Judge['verdict']): Found | undefined {
  const nominated = incoming.pod.status?.nominatedNodeName
  const slot = nominated ? getSorted(cluster.snapshot.slots, nominated) : undefined
  if (slot === undefined || verdict(slot)) return undefined
  return { feasible: [slot], evaluated: 1 }
}

function searchNodes({ profile, start }: Situation, candidates: Int32Array, verdict: Judge['verdict']): Found {
  const wanted = profile.scorers.length > 0 ? nodesToFind(profile.percentageOfNodesToScore, candidates.length) : 1
  return findFeasible(candidates, start, wanted, verdict)
}

export function attempt(situation: Situation, incoming: Incoming, way: Way = remembering): Outcome {
  const { profile, start } = situation
  const cluster = way.cluster(situation)
  const filters = prepareFilters(profile, incoming, cluster)
  if ('refusal' in filters) return refusedBeforehand(start, filters)
  const judge = way.judge(profile, incoming, filters, cluster)
  const verdict = regarding(nominees(situation.nominations, incoming), judge, profile, incoming, cluster, way.suppose)
  const chosen = (found: Found, next: number): Fit => {
    const slot = chooseBest(profile, judge, found.feasible)
    return { fits: true, node: cluster.places[slot]!.facts.name, found, start: next }
  }
  const promised = atNominatedNode(cluster, incoming, verdict)
  if (promised) return chosen(promised, start)
  const candidates = namedSlots(cluster, profile, incoming) ?? cluster.order
  const found = searchNodes(situation, candidates, verdict)
  const next = (start + found.evaluated) % cluster.order.length
  if (found.feasible.length > 0) return chosen(found, next)
  return explain(candidates, verdict, refusalOfOthers(profile, incoming), next)
}
