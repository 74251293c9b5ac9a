/**
 * Keeps as many Pods of one template as asked for: makes what is missing, in batches that double as long as all goes well, and
 * deletes what is too many, beginning with those that would be missed least.
 *
 * Upstream: pkg/controller/replicaset/replica_set.go
 * Left out: the limit of 500 Pods per look (what is missing is made in one go); ReplicationControllers, which share this code.
 */
import {
  controllerOf,
  controllerReference,
  isDeleting,
  type Key,
  type KubeObject,
  keyFor,
  keyOf,
  type OwnerReference,
} from '../../../api/object.ts'
import { matchesSelector } from '../../../api/selector.ts'
import type { Change, Command, Controller, View } from '../../../client/controller.ts'
import { create, note, remove, updateStatus } from '../../../controllers/ask.ts'
import { isPodActive, isPodTerminating, type Pod } from '../../core/pod/pod-state.ts'
import { claim, ownedBy } from './claim.ts'
import type { ReplicaSet } from './replicaset.ts'
import { type Failure, nextAvailability, sameStatus, statusOf } from './status.ts'
import { chooseVictims } from './victims.ts'

const REPLICA_SETS = 'replicasets.apps'

/** No look makes or deletes more than this. */
const BURST = 500

/** A Pod of the template. The server chooses the last letters of its name. */
function podOf({ metadata, spec, ...rest }: ReplicaSet): Record<string, unknown> {
  const { labels, annotations, finalizers } = spec.template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${metadata.name}-`,
      namespace: metadata.namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference({ ...rest, metadata })],
    },
    spec: spec.template.spec,
  }
}

function creations(replicaSet: ReplicaSet, count: number, otherwise: readonly Command[]): readonly Command[] {
  const pod = podOf(replicaSet)
  const onSuccess = note(replicaSet, 'Normal', 'SuccessfulCreate', 'Created pod: %s')
  const onRefusal = note(replicaSet, 'Warning', 'FailedCreate', 'Error creating: %s')
  const commands: Command[] = []
  for (let batch = 0, size = 1; commands.length < count; batch++, size *= 2)
    for (let i = 0; i < size && commands.length < count; i++)
      commands.push(create('pods', replicaSet.metadata.namespace, pod, { batch, onSuccess, onRefusal, otherwise }))
  return commands
}

/** The active Pods of every ReplicaSet under the same Deployment. One without a Deployment has none, not even its own. */
function relatedPods(view: View, replicaSet: ReplicaSet): readonly Pod[] {
  const owner = controllerOf(replicaSet)
  if (!owner) return []
  return ownedBy<ReplicaSet>(view, REPLICA_SETS, owner.uid)
    .flatMap((one) => ownedBy<Pod>(view, 'pods', one.metadata.uid))
    .filter(isPodActive)
}

function deletions(
  view: View,
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  count: number,
  otherwise: readonly Command[],
): readonly Command[] {
  const victims = chooseVictims(pods, relatedPods(view, replicaSet), count, view.now, view.draw)
  return victims.map((pod) =>
    remove('pods', pod, undefined, {
      batch: 0,
      onSuccess: note(replicaSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`),
      onRefusal: note(replicaSet, 'Warning', 'FailedDelete', 'Error deleting: %s'),
      otherwise,
    }),
  )
}

const isNamespaceEnding = (view: View, { metadata }: KubeObject): boolean => {
  const namespace = view.get('namespaces', metadata.namespace ?? '')
  return namespace !== undefined && isDeleting(namespace)
}

interface Situation {
  readonly replicaSet: ReplicaSet
  readonly pods: readonly Pod[]
  readonly terminating: number
}

/** Writes the status, then goes on. If the ReplicaSet has changed meanwhile, the same status is written over whatever it is now. */
function report({ replicaSet, pods, terminating }: Situation, view: View, next: readonly Command[], failure?: Failure) {
  const status = statusOf(replicaSet, pods, terminating, failure, view.now)
  if (sameStatus(status, replicaSet.status)) return next
  const { resourceVersion: _, ...metadata } = replicaSet.metadata
  const again = updateStatus(REPLICA_SETS, { ...replicaSet, metadata, status } as ReplicaSet)
  return [updateStatus(REPLICA_SETS, { ...replicaSet, status } as ReplicaSet, { otherwise: [again, ...next] }), ...next]
}

/** What to do when a Pod could not be made or deleted: say so in the status, and try again later. */
const failing = (situation: Situation, view: View, reason: Failure['reason']): readonly Command[] =>
  report(situation, view, [{ do: 'retry' }], { reason, message: '%s' })

function replicaCommands(view: View, situation: Situation): readonly Command[] {
  const { replicaSet, pods } = situation
  if (isDeleting(replicaSet)) return []
  const missing = replicaSet.spec.replicas - pods.length
  if (missing > 0) {
    if (isNamespaceEnding(view, replicaSet)) return []
    return creations(replicaSet, Math.min(missing, BURST), failing(situation, view, 'FailedCreate'))
  }
  if (missing === 0) return []
  return deletions(view, replicaSet, pods, Math.min(-missing, BURST), failing(situation, view, 'FailedDelete'))
}

function countTerminating(view: View, { metadata, spec }: ReplicaSet): number {
  let count = 0
  for (const pod of ownedBy<Pod>(view, 'pods', metadata.uid))
    if (isPodTerminating(pod) && matchesSelector(spec.selector, pod.metadata.labels)) count++
  return count
}

function reconcile(view: View, key: Key): readonly Command[] {
  const replicaSet = view.get<ReplicaSet>(REPLICA_SETS, key)
  if (!replicaSet) return []
  const claimed = claim<Pod>(view, 'pods', replicaSet, replicaSet.spec.selector, isPodActive)
  if (claimed.commands.length > 0) return [...claimed.commands, { do: 'lookAgain', after: 0 }]
  const situation = { replicaSet, pods: claimed.mine, terminating: countTerminating(view, replicaSet) }
  const after = nextAvailability(replicaSet, claimed.mine, view.now)
  const next: readonly Command[] = after === undefined ? [] : [{ do: 'lookAgain', after }]
  return [...replicaCommands(view, situation), ...report(situation, view, next)]
}

const isReplicaSet = (owner: OwnerReference | undefined): owner is OwnerReference =>
  owner?.kind === 'ReplicaSet' && owner.apiVersion.startsWith('apps/')

/** An orphan may be wanted by any ReplicaSet whose selector it matches. */
const wantedBy = (view: View, pod: KubeObject): readonly Key[] =>
  view
    .list<ReplicaSet>(REPLICA_SETS, pod.metadata.namespace)
    .filter(({ spec }) => matchesSelector(spec.selector, pod.metadata.labels))
    .map(keyOf)

function keysOfPod({ before, after }: Change, view: View): readonly Key[] {
  const pod = (after ?? before)!
  const owner = controllerOf(pod)
  const former = before && controllerOf(before)
  const keys: Key[] = []
  if (isReplicaSet(owner)) keys.push(keyFor(pod.metadata.namespace, owner.name))
  if (isReplicaSet(former) && former.uid !== owner?.uid) keys.push(keyFor(pod.metadata.namespace, former.name))
  if (after && !owner && !isDeleting(after) && isNewsOfOrphan(before, after)) keys.push(...wantedBy(view, after))
  return keys
}

const isNewsOfOrphan = (before: KubeObject | undefined, after: KubeObject): boolean =>
  !before || before.metadata.labels !== after.metadata.labels || controllerOf(before) !== undefined

export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  workers: 5,
  watches: {
    [REPLICA_SETS]: ({ key }) => [key],
    pods: keysOfPod,
  },
  reconcile,
}
