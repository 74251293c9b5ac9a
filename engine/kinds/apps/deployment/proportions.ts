/**
 * A Deployment that is scaled in the middle of a roll grows or shrinks in all its ReplicaSets at once, each in proportion to its size, so
 * that the risk of a bad revision stays as it was. What rounding leaves over goes to the largest.
 *
 * Upstream: pkg/controller/deployment/sync.go (scale), util/deployment_util.go (GetReplicaSetProportion)
 */
import type { ReplicaSet } from '../replicaset/replicaset.ts'
import {
  annotatedNumber,
  available,
  DESIRED_REPLICAS,
  type Deployment,
  isActive,
  MAX_REPLICAS,
  maxReplicas,
  oldestFirst,
  recreates,
  sumOf,
  wanted,
} from './deployment.ts'
import { activeOld, all, type Roll, scale, scaleIfNeeded } from './roll.ts'

/** Half away from zero. */
const rounded = (value: number): number => Math.trunc(value < 0 ? value - 0.5 : value + 0.5)

/** How much a ReplicaSet would grow by itself, from what it was told the Deployment's size to be. */
function ownShare(replicaSet: ReplicaSet, deployment: Deployment): number {
  const size = replicaSet.spec.replicas
  if (deployment.spec.replicas === 0) return -size
  const before = annotatedNumber(replicaSet, MAX_REPLICAS) || (deployment.status.replicas ?? 0)
  return rounded((size * maxReplicas(deployment)) / before) - size
}

function share(replicaSet: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  if (replicaSet.spec.replicas === 0 || toAdd === added) return 0
  const own = ownShare(replicaSet, deployment)
  return toAdd > 0 ? Math.min(own, toAdd - added) : Math.max(own, toAdd - added)
}

/** The size for each, in the order given, of which the first takes what is left over. */
function sizes(replicaSets: readonly ReplicaSet[], deployment: Deployment, toAdd: number): readonly number[] {
  let added = 0
  const grown = replicaSets.map((one) => {
    const growth = toAdd === 0 ? 0 : share(one, deployment, toAdd, added)
    added += growth
    return one.spec.replicas + growth
  })
  return grown.map((size, i) => (i === 0 ? Math.max(0, size + toAdd - added) : size))
}

/** The largest first; of equals the newer when growing, the older when shrinking. */
const bySize =
  (growing: boolean) =>
  (a: ReplicaSet, b: ReplicaSet): number =>
    b.spec.replicas - a.spec.replicas || (growing ? oldestFirst(b, a) : oldestFirst(a, b))

function scaleProportionally(roll: Roll): Roll {
  const { deployment } = roll
  const active = all(roll).filter(isActive)
  const allowed = deployment.spec.replicas > 0 ? maxReplicas(deployment) : 0
  const toAdd = allowed - sumOf(active, wanted)
  const ordered = active.sort(bySize(toAdd > 0))
  const next = sizes(ordered, deployment, toAdd)
  return ordered.reduce((state, one, i) => scale(state, one, next[i]!), roll)
}

/** The only ReplicaSet with Pods, or, when none has any, the newest. */
function onlyOne(roll: Roll): ReplicaSet | undefined {
  const active = all(roll).filter(isActive)
  if (active.length > 1) return undefined
  return active[0] ?? roll.current ?? [...roll.old].sort(oldestFirst).at(-1)
}

const isSaturated = (current: ReplicaSet | undefined, { spec }: Deployment): boolean =>
  current !== undefined &&
  current.spec.replicas === spec.replicas &&
  annotatedNumber(current, DESIRED_REPLICAS) === spec.replicas &&
  available(current) === spec.replicas

/** Spreads a new number of replicas over the ReplicaSets that have any. */
export function spread(roll: Roll): Roll {
  const only = onlyOne(roll)
  const { deployment, current } = roll
  if (only) return scaleIfNeeded(roll, only, deployment.spec.replicas)
  if (isSaturated(current, deployment))
    return activeOld(roll).reduce((state, one) => scaleIfNeeded(state, one, 0), roll)
  return recreates(deployment) ? roll : scaleProportionally(roll)
}

/** Whether somebody asked for another number of replicas since the ReplicaSets were last told. */
export const wasScaled = (roll: Roll): boolean =>
  all(roll).some((one) => {
    const told = annotatedNumber(one, DESIRED_REPLICAS)
    return isActive(one) && told !== undefined && told !== roll.deployment.spec.replicas
  })
