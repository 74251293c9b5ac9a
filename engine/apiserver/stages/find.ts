/** Looks up what the request names. Reading what is not there ends here; a write may have its own opinion. */
import { pathSegment } from '../../api/meta-validation.ts'
import { isStatus, type Status } from '../../api/status.ts'
import { getObject } from '../../etcd/store.ts'
import { goQuote } from '../../std/go-text.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { badRequest, notFound } from '../refusals.ts'
import { storedName } from '../resources.ts'

/** A name that could not be part of a key was never stored. */
function unstorable({ request }: Exchange): Status | undefined {
  const [problem] = request.trusted || request.name === undefined ? [] : pathSegment(request.name)
  return problem === undefined ? undefined : badRequest(`Name parameter invalid: ${goQuote(request.name!)}: ${problem}`)
}

export const lookUp: Stage = (exchange) => {
  if (exchange.key === undefined) return exchange
  const refusal = unstorable(exchange)
  if (refusal) return refusal
  const old = getObject(exchange.store, storedName(exchange.resource.name), exchange.key)
  return old ? { ...exchange, old } : exchange
}

const isThere = (exchange: Exchange): boolean => exchange.old !== undefined

export const find: Stage = (exchange, server, at) => {
  const found = lookUp(exchange, server, at)
  if (isStatus(found)) return found
  return isThere(found) ? found : notFound(exchange.resource, exchange.request.name ?? '')
}

/** A PUT of something that is not there creates it for some kinds; for the others it is not found. */
export const mayCreate: Stage = (exchange) =>
  exchange.old || exchange.resource.strategy.createsOnUpdate
    ? exchange
    : notFound(exchange.resource, exchange.request.name ?? '')
