/**
 * Whether a controller's Events are those that were recorded: it notes what happened, its recorder makes Events of that, joins similar
 * ones and leaves some unsaid. Events are written beside everything else, so their order is a race; what they say is not.
 */

import { type KubeObject, keyFor } from '../../../engine/api/object.ts'
import { indexRules } from '../../../engine/apiserver/indexes.ts'
import type { Ask, EventNote } from '../../../engine/client/controller.ts'
import { recordingOf } from '../../../engine/client/events.ts'
import { emptyStore, getObject, listObjects, put, type Store } from '../../../engine/etcd/store.ts'
import type { Noted } from './mind.ts'
import type { EventLine, Line, Recording } from './recording.ts'
import type { Speaker } from './speaker.ts'

const COMBINED = '(combined from similar events): '

const saidAlone = (message: string): string => (message.startsWith(COMBINED) ? message.slice(COMBINED.length) : message)

const idOf = (on: string, type: string, reason: string, message: string): string =>
  `${on} ${type} ${reason}: ${message}`

const idOfNote = ({ about, type, reason, message }: EventNote): string =>
  idOf(`${about.kind}/${about.metadata.name}`, type, reason, message)

/** What conflicts said, of which some Events tell. They need not recur. */
const conflicts = (lines: readonly Line[], who: string): readonly string[] =>
  lines.flatMap((line) => (line.is === 'refusal' && line.who === who && line.code === 409 ? [line.message] : []))

function linesOf(lines: readonly Line[], who: string): readonly EventLine[] {
  const told = conflicts(lines, who)
  return lines.filter(
    (line): line is EventLine =>
      line.is === 'event' && line.who === who && !told.some((message) => line.message.endsWith(message)),
  )
}

/** The notes in the order in which their Events were recorded; those without one come last. */
function inRecordedOrder(notes: readonly Noted[], recorded: readonly EventLine[]): readonly Noted[] {
  const places = new Map<string, number>()
  recorded.forEach(({ on, type, reason, message }, place) => {
    const id = idOf(on, type, reason, saidAlone(message))
    if (!places.has(id)) places.set(id, place)
  })
  const placeOf = ({ note }: Noted) => places.get(idOfNote(note)) ?? recorded.length
  return [...notes].sort((a, b) => placeOf(a) - placeOf(b))
}

function carryOut(store: Store, { verb, namespace, name, body }: Ask): Store {
  const key = keyFor(namespace, name!)
  const old = verb === 'create' ? {} : getObject(store, 'events', key)
  return put(store, indexRules, 'events', key, { ...old, ...body } as KubeObject)[0]
}

type EventObject = KubeObject & {
  readonly involvedObject: { readonly kind: string; readonly name: string }
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly source: { readonly component: string }
}

/** How often each Event ends up counted. */
type Counts = ReadonlyMap<string, number>

function ownCounts(notes: readonly Noted[], speaker: Speaker): Counts {
  let store = emptyStore()
  for (const { note, key, at } of notes) {
    const ask = recordingOf(store, note, { component: speaker.sourceFor(key) }, { now: at, draw: () => 0.5 })
    if (ask) store = carryOut(store, ask)
  }
  const events = listObjects(store, 'events') as readonly EventObject[]
  return new Map(
    events.map(({ involvedObject, type, reason, message, source, count }) => [
      `${source.component}: ${idOf(`${involvedObject.kind}/${involvedObject.name}`, type, reason, message)}`,
      count,
    ]),
  )
}

function recordedCounts(lines: readonly EventLine[]): Counts {
  const last = new Map(lines.map((line) => [line.name, line]))
  return new Map(
    [...last.values()].map(({ on, type, reason, message, source, count }) => [
      `${source}: ${idOf(on, type, reason, message)}`,
      count,
    ]),
  )
}

/** That a node is known was said when the cluster was set up, before or after the recording began. */
function isGreeting({ note }: Noted, { preset }: Recording, recorded: readonly EventLine[]): boolean {
  const { name } = note.about.metadata
  return (
    note.reason === 'RegisteredNode' &&
    preset.nodes.some((node) => node.name === name) &&
    !recorded.some(({ reason, on }) => reason === 'RegisteredNode' && on === `Node/${name}`)
  )
}

/** An Event that was counted up is merged by time: how often is a matter of how often the controller looked. */
const sameCount = (ours: number | undefined, recorded: number | undefined): boolean =>
  ours === recorded || ((recorded ?? 0) > 1 && (ours ?? 0) > 0)

export function eventDifference(recording: Recording, speaker: Speaker, notes: readonly Noted[]): string | undefined {
  const told = linesOf(recording.lines, speaker.name)
  const own = notes.filter((noted) => !isGreeting(noted, recording, told))
  const ours = ownCounts(inRecordedOrder(own, told), speaker)
  const recorded = recordedCounts(told)
  for (const id of new Set([...ours.keys(), ...recorded.keys()]))
    if (!sameCount(ours.get(id), recorded.get(id)))
      return `Event ${ours.get(id) ?? 0} times instead of ${recorded.get(id) ?? 0}: ${id}`
  return undefined
}
