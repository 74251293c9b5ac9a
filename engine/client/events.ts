/**
 * How components tell people what they did: Events. A recorder writes one Event for the first time something happens to an object,
 * and afterwards counts it up instead of writing another. The scheduler speaks the newer form (`series`), everyone
 * else the older one (`count`).
 *
 * Upstream: staging/src/k8s.io/client-go/tools/record/{event,events_cache}.go, tools/events/event_recorder.go
 * Left out: the recorder's own cache (what was recorded is looked up in the API server instead, so an Event is counted up as
 * long as it exists).
 */
import type { Draft, KubeObject } from '../api/object.ts'
import { collectionOf, type Store } from '../etcd/store.ts'
import type { At } from '../std/at.ts'
import { prefixEnd, visitSorted } from '../std/sorted.ts'
import { EPOCH, microTimestamp, timestamp } from '../std/time.ts'
import type { Ask, EventNote } from './controller.ts'
import { continues, isSpam, toldMessage } from './correlation.ts'

export interface EventSource {
  readonly component: string
  /** The machine that speaks, for what runs on one. */
  readonly host?: string
  /** The newer form, with `action` and `series`. */
  readonly series?: true
}

interface RecordedEvent extends KubeObject {
  readonly involvedObject: { readonly uid?: string; readonly fieldPath?: string }
  readonly reason?: string
  readonly message?: string
  readonly type?: string
  readonly count?: number
  readonly series?: { readonly count: number }
  readonly source?: { readonly component?: string; readonly host?: string }
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
}

const namespaceFor = (about: KubeObject): string => about.metadata.namespace ?? 'default'

const isAbout = (event: RecordedEvent, note: EventNote, source: EventSource): boolean =>
  event.involvedObject.uid === note.about.metadata.uid &&
  (source.series !== undefined || (event.source?.component === source.component && event.source.host === source.host))

/** What this source has said about the object. Events are named after what they are about, so only those are looked at. */
function saidBefore(store: Store, note: EventNote, source: EventSource): readonly RecordedEvent[] {
  const prefix = `${namespaceFor(note.about)}/${note.about.metadata.name}.`
  const said: RecordedEvent[] = []
  const collect = (event: KubeObject): undefined => {
    if (isAbout(event as RecordedEvent, note, source)) said.push(event as RecordedEvent)
  }
  visitSorted(collectionOf(store, 'events').objects, collect, prefix, prefixEnd(prefix))
  return said
}

/** Nanoseconds since 1970 in hexadecimal, which upstream puts behind the name. An ordinal keeps two in one instant apart. */
const nanosecondName = (at: At, ordinal: number): string =>
  (BigInt(EPOCH + at.now) * 1_000_000n + BigInt(ordinal)).toString(16)

const reference = ({ about, fieldPath }: EventNote): Draft => ({
  kind: about.kind,
  ...(about.metadata.namespace !== undefined && { namespace: about.metadata.namespace }),
  name: about.metadata.name,
  uid: about.metadata.uid,
  apiVersion: about.apiVersion,
  resourceVersion: about.metadata.resourceVersion,
  ...(fieldPath !== undefined && { fieldPath }),
})

const origin = (source: EventSource, at: At, action: string | undefined): Draft =>
  source.series
    ? {
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: microTimestamp(at.now),
        action: action ?? 'Scheduling',
        reportingComponent: source.component,
        reportingInstance: `${source.component}-control-plane`,
      }
    : {
        source: { component: source.component, ...(source.host !== undefined && { host: source.host }) },
        firstTimestamp: timestamp(at.now),
        lastTimestamp: timestamp(at.now),
        count: 1,
        eventTime: null,
        reportingComponent: source.component,
        reportingInstance: source.host ?? '',
      }

const again = (event: RecordedEvent, source: EventSource, at: At): Draft =>
  source.series
    ? { series: { count: (event.series?.count ?? 1) + 1, lastObservedTime: microTimestamp(at.now) } }
    : { count: (event.count ?? 1) + 1, lastTimestamp: timestamp(at.now) }

/** The request that counts an Event up; what it says is the latest of what it stands for. */
function countUp(old: RecordedEvent, note: EventNote, source: EventSource, at: At): Ask {
  const body = { ...again(old, source, at), ...(old.message !== note.message && { message: note.message }) }
  const { namespace = '', name } = old.metadata
  return { verb: 'patch', patchType: 'merge', resource: 'events', namespace, name, body }
}

/**
 * The request that records a note: a new Event, or one more of an old one; undefined when too much has been said of the object.
 * `store` is the API server's.
 */
export function recordingOf(store: Store, note: EventNote, source: EventSource, at: At): Ask | undefined {
  const before = saidBefore(store, note, source)
  if (!source.series && isSpam(before, at.now)) return undefined
  const told = source.series ? note : { ...note, message: toldMessage(note, before, at.now) }
  const old = before.find((event) => continues(told, event) && event.involvedObject.fieldPath === note.fieldPath)
  return old ? countUp(old, told, source, at) : firstOf(store, told, source, at)
}

function firstOf(store: Store, note: EventNote, source: EventSource, at: At): Ask {
  const namespace = namespaceFor(note.about)
  const name = `${note.about.metadata.name}.${nanosecondName(at, store.revision % 1_000_000)}`
  const body = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: reference(note),
    reason: note.reason,
    message: note.message,
    type: note.type,
    ...origin(source, at, note.action),
  }
  return { verb: 'create', resource: 'events', namespace, name, body }
}
