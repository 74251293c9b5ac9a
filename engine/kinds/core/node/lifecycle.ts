/**
 * Watches over nodes: what a node's conditions say becomes taints, so that the scheduler and those who evict need to look at one
 * thing only.
 *
 * Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go
 */
import type { Key } from '../../../api/object.ts'
import type { Node } from '../../../api/types.generated.ts'
import type { Command, Controller, View } from '../../../client/controller.ts'
import { patch } from '../../../controllers/ask.ts'

type Taint = { readonly key: string; readonly effect: string; readonly value?: string; readonly timeAdded?: string }

/** Condition and status → the taint that says so. */
const TAINTS: readonly (readonly [type: string, status: string, key: string])[] = [
  ['Ready', 'False', 'node.kubernetes.io/not-ready'],
  ['Ready', 'Unknown', 'node.kubernetes.io/unreachable'],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
]

const OURS = new Set([...TAINTS.map(([, , key]) => key), 'node.kubernetes.io/unschedulable'])

function wantedTaints({ spec, status }: Node): readonly string[] {
  const conditions = status?.conditions ?? []
  const wanted = TAINTS.filter(([type, value]) =>
    conditions.some((condition) => condition.type === type && condition.status === value),
  )
  return [...wanted.map(([, , key]) => key), ...(spec?.unschedulable ? ['node.kubernetes.io/unschedulable'] : [])]
}

function reconcile(view: View, key: Key): readonly Command[] {
  const node = view.get<Node>('nodes', key)
  if (!node) return []
  const taints = (node.spec?.taints ?? []) as readonly Taint[]
  const isOurs = ({ key: name, effect }: Taint) => OURS.has(name) && effect === 'NoSchedule'
  const wanted = wantedTaints(node)
  const has = taints.filter(isOurs).map((taint) => taint.key)
  if (wanted.length === has.length && wanted.every((name) => has.includes(name))) return []
  const next = [
    ...taints.filter((taint) => !isOurs(taint)),
    ...wanted.map((name) => ({ key: name, effect: 'NoSchedule' })),
  ]
  return [patch('nodes', node, 'strategic', { spec: { taints: next.length > 0 ? next : null } })]
}

export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  identity: 'node-controller',
  workers: 1,
  watches: { nodes: ({ key }) => [key] },
  reconcile,
}
