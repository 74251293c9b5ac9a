/**
 * An EndpointSlice and the Service it is made for, as the controller reads and writes them.
 *
 * Upstream: staging/src/k8s.io/api/discovery/v1/types.go, staging/src/k8s.io/api/core/v1/types.go
 */
import type { KubeObject } from '../../../api/object.ts'

export interface ServicePort {
  readonly name?: string
  readonly protocol?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly appProtocol?: string
}

export interface Service extends KubeObject {
  readonly spec: {
    readonly type?: string
    readonly selector?: Readonly<Record<string, string>>
    readonly clusterIP?: string
    readonly ports?: readonly ServicePort[]
    readonly ipFamilies?: readonly string[]
    readonly publishNotReadyAddresses?: boolean
    readonly trafficDistribution?: string
  }
}

export interface EndpointPort {
  readonly name: string
  readonly protocol: string
  readonly port: number
  readonly appProtocol?: string
}

export interface Hints {
  readonly forZones?: readonly { readonly name: string }[]
  readonly forNodes?: readonly { readonly name: string }[]
}

export interface Endpoint {
  readonly addresses: readonly string[]
  readonly conditions: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
  readonly hostname?: string
  readonly targetRef?: {
    readonly kind: string
    readonly namespace?: string
    readonly name: string
    readonly uid: string
  }
  readonly nodeName?: string
  readonly zone?: string
  readonly hints?: Hints
}

export interface EndpointSlice extends KubeObject {
  readonly addressType: string
  readonly endpoints: readonly Endpoint[] | null
  readonly ports: readonly EndpointPort[] | null
}

export const ENDPOINT_SLICES = 'endpointslices.discovery.k8s.io'
export const SERVICE_NAME = 'kubernetes.io/service-name'
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
export const HEADLESS = 'service.kubernetes.io/headless'
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
export const MANAGER = 'endpointslice-controller.k8s.io'

/** Without an address of its own: DNS answers with those of the Pods. */
export const isHeadless = ({ spec }: Service): boolean => !spec.clusterIP || spec.clusterIP === 'None'
