/**
 * A whole scenario: the cluster as it was before, the tape of everything that was written, and each controller followed along it.
 */
import { indexRules } from '../../../engine/apiserver/indexes.ts'
import type { Controller, EventNote } from '../../../engine/client/controller.ts'
import { emptyStore, put, remove, type Store } from '../../../engine/etcd/store.ts'
import type { KubeObject } from '../../../engine/api/object.ts'
import { keyOf, type ResourceName } from '../../../engine/api/object.ts'
import { followController, type Handle, type Tape } from './follow.ts'
import { victimDraws } from './die.ts'
import { presetObjects } from './preset.ts'
import type { EventLine, Recording } from './recording.ts'

function tapeOf(recording: Recording, handle: Handle): Tape {
  const stores: Store[] = [emptyStore()]
  const push = (store: Store) => {
    stores[store.revision] = store
    return store
  }
  let store = stores[0]!
  for (const [resource, object] of presetObjects(recording.preset)) store = push(put(store, indexRules, resource, keyOf(object), object)[0])
  const revisions: number[] = []
  for (const line of recording.lines) {
    revisions.push(store.revision)
    if (line.is !== 'write') continue
    store = push(line.after ? put(store, indexRules, line.resource, line.key, line.after)[0] : remove(store, indexRules, line.resource, line.key))
  }
  revisions.push(store.revision)
  const { lines, endsQuiet } = recording
  return { handle, lines, stores, revisions, draws: victimDraws(lines), endsQuiet }
}

// ---- Events ----

const eventId = (on: string, type: string, reason: string, message: string): string => `${on} ${type} ${reason}: ${message}`

/** What conflicts said, of which some Events tell. They need not recur. */
const conflicts = (recording: Recording, who: string): readonly string[] =>
  recording.lines.flatMap((line) => (line.is === 'refusal' && line.who === who && line.code === 409 ? [line.message] : []))

function recordedEvents(recording: Recording, who: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const told = conflicts(recording, who)
  for (const line of recording.lines)
    if (line.is === 'event' && line.who === who && !told.some((message) => line.message.endsWith(message))) {
      const { on, type, reason, message, count } = line as EventLine
      const id = eventId(on, type, reason, message)
      counts.set(id, Math.max(counts.get(id) ?? 0, count))
    }
  return counts
}

function ownEvents(notes: readonly EventNote[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { about, type, reason, message } of notes) {
    const id = eventId(`${about.kind}/${about.metadata.name}`, type, reason, message)
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

/** An Event that was counted up is merged by time: how often is a matter of how often the controller looked. */
const sameCount = (ours: number | undefined, recorded: number | undefined): boolean =>
  ours === recorded || ((recorded ?? 0) > 1 && (ours ?? 0) > 0)

function eventDifference(who: string, ours: ReadonlyMap<string, number>, recorded: ReadonlyMap<string, number>) {
  for (const id of new Set([...ours.keys(), ...recorded.keys()]))
    if (!sameCount(ours.get(id), recorded.get(id)))
      return `${who} Event ${ours.get(id) ?? 0} times instead of ${recorded.get(id) ?? 0}: ${id}`
  return undefined
}

/** The first difference, or undefined when everything agrees. */
export function scenarioDifference(
  recording: Recording,
  controllers: readonly Controller[],
  handle: Handle,
): string | undefined {
  const tape = tapeOf(recording, handle)
  for (const controller of controllers) {
    const { notes, difference } = followController(tape, controller)
    if (difference) return difference
    const events = eventDifference(controller.name, ownEvents(notes), recordedEvents(recording, controller.name))
    if (events) return events
  }
  return undefined
}

export type { KubeObject, ResourceName }
