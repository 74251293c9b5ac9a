/**
 * Taints let a node refuse Pods that do not tolerate them. A taint that only advises costs points instead.
 *
 * Upstream: pkg/scheduler/framework/plugins/tainttoleration
 */
import type { Event } from '../event.ts'
import type { Pod } from '../objects.ts'
import { type Plugin, stretch } from '../plugin.ts'
import { unresolvable } from '../refusal.ts'
import { hasUntolerated, isTolerated } from '../tolerating.ts'

const UNTOLERATED = unresolvable('node(s) had untolerated taint(s)')

/** A node that was in the way no longer is. */
function nodeOpens(event: Event, { spec }: Pod): boolean {
  if (event.of !== 'Node' || (event.change !== 'Add' && event.change !== 'UpdateNodeTaint')) return false
  const { before, after } = event
  const wasClosed = before === undefined || hasUntolerated(before.taints, spec.tolerations)
  return wasClosed && after !== undefined && !hasUntolerated(after.taints, spec.tolerations)
}

export const taintToleration: Plugin<unknown, Pod['spec']['tolerations'] & object> = {
  name: 'TaintToleration',
  looksAt: 'node',
  filter: ({ pod }, { facts }) => (hasUntolerated(facts.taints, pod.spec.tolerations) ? UNTOLERATED : undefined),
  rate: ({ pod }) => (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule'),
  score: (_, { facts }, tolerations) =>
    facts.taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations)).length,
  spread: (scores, count) => stretch(scores, count, true),
  wakes: (event, pod) =>
    event.of === 'UnschedulablePod' ? event.change === 'UpdatePodToleration' : nodeOpens(event, pod),
}
