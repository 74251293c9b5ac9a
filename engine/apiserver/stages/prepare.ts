/**
 * Completes the object before it is looked at closely: on creation it gets its identity, on update it keeps what nobody may change; the
 * kind's strategy drops what this door may not say and gives what the server gives.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/registry/rest/{create,update}.go
 */
import type { KubeObject } from '../../api/object.ts'
import { isStatus } from '../../api/status.ts'
import { randomUid } from '../../std/draw.ts'
import { timestamp } from '../../std/time.ts'
import { type Exchange, objectOf, type Stage } from '../exchange.ts'
import { kindContext } from '../kind-context.ts'
import type { ApiServer, AtServer } from '../server.ts'
import { withMetadata } from '../with-metadata.ts'

/** What a creator says about these is forgotten. */
function withIdentity(exchange: Exchange, server: ApiServer, at: AtServer): KubeObject {
  const object = objectOf(exchange)
  const {
    resourceVersion = '',
    deletionTimestamp,
    deletionGracePeriodSeconds,
    selfLink,
    ...metadata
  } = object.metadata as KubeObject['metadata'] & { readonly selfLink?: string }
  const uid = randomUid(at.draw, exchange.resource.name, exchange.key ?? '', at.now, server.ordinal)
  const counts = exchange.resource.strategy.bumpsGeneration !== undefined
  return {
    ...object,
    metadata: {
      ...metadata,
      uid,
      resourceVersion,
      creationTimestamp: timestamp(at.now),
      ...(counts && { generation: 1 }),
    },
  }
}

export const prepareCreate: Stage = (exchange, server, at) => {
  const { strategy } = exchange.resource
  const object = withIdentity(exchange, server, at)
  if (!strategy.prepareCreate) return { ...exchange, object }
  const prepared = strategy.prepareCreate(object as never, kindContext(exchange, at))
  return isStatus(prepared) ? prepared : { ...exchange, object: prepared }
}

/** What an update never changes, whatever it says. */
function withOldIdentity(object: KubeObject, old: KubeObject): KubeObject {
  const { metadata: now } = object
  const { metadata: before } = old
  if (now === before) return object
  const { selfLink, ...sent } = now as KubeObject['metadata'] & { readonly selfLink?: string }
  return withMetadata(object, {
    ...sent,
    generation: before.generation,
    uid: sent.uid || before.uid,
    creationTimestamp: before.creationTimestamp,
    ...(before.deletionTimestamp && { deletionTimestamp: before.deletionTimestamp }),
    deletionGracePeriodSeconds: sent.deletionGracePeriodSeconds ?? before.deletionGracePeriodSeconds,
  })
}

/** What was observed is no wish: through `status` nothing is counted. */
function withGeneration({ resource, request }: Exchange, object: KubeObject, old: KubeObject): KubeObject {
  const { bumpsGeneration } = resource.strategy
  if (object === old || request.subresource === 'status' || !bumpsGeneration?.(object as never, old as never))
    return object
  return withMetadata(object, { generation: (old.metadata.generation ?? 0) + 1 })
}

export const prepareUpdate: Stage = (exchange, _server, at) => {
  const old = exchange.old!
  const { strategy } = exchange.resource
  const object = withOldIdentity(objectOf(exchange), old)
  const prepared = strategy.prepareUpdate
    ? strategy.prepareUpdate(
        object as never,
        old as never,
        exchange.request.subresource ?? '',
        kindContext(exchange, at),
      )
    : object
  return isStatus(prepared) ? prepared : { ...exchange, object: withGeneration(exchange, prepared, old) }
}
