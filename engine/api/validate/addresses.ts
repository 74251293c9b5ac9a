/**
 * Addresses and ranges of addresses, as fields spell them.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/validation/ip.go, k8s.io/utils/net
 */
import ipaddr from 'ipaddr.js'
import { type Check, FINE, type Format, like } from './check.ts'
import { invalid } from './problems.ts'

export type Family = 'IPv4' | 'IPv6'

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

/** Leading zeros are read as decimal, as Go once did. */
const isIPv4 = (text: string): boolean =>
  IPV4.exec(text)
    ?.slice(1)
    .every((part) => Number(part) < 256) ?? false

const isIPv6 = (text: string): boolean =>
  text.includes(':') && !text.includes('%') && !text.includes('/') && ipaddr.IPv6.isValid(text)

/** The family of an address; undefined when the text is none. */
export const familyOf = (text: string): Family | undefined =>
  isIPv4(text) ? 'IPv4' : isIPv6(text) ? 'IPv6' : undefined

/** The family of a range such as `10.9.8.0/24`; undefined when the text is none. */
export function familyOfRange(text: string): Family | undefined {
  const [address, bits, ...more] = text.split('/')
  const family = familyOf(address ?? '')
  if (!family || !bits || more.length > 0 || !/^\d{1,3}$/.test(bits)) return undefined
  return Number(bits) <= (family === 'IPv4' ? 32 : 128) ? family : undefined
}

const NONE: readonly string[] = []

export const ipText: Format = (text) =>
  familyOf(text) ? NONE : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']

export const rangeText: Format = (text) =>
  familyOfRange(text) ? NONE : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']

export const ip: Check<string> = like(ipText)
export const addressRange: Check<string> = like(rangeText)

/** Ranges from which no endpoint and no external address may come. */
const SPECIAL: readonly (readonly [names: readonly string[], detail: string])[] = [
  [['unspecified'], 'may not be unspecified (0.0.0.0 or ::)'],
  [['loopback'], 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [['linkLocal'], 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
]

const isLinkLocalMulticast = (text: string): boolean => /^(224\.0\.0\.|ff.2:)/i.test(text)

/** An address that some machine in particular has. */
export const ordinaryIP: Check<string> = (text, path) => {
  if (!familyOf(text)) return ip(text, path)
  const address = ipaddr.process(text.replace(/\b0+(?=\d+\.|\d+$)/g, ''))
  const unspecified = /^(0\.0\.0\.0|[0:]+)$/.test(text)
  const found = SPECIAL.find(([names]) => (unspecified ? names[0] === 'unspecified' : names.includes(address.range())))
  if (found) {
    const shown = found[0][0] === 'unspecified' ? `may not be unspecified (${text})` : found[1]
    return [invalid(path, text, shown)]
  }
  return isLinkLocalMulticast(text)
    ? [invalid(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')]
    : FINE
}

/** One of each family, in any order. */
export const isDualStack = (texts: readonly string[], family: (text: string) => Family | undefined): boolean =>
  new Set(texts.map(family)).size === 2 && texts.every((text) => family(text) !== undefined)
