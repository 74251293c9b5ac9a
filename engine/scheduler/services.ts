/**
 * The selectors of Services, by which the Pods of a workload are known to belong together although nobody wrote a
 * spreading rule.
 *
 * Upstream: pkg/scheduler/framework/plugins/helper/spread.go
 */
import { namespaceOf } from '../api/object.ts'
import { type Labels, type Selector, selectorOfLabels } from '../api/selector.ts'
import { type Sorted, sortedEntries } from '../std/sorted.ts'

/** The selector of each Service that has one, by its key. */
export type Services = Sorted<Labels>

const byNamespace = new WeakMap<Services, ReadonlyMap<string, readonly Labels[]>>()

function group(services: Services): ReadonlyMap<string, readonly Labels[]> {
  const groups = new Map<string, Labels[]>()
  for (const [key, labels] of sortedEntries(services)) {
    const namespace = namespaceOf(key) ?? ''
    const group = groups.get(namespace)
    if (group) group.push(labels)
    else groups.set(namespace, [labels])
  }
  return groups
}

function servicesIn(services: Services, namespace: string): readonly Labels[] {
  let groups = byNamespace.get(services)
  if (!groups) {
    groups = group(services)
    byNamespace.set(services, groups)
  }
  return groups.get(namespace) ?? []
}

const hasAll = (wanted: Labels, labels: Labels): boolean => {
  for (const name in wanted) if (labels[name] !== wanted[name]) return false
  return true
}

/** What the Services that send traffic to a Pod with these labels select, taken together. */
export function serviceSelector(services: Services, namespace: string, labels: Labels): Selector {
  let merged: Labels = {}
  for (const wanted of servicesIn(services, namespace)) if (hasAll(wanted, labels)) merged = { ...merged, ...wanted }
  return selectorOfLabels(merged)
}
