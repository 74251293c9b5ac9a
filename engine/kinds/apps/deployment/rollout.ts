/**
 * How one revision takes over from another. Rolling: the new ReplicaSet grows as far as the surge allows, the old ones shrink as far as
 * enough Pods stay available, unhealthy Pods first. Recreate: all old Pods go before the first new one is made.
 *
 * Upstream: pkg/controller/deployment/{rolling,recreate,sync}.go
 */
import { isDeleting } from '../../../api/object.ts'
import { type AskTerms, remove } from '../../../controllers/ask.ts'
import { isPodTerminal, type Pod } from '../../core/pod/pod-state.ts'
import { ownedBy } from '../replicaset/claim.ts'
import type { ReplicaSet } from '../replicaset/replicaset.ts'
import {
  available,
  type Deployment,
  isActive,
  maxReplicas,
  minAvailable,
  NO_LIMIT,
  oldestFirst,
  REPLICA_SETS,
  recreates,
  revisionOf,
  sumOf,
  wanted,
} from './deployment.ts'
import { activeOld, all, doing, type Roll, reportRollout, scaleIfNeeded } from './roll.ts'
import { isComplete } from './status.ts'

/** How large the new ReplicaSet may be now. */
export function newSize(deployment: Deployment, size: number, total: number): number {
  const { replicas } = deployment.spec
  if (recreates(deployment)) return replicas
  const room = maxReplicas(deployment) - total
  return room <= 0 ? size : size + Math.min(room, replicas - size)
}

function growNew(roll: Roll): Roll {
  const { current, deployment } = roll
  if (!current || current.spec.replicas === deployment.spec.replicas) return roll
  const size = current.spec.replicas
  const next =
    size > deployment.spec.replicas ? deployment.spec.replicas : newSize(deployment, size, sumOf(all(roll), wanted))
  return scaleIfNeeded(roll, current, next)
}

/** Takes from each ReplicaSet, oldest first, what it can spare, until `most` are taken. */
function shrink(roll: Roll, most: number, spare: (one: ReplicaSet) => number, terms: AskTerms): Roll {
  let state = roll
  let left = most
  for (const one of [...activeOld(roll)].sort(oldestFirst)) {
    const take = Math.min(left, spare(one))
    if (take <= 0) continue
    state = scaleIfNeeded(state, one, one.spec.replicas - take, terms)
    left -= take
  }
  return state
}

const unavailable = (one: ReplicaSet): number => one.spec.replicas - available(one)

/** Old Pods that are not available help nobody: they go first. Of the others, only as many as may be missing. */
function shrinkOld(roll: Roll): Roll {
  const { current, deployment } = roll
  const active = activeOld(roll)
  const most = sumOf(all(roll), wanted) - minAvailable(deployment) - (current ? unavailable(current) : 0)
  if (active.length === 0 || most <= 0) return roll
  // One that has yet to delete Pods which still are available confuses upstream's sums: it waits for the next look.
  if (active.some((one) => unavailable(one) < 0)) return roll
  // When it cannot be done now, the status is told all the same.
  const otherwise = reportRollout({ ...roll, commands: [] }).commands
  const cleaned = shrink(roll, most, unavailable, { otherwise })
  return shrink(cleaned, sumOf(all(cleaned), available) - minAvailable(deployment), wanted, { otherwise })
}

const cleanable = (one: ReplicaSet): boolean =>
  one.status.replicas === 0 &&
  one.spec.replicas === 0 &&
  (one.metadata.generation ?? 0) <= (one.status.observedGeneration ?? 0)

const byRevision = (a: ReplicaSet, b: ReplicaSet): number => revisionOf(a) - revisionOf(b) || oldestFirst(a, b)

/** Deletes the oldest revisions beyond the history's limit. */
export function forgetOldRevisions(roll: Roll): Roll {
  const { revisionHistoryLimit: limit = NO_LIMIT } = roll.deployment.spec
  if (limit === NO_LIMIT) return roll
  const kept = roll.old.filter((one) => !isDeleting(one))
  const excess = kept.length - limit
  if (excess <= 0) return roll
  const doomed = kept.sort(byRevision).slice(0, excess).filter(cleanable)
  return doing(roll, ...doomed.map((one) => remove(REPLICA_SETS, one)))
}

const forgetWhenDone = (roll: Roll): Roll =>
  isComplete(roll.deployment, roll.deployment.status) ? forgetOldRevisions(roll) : roll

/** One step at a time: grow, or else shrink, or else clean up. */
export function rollOn(roll: Roll): Roll {
  const grown = growNew(roll)
  if (grown !== roll) return reportRollout(grown, roll)
  const shrunk = shrinkOld(roll)
  if (shrunk !== roll) return reportRollout(shrunk, roll)
  return reportRollout(forgetWhenDone(roll))
}

const isRunning = (roll: Roll, one: ReplicaSet): boolean =>
  one.status.replicas > 0 || ownedBy<Pod>(roll.view, 'pods', one.metadata.uid).some((pod) => !isPodTerminal(pod))

/** The old Pods go; `undefined` when they are gone. */
export function removeOld(roll: Roll): Roll | undefined {
  const emptied = roll.old.filter(isActive).reduce((state, one) => scaleIfNeeded(state, one, 0), roll)
  if (emptied !== roll || roll.old.some((one) => isRunning(roll, one))) return reportRollout(emptied, roll)
  return undefined
}

export function startNew(roll: Roll): Roll {
  const { current, deployment } = roll
  const started = current ? scaleIfNeeded(roll, current, deployment.spec.replicas) : roll
  return reportRollout(forgetWhenDone(started), roll)
}
