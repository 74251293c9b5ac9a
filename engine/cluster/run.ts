/**
 * The loop: take the earliest fact off the agenda, let it happen, repeat. How far one goes at a time makes no difference to where
 * one gets: a page takes slices of a few milliseconds, a test runs to the end.
 */
import { nextDue, takeNext } from '../std/agenda.ts'
import type { Millis } from '../std/time.ts'
import type { Fact } from './fact.ts'
import { reduce } from './reduce.ts'
import type { World } from './world.ts'

/** Lets the next fact on the agenda happen, and tells which it was; undefined when there is none. */
export function stepTold(world: World): readonly [World, Fact] | undefined {
  const next = takeNext(world.agenda)
  if (!next) return undefined
  const [fact, due, agenda] = next
  return [reduce({ ...world, now: Math.max(world.now, due), agenda }, fact), fact]
}

/** The same world when there is nothing on the agenda. */
export const step = (world: World): World => stepTold(world)?.[0] ?? world

export const nextFact = (world: World): Fact | undefined => takeNext(world.agenda)?.[0]

/** Something happens now that was on nobody's agenda: a line is typed, a fault strikes. */
export const act = (world: World, fact: Fact): World => reduce(world, fact)

/** Everything that is due up to and including `until`, at most `facts` of it. The clock ends at `until` when all of it happened. */
export function run(world: World, until: Millis, facts = Number.POSITIVE_INFINITY): World {
  let left = facts
  for (let due = nextDue(world.agenda); due !== undefined && due <= until; due = nextDue(world.agenda)) {
    if (left-- <= 0) return world
    world = step(world)
  }
  return world.now < until ? { ...world, now: until } : world
}

/** Until `done` holds, or until `limit`. Looks after each fact. */
export function runUntil(world: World, done: (world: World) => boolean, limit: Millis): World {
  while (!done(world)) {
    const due = nextDue(world.agenda)
    if (due === undefined || due > limit) return run(world, limit)
    world = step(world)
  }
  return world
}

/**
 * Until nothing is written for `silence` milliseconds, or until `limit`. What is far ahead on the agenda (a back-off, a lease that
 * may expire) does not count as unrest.
 */
export function settle(world: World, limit: Millis, silence: Millis = 10_000): World {
  let revision = world.server.store.revision
  let quietSince = world.now
  for (;;) {
    const due = nextDue(world.agenda)
    const end = Math.min(quietSince + silence, limit)
    if (due === undefined || due > end) return run(world, end)
    world = step(world)
    if (world.server.store.revision === revision) continue
    revision = world.server.store.revision
    quietSince = world.now
  }
}
