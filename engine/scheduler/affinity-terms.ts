/**
 * Terms about other Pods: which Pods a term means, from whose point of view.
 *
 * Upstream: staging/src/k8s.io/kube-scheduler/framework/types.go (AffinityTerm), interpodaffinity/plugin.go
 */

import type { KubeObject } from '../api/object.ts'
import { type LabelSelector, type Labels, matchesSelector, selectorOf } from '../api/selector.ts'
import type { View } from '../client/controller.ts'
import type { Looks } from './crowds.ts'
import type { PodAffinity, PodAffinityTerm, PreferredPods } from './objects.ts'

const NO_TERMS: readonly PodAffinityTerm[] = []
const NO_PREFERENCES: readonly PreferredPods[] = []

export const requiredTerms = (affinity: PodAffinity | undefined): readonly PodAffinityTerm[] =>
  affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? NO_TERMS

export const preferredTerms = (affinity: PodAffinity | undefined): readonly PreferredPods[] =>
  affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? NO_PREFERENCES

const NO_LABELS: Labels = {}

export const namespaceLabels = (view: View, namespace: string): Labels =>
  view.get<KubeObject>('namespaces', namespace)?.metadata.labels ?? NO_LABELS

const isEverything = (selector: LabelSelector): boolean => selectorOf(selector)?.length === 0

/** A Pod as terms see it. */
export type Seen = Pick<Looks, 'namespace' | 'labels'>

/** Whether a term of a Pod in namespace `home` is about namespace `namespace`, whose labels are given. */
function meansNamespace(term: PodAffinityTerm, home: string, namespace: string, labels: Labels): boolean {
  const { namespaces, namespaceSelector } = term
  if (!namespaces?.length && !namespaceSelector) return namespace === home
  if (namespaces?.includes(namespace)) return true
  return (
    namespaceSelector !== undefined && (isEverything(namespaceSelector) || matchesSelector(namespaceSelector, labels))
  )
}

/** Whether a term of a Pod in namespace `home` means the Pod that is seen. */
export const means = (term: PodAffinityTerm, home: string, seen: Seen, labelsOfItsNamespace: Labels): boolean =>
  matchesSelector(term.labelSelector, seen.labels) && meansNamespace(term, home, seen.namespace, labelsOfItsNamespace)
