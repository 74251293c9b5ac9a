/**
 * Spreading constraints made ready: which Pods each one counts, on which nodes, and what holds for Pods that have none
 * of their own.
 *
 * Upstream: pkg/scheduler/framework/plugins/podtopologyspread/common.go, plugins/helper/spread.go
 */
import { controllerOf, type KubeObject, keyFor } from '../api/object.ts'
import {
  type LabelSelector,
  type Labels,
  matchesLabels,
  type Selector,
  selectorOf,
  selectorOfLabels,
  selectorText,
} from '../api/selector.ts'
import type { View } from '../client/controller.ts'
import type { NodeFacts } from './node-facts.ts'
import { nodeWishText, wantsNode } from './node-selecting.ts'
import type { Pod, TopologySpreadConstraint } from './objects.ts'
import type { Surroundings } from './plugin.ts'
import { type Services, serviceSelector } from './services.ts'
import type { Choice, Description } from './tally.ts'
import { hasUntolerated } from './tolerating.ts'

export const HOSTNAME = 'kubernetes.io/hostname'

export interface Constraint {
  readonly maxSkew: number
  readonly minDomains: number
  readonly label: string
  readonly counted: Description
  readonly countsItself: boolean
  readonly choice: Choice
}

export type Mode = 'DoNotSchedule' | 'ScheduleAnyway'

/** Soft: over nodes a little, over zones even less. */
export const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { maxSkew: 3, topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway' },
  { maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
]

const NO_LABELS: Labels = {}

const labelsOf = ({ metadata }: Pod): Labels => metadata.labels ?? NO_LABELS

/** A selector of everything counts nothing, which is how upstream reads it. */
function description(namespace: string, selector: Selector | undefined): Description {
  const selects = selector !== undefined && selector.length > 0
  return {
    text: selects ? `spread;${namespace};${selectorText(selector)}` : 'spread;nobody',
    fits: (looks) =>
      selects && !looks.leaving && looks.namespace === namespace && matchesLabels(selector, looks.labels),
  }
}

function choiceOf(pod: Pod, rule: TopologySpreadConstraint, needed: readonly string[]): Choice {
  const byWish = rule.nodeAffinityPolicy !== 'Ignore' && nodeWishText(pod) !== ''
  const byTaints = rule.nodeTaintsPolicy === 'Honor'
  const wish = byWish ? nodeWishText(pod) : ''
  const taints = byTaints ? JSON.stringify(pod.spec.tolerations ?? []) : ''
  return {
    text: `${needed.join()};${wish};${taints}`,
    has: (node) =>
      needed.every((label) => node.labels[label] !== undefined) &&
      (!byWish || wantsNode(pod, node)) &&
      !(byTaints && hasUntolerated(node.taints, pod.spec.tolerations)),
  }
}

function constraintOf(
  pod: Pod,
  rule: TopologySpreadConstraint,
  selector: Selector | undefined,
  needed: readonly string[],
): Constraint {
  return {
    maxSkew: rule.maxSkew,
    minDomains: rule.minDomains ?? 1,
    label: rule.topologyKey,
    counted: description(pod.metadata.namespace ?? '', selector),
    countsItself: selector !== undefined && matchesLabels(selector, labelsOf(pod)),
    choice: choiceOf(pod, rule, needed),
  }
}

/** The rule's own selector, narrowed to Pods that have the same value of `matchLabelKeys`. */
function ownSelector(pod: Pod, { labelSelector, matchLabelKeys }: TopologySpreadConstraint): Selector | undefined {
  const selector = selectorOf(labelSelector)
  const labels = labelsOf(pod)
  const keys = (matchLabelKeys ?? []).filter((key) => labels[key] !== undefined)
  if (!selector || keys.length === 0) return selector
  return [...selector, ...selectorOfLabels(Object.fromEntries(keys.map((key) => [key, labels[key]!])))]
}

type Workload = KubeObject & { readonly spec?: { readonly selector?: LabelSelector | Labels } }

/** Workloads whose Pods belong together. */
const WORKLOADS: Readonly<Record<string, string>> = {
  'v1/ReplicationController': 'replicationcontrollers',
  'apps/v1/ReplicaSet': 'replicasets.apps',
  'apps/v1/StatefulSet': 'statefulsets.apps',
}

function workloadSelector(pod: Pod, view: View): Selector {
  const owner = controllerOf(pod)
  const resource = owner && WORKLOADS[`${owner.apiVersion}/${owner.kind}`]
  if (!resource) return []
  const workload = view.get<Workload>(resource, keyFor(pod.metadata.namespace, owner.name))
  const selector = workload?.spec?.selector
  if (!selector) return []
  return owner.kind === 'ReplicationController' ? selectorOfLabels(selector as Labels) : (selectorOf(selector) ?? [])
}

/** Which Pods belong together with this one although it does not say so itself. */
export const belongingTo = (pod: Pod, services: Services, view: View): Selector => [
  ...serviceSelector(services, pod.metadata.namespace ?? '', labelsOf(pod)),
  ...workloadSelector(pod, view),
]

const labelsNeeded = (rules: readonly TopologySpreadConstraint[]): readonly string[] =>
  rules.map(({ topologyKey }) => topologyKey)

/** The Pod's own constraints of a mode; undefined if it has none of any mode. */
export function ownConstraints(pod: Pod, mode: Mode): readonly Constraint[] | undefined {
  const all = pod.spec.topologySpreadConstraints ?? []
  if (all.length === 0) return undefined
  const rules = all.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === mode)
  return rules.map((rule) => constraintOf(pod, rule, ownSelector(pod, rule), labelsNeeded(rules)))
}

/** Constraints from the configuration; none if nothing says which Pods belong together. */
export function defaultConstraints(
  pod: Pod,
  mode: Mode,
  defaults: readonly TopologySpreadConstraint[],
  everyLabelNeeded: boolean,
  { services, view }: Surroundings,
): readonly Constraint[] {
  const rules = defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === mode)
  if (rules.length === 0) return []
  const selector = belongingTo(pod, services, view)
  if (selector.length === 0) return []
  const needed = everyLabelNeeded ? labelsNeeded(rules) : []
  return rules.map((rule) => constraintOf(pod, rule, selector, needed))
}

export const hasLabels = (node: NodeFacts, constraints: readonly Constraint[]): boolean =>
  constraints.every(({ label }) => node.labels[label] !== undefined)
