/**
 * What happens in a cluster, as far as it can help a Pod that found no node. The names are those that upstream logs and
 * counts.
 *
 * Upstream: pkg/scheduler/framework/events.go, staging/src/k8s.io/kube-scheduler/framework/types.go
 * Left out: events of volumes, claims, devices and storage classes.
 */
import type { NodeFacts } from './node-facts.ts'
import type { Pod } from './objects.ts'

export type NodeChange =
  | 'Add'
  | 'Delete'
  | 'UpdateNodeAllocatable'
  | 'UpdateNodeLabel'
  | 'UpdateNodeTaint'
  | 'UpdateNodeDeclaredFeature'

/** A Pod that is on a node, or one that waits for one. */
export type PodChange =
  | 'Add'
  | 'Delete'
  | 'UpdatePodLabel'
  | 'UpdatePodScaleDown'
  | 'UpdatePodToleration'
  | 'UpdatePodSchedulingGatesEliminated'
  | 'Update'

export interface NodeEvent {
  readonly of: 'Node'
  readonly change: NodeChange
  readonly before?: NodeFacts
  readonly after?: NodeFacts
}

export interface PodEvent {
  readonly of: 'AssignedPod' | 'UnschedulablePod'
  readonly change: PodChange
  readonly before?: Pod
  readonly after?: Pod
}

export type Event = NodeEvent | PodEvent

/** `NodeUpdateNodeTaint`, `AssignedPodDelete` */
export const eventName = ({ of, change }: Event): string => `${of}${change}`

const NODE_CHANGES: readonly (readonly [NodeChange, (keyof NodeFacts)[]])[] = [
  ['UpdateNodeAllocatable', ['allocatable', 'allowedPods']],
  ['UpdateNodeLabel', ['labels']],
  ['UpdateNodeTaint', ['taints', 'unschedulable']],
  ['UpdateNodeDeclaredFeature', ['features']],
]

/** What kinds of change a Node's update is, in the order in which they are told. */
export const nodeEvents = (before: NodeFacts, after: NodeFacts): readonly Event[] =>
  NODE_CHANGES.filter(([, fields]) => fields.some((field) => before[field] !== after[field])).map(([change]) => ({
    of: 'Node',
    change,
    before,
    after,
  }))

const sameText = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

function scaledDown(before: Pod, after: Pod): boolean {
  if (before.spec.containers === after.spec.containers && before.spec.resources === after.spec.resources) return false
  return !sameText(resourcesOf(before), resourcesOf(after))
}

const resourcesOf = ({ spec }: Pod): unknown => [spec.resources, spec.containers.map(({ resources }) => resources)]

const POD_CHANGES: readonly (readonly [PodChange, (before: Pod, after: Pod) => boolean])[] = [
  ['UpdatePodLabel', (before, after) => !sameText(before.metadata.labels, after.metadata.labels)],
  ['UpdatePodScaleDown', scaledDown],
  [
    'UpdatePodSchedulingGatesEliminated',
    (before, after) =>
      (before.spec.schedulingGates ?? []).length > 0 && (after.spec.schedulingGates ?? []).length === 0,
  ],
  ['UpdatePodToleration', (before, after) => !sameText(before.spec.tolerations, after.spec.tolerations)],
]

/** What kinds of change a Pod's update is. A change of nothing in particular is an `Update`. */
export function podChanges(before: Pod, after: Pod): readonly PodChange[] {
  const changes = POD_CHANGES.filter(([, happened]) => happened(before, after)).map(([change]) => change)
  return changes.length > 0 ? changes : ['Update']
}
