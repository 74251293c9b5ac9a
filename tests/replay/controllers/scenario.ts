/**
 * A whole scenario: the cluster as it was before, the tape of everything that was written, and each controller followed along it.
 */

import { keyOf } from '../../../engine/api/object.ts'
import { indexRules } from '../../../engine/apiserver/indexes.ts'
import type { Controller } from '../../../engine/client/controller.ts'
import { emptyStore, put, remove, type Store } from '../../../engine/etcd/store.ts'
import { dieOf } from './die.ts'
import { eventDifference } from './events.ts'
import { followController, type Handle, type Tape } from './follow.ts'
import { presetObjects } from './preset.ts'
import type { Recording } from './recording.ts'
import { speakersOf } from './speaker.ts'

function tapeOf(recording: Recording, handle: Handle): Tape {
  const stores: Store[] = [emptyStore()]
  const push = (store: Store) => {
    stores[store.revision] = store
    return store
  }
  let store = stores[0]!
  for (const [resource, object] of presetObjects(recording.preset))
    store = push(put(store, indexRules, resource, keyOf(object), object)[0])
  const revisions: number[] = []
  const times: number[] = []
  for (const line of recording.lines) {
    revisions.push(store.revision)
    if (line.is !== 'write') continue
    times[store.revision + 1] = line.at
    store = push(
      line.after
        ? put(store, indexRules, line.resource, line.key, line.after)[0]
        : remove(store, indexRules, line.resource, line.key),
    )
  }
  revisions.push(store.revision)
  const { lines, endsQuiet } = recording
  return { handle, lines, stores, revisions, times, die: dieOf(lines), endsQuiet }
}

/** The first difference, or undefined when everything agrees. */
export function scenarioDifference(
  recording: Recording,
  controllers: readonly Controller[],
  handle: Handle,
): string | undefined {
  const tape = tapeOf(recording, handle)
  for (const speaker of speakersOf(controllers)) {
    const { notes, difference } = followController(tape, speaker)
    if (difference) return difference
    const events = eventDifference(recording, speaker, notes)
    if (events) return `${speaker.name} ${events}`
  }
  return undefined
}
