/**
 * Makes an object of what was sent. Code of the cluster sends objects; everybody else sends what they like, and is told what of it the
 * type does not know.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/{create,update}.go, pkg/runtime/serializer
 */
import type { Draft, KubeObject } from '../../api/object.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { apiVersionOf } from '../resources.ts'

/** An object that the cluster's own code made is complete, except that it may leave its kind to the door. */
function trusted(exchange: Exchange): Exchange {
  const body = (exchange.body ?? exchange.request.body) as Draft
  if (body.kind !== undefined) return { ...exchange, object: body as unknown as KubeObject }
  const { kind } = exchange.served
  const object = { apiVersion: apiVersionOf(exchange.served), kind, ...body } as unknown as KubeObject
  return { ...exchange, object }
}

export const decode: Stage = (exchange) => trusted(exchange)
