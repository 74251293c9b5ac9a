/**
 * A Pod stays five minutes on a node that is not ready or out of reach, unless it says how long itself.
 *
 * Upstream: plugin/pkg/admission/defaulttolerationseconds
 */
import type { KubeObject } from '../../api/object.ts'
import type { Pod, Toleration } from '../../api/types.generated.ts'
import type { Stage } from '../exchange.ts'
import type { Admission } from './admission.ts'

const STAY_SECONDS = 300

const staying = (key: string): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: STAY_SECONDS,
})

const DEFAULTS = [staying('node.kubernetes.io/not-ready'), staying('node.kubernetes.io/unreachable')]

const speaksOf = ({ key, effect }: Toleration, taint: string): boolean =>
  (!key || key === taint) && (!effect || effect === 'NoExecute')

const known = new WeakMap<readonly Toleration[], readonly Toleration[]>()

function missingFrom(tolerations: readonly Toleration[]): readonly Toleration[] {
  return DEFAULTS.filter(({ key }) => !tolerations.some((toleration) => speaksOf(toleration, key!)))
}

/** The same list for the same list. */
function completed(tolerations: readonly Toleration[] | undefined): readonly Toleration[] {
  if (!tolerations) return DEFAULTS
  let complete = known.get(tolerations)
  if (!complete) {
    const missing = missingFrom(tolerations)
    known.set(tolerations, (complete = missing.length > 0 ? [...tolerations, ...missing] : tolerations))
  }
  return complete
}

const mutate: Stage = (exchange) => {
  const pod = exchange.object as Pod
  const tolerations = completed(pod.spec?.tolerations)
  if (tolerations === pod.spec?.tolerations) return exchange
  return { ...exchange, object: { ...pod, spec: { ...pod.spec!, tolerations } } as KubeObject }
}

export const defaultTolerationSeconds: Admission = {
  name: 'DefaultTolerationSeconds',
  operations: ['create', 'update'],
  resources: ['pods'],
  mutate,
}
