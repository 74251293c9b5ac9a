/**
 * A Deployment as its controller reads it, and the small questions asked about it and its ReplicaSets everywhere: how many may be too
 * many, how many may be missing, which revision is this.
 *
 * Upstream: staging/src/k8s.io/api/apps/v1/types.go, pkg/controller/deployment/util/deployment_util.go
 */
import type { KubeObject } from '../../../api/object.ts'
import type { LabelSelector } from '../../../api/selector.ts'
import { instantOf } from '../../../std/time.ts'
import type { PodTemplate, ReplicaSet } from '../replicaset/replicaset.ts'

export interface DeploymentCondition {
  readonly type: string
  readonly status: string
  readonly lastUpdateTime: string
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly terminatingReplicas?: number
  readonly conditions?: readonly DeploymentCondition[]
  readonly collisionCount?: number
}

export interface Deployment extends KubeObject {
  readonly spec: {
    readonly replicas: number
    readonly minReadySeconds?: number
    readonly paused?: boolean
    readonly progressDeadlineSeconds?: number
    readonly revisionHistoryLimit?: number
    readonly selector: LabelSelector
    readonly strategy: {
      readonly type?: string
      readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string }
    }
    readonly template: PodTemplate
  }
  readonly status: DeploymentStatus
}

export const DEPLOYMENTS = 'deployments.apps'
export const REPLICA_SETS = 'replicasets.apps'

export const REVISION = 'deployment.kubernetes.io/revision'
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'
export const HASH_LABEL = 'pod-template-hash'

/** `25%` of the replicas, or a number as it is. */
function scaled(value: number | string | undefined, total: number, round: (share: number) => number): number {
  if (typeof value !== 'string') return value ?? 0
  return round((Number.parseInt(value, 10) * total) / 100)
}

interface Fences {
  readonly surge: number
  readonly unavailable: number
}

/** Surge is rounded up and unavailability down; when both come to nothing, one Pod may be missing, or no roll would ever move. */
function fences({ spec }: Deployment): Fences {
  if (isRecreate(spec)) return { surge: 0, unavailable: 0 }
  const { maxSurge, maxUnavailable } = spec.strategy.rollingUpdate ?? {}
  const surge = scaled(maxSurge, spec.replicas, Math.ceil)
  const unavailable = scaled(maxUnavailable, spec.replicas, Math.floor)
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

const isRecreate = ({ strategy }: Deployment['spec']): boolean => strategy.type === 'Recreate'

export const recreates = ({ spec }: Deployment): boolean => isRecreate(spec)

export const maxSurge = (deployment: Deployment): number => fences(deployment).surge

export const maxUnavailable = (deployment: Deployment): number =>
  Math.min(fences(deployment).unavailable, deployment.spec.replicas)

/** As many Pods as there may be at once. */
export const maxReplicas = (deployment: Deployment): number => deployment.spec.replicas + maxSurge(deployment)

/** As many Pods as must be there at all times. */
export const minAvailable = (deployment: Deployment): number => deployment.spec.replicas - maxUnavailable(deployment)

/** The greatest number that means "no limit" to the fields that take seconds or counts. */
export const NO_LIMIT = 2_147_483_647

export const hasDeadline = ({ spec }: Deployment): boolean =>
  spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_LIMIT

export const sumOf = (replicaSets: readonly ReplicaSet[], count: (one: ReplicaSet) => number | undefined): number =>
  replicaSets.reduce((sum, one) => sum + (count(one) ?? 0), 0)

export const wanted = ({ spec }: ReplicaSet): number => spec.replicas
export const available = ({ status }: ReplicaSet): number => status.availableReplicas ?? 0

export const isActive = ({ spec }: ReplicaSet): boolean => spec.replicas > 0

const createdAt = ({ metadata }: KubeObject): number => instantOf(metadata.creationTimestamp) ?? 0

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const oldestFirst = (a: ReplicaSet, b: ReplicaSet): number =>
  createdAt(a) - createdAt(b) || compareText(a.metadata.name, b.metadata.name)

const INTEGER = /^[+-]?\d+$/

/** The number in an annotation, if there is one. */
export function annotatedNumber({ metadata }: KubeObject, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation]
  return text !== undefined && INTEGER.test(text) ? Number(text) : undefined
}

export const revisionOf = (object: KubeObject): number => annotatedNumber(object, REVISION) ?? 0
