/**
 * Who has to go first when a machine runs out of memory: those who promised nothing (BestEffort), then those who promised
 * less than they may take (Burstable), last those who take what they asked for (Guaranteed).
 *
 * Upstream: pkg/apis/core/helper/qos/qos.go
 */

import { compareAmounts, isZeroAmount } from '../../../api/amounts.ts'
import type { Pod, PodSpec, ResourceRequirements } from '../../../api/types.generated.ts'

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort'

const COMPUTE = ['cpu', 'memory'] as const

type Amounts = Readonly<Record<string, string>> | undefined

const asks = (amounts: Amounts, name: string): boolean => {
  const amount = amounts?.[name]
  return amount !== undefined && !isZeroAmount(amount)
}

const asksAnything = ({ requests, limits }: ResourceRequirements): boolean =>
  COMPUTE.some((name) => asks(requests, name) || asks(limits, name))

const takesWhatItAsks = ({ requests, limits }: ResourceRequirements): boolean =>
  COMPUTE.every(
    (name) =>
      asks(limits, name) && (requests?.[name] === undefined || compareAmounts(requests[name]!, limits![name]!) === 0),
  )

/** Resources of the Pod as a whole decide alone; else every container has to agree. */
function claimsOf({ resources, containers, initContainers }: PodSpec): readonly ResourceRequirements[] {
  if (resources) return [resources]
  return [...(initContainers ?? []), ...(containers ?? [])].map((container) => container.resources ?? {})
}

const known = new WeakMap<PodSpec, QualityOfService>()

function classOf(spec: PodSpec): QualityOfService {
  const claims = claimsOf(spec)
  if (!claims.some(asksAnything)) return 'BestEffort'
  return claims.every(takesWhatItAsks) ? 'Guaranteed' : 'Burstable'
}

export function qualityOfService({ spec }: Pod): QualityOfService {
  if (!spec) return 'BestEffort'
  const before = known.get(spec)
  if (before) return before
  const found = classOf(spec)
  known.set(spec, found)
  return found
}
