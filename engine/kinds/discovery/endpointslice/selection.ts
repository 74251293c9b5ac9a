/**
 * Which Pods a Service selects, and which Services select a Pod.
 */
import type { Key, KubeObject } from '../../../api/object.ts'
import { keyOf } from '../../../api/object.ts'
import type { View } from '../../../client/controller.ts'
import type { Pod } from '../../core/pod/pod-state.ts'
import type { Service } from './endpointslice.ts'

type Labels = Readonly<Record<string, string>>

function selects(selector: Labels, labels: Labels | undefined): boolean {
  for (const name in selector) if (labels?.[name] !== selector[name]) return false
  return true
}

/** Found by one of the labels, then narrowed down to all of them. An empty selector selects everything. */
export function podsOf(view: View, { metadata, spec }: Service): readonly Pod[] {
  const selector = spec.selector ?? {}
  const [first, ...others] = Object.entries(selector)
  const { namespace = '' } = metadata
  if (!first) return view.list<Pod>('pods', namespace)
  const pods = view.by<Pod>('pods', 'label', `${namespace}/${first[0]}=${first[1]}`)
  return others.length === 0 ? pods : pods.filter((pod) => selects(selector, pod.metadata.labels))
}

export const servicesOfPod = (view: View, { metadata }: KubeObject): readonly Key[] =>
  view
    .list<Service>('services', metadata.namespace)
    .filter(({ spec }) => spec.selector !== undefined && selects(spec.selector, metadata.labels))
    .map(keyOf)
