/**
 * Pods that look the same to all others: same namespace, labels and affinity terms. Rules between Pods (spread, affinity) ask how many
 * Pods of some description are where; answering for a few crowds instead of a hundred thousand Pods is what makes
 * those rules affordable.
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

export interface Crowd extends Looks {
  /** How many of them are on each node, by slot. */
  readonly counts: Sorted<number, number>
}

export type Crowds = Sorted<Crowd>

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

export function visitCrowdsWithTerms(crowds: Crowds, visit: (crowd: Crowd, key: CrowdKey) => void): void {
  visitSorted(crowds, (crowd, key) => void visit(crowd, key), WITH_TERMS, '"')
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

function withCount(crowds: Crowds, key: CrowdKey, crowd: Crowd, slot: number, count: number): Crowds {
  const counts = count > 0 ? setSorted(crowd.counts, slot, count) : deleteSorted(crowd.counts, slot)
  return counts.size > 0 ? setSorted(crowds, key, { ...crowd, counts }) : deleteSorted(crowds, key)
}

export function joinCrowd(crowds: Crowds, key: CrowdKey, looks: Looks, slot: number): Crowds {
  const crowd = getSorted(crowds, key) ?? { ...looks, counts: emptySorted<number, number>() }
  return withCount(crowds, key, crowd, slot, (getSorted(crowd.counts, slot) ?? 0) + 1)
}

export function leaveCrowd(crowds: Crowds, key: CrowdKey, slot: number): Crowds {
  const crowd = getSorted(crowds, key)
  return crowd ? withCount(crowds, key, crowd, slot, (getSorted(crowd.counts, slot) ?? 0) - 1) : crowds
}
