/**
 * What a client knows. A view is a pointer to a store as it was at the last delivery, with the client's own writes
 * applied to it: others' news comes late, one's own is never forgotten. That one rule stands in for upstream's
 * expectations, and is what keeps a controller from creating the same Pod twice.
 *
 * Upstream: staging/src/k8s.io/client-go/tools/cache
 */
import type { Key, KubeObject, ResourceName } from '../api/object.ts'
import {
  applyChange,
  collectionOf,
  getObject,
  type IndexRules,
  type LoggedChange,
  listObjects,
  objectsByIndex,
  type Store,
} from '../etcd/store.ts'
import type { At } from '../std/at.ts'
import type { View } from './controller.ts'

export const viewOf = (store: Store, at: At): View => ({
  now: at.now,
  draw: at.draw,
  get: <T extends KubeObject>(resource: ResourceName, key: Key) => getObject(store, resource, key) as T | undefined,
  version: (resource: ResourceName) => collectionOf(store, resource).objects,
  list: <T extends KubeObject>(resource: ResourceName, namespace?: string) =>
    listObjects(store, resource, namespace) as readonly T[],
  by: <T extends KubeObject>(resource: ResourceName, index: string, value: string) =>
    objectsByIndex(store, resource, index, value) as readonly T[],
})

/** A write of one's own, seen before the watch tells of it. */
export const withOwnWrite = (seen: Store, rules: IndexRules, { resource, key, after }: LoggedChange): Store => ({
  ...seen,
  collections: applyChange(seen.collections, rules, resource, key, after),
})
