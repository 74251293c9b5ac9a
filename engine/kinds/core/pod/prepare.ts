/**
 * What the server makes of a Pod before it looks at it closely: a new one is Pending, of a class of service that follows from what it
 * asks for; an old one changes through several narrow doors.
 *
 * Upstream: pkg/registry/core/pod/strategy.go, pkg/api/pod/util.go
 */
import { withField } from '../../../api/filling.ts'
import type { Pod, PodStatus } from '../../../api/types.generated.ts'
import { qualityOfService } from './quality-of-service.ts'

const GATED = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
} as const

export function preparePodCreate(pod: Pod): Pod {
  const fresh: PodStatus = { phase: 'Pending', qosClass: qualityOfService(pod) }
  const gated = (pod.spec?.schedulingGates?.length ?? 0) > 0
  return withField(pod, 'status', gated ? { ...fresh, conditions: [GATED] } : fresh)
}

export function preparePodUpdate(pod: Pod, old: Pod, subresource: string): Pod {
  return subresource === 'status' ? withField(pod, 'spec', old.spec) : withField(pod, 'status', old.status)
}
