/**
 * Watching as a terminal does it: what has happened since the last look. The connection is not kept open; where it stands
 * is a resource version, which is plain data.
 */
import { isList, isMap, type TreeMap, treeAt } from '../std/tree.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { ask, type Session } from './session.ts'

export interface WatchPlace {
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly accept: string
  readonly resourceVersion: string
  /** Columns of the table, which only the first answer carries. */
  readonly definitions?: readonly TreeMap[]
}

export interface WatchEvent {
  readonly type: string
  readonly object: TreeMap
}

export interface News {
  readonly events: readonly WatchEvent[]
  readonly place: WatchPlace
}

const versionOf = (object: TreeMap): string | undefined => {
  const own = treeAt(object, 'metadata', 'resourceVersion')
  const row = treeAt(object, 'rows', 0, 'object', 'metadata', 'resourceVersion')
  const version = typeof own === 'string' && own !== '' ? own : row
  return typeof version === 'string' && version !== '' ? version : undefined
}

/** What has happened at a place, and where to look from next time. */
export function watchOn(session: Session, place: WatchPlace): News | Refusal {
  const answer = ask(session, {
    method: 'GET',
    path: place.path,
    query: { ...place.query, resourceVersion: place.resourceVersion || undefined, watch: 'true' },
    accept: place.accept,
  })
  if (isRefusal(answer)) return answer
  const events = (isList(answer.events) ? answer.events : []).flatMap((event) => {
    const object = treeAt(event, 'object')
    return isMap(object) ? [{ type: String(treeAt(event, 'type')), object }] : []
  })
  const resourceVersion =
    events.map(({ object }) => versionOf(object)).findLast((version) => version !== undefined) ?? place.resourceVersion
  return { events, place: { ...place, resourceVersion } }
}
