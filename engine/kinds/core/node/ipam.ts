/**
 * Each node gets a range of addresses for its Pods: the next free /24 of the cluster's range.
 *
 * Upstream: pkg/controller/nodeipam/ipam/range_allocator.go
 * Left out: IPv6, other sizes than /24, ranges beyond 10.244.0.0/16 (256 nodes) go on in 10.245.0.0 and upwards.
 */
import type { Key } from '../../../api/object.ts'
import type { Node } from '../../../api/types.generated.ts'
import type { Command, Controller, View } from '../../../client/controller.ts'
import { patch } from '../../../controllers/ask.ts'

const FIRST = 244

const rangeOf = (number: number): string => `10.${FIRST + (number >> 8)}.${number & 255}.0/24`

/** The lowest number that no node has. Nodes are looked at once per new node, not per change. */
function freeRange(view: View): string {
  const taken = new Set(view.list<Node>('nodes').map(({ spec }) => spec?.podCIDR))
  let number = 0
  while (taken.has(rangeOf(number))) number++
  return rangeOf(number)
}

function reconcile(view: View, key: Key): readonly Command[] {
  const node = view.get<Node>('nodes', key)
  if (!node || node.spec?.podCIDR || node.metadata.deletionTimestamp) return []
  const podCIDR = freeRange(view)
  return [patch('nodes', node, 'strategic', { spec: { podCIDR, podCIDRs: [podCIDR] } })]
}

export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  identity: 'node-controller',
  workers: 1,
  watches: { nodes: ({ key, before, after }) => (after && (!before || !(after as Node).spec?.podCIDR) ? [key] : []) },
  reconcile,
}
