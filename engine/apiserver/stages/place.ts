/**
 * Puts the object where the URL says: its namespace and name must be those of the request, or be left out. A new object without a
 * name, but with the beginning of one, gets the rest of it here.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/registry/rest/{create,meta}.go, pkg/storage/names
 */
import { type KubeObject, keyFor } from '../../api/object.ts'
import { isStatus, type Status } from '../../api/status.ts'
import { getObject } from '../../etcd/store.ts'
import { randomSuffix } from '../../std/draw.ts'
import { type Exchange, objectOf, type Stage } from '../exchange.ts'
import { badRequest } from '../refusals.ts'
import { storedName } from '../resources.ts'
import { type ApiServer, type AtServer, namesMade } from '../server.ts'
import { withMetadata } from '../with-metadata.ts'

/** What lives in no namespace silently loses the one it was given. */
function inNamespace(object: KubeObject, namespace: string | undefined): KubeObject | Status {
  const { namespace: given } = object.metadata
  if (given === namespace) return object
  if (given && namespace)
    return badRequest('the namespace of the provided object does not match the namespace sent on the request')
  return withMetadata(object, { namespace })
}

/** As long as a name may be that letters are yet to be added to. */
const LONGEST_PREFIX = 58
const MOST_ATTEMPTS = 8

function generatedName(exchange: Exchange, prefix: string, server: ApiServer, at: AtServer): string {
  const { resource, request, store } = exchange
  const ordinal = namesMade(server, resource.name, request.namespace, prefix)
  const purpose = [resource.name, request.namespace ?? '', prefix, ordinal]
  const start = prefix.slice(0, LONGEST_PREFIX)
  let name = ''
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    name = start + randomSuffix(at.draw, 'name', ...purpose, attempt)
    if (!getObject(store, storedName(resource.name), keyFor(request.namespace, name))) return name
  }
  return name
}

function named(exchange: Exchange, object: KubeObject, server: ApiServer, at: AtServer): KubeObject {
  const { name, generateName } = object.metadata
  if (name || !generateName) return object
  return withMetadata(object, { name: generatedName(exchange, generateName, server, at) })
}

export const placeInNamespace: Stage = (exchange) => {
  const { request, resource } = exchange
  const object = inNamespace(objectOf(exchange), resource.namespaced ? request.namespace : undefined)
  return isStatus(object) ? object : { ...exchange, object }
}

/** What a creator says of these is forgotten before anybody looks. */
const withoutSystemFields = (object: KubeObject): KubeObject => {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = object.metadata
  if (!uid && !creationTimestamp && !deletionTimestamp && deletionGracePeriodSeconds === undefined) return object
  return withMetadata(object, {
    uid: undefined,
    creationTimestamp: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  })
}

export const forgetSystemFields: Stage = (exchange) => ({
  ...exchange,
  object: withoutSystemFields(objectOf(exchange)),
})

/** After admission: plugins see objects without their generated name. */
export const nameIt: Stage = (exchange, server, at) => {
  const object = named(exchange, objectOf(exchange), server, at)
  const key = keyFor(object.metadata.namespace, object.metadata.name)
  return { ...exchange, object, key }
}

/** The name in the body of a PUT or PATCH. */
export const checkName: Stage = (exchange) => {
  const asked = exchange.request.name ?? ''
  const { name } = objectOf(exchange).metadata
  if (!name)
    return badRequest(`the name of the object (${asked} based on URL) was undeterminable: name must be provided`)
  if (name !== asked)
    return badRequest(`the name of the object (${name}) does not match the name on the URL (${asked})`)
  return exchange
}
