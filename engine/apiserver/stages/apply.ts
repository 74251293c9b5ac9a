/**
 * Carries out a server-side apply: checks what is applied against its type, merges it with what is there, and settles who owns what.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher),
 * apimachinery/pkg/util/managedfields/internal/{structuredmerge,lastapplied*,skipnonapplied}.go
 */
import { type Applied, apply as applyConfiguration, type Configuration } from '../../api/apply/apply.ts'
import { typedMistake } from '../../api/apply/check-typed.ts'
import { changedSet, namedSet, removedSet } from '../../api/apply/compare.ts'
import { difference, type FieldSet } from '../../api/apply/field-set.ts'
import { type Entries, managedAfterUpdate } from '../../api/apply/managed-fields.ts'
import { structShape } from '../../api/apply/shape.ts'
import type { Draft, KubeObject } from '../../api/object.ts'
import { isStatus, type Status } from '../../api/status.ts'
import { timestamp } from '../../std/time.ts'
import { emptyValueOf } from '../empty-value.ts'
import { type Exchange, type Stage, warned } from '../exchange.ts'
import { badRequest, conflict, unforeseen } from '../refusals.ts'
import { apiVersionOf, shapeOf } from '../resources.ts'
import { withMetadata } from '../with-metadata.ts'
import { ignoredFields } from './own.ts'

type Metadata = { readonly [field: string]: unknown }

const metadataOf = (draft: Draft): Metadata => (draft.metadata ?? {}) as Metadata

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `apps/v1, Kind=Deployment`; the core's group is empty. */
function kindText(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') || apiVersion === '' ? apiVersion || '/' : `/${apiVersion}`}, Kind=${kind}`
}

function wrongKind({ served }: Exchange, config: Draft): Status | undefined {
  const [apiVersion, kind] = [text(config.apiVersion), text(config.kind)]
  if (apiVersion === apiVersionOf(served) && kind === served.kind) return undefined
  return badRequest(`invalid object type: ${kindText(apiVersion, kind)}`)
}

function wrongConfiguration(exchange: Exchange, config: Draft): Status | undefined {
  const wrong = wrongKind(exchange, config)
  if (wrong) return wrong
  const { namespace, name, managedFields } = metadataOf(config)
  if (managedFields !== undefined && managedFields !== null) return badRequest('metadata.managedFields must be nil')
  const mistake = typedMistake(config, structShape(exchange.served.type))
  if (!mistake) return undefined
  const where = `${text(namespace)}/${text(name)}; ${kindText(text(config.apiVersion), text(config.kind))}`
  return unforeseen(`failed to create typed patch object (${where}): ${mistake}`)
}

/** Everything that was there before anyone applied belongs to one manager of this name. */
const BEFORE_FIRST_APPLY = 'before-first-apply'

function entriesOf({ old, served }: Exchange, configuration: Configuration, time: string): Entries {
  const entries = old?.metadata.managedFields ?? []
  if (!old || entries.length > 0) return entries
  const who = { manager: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion: apiVersionOf(served) } as const
  const versions = { old: emptyValueOf(served.type), now: old, shape: configuration.ownedShape }
  return managedAfterUpdate([], versions, who, time, undefined)
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The manager that takes over from client-side apply. */
const KUBECTL = 'kubectl'

const lastApplied = (old: KubeObject | undefined): string | undefined => old?.metadata.annotations?.[LAST_APPLIED]

/** What client-side apply last wrote and nobody has changed since: kubectl may take it over. */
function takenOver({ old, request }: Exchange, { shape, ownedShape }: Configuration): FieldSet {
  const annotation = lastApplied(old)
  if (request.options?.fieldManager !== KUBECTL || annotation === undefined) return undefined
  const before = parsed(annotation)
  if (!before) return undefined
  const changed = changedSet(before, old, ownedShape)
  return difference(difference(namedSet(before, shape), changed), removedSet(before, old, ownedShape))
}

function parsed(json: string): Draft | undefined {
  try {
    return JSON.parse(json) as Draft
  } catch {
    return undefined
  }
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder)
  if (typeof value !== 'object' || value === null) return value
  const map = value as Draft
  return Object.fromEntries(
    Object.keys(map)
      .sort()
      .map((key) => [key, inKeyOrder(map[key])]),
  )
}

/** Keeps the annotation of client-side apply in step, for as long as it is there. */
function withAnnotation(exchange: Exchange, value: KubeObject, config: Draft): KubeObject {
  if (exchange.request.options?.fieldManager !== KUBECTL || lastApplied(value) === undefined) return value
  const annotation = `${JSON.stringify(inKeyOrder(config))}\n`
  return withMetadata(value, { annotations: { ...value.metadata.annotations, [LAST_APPLIED]: annotation } })
}

function configurationOf(exchange: Exchange, config: Draft): Configuration {
  const { served, resource, request, old } = exchange
  return {
    live: old ?? { ...emptyValueOf(served.type) },
    config,
    shape: structShape(served.type),
    ownedShape: shapeOf(served),
    ignored: ignoredFields(resource, request.subresource),
  }
}

function applied(exchange: Exchange, config: Draft, time: string): Applied | Status {
  const { request, served } = exchange
  const configuration = configurationOf(exchange, config)
  const entries = entriesOf(exchange, configuration, time)
  const who = {
    manager: request.options?.fieldManager ?? '',
    operation: 'Apply',
    apiVersion: apiVersionOf(served),
    subresource: request.subresource,
  } as const
  const allowed = takenOver(exchange, configuration)
  return applyConfiguration(entries, who, configuration, time, { force: request.options?.force ?? false, allowed })
}

/** What is not there cannot have the uid that was asked for. */
const uidMismatch = ({ resource, request }: Exchange, uid: string): Status =>
  conflict(
    resource,
    request.name ?? '',
    `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
  )

/** Leaves the merged object to be decoded, and who owns what in `owners`. */
export const apply: Stage = (exchange, _server, at) => {
  const config = (exchange.request.body ?? {}) as Draft
  const wrong = wrongConfiguration(exchange, config)
  if (wrong) return wrong
  const result = applied(exchange, config, timestamp(at.now))
  if (isStatus(result)) return result
  const value = withAnnotation(exchange, result.value as KubeObject, config)
  const { uid } = metadataOf(config)
  if (uid && !exchange.old) return uidMismatch(exchange, text(uid))
  const told = warned(exchange, exchange.request.mistakes ?? [])
  return { ...told, body: value as unknown as Draft, owners: result.entries }
}
