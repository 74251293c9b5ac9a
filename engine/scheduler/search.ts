/**
 * One attempt to find a node: which nodes come into question, how many of them are looked at, which are feasible, and which of those is
 * best. Large clusters are not looked through; the search goes on where the last one ended.
 *
 * Upstream: pkg/scheduler/schedule_one.go
 */
import { getSorted } from '../std/sorted.ts'
import { best } from './best.ts'
import type { Incoming } from './incoming.ts'
import type { Judge, Verdict } from './judging.ts'
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
  const feasible: number[] = []
  const count = candidates.length
  let refused = 0
  for (let i = 0, at = count > 0 ? start % count : 0; i < count; i++, at = at + 1 === count ? 0 : at + 1) {
    const slot = candidates[at]!
    if (verdict(places[slot]!)) refused++
    else if (feasible.length === enough) break
    else feasible.push(slot)
  }
  return { feasible, evaluated: feasible.length + refused }
}

/** What one plugin adds to each feasible node, weight included. */
export interface Contribution {
  readonly plugin: AnyPlugin
  readonly weighted: Scores
}

function contribution(
  { incoming, score }: Judge,
  { places }: Cluster,
  plugin: AnyPlugin,
  weight: number,
  rated: unknown,
  feasible: readonly number[],
): Contribution {
  const scores: Scores = new Float64Array(feasible.length)
  const byNode = plugin.looksAt === 'node'
  for (let i = 0; i < feasible.length; i++) {
    const place = places[feasible[i]!]!
    scores[i] = byNode ? score(plugin, place, rated) : plugin.score!(incoming, place, rated)
  }
  plugin.spread?.(scores, feasible.length, rated, feasible)
  for (let i = 0; i < feasible.length; i++) scores[i] = scores[i]! * weight
  return { plugin, weighted: scores }
}

/** What each plugin that has an opinion says of the feasible nodes. */
export function contributions(
  profile: Profile,
  judge: Judge,
  cluster: Cluster,
  feasible: readonly number[],
): readonly Contribution[] {
  const said: Contribution[] = []
  for (const { plugin, weight } of profile.scorers) {
    const rated = plugin.rate ? plugin.rate(judge.incoming, cluster, feasible) : true
    if (rated !== undefined) said.push(contribution(judge, cluster, plugin, weight, rated, feasible))
  }
  return said
}

export function totalScores(said: readonly Contribution[], count: number): Scores {
  const totals: Scores = new Float64Array(count)
  for (const { weighted } of said) for (let i = 0; i < count; i++) totals[i] = totals[i]! + weighted[i]!
  return totals
}

/** The slot of the best of several feasible nodes. A single one is not even scored. */
export function chooseBest(profile: Profile, judge: Judge, cluster: Cluster, feasible: readonly number[]): number {
  if (feasible.length === 1 || profile.scorers.length === 0) return feasible[0]!
  const totals = totalScores(contributions(profile, judge, cluster, feasible), feasible.length)
  return feasible[best(totals)]!
}
