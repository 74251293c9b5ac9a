/**
 * The names of kube-proxy's chains: a prefix and sixteen letters of a hash, the same on every machine and for ever,
 * so that one can find a Service's chain by hand.
 *
 * Upstream: pkg/proxy/iptables/proxier.go
 */
import type { Endpoint } from './endpoints.ts'
import type { ServicePort } from './service-port.ts'
import { base32, sha256 } from './sha256.ts'

export interface ServiceChains {
  readonly cluster: string
  readonly local: string
  readonly external: string
  readonly firewall: string
}

const hash = (text: string): string => base32(sha256(text), 16)

export function serviceChains({ name, protocol }: ServicePort): ServiceChains {
  const letters = hash(name + protocol)
  return {
    cluster: `KUBE-SVC-${letters}`,
    local: `KUBE-SVL-${letters}`,
    external: `KUBE-EXT-${letters}`,
    firewall: `KUBE-FW-${letters}`,
  }
}

export const endpointChain = ({ name, protocol }: ServicePort, { address, port }: Endpoint): string =>
  `KUBE-SEP-${hash(`${name}${protocol}${address}:${port}`)}`
