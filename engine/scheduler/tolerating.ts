/**
 * Taints keep Pods away from nodes; tolerations say which taints a Pod does not mind.
 *
 * Upstream: staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go
 * Left out: the comparing operators Gt and Lt, which the API server refuses by default.
 */
import type { Taint, Toleration } from './objects.ts'

function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  if (operator === 'Exists') return true
  return (operator === undefined || operator === '' || operator === 'Equal') && (value ?? '') === (taint.value ?? '')
}

const NONE: readonly Toleration[] = []

export const isTolerated = (taint: Taint, tolerations: readonly Toleration[] = NONE): boolean => {
  for (const toleration of tolerations) if (tolerates(toleration, taint)) return true
  return false
}

const forbids = ({ effect }: Taint): boolean => effect === 'NoSchedule' || effect === 'NoExecute'

/** Whether a taint forbids the node to Pods with these tolerations. Taints that only advise do not. */
export function hasUntolerated(taints: readonly Taint[], tolerations?: readonly Toleration[]): boolean {
  for (const taint of taints) if (forbids(taint) && !isTolerated(taint, tolerations)) return true
  return false
}
