/**
 * Deletes everything that a list finds, one after another, and answers with the list.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go (DeleteCollection)
 */
import { type KubeObject, keyOf } from '../../api/object.ts'
import { isStatus } from '../../api/status.ts'
import type { Exchange, Stage } from '../exchange.ts'
import type { ObjectList } from '../request.ts'
import type { ApiServer, AtServer } from '../server.ts'
import { admit } from './admit.ts'
import { remove } from './delete.ts'

const ONE_BY_ONE: readonly Stage[] = [admit, remove]

function without(exchange: Exchange, object: KubeObject, server: ApiServer, at: AtServer): ReturnType<Stage> {
  let one: Exchange = { ...exchange, key: keyOf(object), old: object, object: undefined }
  for (const stage of ONE_BY_ONE) {
    const next = stage(one, server, at)
    if (isStatus(next)) return next
    one = next
  }
  return { ...exchange, store: one.store }
}

export const deleteCollection: Stage = (exchange, server, at) => {
  let left = exchange
  for (const object of (exchange.response!.body as ObjectList).items) {
    const next = without(left, object, server, at)
    if (isStatus(next)) return next
    left = next
  }
  return left
}
