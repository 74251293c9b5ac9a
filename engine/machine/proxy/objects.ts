/**
 * What kube-proxy reads of the cluster: Services, EndpointSlices and its own Node. Only the fields that decide where
 * a packet goes are named here; the objects themselves have more.
 *
 * Upstream: k8s.io/api/core/v1, k8s.io/api/discovery/v1
 */
import type { KubeObject } from '../../api/object.ts'

export interface ServicePortSpec {
  readonly name?: string
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP'
  readonly port: number
  readonly targetPort?: number | string
  readonly nodePort?: number
}

export interface ServiceSpec {
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
  readonly clusterIP?: string
  readonly externalName?: string
  readonly externalIPs?: readonly string[]
  readonly ports?: readonly ServicePortSpec[]
  readonly sessionAffinity?: 'None' | 'ClientIP'
  readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } }
  readonly internalTrafficPolicy?: 'Cluster' | 'Local'
  readonly externalTrafficPolicy?: 'Cluster' | 'Local'
  readonly healthCheckNodePort?: number
  readonly loadBalancerSourceRanges?: readonly string[]
  readonly publishNotReadyAddresses?: boolean
}

export interface Service extends KubeObject {
  readonly spec: ServiceSpec
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly { readonly ip?: string; readonly ipMode?: 'VIP' | 'Proxy' }[]
    }
  }
}

export interface SliceEndpoint {
  readonly addresses: readonly string[]
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
  readonly hostname?: string
  readonly nodeName?: string
  readonly zone?: string
  readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[]
    readonly forNodes?: readonly { readonly name: string }[]
  }
}

export interface EndpointSlice extends KubeObject {
  readonly addressType: string
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port?: number }[] | null
  readonly endpoints?: readonly SliceEndpoint[] | null
}

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'

/** What this proxy knows of the cluster: its watches' last delivery. The lists are compared by identity. */
export interface ProxyView {
  readonly services: readonly Service[]
  readonly endpointSlices: readonly EndpointSlice[]
}

/** The machine a proxy writes rules for, and how it is configured. */
export interface ProxyNode {
  readonly name: string
  /** The node's own address. */
  readonly address: string
  readonly zone?: string
  /** `clusterCIDR` of kube-proxy's configuration: traffic from elsewhere to a ClusterIP is masqueraded. */
  readonly clusterCidr?: string
  /** The ranges ClusterIPs are given from: nftables mode drops what goes to an address that no Service has. */
  readonly serviceCidrs?: readonly string[]
  /** `iptables.masqueradeAll`. */
  readonly masqueradeAll?: boolean
}
