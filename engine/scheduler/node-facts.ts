/**
 * What matters of a Node to the scheduler. A heartbeat changes none of it, and then these facts stay the very same
 * object: nothing that was computed from them is computed again, and no waiting Pod is woken.
 *
 * Upstream: pkg/scheduler/framework/types.go (NodeInfo)
 */
import { type Amounts, amountsOf, numbersOf } from './amounts.ts'
import type { Node, Taint } from './objects.ts'

export interface NodeFacts {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
  readonly unschedulable: boolean
  readonly allocatable: Amounts
  readonly allowedPods: number
  /** Bytes of each image on the node, by each of its names. */
  readonly images: Readonly<Record<string, number>>
  readonly features: readonly string[]
}

function imagesOf(node: Node): Readonly<Record<string, number>> {
  const images: Record<string, number> = {}
  for (const { names, sizeBytes } of node.status?.images ?? [])
    for (const name of names ?? []) images[name] = sizeBytes ?? 0
  return images
}

function readFacts(node: Node): NodeFacts {
  const allocatable = numbersOf(node.status?.allocatable)
  return {
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    taints: node.spec?.taints ?? [],
    unschedulable: node.spec?.unschedulable ?? false,
    allocatable: amountsOf(allocatable),
    allowedPods: allocatable['pods'] ?? 0,
    images: imagesOf(node),
    features: node.status?.declaredFeatures ?? [],
  }
}

const sameText = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

/** The facts of a node, keeping of the old ones what did not change. */
export function nodeFacts(node: Node, before?: NodeFacts): NodeFacts {
  const now: Record<string, unknown> = { ...readFacts(node) }
  if (!before) return now as unknown as NodeFacts
  let changed = false
  for (const field of Object.keys(now)) {
    const old = before[field as keyof NodeFacts]
    if (sameText(old, now[field])) now[field] = old
    else changed = true
  }
  return changed ? (now as unknown as NodeFacts) : before
}
