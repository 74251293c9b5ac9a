/**
 * Pods may ask for nodes with certain labels, and prefer some over others. The scheduler's own configuration may ask
 * too.
 *
 * Upstream: pkg/scheduler/framework/plugins/nodeaffinity
 */
import type { Event } from '../event.ts'
import type { NodeFacts } from '../node-facts.ts'
import { namedNodes, selectsNode, termHolds, wantsNode } from '../node-selecting.ts'
import type { NodeAffinity, Pod, PreferredNodes } from '../objects.ts'
import { type Plugin, stretch } from '../plugin.ts'
import { unresolvable } from '../refusal.ts'

export interface NodeAffinityArgs {
  readonly addedAffinity?: NodeAffinity
}

const NOT_WANTED = unresolvable("node(s) didn't match Pod's node affinity/selector")
const NOT_ENFORCED = unresolvable("node(s) didn't match scheduler-enforced node affinity")
const CONFLICT = unresolvable('pod affinity terms conflict')

const NONE: readonly PreferredNodes[] = []

const preferred = (affinity: NodeAffinity | undefined): readonly PreferredNodes[] =>
  affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? NONE

function points(preferences: readonly PreferredNodes[], node: NodeFacts): number {
  let sum = 0
  for (const { weight, preference } of preferences) if (termHolds(preference, node)) sum += weight
  return sum
}

export function nodeAffinity({ addedAffinity }: NodeAffinityArgs): Plugin<unknown, readonly PreferredNodes[]> {
  const enforced = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const allows = (node: NodeFacts): boolean => enforced === undefined || selectsNode(enforced, node)
  const suits = (pod: Pod, node: NodeFacts | undefined): boolean =>
    node !== undefined && allows(node) && wantsNode(pod, node)

  const wakes = ({ of, change, before, after }: Event, pod: Pod): boolean => {
    if (of !== 'Node' || (change !== 'Add' && change !== 'UpdateNodeLabel')) return false
    return suits(pod, after) && !suits(pod, before)
  }

  return {
    name: 'NodeAffinity',
    looksAt: 'node',
    prepare: ({ pod }) => (namedNodes(pod)?.length === 0 ? CONFLICT : true),
    only: ({ pod }) => namedNodes(pod),
    filter: ({ pod }, { facts }) => (!allows(facts) ? NOT_ENFORCED : wantsNode(pod, facts) ? undefined : NOT_WANTED),
    rate({ pod }) {
      const preferences = [...preferred(addedAffinity), ...preferred(pod.spec.affinity?.nodeAffinity)]
      return preferences.length > 0 ? preferences : undefined
    },
    score: (_, { facts }, preferences) => points(preferences, facts),
    spread: (scores, count) => stretch(scores, count, false),
    wakes,
  }
}
