/**
 * A table of nftables: sets, maps and chains, with the text `nft list table` prints. Each of its rules also says what
 * it does in the terms of `rule.ts`, so that a packet can be followed through it like through iptables.
 *
 * Upstream: nft of netfilter.org, as far as kube-proxy uses it.
 */
import type { Chains, Hook, Rule, TableName, Tables } from '../network/rule.ts'

export interface NftRule {
  readonly text: string
  readonly does: readonly Rule[]
}

export interface NftChain {
  readonly name: string
  /** `type nat hook prerouting priority dstnat; policy accept;`, and where a packet meets it. */
  readonly base?: { readonly text: string; readonly table: TableName; readonly hook: Hook }
  readonly comment?: string
  readonly rules: readonly NftRule[]
}

export interface NftSet {
  readonly kind: 'set' | 'map'
  readonly name: string
  readonly lines: readonly string[]
  readonly elements: readonly string[]
}

export interface NftTable {
  readonly comment: string
  readonly sets: readonly NftSet[]
  readonly chains: readonly NftChain[]
}

const block = (head: string, lines: readonly string[]): string =>
  [`\t${head} {`, ...lines.map((line) => `\t\t${line}`), '\t}', ''].join('\n')

/** Long elements go on under each other; two short ones fit a line. */
function elementLines(elements: readonly string[]): readonly string[] {
  if (elements.length === 0) return []
  const perLine = elements.every((element) => !element.includes(' ')) ? 2 : 1
  const rows: string[] = []
  for (let at = 0; at < elements.length; at += perLine) rows.push(elements.slice(at, at + perLine).join(', '))
  return `elements = { ${rows.join(',\n\t\t\t     ')} }`.split('\n').map((row) => row.replace(/^\t\t/, ''))
}

const setText = ({ kind, name, lines, elements }: NftSet): string =>
  block(`${kind} ${name}`, [...lines, ...elementLines(elements)])

const chainText = ({ name, base, comment, rules }: NftChain): string =>
  block(`chain ${name}`, [
    ...(base ? [base.text] : []),
    ...(comment ? [`comment "${comment}"`] : []),
    ...rules.map(({ text }) => text),
  ])

/** What `nft list table ip kube-proxy` prints. The order of elements and of Services' chains is upstream's accident. */
export const nftList = ({ comment, sets, chains }: NftTable): string =>
  `table ip kube-proxy {\n\tcomment "${comment}"\n${[...sets.map(setText), ...chains.map(chainText)].join('\n')}}\n`

const worded = ({ text, does }: NftRule): readonly Rule[] => does.map((rule) => ({ ...rule, text }))

/** The table as the kernel meets it: base chains at their hooks, the others by name. */
export function nftTables({ chains }: NftTable): Tables {
  const others = Object.fromEntries(
    chains.filter(({ base }) => !base).map(({ name, rules }) => [name, rules.flatMap(worded)]),
  )
  const hooksOf = (table: TableName): Chains =>
    Object.fromEntries(
      chains.filter(({ base }) => base?.table === table).map(({ base, rules }) => [base!.hook, rules.flatMap(worded)]),
    )
  return {
    mangle: { ...others, ...hooksOf('mangle') },
    nat: { ...others, ...hooksOf('nat') },
    filter: { ...others, ...hooksOf('filter') },
  }
}
