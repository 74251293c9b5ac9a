/**
 * Questions and answers of the domain name system, as plain data that `dig` and `nslookup` print.
 *
 * Upstream: RFC 1035
 * Left out: EDNS and truncation; every answer fits.
 */
export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT' | 'MX'

export type Rcode = 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED'

export interface Query {
  /** With or without the final dot; case is kept in the answer and otherwise does not matter. */
  readonly name: string
  readonly type: RecordType
}

export interface ResourceRecord {
  /** With the final dot. */
  readonly name: string
  readonly ttl: number
  readonly type: RecordType
  /** As dig prints it: an address, a name, `0 100 80 web.default.svc.cluster.local.`. */
  readonly data: string
}

export type Flag = 'qr' | 'aa' | 'tc' | 'rd' | 'ra'

export interface Answer {
  readonly rcode: Rcode
  readonly flags: readonly Flag[]
  readonly answer: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
  readonly additional: readonly ResourceRecord[]
}

/** The name with its final dot. */
export const absolute = (name: string): string => (name.endsWith('.') ? name : `${name}.`)

/** The name without its final dot and in small letters: how names are compared. */
export const canonical = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()

/** Whether a name is the zone or below it. Every name is below the root. */
export function isWithin(name: string, zone: string): boolean {
  const [inner, outer] = [canonical(name), canonical(zone)]
  return outer === '' || inner === outer || inner.endsWith(`.${outer}`)
}

export const answerOf = (
  answer: readonly ResourceRecord[],
  additional: readonly ResourceRecord[] = [],
  rcode: Rcode = 'NOERROR',
  authority: readonly ResourceRecord[] = [],
): Answer => ({ rcode, flags: ['qr', 'aa', 'rd'], answer, authority, additional })

/** One record as a line: `web.default.svc.cluster.local. 30 A 10.96.0.7`. */
export const recordText = ({ name, ttl, type, data }: ResourceRecord): string => `${name} ${ttl} ${type} ${data}`
