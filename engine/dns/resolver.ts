/**
 * The resolver in a container: turns the short name a program asks for into the names it asks CoreDNS for, by the
 * search list in /etc/resolv.conf. With `ndots:5` nearly every name goes through the whole list first, which is why a
 * name outside the cluster costs ten questions.
 *
 * Upstream: glibc's resolver, as wget and most programs use it; busybox's nslookup, which has its own idea.
 */
import type { Answer, Query, RecordType } from './message.ts'
import { absolute } from './message.ts'

/** What /etc/resolv.conf says. */
export interface ResolverConfig {
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
  readonly ndots: number
}

const DEFAULT_NDOTS = 1

export function parseResolvConf(text: string): ResolverConfig {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const all = (key: string) => lines.filter(([word]) => word === key).map(([, ...rest]) => rest)
  const ndots = all('options')
    .flat()
    .find((option) => option.startsWith('ndots:'))
  return {
    nameservers: all('nameserver').flat(),
    search: all('search').at(-1) ?? [],
    ndots: ndots ? Number(ndots.slice('ndots:'.length)) : DEFAULT_NDOTS,
  }
}

const dotsIn = (name: string): number => name.split('.').length - 1

/** The names a program's lookup tries, in order, until one has an address. */
export function candidates(name: string, { search, ndots }: ResolverConfig): readonly string[] {
  if (name.endsWith('.')) return [name]
  const found = search.map((domain) => absolute(`${name}.${domain}`))
  return dotsIn(name) >= ndots ? [absolute(name), ...found] : [...found, absolute(name)]
}

/** busybox's nslookup uses the search list only for names without any dot, and then nothing else. */
export const nslookupCandidates = (name: string, { search }: ResolverConfig): readonly string[] =>
  name.includes('.') || search.length === 0 ? [absolute(name)] : search.map((domain) => absolute(`${name}.${domain}`))

export interface Asked {
  readonly query: Query
  readonly answer: Answer
}

export interface Lookup {
  /** Every question that was put to the name server; both types of one name go out side by side. */
  readonly asked: readonly Asked[]
  readonly addresses: readonly string[]
}

/** Both families are asked for at once, whether or not the cluster has IPv6. */
const TYPES: readonly RecordType[] = ['A', 'AAAA']

const addressesIn = (asked: readonly Asked[]): readonly string[] =>
  asked.flatMap(({ answer }) =>
    answer.answer.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ data }) => data),
  )

const askBoth = (name: string, ask: (query: Query) => Answer): readonly Asked[] =>
  TYPES.map((type) => ({ query: { name, type }, answer: ask({ name, type }) }))

/** What getaddrinfo finds. A name that exists without addresses does not end the search. */
export function lookUp(name: string, config: ResolverConfig, ask: (query: Query) => Answer): Lookup {
  const asked: Asked[] = []
  for (const candidate of candidates(name, config)) {
    const both = askBoth(candidate, ask)
    asked.push(...both)
    const addresses = addressesIn(both)
    if (addresses.length > 0) return { asked, addresses }
  }
  return { asked, addresses: [] }
}

/** What nslookup asks: all its candidates, whatever the answers are. */
export function nslookup(name: string, config: ResolverConfig, ask: (query: Query) => Answer): Lookup {
  const asked = nslookupCandidates(name, config).flatMap((candidate) => askBoth(candidate, ask))
  return { asked, addresses: addressesIn(asked) }
}

const shown = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name)

function replyText({ query, answer }: Asked): string {
  if (answer.rcode !== 'NOERROR') return `** server can't find ${shown(query.name)}: ${answer.rcode}\n`
  const line: Partial<Record<RecordType, (name: string, data: string) => string>> = {
    A: (name, data) => `Name:\t${name}\nAddress: ${data}\n`,
    AAAA: (name, data) => `Name:\t${name}\nAddress: ${data}\n`,
    CNAME: (name, data) => `${name}\tcanonical name = ${shown(data)}\n`,
  }
  return answer.answer.map(({ name, type, data }) => line[type]?.(shown(name), data) ?? '').join('')
}

/** What busybox's nslookup prints, replies in the order they came. */
export const nslookupText = (server: string, asked: readonly Asked[]): string =>
  `Server:\t\t${server}\nAddress:\t${server}:53\n\n${asked.map((one) => `${replyText(one)}\n`).join('')}`

/** Its exit code. */
export const nslookupExitCode = (asked: readonly Asked[]): number =>
  asked.some(({ answer }) => answer.rcode !== 'NOERROR') ? 1 : 0
