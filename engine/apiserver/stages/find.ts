/** Looks up what the request names. Reading what is not there ends here; a write may have its own opinion. */
import { getObject } from '../../etcd/store.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { notFound } from '../refusals.ts'
import { storedName } from '../resources.ts'

export const lookUp: Stage = (exchange) => {
  if (exchange.key === undefined) return exchange
  const old = getObject(exchange.store, storedName(exchange.resource.name), exchange.key)
  return old ? { ...exchange, old } : exchange
}

const isThere = (exchange: Exchange): boolean => exchange.old !== undefined

export const find: Stage = (exchange, server, at) => {
  const found = lookUp(exchange, server, at) as Exchange
  return isThere(found) ? found : notFound(exchange.resource, exchange.request.name ?? '')
}

/** A PUT of something that is not there creates it for some kinds; for the others it is not found. */
export const mayCreate: Stage = (exchange) =>
  exchange.old || exchange.resource.strategy.createsOnUpdate
    ? exchange
    : notFound(exchange.resource, exchange.request.name ?? '')
