/**
 * Some fields of a Pod work only on nodes whose kubelet declares the feature behind them.
 *
 * Upstream: pkg/scheduler/framework/plugins/nodedeclaredfeatures
 * Left out: every feature but the one below; the others are not reachable with default gates.
 */
import type { Event } from '../event.ts'
import type { NodeFacts } from '../node-facts.ts'
import type { Container, Pod } from '../objects.ts'
import type { Plugin } from '../plugin.ts'
import { unresolvable } from '../refusal.ts'

const NOT_DECLARED = unresolvable("node(s) didn't match Pod's required features")

const restartsAll = ({ restartPolicyRules }: Container): boolean =>
  restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers') ?? false

/** Which feature a Pod needs, by what it says. */
const NEEDS: readonly (readonly [feature: string, needed: (pod: Pod) => boolean])[] = [
  [
    'RestartAllContainersOnContainerExits',
    ({ spec }) => spec.containers.some(restartsAll) || (spec.initContainers ?? []).some(restartsAll),
  ],
]

const needsOf = (pod: Pod): readonly string[] => NEEDS.filter(([, needed]) => needed(pod)).map(([feature]) => feature)

const declares = (node: NodeFacts | undefined, needs: readonly string[]): boolean =>
  node !== undefined && needs.every((feature) => node.features.includes(feature))

function wakes({ of, change, after }: Event, pod: Pod): boolean {
  return (
    of === 'Node' &&
    (change === 'Add' || change === 'UpdateNodeDeclaredFeature') &&
    declares(after as NodeFacts, needsOf(pod))
  )
}

export const nodeDeclaredFeatures: Plugin<readonly string[]> = {
  name: 'NodeDeclaredFeatures',
  looksAt: 'node',
  prepare({ pod }) {
    const needs = needsOf(pod)
    return needs.length > 0 ? needs : undefined
  },
  filter: (_, { facts }, needs) => (declares(facts, needs) ? undefined : NOT_DECLARED),
  wakes,
}
