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

export interface PodDifferences {
  readonly gone: readonly Pod[]
  readonly come: readonly Pod[]
}

/** What differs between two lists in the order of names: a Pod that changed has gone as it was and come as it is. */
export function differencesOf(before: readonly Pod[], after: readonly Pod[]): PodDifferences {
  const [gone, come]: [Pod[], Pod[]] = [[], []]
  let at = 0
  for (const pod of after) {
    if (before[at] === pod) {
      at++
      continue
    }
    const { name } = pod.metadata
    while (at < before.length && before[at] !== pod && before[at]!.metadata.name <= name) gone.push(before[at++]!)
    if (before[at] === pod) at++
    else come.push(pod)
  }
  for (; at < before.length; at++) gone.push(before[at]!)
  return { gone, come }
}

export const servicesOfPod = (view: View, { metadata }: KubeObject): readonly Key[] =>
  view
    .list<Service>('services', metadata.namespace)
    .filter(({ spec }) => spec.selector !== undefined && selects(spec.selector, metadata.labels))
    .map(keyOf)
