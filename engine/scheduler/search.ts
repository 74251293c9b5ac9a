/**
 * One attempt to find a node: which nodes come into question, how many of them are looked at, which are feasible, and
 * which of those is best. Large clusters are not looked through; the search goes on where the last one ended.
 *
 * Upstream: pkg/scheduler/schedule_one.go
 */
import { getSorted } from '../std/sorted.ts'
import { best } from './best.ts'
import type { Incoming } from './incoming.ts'
import type { Judge } from './judging.ts'
import type { Cluster } from './plugin.ts'
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
export function namedSlots({ snapshot }: Cluster, profile: Profile, incoming: Incoming): Int32Array | undefined {
  let slots: readonly number[] | undefined
  for (const plugin of profile.filters) {
    const named = plugin.only?.(incoming)?.flatMap((name) => getSorted(snapshot.slots, name) ?? [])
    if (named) slots = slots ? slots.filter((slot) => named.includes(slot)) : named
  }
  return slots && Int32Array.from(slots)
}

/**
 * Goes round the candidates from `start` until one more than `enough` would be found: the search ends when it meets a
 * node that it no longer needs, so nodes refused just before it still count as evaluated.
 */
export function findFeasible(candidates: Int32Array, start: number, enough: number, verdict: Judge['verdict']): Found {
  const count = candidates.length
  const feasible: number[] = new Array(Math.min(enough, count))
  let found = 0
  let refused = 0
  for (let i = 0, at = count > 0 ? start % count : 0; i < count; i++, at = at + 1 === count ? 0 : at + 1) {
    const slot = candidates[at]!
    if (verdict(slot)) refused++
    else if (found === enough) break
    else feasible[found++] = slot
  }
  feasible.length = found
  return { feasible, evaluated: found + refused }
}

/** The slot of the best of several feasible nodes. A single one is not even scored. */
export function chooseBest({ scorers }: Profile, judge: Judge, feasible: readonly number[]): number {
  if (feasible.length === 1 || scorers.length === 0) return feasible[0]!
  return feasible[best(judge.totals(feasible), feasible.length)]!
}
