/**
 * Deletes what nobody owns any more. Whoever deletes an owner says what becomes of what it owns: it goes afterwards (background), first
 * (foreground), or stays and forgets its owner (orphan). It works for every kind alike, because owners stand in the metadata.
 *
 * Upstream: pkg/controller/garbagecollector
 * Left out: custom resources as owners or dependents; breaking circles of objects that wait for each other.
 */
import {
  isDeleting,
  type Key,
  type KubeObject,
  keyFor,
  keyOf,
  type OwnerReference,
  type ResourceName,
} from '../api/object.ts'
import { allServed, kindOfObject, resourceNameOf } from '../api/schema-table.ts'
import type { Change, Command, Controller, View } from '../client/controller.ts'
import { asking, patch, record, release } from './ask.ts'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

const NEVER_OWNED: ReadonlySet<ResourceName> = new Set(['events', 'events.events.k8s.io'])

const COLLECTED: readonly ResourceName[] = [
  ...new Set(
    allServed()
      .filter(({ verbs }) => verbs.includes('delete') && verbs.includes('watch'))
      .map(resourceNameOf)
      .filter((resource) => !NEVER_OWNED.has(resource)),
  ),
]

/** An object of any kind in one key: `configmaps demo/a`. */
const idOf = (resource: ResourceName, key: Key): Key => `${resource} ${key}`

const hasFinalizer = ({ metadata }: KubeObject, finalizer: string): boolean =>
  metadata.finalizers?.includes(finalizer) ?? false

/** Told to go once everything that blocks it is gone. */
const waitsForDependents = (object: KubeObject): boolean => isDeleting(object) && hasFinalizer(object, FOREGROUND)

const orphansDependents = (object: KubeObject): boolean => isDeleting(object) && hasFinalizer(object, ORPHAN)

interface Place {
  readonly resource: ResourceName
  readonly key: Key
}

/**
 * Where the owner must be: in no namespace, or in that of what it owns. Undefined for a kind that is not served, and for one that lives
 * in namespaces where what it owns does not.
 */
function placeOf({ apiVersion, kind, name }: OwnerReference, namespace: string | undefined): Place | undefined {
  const served = kindOfObject(apiVersion, kind)
  if (!served || (served.namespaced && namespace === undefined)) return undefined
  return { resource: resourceNameOf(served), key: keyFor(served.namespaced ? namespace : undefined, name) }
}

type Owner = 'solid' | 'dangling' | 'waiting' | 'unknown'

function classify(view: View, owner: OwnerReference, namespace: string | undefined): Owner {
  const place = placeOf(owner, namespace)
  if (!place) return 'unknown'
  const found = view.get(place.resource, place.key)
  if (found?.metadata.uid !== owner.uid) return 'dangling'
  return waitsForDependents(found) ? 'waiting' : 'solid'
}

function* dependentsOf(view: View, uid: string): Generator<readonly [ResourceName, KubeObject]> {
  for (const resource of COLLECTED)
    for (const object of view.by<KubeObject>(resource, 'owner', uid)) yield [resource, object]
}

const hasDependents = (view: View, uid: string): boolean => !dependentsOf(view, uid).next().done

const blocks = ({ metadata }: KubeObject, uid: string): boolean =>
  metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion) ?? false

// ---- what to do about one object ----

/** The version makes sure that nobody has put another finalizer there meanwhile. */
function removeFinalizer(resource: ResourceName, object: KubeObject, finalizer: string): Command {
  const left = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer)
  const { resourceVersion } = object.metadata
  return patch(resource, object, 'merge', {
    metadata: { resourceVersion, finalizers: left.length > 0 ? left : null },
  })
}

/** Orphaning goes on side by side. */
const ORPHANING = 0

function orphan(view: View, resource: ResourceName, owner: KubeObject): readonly Command[] {
  const { uid } = owner.metadata
  const releases = [...dependentsOf(view, uid)].map(([kind, object]) => release(kind, object, uid, ORPHANING))
  return [...releases, removeFinalizer(resource, owner, ORPHAN)]
}

function finishForeground(view: View, resource: ResourceName, owner: KubeObject): readonly Command[] {
  for (const [, object] of dependentsOf(view, owner.metadata.uid)) if (blocks(object, owner.metadata.uid)) return []
  return [removeFinalizer(resource, owner, FOREGROUND)]
}

type Policy = 'Foreground' | 'Background' | 'Orphan'

function policyFor(view: View, object: KubeObject, ownerWaits: boolean): Policy {
  if (ownerWaits && hasDependents(view, object.metadata.uid)) return 'Foreground'
  if (hasFinalizer(object, ORPHAN)) return 'Orphan'
  return hasFinalizer(object, FOREGROUND) ? 'Foreground' : 'Background'
}

/** Deletes the object as it was seen, and no other. */
function collect(resource: ResourceName, { metadata }: KubeObject, propagationPolicy: Policy): Command {
  const { namespace, name, uid, resourceVersion } = metadata
  const place = { ...(namespace !== undefined && { namespace }), name }
  const options = { preconditions: { uid, resourceVersion }, propagationPolicy }
  return asking({ verb: 'delete', resource, ...place, options }, { tolerate: ['NotFound'] })
}

function forget(resource: ResourceName, object: KubeObject, uids: readonly string[]): Command {
  const ownerReferences = uids.map((uid) => ({ $patch: 'delete', uid }))
  return patch(resource, object, 'strategic', { metadata: { uid: object.metadata.uid, ownerReferences } })
}

/** An owner that lives in another namespace is no owner; somebody should be told. */
function misplaced(view: View, object: KubeObject): readonly Command[] {
  const { namespace = '', ownerReferences = [] } = object.metadata
  return ownerReferences.flatMap((owner) => {
    const served = kindOfObject(owner.apiVersion, owner.kind)
    const found =
      served?.namespaced && view.list(resourceNameOf(served)).find(({ metadata }) => metadata.uid === owner.uid)
    if (!found || found.metadata.namespace === namespace) return []
    const told = `[${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`
    const message = `ownerRef ${told} does not exist in namespace "${namespace}"`
    return [record(object, 'Warning', 'OwnerRefInvalidNamespace', message)]
  })
}

function judge(view: View, resource: ResourceName, object: KubeObject): readonly Command[] {
  const { ownerReferences = [], namespace } = object.metadata
  const owners = ownerReferences.map((owner) => ({ owner, is: classify(view, owner, namespace) }))
  if (owners.length === 0 || owners.some(({ is }) => is === 'unknown')) return []
  const gone = owners.filter(({ is }) => is !== 'solid').map(({ owner }) => owner)
  if (gone.length === 0) return []
  if (gone.length < owners.length)
    return [
      forget(
        resource,
        object,
        gone.map(({ uid }) => uid),
      ),
    ]
  return [
    collect(
      resource,
      object,
      policyFor(
        view,
        object,
        owners.some(({ is }) => is === 'waiting'),
      ),
    ),
  ]
}

/** Before an id: also look whether an owner is in the wrong place. */
const NEWLY_OWNED = 'owned '

function reconcile(view: View, id: Key): readonly Command[] {
  if (!id.startsWith(NEWLY_OWNED)) return settle(view, id)
  const [, object] = found(view, id.slice(NEWLY_OWNED.length))
  return object ? [...misplaced(view, object), ...settle(view, id.slice(NEWLY_OWNED.length))] : []
}

function settle(view: View, id: Key): readonly Command[] {
  const [resource, object] = found(view, id)
  if (!object) return []
  if (orphansDependents(object)) return orphan(view, resource, object)
  if (waitsForDependents(object)) return finishForeground(view, resource, object)
  return isDeleting(object) ? [] : judge(view, resource, object)
}

function found(view: View, id: Key): readonly [ResourceName, KubeObject | undefined] {
  const space = id.indexOf(' ')
  const resource = id.slice(0, space)
  return [resource, view.get(resource, id.slice(space + 1))]
}

// ---- when to look ----

const dependentIds = (view: View, uid: string): readonly Key[] =>
  [...dependentsOf(view, uid)].map(([resource, object]) => idOf(resource, keyOf(object)))

/** Owners that wait for what they own. */
function waitingOwners(view: View, { metadata }: KubeObject): readonly Key[] {
  const ids: Key[] = []
  for (const owner of metadata.ownerReferences ?? []) {
    if (classify(view, owner, metadata.namespace) !== 'waiting') continue
    const place = placeOf(owner, metadata.namespace)!
    ids.push(idOf(place.resource, place.key))
  }
  return ids
}

const isLoose = (view: View, { metadata }: KubeObject): boolean =>
  metadata.ownerReferences?.some((owner) => classify(view, owner, metadata.namespace) !== 'solid') ?? false

function keysOf({ resource, key, before, after }: Change, view: View): readonly Key[] {
  if (!after) return before ? [...dependentIds(view, before.metadata.uid), ...waitingOwners(view, before)] : []
  const [old, now] = [before?.metadata, after.metadata]
  const ids: Key[] = []
  if (old?.ownerReferences !== now.ownerReferences) {
    if (isLoose(view, after)) ids.push(`${NEWLY_OWNED}${idOf(resource, key)}`)
    if (before) ids.push(...waitingOwners(view, before))
  }
  if (now.deletionTimestamp === undefined || old?.finalizers === now.finalizers) return ids
  if (waitsForDependents(after)) ids.push(...dependentIds(view, now.uid), idOf(resource, key))
  else if (orphansDependents(after)) ids.push(idOf(resource, key))
  return ids
}

export const garbageCollector: Controller = {
  name: 'generic-garbage-collector',
  eventSource: 'garbage-collector-controller',
  workers: 20,
  watches: Object.fromEntries(COLLECTED.map((resource) => [resource, keysOf])),
  reconcile,
}
