/**
 * How a kind is described: a function from the object, and what else it asks of the server, to text. Kinds without one of
 * their own are described by a rule that fits all.
 */
import type { Millis } from '../../std/time.ts'
import { isList, type TreeMap, treeAt } from '../../std/tree.ts'
import { isRefusal, type Refusal } from '../refusal.ts'
import { ACCEPT_TYPED, ask, type Question, type Session } from '../session.ts'

export interface DescribeRequest {
  readonly session: Session
  readonly object: TreeMap
  readonly nowUnix: Millis
  readonly showEvents: boolean
  readonly chunk: string | undefined
}

/** Text with tabs, before it is lined up. */
export type Describe = (request: DescribeRequest) => string | Refusal

export const askTyped = (session: Session, path: string, query: Question['query'] = {}): TreeMap | Refusal =>
  ask(session, { method: 'GET', path, query, accept: ACCEPT_TYPED })

export const itemsIn = (list: TreeMap | Refusal): readonly TreeMap[] =>
  isRefusal(list) || !isList(list.items) ? [] : (list.items as readonly TreeMap[])

/** The fields by which Events are found. Kinds without a type of their own name their kind. */
function eventSelector(object: TreeMap, withKind: boolean): string {
  const metadata = object.metadata
  const parts = [
    `involvedObject.name=${String(treeAt(metadata, 'name'))}`,
    `involvedObject.namespace=${String(treeAt(metadata, 'namespace') ?? '')}`,
    ...(withKind ? [`involvedObject.kind=${String(object.kind)}`] : []),
    `involvedObject.uid=${String(treeAt(metadata, 'uid') ?? '')}`,
  ]
  return parts.join(',')
}

/** Events about an object; undefined when they are not wanted or may not be seen. */
export function eventsAbout(
  { session, object, showEvents, chunk }: DescribeRequest,
  withKind = true,
): readonly TreeMap[] | undefined {
  if (!showEvents) return undefined
  const namespace = treeAt(object, 'metadata', 'namespace')
  const scope = typeof namespace === 'string' ? `/namespaces/${namespace}` : ''
  const list = askTyped(session, `/api/v1${scope}/events`, {
    fieldSelector: eventSelector(object, withKind),
    limit: chunk,
  })
  return isRefusal(list) ? undefined : itemsIn(list)
}
