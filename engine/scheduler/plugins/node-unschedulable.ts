/**
 * A cordoned node takes no new Pods, except those that tolerate the taint which stands for it.
 *
 * Upstream: pkg/scheduler/framework/plugins/nodeunschedulable
 */
import type { Pod, Taint } from '../objects.ts'
import type { Plugin } from '../plugin.ts'
import { unresolvable } from '../refusal.ts'
import { isTolerated } from '../tolerating.ts'

const CORDONED = unresolvable('node(s) were unschedulable')

const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

const doesNotMind = ({ spec }: Pod): boolean => isTolerated(CORDON, spec.tolerations)

export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  looksAt: 'node',
  filter: ({ pod }, { facts }) => (facts.unschedulable && !doesNotMind(pod) ? CORDONED : undefined),
  wakes(event, pod) {
    if (event.of === 'UnschedulablePod')
      return event.change === 'UpdatePodToleration' && doesNotMind(event.after ?? pod)
    if (event.of !== 'Node' || (event.change !== 'Add' && event.change !== 'UpdateNodeTaint')) return false
    return event.after?.unschedulable === false
  },
}
