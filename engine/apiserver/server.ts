/**
 * An API server is a store with a door. This is its whole state, plain data: what is stored, how many writes were
 * asked of it (which makes each draw it takes a new one), and nothing else.
 */
import { emptyStore, type Store } from '../etcd/store.ts'
import type { At } from '../std/at.ts'

export interface ApiServer {
  readonly store: Store
  /** Writes that were asked for, granted or not. Part of the purpose of every draw, so that no two are the same. */
  readonly asked: number
}

/** What the server borrows from outside, beside time and chance. */
export interface AtServer extends At {
  /** A call to somewhere else: a kubelet for logs and exec, a webhook. Undefined: nobody answers. */
  readonly call?: (service: string, request: unknown) => unknown
}

export const newApiServer = (store: Store = emptyStore()): ApiServer => ({ store, asked: 0 })
