/**
 * What nobody writes down because it can be worked out: signs of life. Objects that people read show when a machine was last heard of,
 * at the cost of computing it for those that are looked at.
 *
 * Upstream: pkg/kubelet/nodelease, which writes this every ten seconds
 * Left out: watches tell of what was written, so a Lease's renewals show when it is read again.
 */
import type { KubeObject } from '../api/object.ts'
import type { Lease, Node } from '../api/types.generated.ts'
import type { AtServer } from '../apiserver/server.ts'
import { leaseAsOf, nodeAsOf } from '../machine/heartbeat.ts'
import { getSorted } from '../std/sorted.ts'
import type { World } from './world.ts'

const NODE_LEASES = 'kube-node-lease'

export const presentIn =
  (world: World): NonNullable<AtServer['present']> =>
  (resource, object): KubeObject => {
    const { name, namespace } = object.metadata
    const isLease = resource === 'leases.coordination.k8s.io' && namespace === NODE_LEASES
    if (!isLease && resource !== 'nodes') return object
    const machine = getSorted(world.machines, name)
    if (!machine) return object
    return isLease ? leaseAsOf(object as Lease, machine, world.now) : nodeAsOf(object as Node, machine, world.now)
  }
