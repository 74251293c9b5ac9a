/**
 * Revisions: each template of a Deployment that was ever rolled out has a ReplicaSet, numbered in the order in which they were last
 * made current. Here the current one is found, made, or brought up to date.
 *
 * Upstream: pkg/controller/deployment/sync.go (getNewReplicaSet), util/deployment_util.go (SetNewReplicaSetAnnotations)
 */
import { equalJson } from '../../../api/equal.ts'
import { controllerReference } from '../../../api/object.ts'
import type { PodTemplate, ReplicaSet } from '../replicaset/replicaset.ts'
import {
  annotatedNumber,
  DESIRED_REPLICAS,
  type Deployment,
  HASH_LABEL,
  MAX_REPLICAS,
  maxReplicas,
  oldestFirst,
  REVISION,
  REVISION_HISTORY,
  revisionOf,
} from './deployment.ts'
import { templateHash } from './hash.ts'

export type Annotations = Readonly<Record<string, string>>

/** What the ReplicaSet has of its own, or what concerns only the Deployment. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])

/** Upstream's limit, in letters. */
const HISTORY_LENGTH = 2000

const plain = new WeakMap<PodTemplate, PodTemplate>()

/** The template as the Deployment has it, without the label that tells revisions apart. */
function withoutHash(template: PodTemplate): PodTemplate {
  let known = plain.get(template)
  if (!known) {
    const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {}
    const { labels: __, ...metadata } = template.metadata ?? {}
    known = { ...template, metadata: Object.keys(labels).length > 0 ? { ...metadata, labels } : metadata }
    plain.set(template, known)
  }
  return known
}

export const sameTemplate = (a: PodTemplate, b: PodTemplate): boolean => equalJson(withoutHash(a), withoutHash(b))

/** The oldest ReplicaSet with the Deployment's template. */
export const currentOf = (deployment: Deployment, all: readonly ReplicaSet[]): ReplicaSet | undefined =>
  [...all].sort(oldestFirst).find(({ spec }) => sameTemplate(spec.template, deployment.spec.template))

export const nextRevision = (old: readonly ReplicaSet[]): number =>
  old.reduce((greatest, one) => Math.max(greatest, revisionOf(one)), 0) + 1

/** The numbers it had before, oldest first, as many as fit. */
function historyWith(history: string, revision: string): string {
  if (!history) return revision
  const numbers = history.split(',')
  let length = history.length + revision.length + 1
  let start = 0
  while (length > HISTORY_LENGTH && start < numbers.length) length -= numbers[start++]!.length + 1
  return [...numbers.slice(start), revision].join(',')
}

/** A ReplicaSet that becomes current again gets a new number and remembers the old one. */
function renumbered(annotations: Annotations, revision: number): Annotations {
  const old = annotations[REVISION]
  const number = old ? Number(old) : 0
  if (Number.isNaN(number) || number >= revision) return annotations
  const history = old === undefined ? {} : { [REVISION_HISTORY]: historyWith(annotations[REVISION_HISTORY] ?? '', old) }
  return { ...annotations, [REVISION]: String(revision), ...history }
}

function copied(deployment: Deployment, annotations: Annotations): Annotations {
  const changed: Record<string, string> = {}
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!NOT_COPIED.has(name) && annotations[name] !== value) changed[name] = value
  return Object.keys(changed).length > 0 ? { ...annotations, ...changed } : annotations
}

export const sizeAnnotations = (deployment: Deployment): Annotations => ({
  [DESIRED_REPLICAS]: String(deployment.spec.replicas),
  [MAX_REPLICAS]: String(maxReplicas(deployment)),
})

export const sizesAreTold = (replicaSet: ReplicaSet, deployment: Deployment): boolean =>
  annotatedNumber(replicaSet, DESIRED_REPLICAS) === deployment.spec.replicas &&
  annotatedNumber(replicaSet, MAX_REPLICAS) === maxReplicas(deployment)

const NO_ANNOTATIONS: Annotations = {}

/** The current ReplicaSet as it should be: the same object if it is. */
export function broughtUpToDate(deployment: Deployment, replicaSet: ReplicaSet, revision: number): ReplicaSet {
  const before = replicaSet.metadata.annotations ?? NO_ANNOTATIONS
  const annotations = renumbered(copied(deployment, before), revision)
  const { minReadySeconds: wanted = 0 } = deployment.spec
  const { minReadySeconds: had = 0, ...spec } = replicaSet.spec
  if (annotations === before && wanted === had) return replicaSet
  return {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations },
    spec: { ...spec, ...(wanted > 0 && { minReadySeconds: wanted }) },
  }
}

export type NewReplicaSet = Pick<ReplicaSet, 'apiVersion' | 'kind' | 'spec'> & {
  readonly metadata: Omit<ReplicaSet['metadata'], 'uid' | 'resourceVersion' | 'creationTimestamp'>
}

/** The ReplicaSet of a template that has none yet, before anyone has said how many Pods it gets. */
export function newReplicaSet(deployment: Deployment, revision: number, replicas: number): NewReplicaSet {
  const { metadata, spec, status } = deployment
  const hash = templateHash(spec.template, status.collisionCount)
  const labels = { ...spec.template.metadata?.labels, [HASH_LABEL]: hash }
  const annotations = renumbered(copied(deployment, NO_ANNOTATIONS), revision)
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      labels,
      annotations: { ...annotations, ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}
