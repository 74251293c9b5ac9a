/**
 * IPv4 addresses and ranges as numbers, which is what routes and rules compare.
 *
 * Upstream: Go's net package, as Kubernetes' components use it.
 * Left out: IPv6; a cluster here has one family.
 */
export type Ipv4 = number

/** A range of addresses, kept with the text it was written as. */
export interface Cidr {
  readonly text: string
  readonly base: Ipv4
  readonly length: number
}

/** The address as a number, or undefined if the text is none. */
export function parseIpv4(text: string): Ipv4 | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0
  for (const part of parts) {
    const value = Number(part)
    if (part === '' || !Number.isInteger(value) || value < 0 || value > 255) return undefined
    address = address * 256 + value
  }
  return address
}

export const formatIpv4 = (address: Ipv4): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`

const maskOf = (length: number): number => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0)

/** The first address of the range of this length around an address. */
export const networkOf = (address: Ipv4, length: number): Ipv4 => (address & maskOf(length)) >>> 0

/** A range as `10.244.0.0/16`; a bare address is a range of one. Throws on anything else: ranges come from checked objects. */
export function parseCidr(text: string): Cidr {
  const [address = '', length = '32'] = text.split('/')
  const parsed = parseIpv4(address)
  if (parsed === undefined) throw new Error(`${text} is no IPv4 range`)
  const base = networkOf(parsed, Number(length))
  return { text: `${formatIpv4(base)}/${length}`, base, length: Number(length) }
}

export const contains = (range: Cidr, address: Ipv4): boolean => networkOf(address, range.length) === range.base

export const lastOf = (range: Cidr): Ipv4 => range.base + 2 ** (32 - range.length) - 1

/** The address so many after the first of a range: `nth(10.244.1.0/24, 1)` is the gateway of that range. */
export const nth = (range: Cidr, ordinal: number): string => formatIpv4(range.base + ordinal)
