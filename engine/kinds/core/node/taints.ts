/**
 * What a node's conditions say, said again as taints: so the scheduler, and those who evict, need to look at one thing only.
 *
 * Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go (doNoScheduleTaintingPass, doNoExecuteTaintingPass)
 */
import type { Command } from '../../../client/controller.ts'
import { patch } from '../../../controllers/ask.ts'
import { remembered } from '../../../std/remembered.ts'
import { type Millis, timestamp } from '../../../std/time.ts'
import { NOT_READY, type Node, readiness, type Taint, taintsOf, UNREACHABLE } from './node.ts'

/** Condition and status → the taint that says so. */
const SCHEDULING: readonly (readonly [type: string, status: string, key: string])[] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
]

const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

const OURS: ReadonlySet<string> = new Set([...SCHEDULING.map(([, , key]) => key), UNSCHEDULABLE])

function wantedKeys({ spec, status }: Node): ReadonlySet<string> {
  const wanted = new Set<string>()
  for (const { type, status: told } of status?.conditions ?? [])
    for (const [condition, value, key] of SCHEDULING) if (type === condition && told === value) wanted.add(key)
  if (spec?.unschedulable) wanted.add(UNSCHEDULABLE)
  return wanted
}

/** The version makes sure that nobody else has put on a taint meanwhile. */
function write(node: Node, taints: readonly Taint[]): Command {
  const { resourceVersion } = node.metadata
  return patch('nodes', node, 'strategic', {
    metadata: { resourceVersion },
    spec: { taints: taints.length > 0 ? taints : null },
  })
}

const sameKeys = (taints: readonly Taint[], keys: ReadonlySet<string>): boolean =>
  taints.length === keys.size && taints.every(({ key }) => keys.has(key))

/** The taints that keep new Pods away, put on and taken off; undefined when they are right. */
export function schedulingTaints(node: Node, now: Millis): Command | undefined {
  const wanted = wantedKeys(node)
  const isOurs = ({ key, effect }: Taint) => effect === 'NoSchedule' && OURS.has(key)
  const present = taintsOf(node).filter(isOurs)
  if (sameKeys(present, wanted)) return undefined
  const kept = taintsOf(node).filter((taint) => !isOurs(taint) || wanted.has(taint.key))
  const missing = [...wanted].filter((key) => !present.some((taint) => taint.key === key))
  const timeAdded = timestamp(now)
  return write(node, [...kept, ...missing.map((key) => ({ key, effect: 'NoSchedule', timeAdded }))])
}

/** The taint that drives Pods away from a node in this state; undefined for one that is ready. */
export function evictingKey(node: Node): string | undefined {
  const status = readiness(node)?.status
  if (status === 'Unknown') return UNREACHABLE
  return status === 'False' ? NOT_READY : undefined
}

const EVICTING: ReadonlySet<string> = new Set([UNREACHABLE, NOT_READY])

const isEvicting = ({ key, effect }: Taint): boolean => effect === 'NoExecute' && EVICTING.has(key)

export const lacksEvictingTaint = remembered((node: Node): boolean => {
  const key = evictingKey(node)
  return key !== undefined && !taintsOf(node).some((taint) => isEvicting(taint) && taint.key === key)
})

/** Puts on the taint that drives Pods away, in place of another such. */
export function startEvicting(node: Node, now: Millis): Command {
  const others = taintsOf(node).filter((taint) => !isEvicting(taint))
  return write(node, [...others, { key: evictingKey(node)!, effect: 'NoExecute', timeAdded: timestamp(now) }])
}

/** Takes it off a node that is ready again; undefined when there is none. */
export function stopEvicting(node: Node): Command | undefined {
  if (readiness(node)?.status !== 'True' || !taintsOf(node).some(isEvicting)) return undefined
  return write(
    node,
    taintsOf(node).filter((taint) => !isEvicting(taint)),
  )
}
