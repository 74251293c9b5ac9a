/**
 * An API server is a store with a door. This is its whole state, plain data: what is stored, and how many objects it
 * was asked to create in this very millisecond, so that each gets a uid and a name of its own.
 */
import { emptyStore, type Store } from '../etcd/store.ts'
import type { At } from '../std/at.ts'
import type { Millis } from '../std/time.ts'

export interface ApiServer {
  readonly store: Store
  /** When it was last asked to create something, and how often in that millisecond. */
  readonly instant: Millis
  readonly ordinal: number
}

/** What the server borrows from outside, beside time and chance. */
export interface AtServer extends At {
  /** A call to somewhere else: a kubelet for logs and exec, a webhook. Undefined: nobody answers. */
  readonly call?: (service: string, request: unknown) => unknown
}

export const newApiServer = (store: Store = emptyStore()): ApiServer => ({ store, instant: -1, ordinal: 0 })

/** The server after it was asked to create one more object. */
export const countingCreate = (server: ApiServer, store: Store, now: Millis): ApiServer => ({
  store,
  instant: now,
  ordinal: server.instant === now ? server.ordinal + 1 : 0,
})

export const withStore = (server: ApiServer, store: Store): ApiServer =>
  server.store === store ? server : { ...server, store }
