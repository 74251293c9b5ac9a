/**
 * Pods that look the same to all others: same namespace, labels and affinity terms. Rules between Pods (spread,
 * affinity) ask how many Pods of some description are where; answering for a few crowds instead of a hundred thousand
 * Pods is what makes those rules affordable.
 */
import type { Labels } from '../api/selector.ts'
import { deleteSorted, emptySorted, getSorted, type Sorted, setSorted, visitSorted } from '../std/sorted.ts'
import type { Affinity, Pod } from './objects.ts'

/** What others see of a Pod. */
export interface Looks {
  readonly namespace: string
  readonly labels: Labels
  /** It is being deleted: spreading does not count it any more. */
  readonly leaving: boolean
  readonly podAffinity?: Affinity['podAffinity']
  readonly podAntiAffinity?: Affinity['podAntiAffinity']
}

/** How many of them are on each node, by slot. */
export type CrowdCounts = Sorted<number, number>

/** Who there is changes rarely, how many of them are where with every placement. */
export interface Crowds {
  readonly looks: Sorted<Looks>
  readonly counts: Sorted<CrowdCounts>
}

export const NO_CROWDS: Crowds = { looks: emptySorted(), counts: emptySorted() }

export type CrowdKey = string

const NO_LABELS: Labels = {}

function textOfLabels(labels: Labels): string {
  let text = ''
  for (const name in labels) text += `${name}=${labels[name]},`
  return text
}

export function crowdKeyOf({ metadata, spec }: Pod): CrowdKey {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  const terms = podAffinity || podAntiAffinity ? JSON.stringify([podAffinity ?? null, podAntiAffinity ?? null]) : ''
  const leaving = metadata.deletionTimestamp ? 'leaving' : ''
  const looks = `${metadata.namespace};${textOfLabels(metadata.labels ?? NO_LABELS)};${leaving}`
  return terms ? `${WITH_TERMS}${looks};${terms}` : looks
}

/** Crowds that have wishes about others come first, so that they are found without looking at all. */
export const WITH_TERMS = '!'

export function visitCrowdsWithTerms({ looks }: Crowds, visit: (looks: Looks, key: CrowdKey) => void): void {
  visitSorted(looks, (one, key) => void visit(one, key), WITH_TERMS, '"')
}

export function looksOf({ metadata, spec }: Pod): Looks {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  return {
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? NO_LABELS,
    leaving: metadata.deletionTimestamp !== undefined,
    ...(podAffinity && { podAffinity }),
    ...(podAntiAffinity && { podAntiAffinity }),
  }
}

export function joinCrowd({ looks, counts }: Crowds, key: CrowdKey, newcomer: Looks, slot: number): Crowds {
  const known = getSorted(counts, key)
  const there = known ?? emptySorted<number, number>()
  const joined = setSorted(there, slot, (getSorted(there, slot) ?? 0) + 1)
  return { looks: known ? looks : setSorted(looks, key, newcomer), counts: setSorted(counts, key, joined) }
}

export function leaveCrowd({ looks, counts }: Crowds, key: CrowdKey, slot: number): Crowds {
  const known = getSorted(counts, key)
  if (!known) return { looks, counts }
  const count = (getSorted(known, slot) ?? 0) - 1
  const left = count > 0 ? setSorted(known, slot, count) : deleteSorted(known, slot)
  if (left.size > 0) return { looks, counts: setSorted(counts, key, left) }
  return { looks: deleteSorted(looks, key), counts: deleteSorted(counts, key) }
}
