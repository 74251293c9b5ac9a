/**
 * Deletion is a wish before it is a fact: an object with finalizers, or one that may take its time to end, is only marked, and goes
 * when the last one who holds it lets go. How its dependents fare is asked of the garbage collector by two finalizers.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/registry/{rest/delete.go,generic/registry/store.go}
 */
import type { KubeObject } from '../../api/object.ts'
import { put } from '../../etcd/store.ts'
import { instantOf, seconds, timestamp } from '../../std/time.ts'
import { type Exchange, isDryRun, type Stage } from '../exchange.ts'
import { indexRules } from '../indexes.ts'
import { conflict } from '../refusals.ts'
import type { Options } from '../request.ts'
import { storedName } from '../resources.ts'
import { withMetadata } from '../with-metadata.ts'
import { removed } from './persist.ts'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

/** The words name the kind where other refusals name the resource. */
export const checkPreconditions: Stage = (exchange) => {
  const { uid, resourceVersion } = exchange.request.options?.preconditions ?? {}
  const { resource, request } = exchange
  const { metadata } = exchange.old!
  const about = { group: resource.group, plural: resource.kind }
  const name = request.name ?? metadata.name
  if (uid !== undefined && uid !== metadata.uid) return conflict(about, name, otherUid(uid, metadata.uid))
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    return conflict(about, name, otherVersion(resourceVersion, metadata.resourceVersion))
  return exchange
}

const otherUid = (asked: string, found: string): string =>
  `the UID in the precondition (${asked}) does not match the UID in record (${found}). ` +
  'The object might have been deleted and then recreated'

const otherVersion = (asked: string, found: string): string =>
  `the ResourceVersion in the precondition (${asked}) does not match the ResourceVersion in record (${found}). ` +
  'The object might have been modified'

/** What becomes of the dependents: as the request says, else as the object's own finalizers say. */
function wishFor(finalizers: readonly string[], options: Options | undefined): string | undefined {
  switch (options?.propagationPolicy) {
    case 'Orphan':
      return ORPHAN
    case 'Foreground':
      return FOREGROUND
    case 'Background':
      return undefined
    default:
      return finalizers.find((finalizer) => finalizer === ORPHAN || finalizer === FOREGROUND)
  }
}

function withWish(object: KubeObject, options: Options | undefined): KubeObject {
  const finalizers = object.metadata.finalizers ?? []
  const wish = wishFor(finalizers, options)
  const others = finalizers.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND)
  const wanted = wish ? [...others, wish] : others
  const same = wanted.length === finalizers.length && wanted.every((finalizer) => finalizers.includes(finalizer))
  return same ? object : withMetadata(object, { finalizers: wanted.length > 0 ? wanted : undefined })
}

const countedUp = (generation: number | undefined): { readonly generation?: number } =>
  generation ? { generation: generation + 1 } : {}

/** Marked for deletion, to be gone after `grace` seconds. */
const marked = (object: KubeObject, grace: number, now: number): KubeObject =>
  withMetadata(object, {
    deletionTimestamp: timestamp(now + seconds(grace)),
    deletionGracePeriodSeconds: grace,
    ...countedUp(object.metadata.generation),
  })

/** The time it was marked at, moved to the new period, but not into the past. */
function shortened(object: KubeObject, grace: number, now: number): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata
  const began = (instantOf(deletionTimestamp!) ?? 0) - seconds(deletionGracePeriodSeconds)
  return withMetadata(object, {
    deletionTimestamp: timestamp(Math.max(now, began + seconds(grace))),
    deletionGracePeriodSeconds: grace,
  })
}

type Namespace = KubeObject & { readonly spec?: { readonly finalizers?: readonly string[] } }

/** A namespace is emptied before it goes: it is marked, and shows that it is ending. */
function namespaceVerdict(namespace: Namespace, now: number): Verdict {
  if (namespace.metadata.deletionTimestamp) return (namespace.spec?.finalizers?.length ?? 0) > 0 ? 'wait' : 'now'
  const ending = { ...namespace, status: { phase: 'Terminating' } }
  return { marked: withMetadata(ending, { deletionTimestamp: timestamp(now) }), grace: Number.MAX_SAFE_INTEGER }
}

/** `now`: nothing is in the way. `wait`: it ends by itself and nothing more is to be done. Else what it becomes first. */
type Verdict = 'now' | 'wait' | { readonly marked: KubeObject; readonly grace: number }

const positive = (grace: number): number => (grace < 0 ? 1 : grace)

function whenPending(object: KubeObject, asked: number | undefined, now: number): Verdict {
  const pending = object.metadata.deletionGracePeriodSeconds ?? 0
  if (pending === 0) return 'now'
  if (asked === undefined || asked >= pending) return 'wait'
  return { marked: shortened(object, asked, now), grace: asked }
}

function gracefully({ resource, request }: Exchange, object: KubeObject, now: number): Verdict {
  const { gracePeriodSeconds } = resource.strategy
  const said = request.options?.gracePeriodSeconds
  const asked = said === undefined ? undefined : positive(said)
  if (resource.name === 'namespaces') return namespaceVerdict(object, now)
  if (!gracePeriodSeconds) return 'now'
  if (object.metadata.deletionTimestamp) return whenPending(object, asked, now)
  const grace = gracePeriodSeconds(object as never, asked)
  return grace === undefined ? 'now' : { marked: marked(object, grace, now), grace }
}

function rewritten(exchange: Exchange, object: KubeObject): Exchange {
  if (object === exchange.old || isDryRun(exchange)) return { ...exchange, object }
  const [store, after] = put(exchange.store, indexRules, storedName(exchange.resource.name), exchange.key!, object)
  return { ...exchange, store, old: after, object: after }
}

const isHeld = ({ metadata }: KubeObject): boolean => (metadata.finalizers ?? []).length > 0

/** The object goes, or is marked; `object` stays set as long as it is there. */
export const remove: Stage = (exchange, _server, at) => {
  const old = exchange.old!
  const verdict = gracefully(exchange, old, at.now)
  if (verdict === 'wait') return { ...exchange, object: old }
  const wished = withWish(verdict === 'now' ? old : verdict.marked, exchange.request.options)
  if (verdict === 'now') {
    if (!isHeld(wished)) return { ...removed(exchange), object: undefined }
    const held = old.metadata.deletionTimestamp ? wished : marked(wished, 0, at.now)
    return rewritten(exchange, held)
  }
  const after = rewritten(exchange, wished)
  return isHeld(wished) || verdict.grace > 0 ? after : { ...removed(after), object: undefined }
}
