/**
 * A ReplicaSet as its controllers read it: how many Pods of one template there shall be, and how many there are.
 *
 * Upstream: staging/src/k8s.io/api/apps/v1/types.go
 */
import type { KubeObject } from '../../../api/object.ts'
import type { LabelSelector } from '../../../api/selector.ts'

export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly finalizers?: readonly string[]
  }
  readonly spec?: object
}

export interface ReplicaSetCondition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string
  readonly reason?: string
  readonly message?: string
}

export interface ReplicaSetStatus {
  readonly replicas: number
  readonly fullyLabeledReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly terminatingReplicas?: number
  readonly observedGeneration?: number
  readonly conditions?: readonly ReplicaSetCondition[]
}

export interface ReplicaSet extends KubeObject {
  readonly spec: {
    readonly replicas: number
    readonly minReadySeconds?: number
    readonly selector: LabelSelector
    readonly template: PodTemplate
  }
  readonly status: ReplicaSetStatus
}
