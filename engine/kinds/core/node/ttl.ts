/**
 * Tells each kubelet, by an annotation, for how long it may rely on ConfigMaps and Secrets it has read: the larger the cluster, the
 * longer, to spare the API server.
 *
 * Upstream: pkg/controller/ttl/ttl_controller.go
 * Left out: going back to a shorter time a little later than upstream does when a cluster shrinks.
 */
import type { Key } from '../../../api/object.ts'
import type { Command, Controller, View } from '../../../client/controller.ts'
import { patch } from '../../../controllers/ask.ts'
import type { Node } from './node.ts'

const ANNOTATION = 'node.alpha.kubernetes.io/ttl'

/** Up to so many nodes, so many seconds. */
const STEPS: readonly (readonly [nodes: number, seconds: number])[] = [
  [100, 0],
  [500, 15],
  [1000, 30],
  [2000, 60],
  [10_000, 300],
  [Number.POSITIVE_INFINITY, 600],
]

const secondsFor = (count: number): number => STEPS.find(([nodes]) => count <= nodes)![1]

/** How many nodes there are, counted once for each state of the cluster. */
const counted = new WeakMap<View, number>()

function countNodes(view: View): number {
  let count = counted.get(view)
  if (count === undefined) {
    count = view.list('nodes').length
    counted.set(view, count)
  }
  return count
}

function reconcile(view: View, key: Key): readonly Command[] {
  const node = view.get<Node>('nodes', key)
  if (!node) return []
  const ttl = String(secondsFor(countNodes(view)))
  if (node.metadata.annotations?.[ANNOTATION] === ttl) return []
  return [patch('nodes', node, 'strategic', { metadata: { annotations: { [ANNOTATION]: ttl } } })]
}

export const ttlController: Controller = {
  name: 'ttl-controller',
  workers: 5,
  watches: {
    nodes: ({ key, before, after }) =>
      after && (!before || before.metadata.annotations !== after.metadata.annotations) ? [key] : [],
  },
  reconcile,
}
