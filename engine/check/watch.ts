/** Lets a world run under the eyes of properties: after each fact, what it changed is looked at. */

import type { Fact } from '../cluster/fact.ts'
import { act, stepTold } from '../cluster/run.ts'
import { storeOf, type World } from '../cluster/world.ts'
import { changesSince, type LoggedChange } from '../etcd/store.ts'
import { nextDue } from '../std/agenda.ts'
import type { Millis } from '../std/time.ts'
import { type Broken, nameOfObject, type Property, sentenceOf, type Violation, type Watchlist } from './property.ts'

export interface Watched {
  readonly world: World
  readonly broken: readonly Broken[]
  /** Sentences of `sometimes` that were seen. */
  readonly seen: ReadonlySet<string>
  readonly facts: number
}

export const beginWatch = (world: World): Watched => ({ world, broken: [], seen: new Set(), facts: 0 })

const brokenBy = (property: Property, violation: Violation, at: Millis): Broken => ({
  ...violation,
  sentence: sentenceOf(property),
  because: property.because,
  at,
})

const nameOf = (change: LoggedChange): string => nameOfObject((change.after ?? change.before)!.kind, change.key)

function lookAtChange(list: Watchlist, change: LoggedChange, world: World, fact: Fact, found: Broken[]): void {
  const note = (property: Property, says: string | undefined) => {
    if (says !== undefined) found.push(brokenBy(property, { object: nameOf(change), says }, world.now))
  }
  if (change.after)
    for (const property of list.always.get(change.resource) ?? []) note(property, property.broken(change.after, world))
  for (const property of list.eachStep)
    if (property.of === undefined || property.of === change.resource)
      note(property, property.broken(change, world, fact))
}

function look(list: Watchlist, watched: Watched, world: World, fact: Fact): Watched {
  const facts = watched.facts + 1
  const from = storeOf(watched.world).revision
  if (storeOf(world).revision === from) return { ...watched, world, facts }
  const found: Broken[] = []
  let { seen } = watched
  for (const change of changesSince(storeOf(world), from) ?? []) {
    lookAtChange(list, change, world, fact, found)
    for (const property of list.sometimes)
      if (!seen.has(property.sometimes) && property.seen(change, world)) seen = new Set([...seen, property.sometimes])
  }
  return { world, facts, seen, broken: found.length > 0 ? [...watched.broken, ...found] : watched.broken }
}

/** Everything due until an instant, each fact looked at; stops at the first violation. */
export function runWatched(
  list: Watchlist,
  watched: Watched,
  until: Millis,
  facts = Number.POSITIVE_INFINITY,
): Watched {
  let state = watched
  for (let left = facts; left > 0; left--) {
    const due = nextDue(state.world.agenda)
    if (due === undefined || due > until)
      return { ...state, world: { ...state.world, now: Math.max(state.world.now, until) } }
    const [world, fact] = stepTold(state.world)!
    state = look(list, state, world, fact)
    if (state.broken.length > 0) return state
  }
  return state
}

export const actWatched = (list: Watchlist, watched: Watched, fact: Fact): Watched =>
  look(list, watched, act(watched.world, fact), fact)

/** What does not hold now of what must hold eventually. */
export const notYet = (list: Watchlist, world: World): readonly Broken[] =>
  list.eventually.flatMap((property) =>
    property.broken(world).map((violation) => brokenBy(property, violation, world.now)),
  )
