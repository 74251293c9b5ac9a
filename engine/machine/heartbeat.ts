/**
 * Signs of life. A kubelet renews its Lease every ten seconds and repeats its Node's status every five minutes; a cluster
 * of thousands of machines would do little else. Nothing follows from a renewal that could not be worked out when somebody
 * looks, so none happens: these functions say when the last one was, and a machine that died stopped then.
 *
 * Upstream: pkg/kubelet/nodelease, component-helpers/apimachinery/lease
 * Left out: the jitter of renewals.
 */
import type { Lease, Node } from '../api/types.generated.ts'
import { type Millis, microTimestamp, minutes, seconds, timestamp } from '../std/time.ts'
import type { Machine } from './slice.ts'

export const RENEWAL: Millis = seconds(10)
export const LEASE_SECONDS = 40
const REPORTS: Millis = minutes(5)

/** The last beat not after `now`, or undefined before the first. */
function lastBeat({ kubelet }: Machine, period: Millis, now: Millis): Millis | undefined {
  const until = kubelet.running ? now : (kubelet.stoppedAt ?? now)
  const since = kubelet.startedAt
  return until < since ? undefined : since + Math.floor((until - since) / period) * period
}

/** When the machine's Lease was renewed last. */
export const leaseRenewTime = (machine: Machine, now: Millis): Millis | undefined => lastBeat(machine, RENEWAL, now)

/** When its Node's conditions were reported last. */
export const heartbeatTime = (machine: Machine, now: Millis): Millis | undefined => lastBeat(machine, REPORTS, now)

/** The Lease as it reads at this moment. The same object, if that says so already. */
export function leaseAsOf(lease: Lease, machine: Machine, now: Millis): Lease {
  const renewed = leaseRenewTime(machine, now)
  const renewTime = renewed === undefined ? undefined : microTimestamp(renewed)
  if (renewTime === undefined || !lease.spec || (lease.spec.renewTime ?? '') >= renewTime) return lease
  return { ...lease, spec: { ...lease.spec, renewTime } }
}

const OWN_CONDITIONS: ReadonlySet<string> = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'])

/** The Node as it reads at this moment. */
export function nodeAsOf(node: Node, machine: Machine, now: Millis): Node {
  const beat = heartbeatTime(machine, now)
  const conditions = node.status?.conditions
  if (beat === undefined || !conditions) return node
  const lastHeartbeatTime = timestamp(beat)
  const isOld = conditions.some(
    ({ type, lastHeartbeatTime: told }) => OWN_CONDITIONS.has(type) && String(told) < lastHeartbeatTime,
  )
  if (!isOld) return node
  const beaten = conditions.map((condition) =>
    OWN_CONDITIONS.has(condition.type) && String(condition.lastHeartbeatTime) < lastHeartbeatTime
      ? { ...condition, lastHeartbeatTime }
      : condition,
  )
  return { ...node, status: { ...node.status, conditions: beaten } } as Node
}
