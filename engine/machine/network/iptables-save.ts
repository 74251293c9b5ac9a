/**
 * Rules as `iptables-save` prints them. What one reads on a node when a Service does not answer, so it is the same
 * text to the last blank.
 *
 * Upstream: iptables-save of netfilter.org (the nft variant), counters at zero.
 */
import type { Chains, Match, Range, Rule, TableName, Tables, Target } from './rule.ts'
import { HOOKS } from './rule.ts'

const hex = (value: number): string => `0x${value.toString(16)}`

const not = (match: { readonly not?: true }): string => (match.not ? '! ' : '')

const RECENT = '--mask 255.255.255.255 --rsource'

const printMatch: { readonly [M in Match['match']]: (match: Extract<Match, { match: M }>) => string } = {
  comment: ({ comment }) => `-m comment --comment "${comment}"`,
  port: ({ protocol, port }) => `-m ${protocol}${port === undefined ? '' : ` --dport ${port}`}`,
  addrtype: ({ side, type }) => `-m addrtype --${side}-type ${type}`,
  mark: (match) => `-m mark ${not(match)}--mark ${hex(match.mark)}/${hex(match.mark)}`,
  conntrack: (match) => `-m conntrack ${not(match)}--ctstate ${match.states.join(',')}`,
  statistic: ({ share }) => `-m statistic --mode random --probability ${(share / 0x80000000).toFixed(11)}`,
  recent: (match) =>
    'remember' in match
      ? `-m recent --set --name ${match.remember} ${RECENT}`
      : `-m recent --rcheck --seconds ${match.seconds} --reap --name ${match.remembered} ${RECENT}`,
  nfacct: ({ counter }) => `-m nfacct --nfacct-name  ${counter}`,
}

const TARGET_OPTIONS: Partial<Record<Target['to'], string>> = {
  REJECT: ' --reject-with icmp-port-unreachable',
  MASQUERADE: ' --random-fully',
}

function printTarget(target: Target): string {
  if (target.to === 'chain') return target.chain
  if (target.to === 'DNAT') return `DNAT --to-destination ${target.address}:${target.port}`
  if (target.to === 'MARK') return `MARK --set-xmark ${hex(target.mask)}/${hex(target.value)}`
  return `${target.to}${TARGET_OPTIONS[target.to] ?? ''}`
}

const printRange = (flag: string, range: Range | undefined): string[] =>
  range ? [`${not(range)}${flag} ${range.cidr.text}`] : []

/** One rule as a line: `-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp … -j KUBE-SVC-…`. */
export function printRule(chain: string, rule: Rule): string {
  if (rule.text !== undefined) return `${chain}: ${rule.text}`
  const print = printMatch as Record<string, (match: Match) => string>
  return [
    `-A ${chain}`,
    ...printRange('-s', rule.source),
    ...printRange('-d', rule.destination),
    ...(rule.protocol ? [`-p ${rule.protocol}`] : []),
    ...rule.matches.map((match) => print[match.match]!(match)),
    ...(rule.target ? [`-j ${printTarget(rule.target)}`] : []),
  ].join(' ')
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function printTable(name: TableName, chains: Chains): string {
  const hooks: readonly string[] = HOOKS[name]
  const own = Object.keys(chains)
    .filter((chain) => !hooks.includes(chain))
    .sort(byName)
  const lines = [
    `*${name}`,
    ...hooks.map((chain) => `:${chain} ACCEPT [0:0]`),
    ...own.map((chain) => `:${chain} - [0:0]`),
    ...[...hooks, ...own].flatMap((chain) => (chains[chain] ?? []).map((rule) => printRule(chain, rule))),
    'COMMIT',
  ]
  return `${lines.join('\n')}\n`
}

/** What `iptables-save -t <table>` prints, without its comments. */
export const iptablesSave = (tables: Tables, table: TableName): string => printTable(table, tables[table])
