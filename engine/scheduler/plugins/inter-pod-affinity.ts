/**
 * Pods may ask to be near other Pods or away from them, as a must or as a wish. What the Pods that are already there
 * have asked for counts as much as what the new one asks.
 *
 * Upstream: pkg/scheduler/framework/plugins/interpodaffinity
 */
import { means, namespaceLabels, preferredTerms, requiredTerms, type Seen } from '../affinity-terms.ts'
import { type CrowdKey, type Looks, visitCrowdsWithTerms } from '../crowds.ts'
import { domainsOf, NO_DOMAIN } from '../domains.ts'
import type { Event, NodeEvent, PodEvent } from '../event.ts'
import type { Incoming } from '../incoming.ts'
import type { NodeFacts } from '../node-facts.ts'
import type { Pod, PodAffinityTerm } from '../objects.ts'
import { type Cluster, HIGHEST_SCORE, type Plugin, type Scores, type Surroundings } from '../plugin.ts'
import { refused, unresolvable } from '../refusal.ts'
import { type Description, EVERY_NODE, type Totals } from '../tally.ts'

export interface InterPodAffinityArgs {
  readonly hardPodAffinityWeight?: number
  readonly ignorePreferredTermsOfExistingPods?: boolean
}

const TOO_FAR = unresolvable("node(s) didn't match pod affinity rules")
const TOO_NEAR = refused("node(s) didn't match pod anti-affinity rules")
const UNWELCOME = refused("node(s) didn't satisfy existing pods anti-affinity rules")

/** How many Pods that a term means are in each domain of the term's label. */
interface Nearby {
  readonly totals: Totals
  readonly domainOf: Int32Array
  readonly weight: number
}

const isThere = ({ totals, domainOf }: Nearby, slot: number): boolean => {
  const domain = domainOf[slot]!
  return domain !== NO_DOMAIN && totals.byDomain[domain]! > 0
}

function nearby({ tallies, snapshot }: Cluster, counted: Description, label: string, weight: number): Nearby {
  const totals = tallies(counted).totals(label, EVERY_NODE)
  return { totals, domainOf: domainsOf(snapshot.facts, label).bySlot, weight }
}

/** Pods that all these terms of the new Pod mean. */
function meantBy(terms: readonly PodAffinityTerm[], home: string, { view }: Surroundings): Description {
  const labelled = terms.some(({ namespaceSelector }) => namespaceSelector !== undefined)
  const namespaces = labelled
    ? JSON.stringify(view.list('namespaces').map(({ metadata }) => [metadata.name, metadata.labels]))
    : ''
  return {
    text: `terms;${home};${JSON.stringify(terms)};${namespaces}`,
    fits: (looks) => terms.every((term) => means(term, home, looks, namespaceLabels(view, looks.namespace))),
  }
}

const crowdAlone = (key: CrowdKey): Description => ({ text: `crowd;${key}`, fits: (_, other) => other === key })

const homeOf = ({ metadata }: Pod): string => metadata.namespace ?? ''

const seenOf = ({ metadata }: Pod): Seen => ({ namespace: metadata.namespace ?? '', labels: metadata.labels ?? {} })

/** What Pods that are there say about the new one: for each of their terms that mean it, where these Pods are. */
function wordsOfOthers(
  cluster: Cluster,
  pod: Pod,
  termsOf: (crowd: Looks) => readonly (readonly [term: PodAffinityTerm, weight: number])[],
): readonly Nearby[] {
  const words: Nearby[] = []
  const seen = seenOf(pod)
  const labels = namespaceLabels(cluster.view, seen.namespace)
  visitCrowdsWithTerms(cluster.snapshot.crowds, (crowd, key) => {
    for (const [term, weight] of termsOf(crowd))
      if (means(term, crowd.namespace, seen, labels))
        words.push(nearby(cluster, crowdAlone(key), term.topologyKey, weight))
  })
  return words
}

// ---- musts ----

interface Musts {
  readonly near: readonly Nearby[]
  /** No Pod that is asked for exists, and the new one would be one: somebody has to be first. */
  readonly isFirst: boolean
  readonly away: readonly Nearby[]
  readonly others: readonly Nearby[]
}

const forbids = (crowd: Looks) => requiredTerms(crowd.podAntiAffinity).map((term) => [term, 1] as const)

function meansItself(terms: readonly PodAffinityTerm[], pod: Pod, { view }: Surroundings): boolean {
  const seen = seenOf(pod)
  return terms.every((term) => means(term, homeOf(pod), seen, namespaceLabels(view, seen.namespace)))
}

function nearTerms(cluster: Cluster, pod: Pod): Pick<Musts, 'near' | 'isFirst'> {
  const terms = requiredTerms(pod.spec.affinity?.podAffinity)
  if (terms.length === 0) return { near: [], isFirst: false }
  const counted = meantBy(terms, homeOf(pod), cluster)
  const near = terms.map((term) => nearby(cluster, counted, term.topologyKey, 1))
  return { near, isFirst: near.every(({ totals }) => totals.sum === 0) && meansItself(terms, pod, cluster) }
}

function mustsOf(cluster: Cluster, pod: Pod): Musts | undefined {
  const others = wordsOfOthers(cluster, pod, forbids).filter(({ totals }) => totals.sum > 0)
  const away = requiredTerms(pod.spec.affinity?.podAntiAffinity).map((term) =>
    nearby(cluster, meantBy([term], homeOf(pod), cluster), term.topologyKey, 1),
  )
  const { near, isFirst } = nearTerms(cluster, pod)
  return others.length + away.length + near.length > 0 ? { near, isFirst, away, others } : undefined
}

const isNear = ({ near, isFirst }: Musts, slot: number): boolean =>
  near.every(({ domainOf }) => domainOf[slot] !== NO_DOMAIN) && (isFirst || near.every((pods) => isThere(pods, slot)))

// ---- wishes ----

interface Rated {
  readonly wishes: readonly Nearby[]
}

function ownWishes(cluster: Cluster, pod: Pod): readonly Nearby[] {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  const wish =
    (sign: 1 | -1) =>
    ({ weight, podAffinityTerm }: { readonly weight: number; readonly podAffinityTerm: PodAffinityTerm }) =>
      nearby(cluster, meantBy([podAffinityTerm], homeOf(pod), cluster), podAffinityTerm.topologyKey, sign * weight)
  return [...preferredTerms(podAffinity).map(wish(1)), ...preferredTerms(podAntiAffinity).map(wish(-1))]
}

const hasWishes = ({ spec }: Pod): boolean =>
  preferredTerms(spec.affinity?.podAffinity).length + preferredTerms(spec.affinity?.podAntiAffinity).length > 0

/** Also what is a must for them is a wish here: they would like the new Pod to be near. */
const wishesOfCrowd =
  (hardWeight: number) =>
  ({ podAffinity, podAntiAffinity }: Looks): readonly (readonly [PodAffinityTerm, number])[] => [
    ...(hardWeight > 0 ? requiredTerms(podAffinity).map((term) => [term, hardWeight] as const) : []),
    ...preferredTerms(podAffinity).map(({ podAffinityTerm, weight }) => [podAffinityTerm, weight] as const),
    ...preferredTerms(podAntiAffinity).map(({ podAffinityTerm, weight }) => [podAffinityTerm, -weight] as const),
  ]

function scoreAll(scores: Scores, feasible: readonly number[], { wishes }: Rated): void {
  scores.fill(0, 0, feasible.length)
  for (const { totals, domainOf, weight } of wishes)
    for (let i = 0; i < feasible.length; i++) {
      const domain = domainOf[feasible[i]!]!
      if (domain !== NO_DOMAIN) scores[i]! += weight * totals.byDomain[domain]!
    }
}

function stretchBetween(scores: Scores, count: number): void {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let i = 0; i < count; i++) {
    least = Math.min(least, scores[i]!)
    most = Math.max(most, scores[i]!)
  }
  for (let i = 0; i < count; i++)
    scores[i] = most > least ? Math.trunc(HIGHEST_SCORE * ((scores[i]! - least) / (most - least))) : 0
}

// ---- waking ----

/** Without looking at namespaces' labels: a selector of namespaces is not followed here, as upstream does not. */
const meansAll = (terms: readonly PodAffinityTerm[], home: string, pod: Pod): boolean =>
  terms.length > 0 && terms.every((term) => means(term, home, seenOf(pod), {}))

/** The other Pod does not want this one near. */
const keptAway = (other: Pod, pod: Pod): boolean =>
  requiredTerms(other.spec.affinity?.podAntiAffinity).some((term) => means(term, homeOf(other), seenOf(pod), {}))

/** What others have against a Pod may end with its labels. */
const isItself = ({ of, after }: PodEvent, pod: Pod): boolean =>
  of === 'UnschedulablePod' && after?.metadata.uid === pod.metadata.uid

function podHelps(event: PodEvent, pod: Pod): boolean {
  const { change, before, after } = event
  const near = requiredTerms(pod.spec.affinity?.podAffinity)
  const away = requiredTerms(pod.spec.affinity?.podAntiAffinity)
  const [comes, leaves] = [near, away].map(
    (terms) => (other: Pod | undefined) => other !== undefined && meansAll(terms, homeOf(pod), other),
  ) as [(other: Pod | undefined) => boolean, (other: Pod | undefined) => boolean]
  if (change === 'Add') return comes(after)
  if (change === 'Delete') return leaves(before) || (before !== undefined && keptAway(before, pod))
  if (change !== 'UpdatePodLabel') return false
  if (isItself(event, pod)) return true
  return (!comes(before) && comes(after)) || (leaves(before) && !leaves(after))
}

function labelHelps(label: string, before: NodeFacts | undefined, after: NodeFacts, isAway: boolean): boolean {
  const [was, is] = [before?.labels[label], after.labels[label]]
  if (before === undefined) return isAway || is !== undefined
  if (isAway && was !== undefined && is === undefined) return true
  return is !== undefined && was !== is && (!isAway || was !== undefined)
}

function nodeHelps({ change, before, after }: NodeEvent, pod: Pod): boolean {
  if ((change !== 'Add' && change !== 'UpdateNodeLabel') || !after) return false
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  return (
    requiredTerms(podAffinity).some(({ topologyKey }) => labelHelps(topologyKey, before, after, false)) ||
    requiredTerms(podAntiAffinity).some(({ topologyKey }) => labelHelps(topologyKey, before, after, true))
  )
}

const wakes = (event: Event, pod: Pod): boolean => (event.of === 'Node' ? nodeHelps(event, pod) : podHelps(event, pod))

export function interPodAffinity(args: InterPodAffinityArgs): Plugin<Musts, Rated> {
  const wishesOfOthers = wishesOfCrowd(args.hardPodAffinityWeight ?? 1)
  const ratedBy = ({ pod }: Incoming, cluster: Cluster): readonly Nearby[] => {
    if (args.ignorePreferredTermsOfExistingPods && !hasWishes(pod)) return []
    return [...ownWishes(cluster, pod), ...wordsOfOthers(cluster, pod, wishesOfOthers)]
  }
  return {
    name: 'InterPodAffinity',
    looksAt: 'cluster',
    prepare: ({ pod }, cluster) => mustsOf(cluster, pod),
    filter(_, { slot }, musts) {
      if (!isNear(musts, slot)) return TOO_FAR
      if (musts.away.some((pods) => isThere(pods, slot))) return TOO_NEAR
      return musts.others.some((pods) => isThere(pods, slot)) ? UNWELCOME : undefined
    },
    rate(incoming, cluster) {
      const wishes = ratedBy(incoming, cluster).filter(({ totals }) => totals.sum > 0)
      return wishes.length > 0 ? { wishes } : undefined
    },
    scoreAll,
    spread: stretchBetween,
    wakes,
  }
}
