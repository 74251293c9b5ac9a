/**
 * Each node gets a range of addresses for its Pods: the next free /24 of the cluster's range, going round, so that a range is not used
 * again at once after its node has gone.
 *
 * Upstream: pkg/controller/nodeipam/ipam/range_allocator.go, pkg/controller/nodeipam/ipam/cidrset
 * Left out: IPv6, other sizes than /24; ranges beyond 10.244.0.0/16 (256 nodes) go on in 10.245.0.0 and upwards.
 */
import type { Key } from '../../../api/object.ts'
import type { Command, Controller, View } from '../../../client/controller.ts'
import { patch } from '../../../controllers/ask.ts'
import type { Node } from './node.ts'

const FIRST = 244

/** 10.244.0.0 to 10.255.255.0. */
const RANGES = 12 * 256

const rangeOf = (number: number): string => `10.${FIRST + (number >> 8)}.${number & 255}.0/24`

/** All nodes are one piece of work, because what is kept is where to go on. */
const ALL: Key = 'nodes'

/** Going on from `start`, the first that no node has; undefined when all are taken. */
function nextFree(taken: ReadonlySet<string>, start: number): number | undefined {
  for (let i = 0; i < RANGES; i++) {
    const number = (start + i) % RANGES
    if (!taken.has(rangeOf(number))) return number
  }
  return undefined
}

function assign(node: Node, podCIDR: string): Command {
  const command = patch('nodes', node, 'strategic', { spec: { podCIDR, podCIDRs: [podCIDR] } })
  return { ...command, tolerate: ['NotFound'] }
}

function reconcile(view: View, _key: Key, memory: unknown): readonly Command[] {
  const nodes = view.list<Node>('nodes')
  const waiting = nodes.filter((node) => !node.spec?.podCIDR && !node.metadata.deletionTimestamp)
  if (waiting.length === 0) return []
  const taken = new Set(nodes.map(({ spec }) => spec?.podCIDR ?? ''))
  let next = (memory as number | undefined) ?? 0
  const commands: Command[] = []
  for (const node of waiting) {
    const number = nextFree(taken, next)
    if (number === undefined) break
    taken.add(rangeOf(number))
    next = number + 1
    commands.push(assign(node, rangeOf(number)))
  }
  return [{ do: 'remember', value: next }, ...commands]
}

export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  identity: 'node-controller',
  eventSource: 'cidrAllocator',
  workers: 1,
  watches: { nodes: ({ after }) => (after && !(after as Node).spec?.podCIDR ? [ALL] : []) },
  reconcile,
}
