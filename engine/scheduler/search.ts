/**
 * One attempt to find a node: which nodes come into question, how many of them are looked at, which are feasible, and which of those is
 * best. Large clusters are not looked through; the search goes on where the last one ended.
 *
 * Upstream: pkg/scheduler/schedule_one.go
 */
import { getSorted } from '../std/sorted.ts'
import { best } from './best.ts'
import type { Incoming } from './incoming.ts'
import type { Judge, Rater, Verdict } from './judging.ts'
import type { Place } from './places.ts'
import type { AnyPlugin, Cluster, Scores } from './plugin.ts'
import type { Profile } from './profile.ts'

const FEWEST_TO_FIND = 100

/** After how many feasible nodes the search stops. */
export function nodesToFind(percentage: number, nodes: number): number {
  if (nodes < FEWEST_TO_FIND) return nodes
  const share = percentage || Math.max(5, 50 - Math.trunc(nodes / 125))
  return Math.max(FEWEST_TO_FIND, Math.trunc((nodes * share) / 100))
}

export interface Found {
  /** Slots, in the order in which they were found. */
  readonly feasible: readonly number[]
  readonly evaluated: number
}

/** The slots that come into question, if some plugin names them. */
export function namedSlots({ snapshot }: Cluster, profile: Profile, incoming: Incoming): readonly number[] | undefined {
  let slots: readonly number[] | undefined
  for (const plugin of profile.filters) {
    const named = plugin.only?.(incoming)?.flatMap((name) => getSorted(snapshot.slots, name) ?? [])
    if (named) slots = slots ? slots.filter((slot) => named.includes(slot)) : named
  }
  return slots
}

/**
 * Goes round the candidates from `start` until one more than `enough` would be found: the search ends when it meets a node that it no longer
 * needs, so nodes refused just before it still count as evaluated.
 */
export function findFeasible(
  { places }: Cluster,
  candidates: readonly number[],
  start: number,
  enough: number,
  verdict: (place: Place) => Verdict | undefined,
): Found {
  const count = candidates.length
  const feasible: number[] = new Array(Math.min(enough, count))
  let found = 0
  let refused = 0
  for (let i = 0, at = count > 0 ? start % count : 0; i < count; i++, at = at + 1 === count ? 0 : at + 1) {
    const slot = candidates[at]!
    if (verdict(places[slot]!)) refused++
    else if (found === enough) break
    else feasible[found++] = slot
  }
  feasible.length = found
  return { feasible, evaluated: found + refused }
}

/** What one plugin adds to each feasible node, weight included. */
export interface Contribution {
  readonly plugin: AnyPlugin
  readonly weighted: Scores
}

interface Opinion extends Rater {
  readonly weight: number
  readonly scores: Scores
}

/** Where scores are written: the `which`th list, for so many nodes. */
type Room = (which: number, count: number) => Scores

const newRoom: Room = (_, count) => new Float64Array(count)

const used: Scores[] = []

/** The same lists again and again, for scores that nobody looks at once the best node is known. */
const usedRoom: Room = (which, count) => {
  const list = used[which]
  if (list && list.length >= count) return list
  return (used[which] = new Float64Array(2 * count))
}

/** PreScore: which plugins have an opinion. */
function opinions(
  { scorers }: Profile,
  incoming: Incoming,
  cluster: Cluster,
  feasible: readonly number[],
  room: Room,
): readonly Opinion[] {
  const held: Opinion[] = []
  for (const { plugin, weight } of scorers) {
    const rated = plugin.rate ? plugin.rate(incoming, cluster, feasible) : true
    if (rated !== undefined) held.push({ plugin, rated, weight, scores: room(held.length, feasible.length) })
  }
  return held
}

const ofNodes = ({ plugin }: Opinion): boolean => plugin.looksAt === 'node'

/** The one loop over nodes for plugins whose opinion depends on other nodes. */
function scoreByCluster(
  incoming: Incoming,
  { places }: Cluster,
  { plugin, rated, scores }: Opinion,
  feasible: readonly number[],
): void {
  for (let i = 0; i < feasible.length; i++) scores[i] = plugin.score!(incoming, places[feasible[i]!]!, rated)
}

function weigh({ plugin, rated, weight, scores }: Opinion, feasible: readonly number[]): Contribution {
  plugin.spread?.(scores, feasible.length, rated, feasible)
  for (let i = 0; i < feasible.length; i++) scores[i] = scores[i]! * weight
  return { plugin, weighted: scores }
}

/** What each plugin that has an opinion says of the feasible nodes. */
export function contributions(
  profile: Profile,
  { incoming, score }: Judge,
  cluster: Cluster,
  feasible: readonly number[],
  room: Room = newRoom,
): readonly Contribution[] {
  const held = opinions(profile, incoming, cluster, feasible, room)
  const byNode = held.filter(ofNodes)
  score(
    byNode,
    cluster.places,
    feasible,
    byNode.map(({ scores }) => scores),
  )
  for (const opinion of held) if (!ofNodes(opinion)) scoreByCluster(incoming, cluster, opinion, feasible)
  return held.map((opinion) => weigh(opinion, feasible))
}

export function totalScores(said: readonly Contribution[], count: number, room: Room = newRoom): Scores {
  const totals = room(said.length, count).fill(0, 0, count)
  for (const { weighted } of said) for (let i = 0; i < count; i++) totals[i] = totals[i]! + weighted[i]!
  return totals
}

/** The slot of the best of several feasible nodes. A single one is not even scored. */
export function chooseBest(profile: Profile, judge: Judge, cluster: Cluster, feasible: readonly number[]): number {
  if (feasible.length === 1 || profile.scorers.length === 0) return feasible[0]!
  const said = contributions(profile, judge, cluster, feasible, usedRoom)
  return feasible[best(totalScores(said, feasible.length, usedRoom), feasible.length)]!
}
