/**
 * Empties a namespace that is being deleted: its Pods first, then everything else, again every few seconds until nothing is left. Its
 * conditions say what is still there and what holds it; when nothing is, the namespace itself may go.
 *
 * Upstream: pkg/controller/namespace
 * Left out: custom resources; content that cannot be deleted is tried again, but not told in NamespaceDeletionContentFailure.
 */
import { isDeleting, type Key, type KubeObject, type ResourceName } from '../../../api/object.ts'
import { allServed, resourceNameOf } from '../../../api/schema-table.ts'
import type { Command, Controller, View } from '../../../client/controller.ts'
import { asking, updateStatus } from '../../../controllers/ask.ts'
import { type Millis, seconds, timestamp } from '../../../std/time.ts'
import { isPodTerminal, type Pod } from '../pod/pod-state.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

interface Namespace extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] }
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] }
}

const FINALIZER = 'kubernetes'

/** So long after each change of the namespace it is looked at, for other servers to have heard of it too. */
const DELAY: Millis = seconds(5)

/** How long it may take until a finalizer has gone. */
const FINALIZER_SECONDS = 15

const ONCE: ReadonlySet<ResourceName> = new Set(['pods', 'events.events.k8s.io'])

/** Everything in namespaces but Pods, which come first. Events are served twice and stored once. */
const CONTENT: readonly ResourceName[] = [
  ...new Set(
    allServed()
      .filter(({ namespaced, verbs }) => namespaced && verbs.includes('deletecollection'))
      .map(resourceNameOf)
      .filter((resource) => !ONCE.has(resource)),
  ),
]

// ---- conditions ----

/** In the order in which they are listed; what each says when all is well. */
const WELL: readonly (readonly [type: string, reason: string, message: string])[] = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  [
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
]

/** What is left, as the conditions tell it; by the type of the condition. */
type Trouble = Readonly<Record<string, { readonly reason: string; readonly message: string }>>

function conditionsWith(old: readonly Condition[], trouble: Trouble, now: Millis): readonly Condition[] {
  const next = [...old]
  for (const [type, reason, message] of WELL) {
    const told = trouble[type]
    const condition = {
      type,
      status: told ? 'True' : 'False',
      lastTransitionTime: timestamp(now),
      ...(told ?? { reason, message }),
    }
    const place = next.findIndex((one) => one.type === type)
    const before = next[place]
    if (!before) next.push(condition)
    else if (before.status !== condition.status) next[place] = condition
    else if (before.reason !== condition.reason || before.message !== condition.message)
      next[place] = { ...condition, lastTransitionTime: before.lastTransitionTime }
  }
  return next.length === old.length && next.every((condition, i) => condition === old[i]) ? old : next
}

interface Remaining {
  readonly resources: ReadonlyMap<ResourceName, number>
  readonly finalizers: ReadonlyMap<string, number>
}

function count(view: View, namespace: string): Remaining {
  const resources = new Map<ResourceName, number>()
  const finalizers = new Map<string, number>()
  for (const resource of CONTENT) {
    const objects = view.list(resource, namespace)
    if (objects.length > 0) resources.set(resource, objects.length)
    for (const { metadata } of objects)
      for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
  }
  return { resources, finalizers }
}

/** `configmaps.`, `deployments.apps`: with a dot even where there is no group. */
const dotted = (resource: ResourceName): string => (resource.includes('.') ? resource : `${resource}.`)

function troubleOf({ resources, finalizers }: Remaining): Trouble {
  const left = [...resources].map(([resource, number]) => `${dotted(resource)} has ${number} resource instances`).sort()
  const held = [...finalizers].map(([finalizer, number]) => `${finalizer} in ${number} resource instances`).sort()
  return {
    ...(left.length > 0 && {
      NamespaceContentRemaining: {
        reason: 'SomeResourcesRemain',
        message: `Some resources are remaining: ${left.join(', ')}`,
      },
    }),
    ...(held.length > 0 && {
      NamespaceFinalizersRemaining: {
        reason: 'SomeFinalizersRemain',
        message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
      },
    }),
  }
}

// ---- one look ----

/** What is kept between looks: when to go on, or that it goes on now. */
type Memory = { readonly due: Millis } | { readonly emptying: true } | undefined

const remember = (value: Memory): Command => ({ do: 'remember', value })

const empty = (resource: ResourceName, namespace: string): Command =>
  asking(
    { verb: 'deletecollection', resource, namespace, options: { propagationPolicy: 'Background' } },
    { batch: 0, tolerate: ['NotFound'] },
  )

const hasLive = (view: View, resource: ResourceName, namespace: string): boolean =>
  view.list(resource, namespace).some((object) => !isDeleting(object))

const emptying = (resources: readonly ResourceName[], namespace: string): readonly Command[] => [
  remember({ emptying: true }),
  ...resources.map((resource) => empty(resource, namespace)),
  { do: 'lookAgain', after: 0 },
]

/** Looks again after `wait`. */
const wait = (view: View, after: Millis): readonly Command[] => [
  remember({ due: view.now + after }),
  { do: 'lookAgain', after },
]

/** The status, if it has changed. */
function report(view: View, namespace: Namespace, trouble: Trouble): readonly Command[] {
  const old = namespace.status?.conditions ?? []
  const conditions = conditionsWith(old, trouble, view.now)
  if (conditions === old) return []
  return [updateStatus('namespaces', { ...namespace, status: { ...namespace.status, conditions } } as Namespace)]
}

/** Upstream looks again after half the time that what is left may take, or after a change of the namespace, which its status is. */
const waitFor = (view: View, reported: readonly Command[], estimate: number): readonly Command[] =>
  wait(view, reported.length > 0 ? DELAY : seconds(Math.floor(estimate / 2) + 1))

/** Nothing is left to wait for: the namespace may go. Whatever version its status has made of it meanwhile. */
function finalize(namespace: Namespace): Command {
  const { resourceVersion: _, ...metadata } = namespace.metadata
  const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER)
  const body = { ...namespace, metadata, spec: { ...namespace.spec, finalizers } } as unknown as KubeObject
  return asking({ verb: 'update', resource: 'namespaces', subresource: 'finalize', name: metadata.name, body })
}

function longestGrace(view: View, namespace: string): number {
  const pods = view.list<Pod & { readonly spec: { readonly terminationGracePeriodSeconds?: number } }>(
    'pods',
    namespace,
  )
  const graces = pods.filter((pod) => !isPodTerminal(pod)).map(({ spec }) => spec.terminationGracePeriodSeconds ?? 0)
  return Math.max(0, ...graces)
}

function emptyOut(view: View, namespace: Namespace): readonly Command[] {
  const { name } = namespace.metadata
  if (hasLive(view, 'pods', name)) return emptying(['pods'], name)
  if (view.list('pods', name).length > 0) {
    const reported = report(view, namespace, {})
    return [...reported, ...waitFor(view, reported, longestGrace(view, name))]
  }
  const live = CONTENT.filter((resource) => hasLive(view, resource, name))
  if (live.length > 0) return emptying(live, name)
  const remaining = count(view, name)
  const reported = report(view, namespace, troubleOf(remaining))
  if (remaining.resources.size > 0) return [...reported, ...waitFor(view, reported, FINALIZER_SECONDS)]
  return [remember(undefined), ...reported, finalize(namespace)]
}

function reconcile(view: View, key: Key, memory: unknown): readonly Command[] {
  const namespace = view.get<Namespace>('namespaces', key)
  const known = memory as Memory
  if (!namespace || !isDeleting(namespace)) return known ? [remember(undefined)] : []
  if (!namespace.spec?.finalizers?.includes(FINALIZER)) return []
  if (!known) return wait(view, DELAY)
  if ('due' in known && view.now < known.due) return []
  return emptyOut(view, namespace)
}

export const namespaceController: Controller = {
  name: 'namespace-controller',
  workers: 10,
  readsLive: true,
  watches: { namespaces: ({ key, after }) => (after && isDeleting(after) ? [key] : []) },
  reconcile,
}
