/**
 * Which nodes a Pod asks for: by exact labels (nodeSelector) and by terms, of which one must hold (node affinity).
 *
 * Upstream: staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
 */
import type { NodeFacts } from './node-facts.ts'
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from './objects.ts'

const NO_VALUES: readonly string[] = []

const INTEGER = /^[+-]?\d+$/

function compares(value: string | undefined, bound: string | undefined, sign: 1 | -1): boolean {
  if (value === undefined || bound === undefined || !INTEGER.test(value) || !INTEGER.test(bound)) return false
  return sign * (Number(value) - Number(bound)) > 0
}

type Test = (value: string | undefined, values: readonly string[]) => boolean

const TESTS: Readonly<Record<string, Test>> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
  Gt: (value, values) => compares(value, values[0], 1),
  Lt: (value, values) => compares(value, values[0], -1),
}

const holds = ({ operator, values }: NodeSelectorRequirement, value: string | undefined): boolean =>
  TESTS[operator]?.(value, values ?? NO_VALUES) ?? false

/** A term with nothing in it holds for no node. */
export function termHolds({ matchExpressions, matchFields }: NodeSelectorTerm, node: NodeFacts): boolean {
  if (!matchExpressions?.length && !matchFields?.length) return false
  const labelsHold = (matchExpressions ?? []).every((requirement) => holds(requirement, node.labels[requirement.key]))
  return labelsHold && (matchFields ?? []).every((requirement) => holds(requirement, fieldOf(node, requirement.key)))
}

const fieldOf = (node: NodeFacts, field: string): string | undefined =>
  field === 'metadata.name' ? node.name : undefined

export const selectsNode = ({ nodeSelectorTerms }: NodeSelector, node: NodeFacts): boolean =>
  nodeSelectorTerms.some((term) => termHolds(term, node))

function hasLabels(node: NodeFacts, wanted: Readonly<Record<string, string>>): boolean {
  for (const label in wanted) if (node.labels[label] !== wanted[label]) return false
  return true
}

/** Whether the node is one that the Pod asks for. */
export function wantsNode({ spec }: Pod, node: NodeFacts): boolean {
  if (spec.nodeSelector && !hasLabels(node, spec.nodeSelector)) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || selectsNode(required, node)
}

/** The same for two Pods exactly if they ask for the same nodes in the same words. */
export function nodeWishText({ spec }: Pod): string {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return spec.nodeSelector || required ? JSON.stringify([spec.nodeSelector ?? null, required ?? null]) : ''
}

const namesIn = ({ matchFields }: NodeSelectorTerm): readonly string[] | undefined => {
  const sets = (matchFields ?? [])
    .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    .map(({ values }) => values ?? NO_VALUES)
  return sets.length > 0 ? sets.reduce((names, set) => names.filter((name) => set.includes(name))) : undefined
}

/** If every term names nodes, only these come into question. */
export function namedNodes({ spec }: Pod): readonly string[] | undefined {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (!required || required.nodeSelectorTerms.length === 0) return undefined
  const names = new Set<string>()
  for (const term of required.nodeSelectorTerms) {
    const named = namesIn(term)
    if (!named) return undefined
    for (const name of named) names.add(name)
  }
  return [...names]
}
