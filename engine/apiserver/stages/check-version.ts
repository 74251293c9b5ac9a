/**
 * Optimistic concurrency: who writes says which version it has seen, and is refused if somebody else was faster. Most kinds let a PUT
 * go without; the others must say.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go (Update)
 */
import type { KubeObject } from '../../api/object.ts'
import type { Status } from '../../api/status.ts'
import { invalid as invalidField } from '../../api/validate/problems.ts'
import { type Exchange, objectOf, type Stage } from '../exchange.ts'
import { conflict, invalid, MODIFIED, unforeseen } from '../refusals.ts'
import { withMetadata } from '../with-metadata.ts'

const VERSION = /^\d+$/

const malformed = (version: string): string => `strconv.ParseUint: parsing "${version}": invalid syntax`

/** Names the resource where other refusals name the kind. */
const mustBeSaid = ({ resource, request }: Exchange): Status =>
  invalid({ group: resource.group, kind: resource.plural }, request.name ?? '', [
    invalidField('metadata.resourceVersion', 0, 'must be specified for an update'),
  ])

/** The store's own words, with the key under which it looked. */
function otherUid({ resource, request }: Exchange, uid: string, old: KubeObject): Status {
  const key = `/registry/${resource.plural}/${request.namespace ? `${request.namespace}/` : ''}${request.name}`
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`
  return conflict(
    resource,
    request.name ?? '',
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
  )
}

/** A PUT with another uid means another object. */
export const checkUid: Stage = (exchange) => {
  const { uid } = objectOf(exchange).metadata
  return uid && exchange.old && uid !== exchange.old.metadata.uid ? otherUid(exchange, uid, exchange.old) : exchange
}

export const checkVersion: Stage = (exchange) => {
  const { resource, request } = exchange
  const object = objectOf(exchange)
  const current = exchange.old!.metadata.resourceVersion
  const sent = object.metadata.resourceVersion
  if (sent === current) return exchange
  if (!sent || sent === '0') {
    if (resource.strategy.needsResourceVersion) return mustBeSaid(exchange)
    return { ...exchange, object: withMetadata(object, { resourceVersion: current }) }
  }
  return VERSION.test(sent) ? conflict(resource, request.name ?? '', MODIFIED) : unforeseen(malformed(sent))
}
