/**
 * A node whose CPU is used up while its memory lies idle is wasted. Nodes get points by whether the Pod would bring the
 * shares of their resources closer together or farther apart.
 *
 * Upstream: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go
 */
import { amountOf } from '../amounts.ts'
import type { Plugin } from '../plugin.ts'
import { type ScoredAmounts, scoredAmounts } from '../scored-amounts.ts'
import type { WeightedResource } from '../scoring-strategy.ts'

export interface NodeResourcesBalancedAllocationArgs {
  readonly resources?: readonly WeightedResource[]
}

const CPU_AND_MEMORY: readonly WeightedResource[] = [{ name: 'cpu' }, { name: 'memory' }]

function deviation(shares: readonly number[]): number {
  if (shares.length < 2) return 0
  if (shares.length === 2) return Math.abs((shares[0]! - shares[1]!) / 2)
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  const squares = shares.reduce((sum, share) => sum + (share - mean) * (share - mean), 0)
  return Math.sqrt(squares / shares.length)
}

/** 100 if all resources are used to the same share. */
function balance({ requested, capacity, brought }: ScoredAmounts, withPod: boolean): number {
  const shares: number[] = []
  for (let i = 0; i < capacity.length; i++)
    if (capacity[i]! > 0) shares.push(Math.min((requested[i]! - (withPod ? 0 : brought[i]!)) / capacity[i]!, 1))
  return Math.trunc((1 - deviation(shares)) * 100)
}

/** An unchanged balance is 75. */
const pointsFor = (withPod: number, without: number): number => Math.floor((withPod - without + 150) / 2)

export function nodeResourcesBalancedAllocation(args: NodeResourcesBalancedAllocationArgs): Plugin<unknown, true> {
  const resources = args.resources ?? CPU_AND_MEMORY
  return {
    name: 'NodeResourcesBalancedAllocation',
    looksAt: 'node',
    rate: ({ load }) => resources.some(({ name }) => amountOf(load.requests, name) > 0) || undefined,
    score({ load }, place) {
      const amounts = scoredAmounts(resources, load.requests, place, place.usage.requests)
      return pointsFor(balance(amounts, true), balance(amounts, false))
    },
  }
}
