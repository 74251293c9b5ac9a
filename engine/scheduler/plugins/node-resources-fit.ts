/**
 * A node must have left what the Pod asks for. Of the nodes that have, the emptier ones get more points by default, so
 * that load spreads; other strategies fill nodes up, or follow a curve.
 *
 * Upstream: pkg/scheduler/framework/plugins/noderesources/fit.go
 * Left out: extended resources that a DeviceClass stands for.
 */
import { type Amounts, amountOf } from '../amounts.ts'
import type { NodeEvent, PodEvent } from '../event.ts'
import { loadOf } from '../load.ts'
import type { NodeFacts } from '../node-facts.ts'
import type { Pod } from '../objects.ts'
import type { Place } from '../places.ts'
import type { Plugin } from '../plugin.ts'
import type { Refusal } from '../refusal.ts'
import { isLeftToOthers, scoredAmounts } from '../scored-amounts.ts'
import { type ScoringStrategy, scorerOf } from '../scoring-strategy.ts'

export interface NodeResourcesFitArgs {
  readonly ignoredResources?: readonly string[]
  readonly ignoredResourceGroups?: readonly string[]
  readonly scoringStrategy?: ScoringStrategy
}

const BY_DEFAULT: ScoringStrategy = {
  type: 'LeastAllocated',
  resources: [
    { name: 'cpu', weight: 1 },
    { name: 'memory', weight: 1 },
  ],
}

/** What the Pod asks for, by resource. */
type Wishes = readonly (readonly [resource: string, amount: number])[]

const OWN_AMOUNTS = ['cpu', 'memory', 'ephemeral-storage']

const wishesOf = (requests: Amounts): Wishes =>
  [...OWN_AMOUNTS, ...Object.keys(requests.others)]
    .map((resource) => [resource, amountOf(requests, resource)] as const)
    .filter(([, amount]) => amount > 0)

/** What the node is short of; unresolvable if even the empty node would be. */
function shortages({ facts, usage }: Place, wishes: Wishes): Refusal | undefined {
  let reasons: string[] | undefined
  let unresolvable = false
  if (usage.pods.length + 1 > facts.allowedPods) reasons = ['Too many pods']
  for (const [resource, amount] of wishes) {
    const capacity = amountOf(facts.allocatable, resource)
    if (amount <= capacity - amountOf(usage.requests, resource)) continue
    ;(reasons ??= []).push(`Insufficient ${resource}`)
    unresolvable ||= amount > capacity
  }
  return reasons && { reasons, unresolvable }
}

const fitsEmpty = ({ allocatable, allowedPods }: NodeFacts, wishes: Wishes): boolean =>
  allowedPods >= 1 && wishes.every(([resource, amount]) => amount <= amountOf(allocatable, resource))

const hasMore = (before: NodeFacts, after: NodeFacts, wishes: Wishes): boolean =>
  after.allowedPods > before.allowedPods ||
  wishes.some(([resource]) => amountOf(after.allocatable, resource) > amountOf(before.allocatable, resource))

function nodeHelps({ change, before, after }: NodeEvent, wishes: Wishes): boolean {
  if (change !== 'Add' && change !== 'UpdateNodeAllocatable') return false
  if (!after || !fitsEmpty(after, wishes)) return false
  return before === undefined || hasMore(before, after, wishes)
}

const asksLess = (before: Pod, after: Pod, wishes: Wishes): boolean => {
  const [old, now] = [loadOf(before).requests, loadOf(after).requests]
  return wishes.some(([resource]) => amountOf(now, resource) < amountOf(old, resource))
}

const isSame = (a: Pod, b: Pod): boolean => a.metadata.uid === b.metadata.uid

/** A Pod that goes or asks for less makes room, and so does the Pod itself if it asks for less. */
function podHelps({ of, change, before, after }: PodEvent, pod: Pod, wishes: Wishes): boolean {
  if (change === 'Delete') return of === 'AssignedPod'
  if (change !== 'UpdatePodScaleDown' || !before || !after) return false
  if (of === 'AssignedPod') return asksLess(before, after, wishes)
  return isSame(after, pod) && asksLess(before, after, wishesOf(loadOf(before).requests))
}

export function nodeResourcesFit(args: NodeResourcesFitArgs): Plugin<Wishes> {
  const scorer = scorerOf(args.scoringStrategy ?? BY_DEFAULT)
  const wanted = (pod: Pod): Wishes =>
    wishesOf(loadOf(pod).requests).filter(([resource]) => !isLeftToOthers(args, resource))
  return {
    name: 'NodeResourcesFit',
    looksAt: 'node',
    prepare: ({ pod }) => wanted(pod),
    filter: (_, place, wishes) => shortages(place, wishes),
    score({ scored }, place) {
      const { requested, capacity } = scoredAmounts(scorer.resources, scored, place, place.usage.counted)
      return scorer.score(requested, capacity)
    },
    wakes: (event, pod) => (event.of === 'Node' ? nodeHelps(event, wanted(pod)) : podHelps(event, pod, wanted(pod))),
  }
}
