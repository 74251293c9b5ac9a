/**
 * A request on its way through the server, and what the stages have found out about it so far. A stage looks at it and returns
 * it with something added, or a Status, which ends the request there.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers
 */
import type { Draft, Key, KubeObject, ManagedFieldsEntry } from '../api/object.ts'
import type { ServedKind } from '../api/schema.ts'
import type { Status } from '../api/status.ts'
import type { Store } from '../etcd/store.ts'
import type { Request, Response } from './request.ts'
import type { Resource } from './resources.ts'
import type { ApiServer, AtServer } from './server.ts'

export interface Exchange {
  readonly request: Request
  readonly resource: Resource
  /** The version of the resource that was asked for. */
  readonly served: ServedKind
  /** Undefined while a name has yet to be generated, and for lists. */
  readonly key: Key | undefined
  /** The object as it is stored; undefined when it is not there. */
  readonly old: KubeObject | undefined
  /** The object as it will be stored: first what was sent, then what the stages make of it. */
  readonly object: KubeObject | undefined
  /** A body that is not an object of the resource: options, a Binding, an Eviction, a Scale. */
  readonly body: Draft | undefined
  /** Who owns what after an apply, which settles it before anything else. */
  readonly owners: readonly ManagedFieldsEntry[] | undefined
  readonly warnings: readonly string[]
  /** The store after the write. */
  readonly store: Store
  readonly response: Response | undefined
  /** A stage has ended the request. */
  readonly refused: Status | undefined
}

export type Stage = (exchange: Exchange, server: ApiServer, at: AtServer) => Exchange | Status

export const warned = (exchange: Exchange, warnings: readonly string[]): Exchange =>
  warnings.length === 0 ? exchange : { ...exchange, warnings: [...exchange.warnings, ...warnings] }

export const isDryRun = ({ request }: Exchange): boolean => request.options?.dryRun === true

/** The written object. Stages after `decode` may rely on it. */
export function objectOf(exchange: Exchange): KubeObject {
  if (!exchange.object) throw new Error(`no object in a ${exchange.request.verb} of ${exchange.resource.name}`)
  return exchange.object
}
