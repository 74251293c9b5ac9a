/**
 * Following one object: what it is now, and each change of it. `rollout status` and `wait` do so, as real clients do: a watch
 * that begins with what is there.
 *
 * Upstream: staging/src/k8s.io/client-go/tools/watch/until.go
 */
import type { TreeMap } from '../std/tree.ts'
import { treeAt } from '../std/tree.ts'
import { pathOf } from './discovery.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import type { Session } from './session.ts'
import type { Target } from './targets.ts'
import { type WatchEvent, watchOn } from './watch.ts'

export interface ObjectPlace {
  /** Of the list. */
  readonly path: string
  readonly name: string
  /** Up to where everything is known; empty in the beginning. */
  readonly seen: string
}

export const placeOf = ({ resource, namespace, name }: Target): ObjectPlace => ({
  path: pathOf(resource, namespace || undefined),
  name,
  seen: '',
})

export interface ObjectNews {
  readonly events: readonly WatchEvent[]
  readonly place: ObjectPlace
}

const isNews = ({ type }: WatchEvent): boolean => type !== 'BOOKMARK'

const FIRST = { resourceVersionMatch: 'NotOlderThan', sendInitialEvents: 'true' }

/** What has happened to the object since the last look; in the beginning, what it is. */
export function newsOf(session: Session, place: ObjectPlace): ObjectNews | Refusal {
  const news = watchOn(session, {
    path: place.path,
    query: {
      allowWatchBookmarks: 'true',
      fieldSelector: `metadata.name=${place.name}`,
      ...(place.seen === '' && FIRST),
      timeoutSeconds: '480',
    },
    accept: 'application/json',
    resourceVersion: place.seen,
  })
  if (isRefusal(news)) return news
  return { events: news.events.filter(isNews), place: { ...place, seen: news.place.resourceVersion } }
}

export const versionOf = (object: TreeMap): string => String(treeAt(object, 'metadata', 'resourceVersion') ?? '')
