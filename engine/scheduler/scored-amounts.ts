/**
 * The amounts that scoring by resources works with: what would be requested of a node with the Pod on it, and what the
 * node has.
 *
 * Upstream: pkg/scheduler/framework/plugins/noderesources/resource_allocation.go
 */
import { type Amounts, amountOf } from './amounts.ts'
import type { Place } from './places.ts'
import type { WeightedResource } from './scoring-strategy.ts'

export interface ScoredAmounts {
  readonly requested: readonly number[]
  /** 0 where the resource does not count on this node. */
  readonly capacity: readonly number[]
  /** What of `requested` the Pod itself brings. */
  readonly brought: readonly number[]
}

const COUNTED_APART = new Set(['cpu', 'memory'])

const isOther = (resource: string): boolean => !COUNTED_APART.has(resource) && resource !== 'ephemeral-storage'

/** `taken` is what the Pods there count for cpu and memory; of everything else it is what they request. */
export function scoredAmounts(
  resources: readonly WeightedResource[],
  pod: Amounts,
  { facts, usage }: Place,
  taken: Amounts,
): ScoredAmounts {
  const requested: number[] = []
  const capacity: number[] = []
  const brought: number[] = []
  for (const { name } of resources) {
    const own = amountOf(pod, name)
    const has = own === 0 && isOther(name) ? 0 : amountOf(facts.allocatable, name)
    const used = amountOf(COUNTED_APART.has(name) ? taken : usage.requests, name)
    capacity.push(has)
    requested.push(has === 0 ? 0 : used + own)
    brought.push(has === 0 ? 0 : own)
  }
  return { requested, capacity, brought }
}

interface Ignored {
  readonly ignoredResources?: readonly string[]
  readonly ignoredResourceGroups?: readonly string[]
}

/** Extended resources that somebody else than the scheduler watches over. */
export function isLeftToOthers({ ignoredResources, ignoredResourceGroups }: Ignored, resource: string): boolean {
  if (!resource.includes('/')) return false
  const group = resource.slice(0, resource.indexOf('/'))
  return (ignoredResources?.includes(resource) || ignoredResourceGroups?.includes(group)) ?? false
}
