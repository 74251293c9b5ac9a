/**
 * What controllers want to know of a Pod: is it still running for me, is it ready, since when, and when will it count as
 * available.
 *
 * Upstream: pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go
 */
import type { KubeObject } from '../../../api/object.ts'
import { instantOf, type Millis, seconds } from '../../../std/time.ts'

export interface PodCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string | null
}

export interface ContainerStatus {
  readonly name: string
  readonly restartCount?: number
}

export interface PodContainer {
  readonly name: string
  readonly restartPolicy?: string
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[]
}

export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

export interface Pod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string
    readonly hostname?: string
    readonly subdomain?: string
    readonly hostNetwork?: boolean
    readonly restartPolicy?: string
    readonly containers: readonly PodContainer[]
    readonly initContainers?: readonly PodContainer[]
    readonly tolerations?: readonly Toleration[]
  }
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly podIPs?: readonly { readonly ip: string }[]
    readonly conditions?: readonly PodCondition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export const conditionOf = (pod: Pod, type: string): PodCondition | undefined =>
  pod.status?.conditions?.find((condition) => condition.type === type)

export const isPodReady = (pod: Pod): boolean => conditionOf(pod, 'Ready')?.status === 'True'

/** Its containers have ended for good. */
export const isPodTerminal = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Counts as one of the replicas. */
export const isPodActive = (pod: Pod): boolean => pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod)

/** Was told to stop and has not yet. */
export const isPodTerminating = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod)

/** When the Pod became ready, if it is. */
export function readySince(pod: Pod): Millis | undefined {
  const ready = conditionOf(pod, 'Ready')
  if (ready?.status !== 'True' || !ready.lastTransitionTime) return undefined
  return instantOf(ready.lastTransitionTime)
}

/** How long until a ready Pod has been so for `minReadySeconds`: 0 when it has; undefined when it is not ready. */
export function availableIn(pod: Pod, minReadySeconds: number, now: Millis): Millis | undefined {
  if (!isPodReady(pod)) return undefined
  if (minReadySeconds === 0) return 0
  const since = readySince(pod)
  return since === undefined ? undefined : Math.max(0, since + seconds(minReadySeconds) + 1 - now)
}
