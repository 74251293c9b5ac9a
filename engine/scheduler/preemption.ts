/**
 * If no node has room for an important Pod, less important ones may have to leave. This finds out where that would
 * help, who would have to leave there, and which of these nodes costs least.
 *
 * Upstream: pkg/scheduler/framework/preemption, plugins/defaultpreemption
 * Left out: extenders; settings of how many nodes are tried (10 %, at least 100).
 */

import type { Key, KubeObject } from '../api/object.ts'
import { type LabelSelector, matchesLabels, selectorOf } from '../api/selector.ts'
import type { Draw } from '../std/draw.ts'
import { getSorted } from '../std/sorted.ts'
import { instantOf, type Millis } from '../std/time.ts'
import type { Situation, Unfit, Way } from './attempt.ts'
import type { Incoming } from './incoming.ts'
import type { Verdict } from './judging.ts'
import { nominees, verdictSupposing, verdictWithNominees } from './nominations.ts'
import type { Pod } from './objects.ts'
import { placeAt } from './places.ts'
import type { Cluster } from './plugin.ts'
import { countReasons, isRefusal, noNodesText, type Refusal, refused, tallyOfReasons, unresolvable } from './refusal.ts'
import { type Assigned, displace, place, type Snapshot } from './snapshot.ts'

export interface Budget extends KubeObject {
  readonly spec?: { readonly selector?: LabelSelector }
  readonly status?: {
    readonly disruptionsAllowed?: number
    readonly disruptedPods?: Readonly<Record<string, string>>
  }
}

/** A Pod that may have to leave. */
export interface Victim {
  readonly key: Key
  readonly pod: Pod
  readonly assigned: Assigned
  readonly priority: number
  /** Undefined as long as it has not started. */
  readonly started: Millis | undefined
}

export interface Candidate {
  readonly slot: number
  readonly node: string
  /** The most important first. */
  readonly victims: readonly Victim[]
  readonly violations: number
}

const NOT_HELPFUL = unresolvable('Preemption is not helpful for scheduling')
const NO_VICTIMS = unresolvable('No preemption victims found for incoming pod')

const byStart = (a: Victim, b: Victim): number => {
  if (a.started === b.started) return 0
  return (a.started ?? Number.POSITIVE_INFINITY) - (b.started ?? Number.POSITIVE_INFINITY)
}

const byImportance = (a: Victim, b: Victim): number => b.priority - a.priority || byStart(a, b)

/**
 * The most important first. Of Pods that have not started, each is taken to start at the moment when it is asked, so
 * that the one asked first counts as the older: upstream's sorting turns their order around.
 */
function inOrder(victims: readonly Victim[]): readonly Victim[] {
  const started = victims.filter((victim) => victim.started !== undefined)
  const notStarted = victims.filter((victim) => victim.started === undefined)
  return [...started, ...notStarted.reverse()].sort(byImportance)
}

function victimsOn(snapshot: Snapshot, slot: number, incoming: Incoming, cluster: Cluster): readonly Victim[] {
  const victims: Victim[] = []
  for (const key of placeAt(snapshot, slot)!.usage.pods) {
    const assigned = getSorted(snapshot.assigned, key)!
    const pod = cluster.view.get<Pod>('pods', key)
    if (assigned.priority >= incoming.priority || !pod) continue
    const started = instantOf(pod.status?.startTime ?? '')
    victims.push({ key, pod, assigned, priority: assigned.priority, started })
  }
  return inOrder(victims)
}

// ---- disruption budgets ----

const covers = (budget: Budget, pod: Pod): boolean => {
  if (budget.metadata.namespace !== pod.metadata.namespace) return false
  const selector = selectorOf(budget.spec?.selector)
  if (!selector || selector.length === 0 || !pod.metadata.labels) return false
  return matchesLabels(selector, pod.metadata.labels) && !budget.status?.disruptedPods?.[pod.metadata.name]
}

/** Which victims, taken in this order, would break a budget. */
function violators(victims: readonly Victim[], budgets: readonly Budget[]): ReadonlySet<Victim> {
  const left = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0)
  const breaking = new Set<Victim>()
  for (const victim of victims)
    budgets.forEach((budget, index) => {
      if (covers(budget, victim.pod) && --left[index]! < 0) breaking.add(victim)
    })
  return breaking
}

// ---- trying it out on one node ----

interface Trial {
  readonly situation: Situation
  readonly cluster: Cluster
  readonly incoming: Incoming
  readonly budgets: readonly Budget[]
  readonly way: Way
}

/** What the plugins would say of the node if these Pods were all that changed. */
function verdictAfter(
  { situation, cluster, incoming, way }: Trial,
  snapshot: Snapshot,
  slot: number,
): Verdict | undefined {
  const supposed = way.suppose(cluster, snapshot)
  const { profile, nominations } = situation
  const at = placeAt(snapshot, slot)!
  const keys = nominees(nominations, incoming).get(at.facts.name)
  return keys
    ? verdictWithNominees(profile, incoming, supposed, at, keys, way.suppose)
    : verdictSupposing(profile, incoming, supposed, slot)
}

/** Lets as many as possible come back, those first whose loss would break a budget, then the most important. */
function reprieve(trial: Trial, emptied: Snapshot, slot: number, potential: readonly Victim[]): Candidate {
  const breaking = violators(potential, trial.budgets)
  const asked = [
    ...potential.filter((victim) => breaking.has(victim)),
    ...potential.filter((victim) => !breaking.has(victim)),
  ]
  const victims: Victim[] = []
  let snapshot = emptied
  for (const victim of asked) {
    const restored = place(snapshot, victim.key, victim.assigned)
    if (verdictAfter(trial, restored, slot)) victims.push(victim)
    else snapshot = restored
  }
  const violations = victims.filter((victim) => breaking.has(victim)).length
  return { slot, node: placeAt(emptied, slot)!.facts.name, victims: victims.sort(byImportance), violations }
}

function tryNode(trial: Trial, slot: number): Candidate | Refusal {
  const { snapshot } = trial.situation
  const potential = victimsOn(snapshot, slot, trial.incoming, trial.cluster)
  if (potential.length === 0) return NO_VICTIMS
  const emptied = potential.reduce((rest, { key }) => displace(rest, key), snapshot)
  const verdict = verdictAfter(trial, emptied, slot)
  return verdict ? verdict.refusal : reprieve(trial, emptied, slot, potential)
}

// ---- the best candidate ----

const highestPriority = ({ victims }: Candidate): number => victims[0]?.priority ?? Number.NEGATIVE_INFINITY

/** Shifted, so that more victims always cost more, even if their priorities are negative. */
const sumOfPriorities = ({ victims }: Candidate): number =>
  victims.reduce((sum, { priority }) => sum + priority + 2 ** 31, 0)

/** Of the most important victims, when the one that has run longest began. */
function earliestStart(candidate: Candidate): Millis {
  const highest = highestPriority(candidate)
  const important = candidate.victims.filter(({ priority }) => priority === highest)
  return Math.min(...important.map(({ started }) => started ?? Number.MAX_SAFE_INTEGER))
}

/** One after another; the least of each remains. */
const COSTS: readonly ((candidate: Candidate) => number)[] = [
  ({ violations }) => violations,
  highestPriority,
  sumOfPriorities,
  ({ victims }) => victims.length,
  (candidate) => -earliestStart(candidate),
]

function cheapest(candidates: readonly Candidate[]): readonly Candidate[] {
  return COSTS.reduce((left, cost) => {
    const least = Math.min(...left.map(cost))
    return left.filter((candidate) => cost(candidate) === least)
  }, candidates)
}

// ---- all of it ----

export type Preemption =
  | { readonly candidate: Candidate }
  /** Not eligible: whatever was promised to the Pod stays promised. */
  | { readonly says: string; readonly eligible: boolean }

/** Upstream marks its victims with this. */
export const isBeingPreempted = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (status?.conditions?.some(
    ({ type, status, reason }) =>
      type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler',
  ) ??
    false)

function whyNotEligible({ situation, cluster, incoming }: Trial, unfit: Unfit): string | undefined {
  if (incoming.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = incoming.pod.status?.nominatedNodeName
  const slot = nominated ? getSorted(situation.snapshot.slots, nominated) : undefined
  if (slot === undefined || unfit.verdicts.get(slot)?.refusal.unresolvable) return undefined
  const leaving = victimsOn(situation.snapshot, slot, incoming, cluster).some(({ pod }) => isBeingPreempted(pod))
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined
}

const LEAST_CANDIDATES = 100

/** How many candidates are enough, and with which node the trials begin. */
function trialOrder(slots: readonly number[], drawn: number): readonly number[] {
  const offset = Math.floor(drawn * slots.length)
  return [...slots.slice(offset), ...slots.slice(0, offset)]
}

const enough = (slots: readonly number[]): number =>
  Math.min(slots.length, Math.max(LEAST_CANDIDATES, Math.trunc(slots.length / 10)))

function tryNodes(
  trial: Trial,
  slots: readonly number[],
): { candidates: readonly Candidate[]; refusals: ReadonlyMap<number, Refusal> } {
  const candidates: Candidate[] = []
  const refusals = new Map<number, Refusal>()
  for (const slot of slots) {
    const tried = tryNode(trial, slot)
    if (isRefusal(tried)) refusals.set(slot, tried)
    else if (tried.victims.length > 0) candidates.push(tried)
    else refusals.set(slot, refused(`expected at least one victim pod on node "${tried.node}"`))
    if (candidates.length >= enough(slots) && candidates.some(({ violations }) => violations === 0)) break
  }
  return { candidates, refusals }
}

function whyInVain(nodes: number, refusals: ReadonlyMap<number, Refusal>): string {
  const counts = new Map<string, number>()
  for (const refusal of refusals.values()) countReasons(counts, refusal, 1)
  countReasons(counts, NOT_HELPFUL, nodes - refusals.size)
  return noNodesText(nodes, tallyOfReasons(counts))
}

export function preempt(
  situation: Situation,
  incoming: Incoming,
  unfit: Unfit,
  way: Way,
  budgets: readonly Budget[],
  draw: Draw,
): Preemption {
  const trial: Trial = { situation, cluster: way.cluster(situation), incoming, budgets, way }
  const ineligible = whyNotEligible(trial, unfit)
  if (ineligible) return { says: ineligible, eligible: false }
  const slots = [...unfit.verdicts].filter(([, { refusal }]) => !refusal.unresolvable).map(([slot]) => slot)
  const { uid, resourceVersion } = incoming.pod.metadata
  const { candidates, refusals } = tryNodes(trial, trialOrder(slots, draw('preemption', 'first', uid, resourceVersion)))
  if (candidates.length === 0) return { says: whyInVain(situation.snapshot.facts.size, refusals), eligible: true }
  const equal = cheapest(candidates)
  return { candidate: equal[Math.floor(draw('preemption', 'which', uid, resourceVersion) * equal.length)]! }
}
