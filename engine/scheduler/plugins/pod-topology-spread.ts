/**
 * Copies of a program should not all stand in one place. Constraints say over which places (nodes, zones) Pods of some
 * description are to be spread, how evenly, and whether that is a must. Pods without constraints are spread softly, if
 * a Service or a workload says that they belong together.
 *
 * Upstream: pkg/scheduler/framework/plugins/podtopologyspread
 */
import { domainsOf, NO_DOMAIN } from '../domains.ts'
import type { Event, NodeEvent, PodEvent } from '../event.ts'
import type { Pod, TopologySpreadConstraint } from '../objects.ts'
import { type Cluster, HIGHEST_SCORE, type Plugin, type Scores, type Surroundings } from '../plugin.ts'
import { type Refusal, refused, unresolvable } from '../refusal.ts'
import {
  type Constraint,
  defaultConstraints,
  HOSTNAME,
  hasLabels,
  type Mode,
  ownConstraints,
  SYSTEM_DEFAULTS,
} from '../spreading.ts'
import { NOT_CHOSEN, type Tally, type Totals } from '../tally.ts'

export interface PodTopologySpreadArgs {
  readonly defaultingType?: 'System' | 'List'
  readonly defaultConstraints?: readonly TopologySpreadConstraint[]
}

const UNEVEN = refused("node(s) didn't match pod topology spread constraints")
const NO_LABEL = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)")

// ---- hard constraints ----

interface Hard {
  readonly constraint: Constraint
  readonly totals: Totals
  readonly domainOf: Int32Array
  /** Pods in the domain that has fewest. */
  readonly fewest: number
}

function fewestPods({ byDomain, domains }: Totals, minDomains: number): number {
  if (domains < minDomains) return 0
  let fewest = Number.POSITIVE_INFINITY
  for (const count of byDomain) if (count !== NOT_CHOSEN && count < fewest) fewest = count
  return fewest
}

function hardOf({ tallies, snapshot }: Cluster, constraint: Constraint): Hard {
  const totals = tallies(constraint.counted).totals(constraint.label, constraint.choice)
  const domainOf = domainsOf(snapshot.facts, constraint.label).bySlot
  return { constraint, totals, domainOf, fewest: fewestPods(totals, constraint.minDomains) }
}

function breaks({ constraint, totals, domainOf, fewest }: Hard, slot: number): Refusal | undefined {
  const domain = domainOf[slot]!
  if (domain === NO_DOMAIN) return NO_LABEL
  const pods = Math.max(0, totals.byDomain[domain]!) + (constraint.countsItself ? 1 : 0)
  return pods - fewest > constraint.maxSkew ? UNEVEN : undefined
}

// ---- soft constraints ----

interface Soft {
  readonly maxSkew: number
  /** Pods by slot if every node is a domain of its own, else by number of the domain. */
  readonly counts: Tally['bySlot']
  readonly byDomain: boolean
  readonly domainOf: Int32Array
  /** The more domains, the more each Pod too many counts. */
  readonly weight: number
}

interface Rated {
  readonly soft: readonly Soft[]
  /** Slots of nodes that lack a label and get no points. */
  readonly ignored: ReadonlySet<number>
}

/** How many domains the feasible nodes are in; those without the label are one more. */
function domainsAmong(
  { snapshot }: Cluster,
  label: string,
  slots: readonly number[],
  ignored: ReadonlySet<number>,
): number {
  const { bySlot, count, incomplete } = domainsOf(snapshot.facts, label)
  const most = count + (incomplete ? 1 : 0)
  const seen = new Set<number>()
  for (const slot of slots) {
    if (seen.size === most) break
    if (!ignored.has(slot)) seen.add(bySlot[slot]!)
  }
  return seen.size
}

function softOf(
  cluster: Cluster,
  constraint: Constraint,
  feasible: readonly number[],
  ignored: ReadonlySet<number>,
): Soft {
  const { label, choice, counted, maxSkew } = constraint
  const tally = cluster.tallies(counted)
  const ownDomain = label === HOSTNAME
  const domains = ownDomain ? feasible.length - ignored.size : domainsAmong(cluster, label, feasible, ignored)
  return {
    maxSkew,
    counts: ownDomain ? tally.bySlot : tally.totals(label, choice).byDomain,
    byDomain: !ownDomain,
    domainOf: domainsOf(cluster.snapshot.facts, label).bySlot,
    weight: Math.log(domains + 2),
  }
}

const NONE_IGNORED: ReadonlySet<number> = new Set()

const lackingLabels = (
  { places }: Cluster,
  constraints: readonly Constraint[],
  feasible: readonly number[],
): ReadonlySet<number> => new Set(feasible.filter((slot) => !hasLabels(places[slot]!.facts, constraints)))

function addPoints(
  { maxSkew, counts, byDomain, domainOf, weight }: Soft,
  scores: Scores,
  feasible: readonly number[],
): void {
  const allowance = maxSkew - 1
  for (let i = 0; i < feasible.length; i++) {
    const slot = feasible[i]!
    const domain = domainOf[slot]!
    if (domain === NO_DOMAIN) continue
    const index = byDomain ? domain : slot
    const there = index < counts.length ? counts[index]! : 0
    scores[i]! += (there > 0 ? there : 0) * weight + allowance
  }
}

function scoreAll(scores: Scores, feasible: readonly number[], { soft }: Rated): void {
  scores.fill(0, 0, feasible.length)
  for (const constraint of soft) addPoints(constraint, scores, feasible)
  for (let i = 0; i < feasible.length; i++) scores[i] = Math.round(scores[i]!)
}

/** Turned around: the fewer Pods there, the better. */
function turnAround(scores: Scores, count: number, { ignored }: Rated, feasible: readonly number[]): void {
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (let i = 0; i < count; i++) {
    if (ignored.size > 0 && ignored.has(feasible[i]!)) continue
    if (scores[i]! < least) least = scores[i]!
    if (scores[i]! > most) most = scores[i]!
  }
  for (let i = 0; i < count; i++) {
    if (ignored.size > 0 && ignored.has(feasible[i]!)) scores[i] = 0
    else scores[i] = most === 0 ? HIGHEST_SCORE : Math.trunc((HIGHEST_SCORE * (most + least - scores[i]!)) / most)
  }
}

// ---- waking ----

const counts = ({ counted }: Constraint, { metadata }: Pod): boolean =>
  counted.fits({ namespace: metadata.namespace ?? '', labels: metadata.labels ?? {}, leaving: false }, '')

const isAnother = (other: Pod | undefined, pod: Pod): boolean => other?.metadata.uid !== pod.metadata.uid

function podHelps({ of, change, before, after }: PodEvent, pod: Pod, constraints: readonly Constraint[]): boolean {
  if ((after ?? before)?.metadata.namespace !== pod.metadata.namespace) return false
  if (of === 'UnschedulablePod' && isAnother(after, pod)) return false
  if (change === 'Add') return constraints.some((constraint) => counts(constraint, after!))
  if (change === 'Delete') return constraints.some((constraint) => counts(constraint, before!))
  if (change !== 'UpdatePodLabel') return false
  return constraints.some((constraint) => counts(constraint, before!) !== counts(constraint, after!))
}

const NODE_CHANGES: ReadonlySet<string> = new Set(['Add', 'Delete', 'UpdateNodeLabel', 'UpdateNodeTaint'])

function nodeHelps({ change, before, after }: NodeEvent, constraints: readonly Constraint[]): boolean {
  if (!NODE_CHANGES.has(change)) return false
  const was = before !== undefined && hasLabels(before, constraints)
  const is = after !== undefined && hasLabels(after, constraints)
  if (was !== is) return true
  if (!was) return false
  return (
    before.taints !== after!.taints || constraints.some(({ label }) => before.labels[label] !== after!.labels[label])
  )
}

export function podTopologySpread(args: PodTopologySpreadArgs): Plugin<readonly Hard[], Rated> {
  const bySystem = args.defaultingType !== 'List'
  const defaults = bySystem ? SYSTEM_DEFAULTS : (args.defaultConstraints ?? [])
  const constraintsOf = (pod: Pod, mode: Mode, around: Surroundings): readonly Constraint[] =>
    ownConstraints(pod, mode) ?? defaultConstraints(pod, mode, defaults, !bySystem, around)

  const wakes = (event: Event, pod: Pod, around: Surroundings): boolean => {
    const constraints = constraintsOf(pod, 'DoNotSchedule', around)
    return event.of === 'Node' ? nodeHelps(event, constraints) : podHelps(event, pod, constraints)
  }

  return {
    name: 'PodTopologySpread',
    looksAt: 'cluster',
    prepare({ pod }, cluster) {
      const constraints = constraintsOf(pod, 'DoNotSchedule', cluster)
      return constraints.length > 0 ? constraints.map((constraint) => hardOf(cluster, constraint)) : undefined
    },
    filter(_, { slot }, hard) {
      for (const rule of hard) {
        const broken = breaks(rule, slot)
        if (broken) return broken
      }
      return undefined
    },
    rate({ pod }, cluster, feasible) {
      const constraints = constraintsOf(pod, 'ScheduleAnyway', cluster)
      if (constraints.length === 0) return undefined
      const everyLabelNeeded = pod.spec.topologySpreadConstraints?.length || !bySystem
      const ignored = everyLabelNeeded ? lackingLabels(cluster, constraints, feasible) : NONE_IGNORED
      return { soft: constraints.map((constraint) => softOf(cluster, constraint, feasible, ignored)), ignored }
    },
    scoreAll,
    spread: turnAround,
    wakes,
  }
}
