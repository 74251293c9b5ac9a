/**
 * A world with its past: what was done to it and when, and old worlds to go back to. Undo, scrubbing, branching and sharing are one feature,
 * because the same preset, the same seed and the same deeds give the same world. Old worlds share nearly everything with the new
 * one, so keeping a few hundred costs little; what lies between two of them is replayed.
 */
import {
  deleteSorted,
  emptySorted,
  firstSorted,
  getSorted,
  lastKey,
  type Sorted,
  setSorted,
  sortedKeys,
} from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import type { Fact } from './fact.ts'
import { act, run } from './run.ts'
import type { World } from './world.ts'

/** Something that was done to the world from outside, and how many facts had happened before it. */
export interface Deed {
  readonly at: Millis
  readonly happened: number
  readonly fact: Fact
}

export interface History {
  readonly world: World
  /** Where it began: enough to build the same world again. */
  readonly preset: string
  readonly seed: number
  readonly deeds: readonly Deed[]
  /** Old worlds by their instant. */
  readonly kept: Sorted<World, Millis>
}

export const beginHistory = (preset: string, seed: number, world: World): History => ({
  world,
  preset,
  seed,
  deeds: [],
  kept: setSorted(emptySorted<World, Millis>(), world.now, world),
})

const MOST_KEPT = 600
const KEEP_EVERY: Millis = 250

/** Keeps the world now and then; when there are too many, every second one goes. */
function keep(history: History): History {
  const { world, kept } = history
  if (world.now < (lastKey(kept) ?? 0) + KEEP_EVERY) return history
  const more = setSorted(kept, world.now, world)
  return { ...history, kept: more.size > MOST_KEPT ? thinned(more) : more }
}

function thinned(kept: Sorted<World, Millis>): Sorted<World, Millis> {
  return sortedKeys(kept)
    .filter((_instant, index) => index % 2 === 1)
    .reduce((rest, instant) => deleteSorted(rest, instant), kept)
}

/** Lets time pass until `until`, at most so many facts. */
export const passTime = (history: History, until: Millis, facts?: number): History =>
  keep({ ...history, world: run(history.world, until, facts) })

/** Does something to the world now. */
export function doNow(history: History, fact: Fact): History {
  const { world } = history
  const deed: Deed = { at: world.now, happened: world.happened, fact }
  return keep({ ...history, world: act(world, fact), deeds: [...history.deeds, deed] })
}

function latestKept(kept: Sorted<World, Millis>, instant: Millis): World {
  const instants = sortedKeys(kept)
  const found = instants.findLast((at) => at <= instant) ?? instants[0]!
  return getSorted(kept, found)!
}

/** Replays deeds on a world up to an instant. */
function replay(world: World, deeds: readonly Deed[], until: Millis): World {
  for (const deed of deeds) {
    if (deed.at > until || deed.happened < world.happened) continue
    world = run(world, deed.at, deed.happened - world.happened)
    world = act({ ...world, now: deed.at }, deed.fact)
  }
  return run(world, until)
}

/** The world as it was at an instant of its past, without changing the history: for looking. */
export const worldAt = (history: History, instant: Millis): World =>
  instant >= history.world.now ? history.world : replay(latestKept(history.kept, instant), history.deeds, instant)

/** Goes back to an instant and forgets what came after: for branching off. */
export function branchAt(history: History, instant: Millis): History {
  if (instant >= history.world.now) return history
  const world = worldAt(history, instant)
  let { kept } = history
  for (const at of sortedKeys(kept)) if (at > instant) kept = deleteSorted(kept, at)
  return { ...history, world, kept, deeds: history.deeds.filter((deed) => deed.happened < world.happened) }
}

/** The earliest instant one can go back to. */
export const beginningOf = (history: History): Millis => firstSorted(history.kept)![0]

/** What a link carries: how to build the same world again. */
export interface Shared {
  readonly version: 1
  readonly preset: string
  readonly seed: number
  readonly until: Millis
  readonly deeds: readonly Deed[]
}

export const sharedFrom = ({ preset, seed, world, deeds }: History): Shared => ({
  version: 1,
  preset,
  seed,
  until: world.now,
  deeds,
})

const isDeed = (value: unknown): value is Deed => {
  const { at, happened, fact } = (value ?? {}) as Partial<Deed>
  return typeof at === 'number' && typeof happened === 'number' && typeof fact?.type === 'string'
}

/** Reads what a link carries, or says in a sentence why it cannot. */
export function readShared(text: string): Shared | string {
  let value: Partial<Shared>
  try {
    value = (JSON.parse(text) ?? {}) as Partial<Shared>
  } catch {
    return 'This link was cut short, so what it would replay cannot be read. Ask for it again, whole.'
  }
  if (value.version !== 1)
    return `This link was made by another version (${String(value.version)}); this page reads version 1.`
  const { preset, seed, until, deeds } = value
  if (
    typeof preset !== 'string' ||
    typeof seed !== 'number' ||
    typeof until !== 'number' ||
    !Array.isArray(deeds) ||
    !deeds.every(isDeed)
  )
    return 'This link does not say what was done. It may have been edited; ask for it again.'
  return { version: 1, preset, seed, until, deeds }
}

/** Builds a shared world again by replaying it from its beginning. */
export function openShared(shared: Shared, beginning: World): History {
  let history = beginHistory(shared.preset, shared.seed, beginning)
  for (const deed of shared.deeds) {
    history = passTime(history, deed.at, deed.happened - history.world.happened)
    history = doNow({ ...history, world: { ...history.world, now: deed.at } }, deed.fact)
  }
  return passTime(history, shared.until)
}
