/**
 * A node as its controllers read it, and the questions they share: is it ready, in which zone is it, which taints does it bear.
 *
 * Upstream: staging/src/k8s.io/api/core/v1/types.go, staging/src/k8s.io/component-helpers/node
 */
import type { KubeObject } from '../../../api/object.ts'

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
  readonly timeAdded?: string
}

export interface NodeCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastHeartbeatTime?: string | null
  readonly lastTransitionTime?: string | null
}

export interface Node extends KubeObject {
  readonly spec?: {
    readonly taints?: readonly Taint[]
    readonly unschedulable?: boolean
    readonly podCIDR?: string
    readonly podCIDRs?: readonly string[]
  }
  readonly status?: { readonly conditions?: readonly NodeCondition[] }
}

/** The Lease by which a kubelet says that it is there. */
export interface NodeLease extends KubeObject {
  readonly spec?: { readonly renewTime?: string }
}

export const LEASES = 'leases.coordination.k8s.io'
export const LEASE_NAMESPACE = 'kube-node-lease'

export const NOT_READY = 'node.kubernetes.io/not-ready'
export const UNREACHABLE = 'node.kubernetes.io/unreachable'
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

export const taintsOf = ({ spec }: Node): readonly Taint[] => spec?.taints ?? []

export const readiness = ({ status }: Node): NodeCondition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready')

export const isNodeReady = (node: Node): boolean => readiness(node)?.status === 'True'

/** Region and zone in one word; nodes without labels are in one zone together. */
export function zoneOf({ metadata }: Node): string {
  const labels = metadata.labels ?? {}
  return `${labels['topology.kubernetes.io/region'] ?? ''}:${labels['topology.kubernetes.io/zone'] ?? ''}`
}
