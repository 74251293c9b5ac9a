/**
 * What the plugins of a profile say of nodes: first whether the Pod may go there, then how good each of the nodes is to
 * which it may. This is the plain way, in which all are asked every time; `remembering.ts` is the quick one.
 */
import type { Incoming } from './incoming.ts'
import type { Place } from './places.ts'
import type { AnyPlugin, Cluster, Scores } from './plugin.ts'
import type { Profile, Weighted } from './profile.ts'
import { isRefusal, type Refusal } from './refusal.ts'

/** Who refused a node, and why. */
export interface Verdict {
  readonly plugin: string
  readonly refusal: Refusal
}

/** A filter that has something to say about the Pod, with its preparation. */
export interface Filter {
  readonly plugin: AnyPlugin
  readonly prepared: unknown
}

export interface Judge {
  /** Of the node at a slot. The first refusal counts. */
  readonly verdict: (slot: number) => Verdict | undefined
  /** The points of each of these nodes, by slot. Read them before the next Pod is judged: the list is used again. */
  readonly totals: (feasible: readonly number[]) => Scores
}

// ---- filtering ----

/** PreFilter. A Verdict if the Pod is refused before any node was looked at. */
export function prepareFilters(profile: Profile, incoming: Incoming, cluster: Cluster): readonly Filter[] | Verdict {
  const filters: Filter[] = []
  for (const plugin of profile.filters) {
    const prepared = plugin.prepare ? plugin.prepare(incoming, cluster) : true
    if (isRefusal(prepared)) return { plugin: plugin.name, refusal: prepared }
    if (prepared !== undefined) filters.push({ plugin, prepared })
  }
  return filters
}

export function firstRefusal(filters: readonly Filter[], incoming: Incoming, place: Place): Verdict | undefined {
  for (const { plugin, prepared } of filters) {
    const refusal = plugin.filter!(incoming, place, prepared)
    if (refusal) return { plugin: plugin.name, refusal }
  }
  return undefined
}

// ---- scoring ----

/** A plugin that has an opinion about the Pod, with what it has worked out. */
export interface Opinion extends Weighted {
  readonly rated: unknown
}

/** PreScore: which of these plugins have an opinion. */
export function opinions(
  scorers: readonly Weighted[],
  incoming: Incoming,
  cluster: Cluster,
  feasible: readonly number[],
): readonly Opinion[] {
  const held: Opinion[] = []
  for (const { plugin, weight } of scorers) {
    const rated = plugin.rate ? plugin.rate(incoming, cluster, feasible) : true
    if (rated !== undefined) held.push({ plugin, weight, rated })
  }
  return held
}

/** What one plugin adds to each feasible node, weight included. */
export interface Contribution {
  readonly plugin: AnyPlugin
  readonly weighted: Scores
}

/** What each plugin that has an opinion says of the feasible nodes. */
export function contributions(
  { scorers }: Profile,
  incoming: Incoming,
  cluster: Cluster,
  feasible: readonly number[],
): readonly Contribution[] {
  return opinions(scorers, incoming, cluster, feasible).map(({ plugin, weight, rated }) => {
    const scores = new Float64Array(feasible.length)
    if (plugin.scoreAll) plugin.scoreAll(scores, feasible, rated)
    else feasible.forEach((slot, i) => void (scores[i] = plugin.score!(incoming, cluster.places[slot]!, rated)))
    plugin.spread?.(scores, feasible.length, rated, feasible)
    return { plugin, weighted: scores.map((points) => points * weight) }
  })
}

export function sumOf(said: readonly Contribution[], count: number): Scores {
  const totals: Scores = new Float64Array(count)
  for (const { weighted } of said) for (let i = 0; i < count; i++) totals[i]! += weighted[i]!
  return totals
}

export const plainJudge = (
  profile: Profile,
  incoming: Incoming,
  filters: readonly Filter[],
  cluster: Cluster,
): Judge => ({
  verdict: (slot) => firstRefusal(filters, incoming, cluster.places[slot]!),
  totals: (feasible) => sumOf(contributions(profile, incoming, cluster, feasible), feasible.length),
})
