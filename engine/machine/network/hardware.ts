/**
 * Hardware addresses and names of links, which the kernel draws at random: here they follow from what they belong to,
 * so that the same world has the same ones.
 */
import { draw } from '../../std/draw.ts'

const hex = (drawn: number, digits: number): string =>
  Math.floor(drawn * 16 ** digits)
    .toString(16)
    .padStart(digits, '0')

/** A locally administered unicast address: the second lowest bit of the first octet is set, the lowest is not. */
export function macOf(...owner: readonly string[]): string {
  const first = (Math.floor(draw(0, 'mac', 0, ...owner) * 64) * 4 + 2).toString(16).padStart(2, '0')
  return [first, ...[1, 2, 3, 4, 5].map((octet) => hex(draw(0, 'mac', octet, ...owner), 2))].join(':')
}

export const vethName = (podUid: string): string => `veth${hex(draw(0, 'veth', podUid), 8)}`

/** The link-local IPv6 address that an interface makes of its hardware address (EUI-64). */
export function linkLocal(mac: string): string {
  const [a, b, c, d, e, f] = mac.split(':').map((octet) => Number.parseInt(octet, 16))
  const group = (high: number, low: number): string => ((high << 8) | low).toString(16)
  return `fe80::${group(a! ^ 2, b!)}:${group(c!, 0xff)}:${group(0xfe, d!)}:${group(e!, f!)}`
}
