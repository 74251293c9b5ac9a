/**
 * A node begins as not ready, and says so with a taint, so that nothing is placed on it before its kubelet has spoken.
 *
 * Upstream: plugin/pkg/admission/nodetaint
 */
import type { KubeObject } from '../../api/object.ts'
import type { Node } from '../../api/types.generated.ts'
import type { Stage } from '../exchange.ts'
import type { Admission } from './admission.ts'

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const

const mutate: Stage = (exchange) => {
  const node = exchange.object as Node
  const taints = node.spec?.taints ?? []
  if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return exchange
  const object = { ...node, spec: { ...node.spec, taints: [...taints, NOT_READY] } }
  return { ...exchange, object: object as KubeObject }
}

export const taintNodesByCondition: Admission = {
  name: 'TaintNodesByCondition',
  operations: ['create'],
  resources: ['nodes'],
  mutate,
}
