/**
 * An API server is a store with a door. This is its whole state, plain data: what is stored, how many names it has made of each
 * prefix, and how often it was asked for something in this very millisecond, so that each object gets a name and a uid of its own.
 */
import type { KubeObject, ResourceName } from '../api/object.ts'
import { emptyStore, type Store } from '../etcd/store.ts'
import type { At } from '../std/at.ts'
import { emptySorted, getSorted, type Sorted, setSorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'

export interface ApiServer {
  readonly store: Store
  /** When it was last asked to create something, and how often in that millisecond. */
  readonly instant: Millis
  readonly ordinal: number
  /** How many names were made of each prefix (`pods default/web-`): the names of some depend on no other objects. */
  readonly named: Sorted<number>
}

/** What the server borrows from outside, beside time and chance. */
export interface AtServer extends At {
  /** A call to somewhere else: a kubelet for logs and exec, a webhook. Undefined: nobody answers. */
  readonly call?: (service: string, request: unknown) => unknown
  /** The object as it reads at this moment, where some of it is computed when somebody looks. Code of the cluster is not asked. */
  readonly present?: (resource: ResourceName, object: KubeObject) => KubeObject
}

export const newApiServer = (store: Store = emptyStore()): ApiServer => ({
  store,
  instant: -1,
  ordinal: 0,
  named: emptySorted(),
})

/** The server after it was asked to create one more object. */
export const countingCreate = (server: ApiServer, store: Store, now: Millis): ApiServer => ({
  ...server,
  store,
  instant: now,
  ordinal: server.instant === now ? server.ordinal + 1 : 0,
})

const namesOf = (resource: string, namespace: string | undefined, prefix: string): string =>
  `${resource} ${namespace ?? ''}/${prefix}`

/** How many names were made of a prefix before. */
export const namesMade = (server: ApiServer, ...of: Parameters<typeof namesOf>): number =>
  getSorted(server.named, namesOf(...of)) ?? 0

/** The server after one more object got a name of a prefix. */
export const countingName = (server: ApiServer, ...of: Parameters<typeof namesOf>): ApiServer => ({
  ...server,
  named: setSorted(server.named, namesOf(...of), namesMade(server, ...of) + 1),
})

export const withStore = (server: ApiServer, store: Store): ApiServer =>
  server.store === store ? server : { ...server, store }
