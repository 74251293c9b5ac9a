/**
 * A watch: where it stands in the history, and what it wants to hear of. It is plain data and is asked for its next
 * events; whoever holds it decides when to ask.
 *
 * An object that begins or ceases to match a watch's selector is ADDED or DELETED for that watch, whatever happened to it.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go, endpoints/handlers/watch.go
 */
import type { KubeObject, ResourceName } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Status } from '../api/status.ts'
import { isStatus } from '../api/status.ts'
import { forbidden, notSupported } from '../api/validate/problems.ts'
import { changesSince, type LoggedChange, listObjects, type Store } from '../etcd/store.ts'
import { type Millis, seconds } from '../std/time.ts'
import { gone, invalid, unforeseen } from './refusals.ts'
import type { Options, Request } from './request.ts'
import { type Resource, resourceNamed, storedName } from './resources.ts'
import { isSelected, type Selection, selectionOf } from './selection.ts'
import { withMetadata } from './with-metadata.ts'

export interface Watch {
  readonly resource: ResourceName
  readonly version?: string
  readonly namespace?: string
  readonly name?: string
  readonly options: Options
  /** Everything up to this revision has been told. */
  readonly seen: number
  /** What is there already is yet to be told. */
  readonly tellsExisting: boolean
  /** Ends what existed with a bookmark that says so. */
  readonly marksInitialEnd: boolean
  readonly ended: boolean
  /** When the server ends it; absent if it does not. */
  readonly until?: Millis
  /** When the next bookmark is due; absent for those who did not ask. */
  readonly bookmarkAt?: Millis
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

export interface WatchEvent {
  readonly type: WatchEventType
  readonly object: KubeObject | Status
}

function matchProblems(options: Options): readonly Problem[] {
  const { resourceVersionMatch: match = '', sendInitialEvents, continue: token } = options
  const field = 'resourceVersionMatch'
  if (sendInitialEvents === undefined)
    return match ? [forbidden(field, `${field} is forbidden for watch unless sendInitialEvents is provided`)] : []
  const problems: Problem[] = []
  if (match !== 'NotOlderThan')
    problems.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  if (match && match !== 'NotOlderThan') problems.push(notSupported(field, match, ['NotOlderThan']))
  if (token) problems.push(forbidden(field, `${field} is forbidden when continue is provided`))
  return problems
}

const VERSION = /^\d+$/

const malformed = (version: string): Status =>
  unforeseen(`resourceVersion: Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`)

/** Without a version a watch begins with what is there. */
const beginsNow = ({ resourceVersion = '' }: Options): boolean => resourceVersion === '' || resourceVersion === '0'

/** A watch from the request's version on, or what is wrong with the request. */
export function openWatch(request: Request, resource: Resource, store: Store, now: Millis): Watch | Status {
  const options = request.options ?? {}
  const problems = matchProblems(options)
  if (problems.length > 0) return invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', problems)
  const selection = selectionOf(options, resource)
  if (isStatus(selection)) return selection
  const { resourceVersion = '', sendInitialEvents } = options
  if (resourceVersion !== '' && !VERSION.test(resourceVersion)) return malformed(resourceVersion)
  return {
    resource: resource.name,
    ...(request.version !== undefined && { version: request.version }),
    ...(request.namespace !== undefined && { namespace: request.namespace }),
    ...(request.name !== undefined && { name: request.name }),
    options,
    seen: beginsNow(options) || sendInitialEvents ? store.revision : Number(resourceVersion),
    tellsExisting: sendInitialEvents ?? beginsNow(options),
    marksInitialEnd: marksEnd(options),
    ended: false,
    ...untilWhen(options, now),
  }
}

const BOOKMARK_EVERY = seconds(60)
const LAST_BOOKMARKS = seconds(2)

/** A watch that is to end is told where it stands shortly before. */
function untilWhen({ timeoutSeconds, allowWatchBookmarks }: Options, now: Millis): Pick<Watch, 'until' | 'bookmarkAt'> {
  const until = timeoutSeconds === undefined ? undefined : now + seconds(timeoutSeconds)
  const last = until === undefined ? Number.MAX_SAFE_INTEGER : until - LAST_BOOKMARKS
  return {
    ...(until !== undefined && { until }),
    ...(allowWatchBookmarks && { bookmarkAt: Math.min(now + BOOKMARK_EVERY, last) }),
  }
}

/** Who asks for bookmarks and begins with what is there is told where that ends. */
const marksEnd = (options: Options): boolean =>
  options.allowWatchBookmarks === true && (options.sendInitialEvents ?? options.resourceVersion === undefined)

interface Eyes {
  readonly resource: Resource
  readonly selection: Selection
  readonly watch: Watch
}

function eyesOf(watch: Watch): Eyes {
  const resource = resourceNamed(watch.resource)!
  return { resource, selection: selectionOf(watch.options, resource) as Selection, watch }
}

function sees({ resource, selection, watch }: Eyes, object: KubeObject | undefined): boolean {
  if (!object) return false
  if (watch.name !== undefined && object.metadata.name !== watch.name) return false
  return isSelected(selection, resource, object)
}

const inNamespace = ({ namespace }: Watch, { key }: LoggedChange): boolean =>
  namespace === undefined || key.startsWith(`${namespace}/`)

const at = (object: KubeObject, revision: number): KubeObject =>
  withMetadata(object, { resourceVersion: String(revision) })

function eventOf(eyes: Eyes, change: LoggedChange): WatchEvent | undefined {
  const { before, after, revision } = change
  if (change.resource !== storedName(eyes.watch.resource) || !inNamespace(eyes.watch, change)) return undefined
  const seen = sees(eyes, before)
  if (sees(eyes, after)) return { type: seen ? 'MODIFIED' : 'ADDED', object: after! }
  return seen ? { type: 'DELETED', object: at(before!, revision) } : undefined
}

const bookmark = (eyes: Eyes, revision: number, ends: boolean): WatchEvent => ({
  type: 'BOOKMARK',
  object: {
    apiVersion: '',
    kind: eyes.resource.kind,
    metadata: {
      resourceVersion: String(revision),
      ...(ends && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
    } as unknown as KubeObject['metadata'],
  },
})

function existing(eyes: Eyes, store: Store): readonly WatchEvent[] {
  const { watch } = eyes
  const events: WatchEvent[] = listObjects(store, storedName(watch.resource), watch.namespace)
    .filter((object) => sees(eyes, object))
    .map((object) => ({ type: 'ADDED', object }))
  return watch.marksInitialEnd ? [...events, bookmark(eyes, store.revision, true)] : events
}

const tooOld = (watch: Watch, oldest: number): WatchEvent => ({
  type: 'ERROR',
  object: gone(`too old resource version: ${watch.seen} (${oldest})`),
})

type Told = readonly [Watch, readonly WatchEvent[]]

function told(eyes: Eyes, store: Store): Told {
  const { watch } = eyes
  if (watch.tellsExisting) return [{ ...watch, seen: store.revision, tellsExisting: false }, existing(eyes, store)]
  if (watch.seen > store.revision) return [watch, []]
  const changes = changesSince(store, watch.seen)
  if (!changes) return [{ ...watch, ended: true }, [tooOld(watch, store.compacted)]]
  const events = changes.map((change) => eventOf(eyes, change)).filter((event) => event !== undefined)
  return [{ ...watch, seen: store.revision }, events]
}

const SECOND = seconds(1)

/** Bookmarks come a minute apart, and every second near the end. */
function bookmarked([watch, events]: Told, eyes: Eyes, now: Millis): Told {
  const { bookmarkAt, until = Number.MAX_SAFE_INTEGER } = watch
  if (bookmarkAt === undefined || watch.ended || now < bookmarkAt) return [watch, events]
  const step = bookmarkAt + LAST_BOOKMARKS >= until ? SECOND : BOOKMARK_EVERY
  const next = Math.min(bookmarkAt + step, bookmarkAt >= until - LAST_BOOKMARKS ? until : until - LAST_BOOKMARKS)
  const after = { ...watch, bookmarkAt: next >= until ? Number.MAX_SAFE_INTEGER : next }
  return bookmarked([after, [...events, bookmark(eyes, watch.seen, false)]], eyes, now)
}

/** What there is to tell since the watch was last asked, and the watch after it. */
export function nextEvents(watch: Watch, store: Store, now: Millis): Told {
  if (watch.ended) return [watch, []]
  const eyes = eyesOf(watch)
  const [after, events] = bookmarked(told(eyes, store), eyes, now)
  const isOver = after.until !== undefined && now >= after.until
  return [isOver ? { ...after, ended: true } : after, events]
}
