/**
 * Pods to whom room on a node is promised, because others were made to leave for them. A Pod of lower rank must not
 * take that room, so it is judged as if they were there already.
 *
 * Upstream: pkg/scheduler/backend/queue/nominator.go, framework/runtime/framework.go
 * (RunFilterPluginsWithNominatedPods)
 */
import type { Key } from '../api/object.ts'
import { type Sorted, sortedEntries } from '../std/sorted.ts'
import type { Incoming } from './incoming.ts'
import { firstRefusal, type Judge, prepareFilters, type Verdict } from './judging.ts'
import type { Pod } from './objects.ts'
import { type Place, placeAt } from './places.ts'
import type { Cluster } from './plugin.ts'
import type { Profile } from './profile.ts'
import { assignedOf, place, type Snapshot } from './snapshot.ts'
import type { Tallies } from './tally.ts'

export interface Nomination {
  readonly node: string
  readonly priority: number
}

/** By the key of the Pod. */
export type Nominations = Sorted<Nomination>

/** The Pods with at least this Pod's rank that are promised room, by node. */
export function nominees(nominations: Nominations, incoming: Incoming): ReadonlyMap<string, readonly Key[]> {
  const byNode = new Map<string, Key[]>()
  if (nominations.size === 0) return byNode
  for (const [key, { node, priority }] of sortedEntries(nominations))
    if (priority >= incoming.priority && key !== incoming.key) byNode.set(node, [...(byNode.get(node) ?? []), key])
  return byNode
}

/** The same cluster with other Pods on its nodes. */
export type Supposing = (cluster: Cluster, snapshot: Snapshot) => Cluster

export const supposing =
  (tallies: (snapshot: Snapshot) => Tallies): Supposing =>
  (cluster, snapshot) => ({ ...cluster, snapshot, tallies: tallies(snapshot) })

/** What the plugins would say of one node in a cluster that is only supposed. */
export function verdictSupposing(
  profile: Profile,
  incoming: Incoming,
  cluster: Cluster,
  slot: number,
): Verdict | undefined {
  const filters = prepareFilters(profile, incoming, cluster)
  if ('refusal' in filters) return filters
  return firstRefusal(filters, incoming, placeAt(cluster.snapshot, slot)!)
}

function withNominees(snapshot: Snapshot, keys: readonly Key[], node: string, cluster: Cluster): Snapshot {
  for (const key of keys) {
    const pod = cluster.view.get<Pod>('pods', key)
    if (pod) snapshot = place(snapshot, key, assignedOf(pod, node))
  }
  return snapshot
}

/** A node with nominees must do with them and, as they may never come, without them. */
export function verdictWithNominees(
  profile: Profile,
  incoming: Incoming,
  cluster: Cluster,
  at: Place,
  keys: readonly Key[],
  suppose: Supposing,
): Verdict | undefined {
  const crowded = suppose(cluster, withNominees(cluster.snapshot, keys, at.facts.name, cluster))
  return verdictSupposing(profile, incoming, crowded, at.slot) ?? verdictSupposing(profile, incoming, cluster, at.slot)
}

/** The judge's verdicts, with regard to nominees. */
export function regarding(
  byNode: ReadonlyMap<string, readonly Key[]>,
  judge: Judge,
  profile: Profile,
  incoming: Incoming,
  cluster: Cluster,
  suppose: Supposing,
): Judge['verdict'] {
  if (byNode.size === 0) return judge.verdict
  return (slot) => {
    const at = cluster.places[slot]!
    const keys = byNode.get(at.facts.name)
    return keys ? verdictWithNominees(profile, incoming, cluster, at, keys, suppose) : judge.verdict(slot)
  }
}
