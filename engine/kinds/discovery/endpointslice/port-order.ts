/**
 * The order of the ports in a slice. Upstream sorts them by the hash of each as Go prints it, which is no order that anyone would guess;
 * it is kept because it shows.
 *
 * Upstream: staging/src/k8s.io/endpointslice/util/controller_utils.go (portsInOrder)
 */
import type { EndpointPort } from './endpointslice.ts'

const OFFSET = 0x6c62272e07bb014262b821756295c58dn
const PRIME = 0x0000000001000000000000000000013bn
const MASK = (1n << 128n) - 1n

/** FNV-1a in 128 bits. Names of ports are plain ASCII. */
function hash(text: string): bigint {
  let sum = OFFSET
  for (let i = 0; i < text.length; i++) sum = ((sum ^ BigInt(text.charCodeAt(i))) * PRIME) & MASK
  return sum
}

const pointer = (type: string, value: string | number | undefined): string => `(*${type})${value ?? '<nil>'}`

const printed = ({ name, protocol, port, appProtocol }: EndpointPort): string =>
  `(v1.EndpointPort){Name:${pointer('string', name)} Protocol:${pointer('v1.Protocol', protocol)} ` +
  `Port:${pointer('int32', port)} AppProtocol:${pointer('string', appProtocol)}}`

const known = new Map<string, bigint>()

/** The place of something among its like, from how Go prints it. */
export function placeOf(text: string): bigint {
  let place = known.get(text)
  if (place === undefined) {
    place = hash(text)
    known.set(text, place)
  }
  return place
}

export function inOrder(ports: readonly EndpointPort[]): readonly EndpointPort[] {
  if (ports.length < 2) return ports
  const ranked = ports.map((port) => ({ port, rank: placeOf(printed(port)) }))
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ port }) => port)
}
