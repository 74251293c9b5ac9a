/**
 * kube-proxy's `mode`: by which means of the kernel it makes Services work. What it decides is the same; how a packet
 * is looked up differs.
 *
 * Upstream: cmd/kube-proxy/app/server_linux.go
 * Left out: ipvs, which kube-proxy itself calls deprecated: choosing it is refused with a sentence.
 */
import type { Tables } from '../network/rule.ts'
import { NO_TABLES } from '../network/tables.ts'
import { iptablesRules } from './iptables.ts'
import { nftablesRules } from './nftables.ts'
import type { ProxyNode, ProxyView } from './objects.ts'

export const PROXY_MODES = ['iptables', 'nftables'] as const

export type ProxyMode = (typeof PROXY_MODES)[number]

/** Why a mode cannot be had, or undefined if it can. */
export const modeProblem = (mode: string): string | undefined =>
  (PROXY_MODES as readonly string[]).includes(mode)
    ? undefined
    : `kube-proxy's mode "${mode}" is not modelled here; choose one of ${PROXY_MODES.join(', ')}`

/** What the kernel of a machine has from kube-proxy, for a trace to follow. */
export const proxyTables = (mode: ProxyMode, view: ProxyView, node: ProxyNode): Tables =>
  mode === 'nftables' ? nftablesRules(view, node).tables : iptablesRules(view, node)

/** The part of it that `iptables-save` shows: nftables mode leaves iptables alone. */
export const iptablesShown = (mode: ProxyMode, view: ProxyView, node: ProxyNode): Tables =>
  mode === 'nftables' ? NO_TABLES : iptablesRules(view, node)
