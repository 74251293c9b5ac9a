/** What a kind's strategy may borrow from the server: a look at the store, the time and chance of this one request. */
import type { KindContext } from '../api/kind.ts'
import type { KubeObject } from '../api/object.ts'
import { getObject, listObjects, objectsByIndex } from '../etcd/store.ts'
import { type Exchange, isDryRun } from './exchange.ts'
import { storedName } from './resources.ts'
import type { AtServer } from './server.ts'

export const kindContext = (exchange: Exchange, at: AtServer): KindContext => ({
  now: at.now,
  draw: at.draw,
  get: <T extends KubeObject>(resource: string, key: string) =>
    getObject(exchange.store, storedName(resource), key) as T | undefined,
  list: <T extends KubeObject>(resource: string, namespace?: string) =>
    listObjects(exchange.store, storedName(resource), namespace) as readonly T[],
  by: <T extends KubeObject>(resource: string, index: string, value: string) =>
    objectsByIndex(exchange.store, storedName(resource), index, value) as readonly T[],
  dryRun: isDryRun(exchange),
})
