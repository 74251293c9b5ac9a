/**
 * The shape of a scheduler plugin. The scheduler itself knows no rule about nodes: every rule is a plugin that may
 * refuse a node, give it points, and say which change in the cluster is worth another try for a Pod it has refused.
 *
 * Upstream: staging/src/k8s.io/kube-scheduler/framework/interface.go
 * Left out: Reserve, Permit, PreBind, PostBind: nothing here needs to wait before a Pod is bound.
 */
import type { View } from '../client/controller.ts'
import type { Event } from './event.ts'
import type { Incoming } from './incoming.ts'
import type { Place, Places } from './places.ts'
import type { Refusal } from './refusal.ts'
import type { Services } from './services.ts'
import type { Snapshot } from './snapshot.ts'
import type { Tallies } from './tally.ts'

/** What there is beside Nodes and Pods. */
export interface Surroundings {
  readonly services: Services
  readonly view: View
}

/** What plugins may ask about the cluster while they look at one Pod. */
export interface Cluster extends Surroundings {
  readonly snapshot: Snapshot
  readonly places: Places
  /** The slots of all nodes, in the order of the search. */
  readonly order: Int32Array
  readonly tallies: Tallies
}

export type Scores = Float64Array

/** `Prepared` is what filtering, `Rated` what scoring has worked out once for the Pod. */
export interface Plugin<Prepared = unknown, Rated = unknown> {
  readonly name: string
  /**
   * What filter and score depend on. `node`: on the Pod's signature and on the place alone, so what they said of a
   * place holds for every Pod of that signature. `cluster`: on anything.
   */
  readonly looksAt: 'node' | 'cluster'
  /** PreEnqueue: why the Pod may not even be tried. */
  readonly holds?: (pod: Incoming['pod']) => string | undefined
  /**
   * PreFilter: a Refusal ends the attempt; undefined says that filter need not be asked. Absent: filter is always
   * asked.
   */
  readonly prepare?: (incoming: Incoming, cluster: Cluster) => Prepared | Refusal | undefined
  /** PreFilter: the names of the only nodes that come into question. */
  readonly only?: (incoming: Incoming) => readonly string[] | undefined
  readonly filter?: (incoming: Incoming, place: Place, prepared: Prepared) => Refusal | undefined
  /** PreScore, once nodes were found: undefined says that the plugin has no opinion. Absent: score is always asked. */
  readonly rate?: (incoming: Incoming, cluster: Cluster, feasible: readonly number[]) => Rated | undefined
  readonly score?: (incoming: Incoming, place: Place, rated: Rated) => number
  /** The same for all feasible nodes, by slot, for plugins that look at the cluster: instead of `score`. */
  readonly scoreAll?: (scores: Scores, feasible: readonly number[], rated: Rated) => void
  /** NormalizeScore: turns what score said of the feasible nodes into 0 to 100, in place. */
  readonly spread?: (scores: Scores, count: number, rated: Rated, feasible: readonly number[]) => void
  /** QueueingHint: whether what happened may make room for a Pod that this plugin refused. */
  readonly wakes?: (event: Event, pod: Incoming['pod'], around: Surroundings) => boolean
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds plugins whose preparations have nothing in common
export type AnyPlugin = Plugin<any, any>

export const HIGHEST_SCORE = 100

/**
 * Stretches scores to 0 … 100 by the highest; reversed, the lowest is best. Upstream: plugins/helper/normalize_score.go
 */
export function stretch(scores: Scores, count: number, reversed: boolean): void {
  let highest = 0
  for (let i = 0; i < count; i++) if (scores[i]! > highest) highest = scores[i]!
  for (let i = 0; i < count; i++) {
    const share = highest === 0 ? 0 : Math.trunc((HIGHEST_SCORE * scores[i]!) / highest)
    scores[i] = reversed ? HIGHEST_SCORE - share : share
  }
}
