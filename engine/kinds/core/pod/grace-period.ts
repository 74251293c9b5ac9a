/**
 * How long a Pod that is deleted may take to end. One that never reached a machine, or has ended already, is gone at once.
 *
 * Upstream: pkg/registry/core/pod/strategy.go (CheckGracefulDelete)
 */
import type { Pod } from '../../../api/types.generated.ts'

const ENDED = ['Failed', 'Succeeded']

export function podGracePeriod({ spec, status }: Pod, asked: number | undefined): number {
  const wanted = asked ?? spec?.terminationGracePeriodSeconds ?? 30
  if (!spec?.nodeName || ENDED.includes(status?.phase ?? '')) return 0
  return wanted < 0 ? 1 : wanted
}
