/** What was written lately, as lines for people: who did what to whom. Heartbeats and bookkeeping are left out. */

import type { KubeObject, ManagedFieldsEntry } from '../../../engine/api/object.ts'
import type { Deployment, Node, Pod, ReplicaSet } from '../../../engine/api/types.generated.ts'
import type { World } from '../../../engine/cluster/world.ts'
import type { LoggedChange } from '../../../engine/etcd/store.ts'
import { sortedEntries } from '../../../engine/std/sorted.ts'
import { instantOf } from '../../../engine/std/time.ts'
import { type Happening, podView } from './scene.ts'

/** Written so often, or so far behind the stage, that a line for each would hide the others. */
const QUIET: ReadonlySet<string> = new Set([
  'events',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'endpoints',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'priorityclasses.scheduling.k8s.io',
  'ipaddresses.networking.k8s.io',
])

const timesOf = (entry: ManagedFieldsEntry): string => `${entry.manager} ${entry.subresource ?? ''} ${entry.time ?? ''}`

/** The manager whose entry is new or newer. */
function writerOf({ before, after }: LoggedChange): string {
  const known = new Set(before?.metadata.managedFields?.map(timesOf))
  const entries = after?.metadata.managedFields ?? []
  return (entries.findLast((entry) => !known.has(timesOf(entry))) ?? entries.at(-1))?.manager ?? ''
}

function podStory(before: Pod, after: Pod): string | undefined {
  if (!before.metadata.deletionTimestamp && after.metadata.deletionTimestamp) return 'is asked to stop'
  if (!before.spec?.nodeName && after.spec?.nodeName) return `is bound to ${after.spec.nodeName}`
  const [was, is] = [podView(before), podView(after)]
  if (was.says !== is.says) return `${was.says} → ${is.says}`
  return was.ready === is.ready ? undefined : `${is.ready} ready`
}

function countsStory(before: ReplicaSet | Deployment, after: ReplicaSet | Deployment): string | undefined {
  const [was, is] = [before.spec?.replicas, after.spec?.replicas]
  if (was !== is) return `is to have ${is}, had ${was}`
  const [wasReady, isReady] = [before.status?.readyReplicas ?? 0, after.status?.readyReplicas ?? 0]
  if (wasReady !== isReady) return `${isReady} of ${is} ready`
  return before.metadata.generation === after.metadata.generation ? undefined : 'has a new template'
}

const readiness = (node: Node): string =>
  node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True' ? 'Ready' : 'NotReady'

function nodeStory(before: Node, after: Node): string | undefined {
  if (readiness(before) !== readiness(after)) return `is ${readiness(after)}`
  if (before.spec?.unschedulable !== after.spec?.unschedulable)
    return after.spec?.unschedulable ? 'is cordoned' : 'is uncordoned'
  return undefined
}

const STORIES: Readonly<Record<string, (before: never, after: never) => string | undefined>> = {
  pods: podStory,
  'replicasets.apps': countsStory,
  'deployments.apps': countsStory,
  nodes: nodeStory,
}

function story({ resource, before, after }: LoggedChange): string | undefined {
  if (!before) return 'is created'
  if (!after) return 'is gone'
  if (!before.metadata.deletionTimestamp && after.metadata.deletionTimestamp) return 'is being deleted'
  return STORIES[resource]?.(before as never, after as never)
}

const isBinding = ({ resource, before, after }: LoggedChange): boolean =>
  resource === 'pods' && !(before as Pod | undefined)?.spec?.nodeName && !!(after as Pod | undefined)?.spec?.nodeName

function happeningOf(change: LoggedChange, at: number): Happening | undefined {
  const { revision, resource, key, before, after } = change
  const told = QUIET.has(resource) ? undefined : story(change)
  if (told === undefined) return undefined
  const { kind } = (after ?? before) as KubeObject
  const who = isBinding(change) ? 'kube-scheduler' : writerOf(change)
  const name = key.startsWith('default/') ? key.slice('default/'.length) : key
  return { revision, at, who, what: `${kind} ${name} ${told}`, resource, key }
}

/** A change does not say when it was; the newest of its times does, to the second. */
function instantOfChange({ after, before }: LoggedChange): number {
  const { metadata } = (after ?? before) as KubeObject
  const times = metadata.managedFields?.map(({ time }) => instantOf(time ?? '') ?? 0) ?? []
  return Math.max(instantOf(metadata.creationTimestamp ?? '') ?? 0, ...times)
}

const MOST = 200

/** The latest of them, newest last. */
export function happeningsOf(world: World, from: number): readonly Happening[] {
  const { history, revision } = world.server.store
  const changes = sortedEntries(history, Math.max(from + 1, revision - 2000))
  return changes
    .map(([, change]) => happeningOf(change, instantOfChange(change)))
    .filter((happening) => happening !== undefined)
    .slice(-MOST)
}
