/**
 * The names of kube-proxy's chains: a prefix and sixteen letters of a hash, the same on every machine and for ever,
 * so that one can find a Service's chain by hand.
 *
 * Upstream: pkg/proxy/iptables/proxier.go
 */
import { sha256 } from '../../std/sha256.ts'
import type { Endpoint } from './endpoints.ts'
import type { ServicePort } from './service-port.ts'

export interface ServiceChains {
  readonly cluster: string
  readonly local: string
  readonly external: string
  readonly firewall: string
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The first sixteen letters of the base32 form of the SHA-256: eighty bits, or twenty hexadecimal digits. */
export function hash(text: string): string {
  const digits = sha256(text).slice(0, 20)
  let letters = ''
  for (let at = 0; at < 20; at += 5) {
    const bits = Number.parseInt(digits.slice(at, at + 5), 16)
    for (let shift = 15; shift >= 0; shift -= 5) letters += LETTERS.charAt((bits >> shift) & 31)
  }
  return letters
}

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
