/**
 * A volume or claim that something uses does not vanish under it: it is born with a finalizer that is taken off when nobody uses
 * it any more.
 *
 * Upstream: plugin/pkg/admission/storage/storageobjectinuseprotection
 */
import type { ResourceName } from '../../api/object.ts'
import { objectOf, type Stage } from '../exchange.ts'
import { withMetadata } from '../with-metadata.ts'
import type { Admission } from './admission.ts'

const FINALIZERS: Readonly<Record<ResourceName, string>> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
}

const mutate: Stage = (exchange) => {
  const object = objectOf(exchange)
  const finalizer = FINALIZERS[exchange.resource.name]!
  const finalizers = object.metadata.finalizers ?? []
  if (finalizers.includes(finalizer)) return exchange
  return { ...exchange, object: withMetadata(object, { finalizers: [...finalizers, finalizer] }) }
}

export const storageObjectInUseProtection: Admission = {
  name: 'StorageObjectInUseProtection',
  operations: ['create'],
  resources: Object.keys(FINALIZERS),
  mutate,
}
