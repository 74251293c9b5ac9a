/** The past of a world: to look at, to branch off from, and to hand to somebody else. */
import { expect, test } from 'vitest'
import {
  beginHistory,
  beginningOf,
  branchAt,
  openShared,
  passTime,
  readShared,
  sharedFrom,
  worldAt,
} from '../../engine/cluster/history.ts'
import { hashWorld } from '../../engine/cluster/save.ts'
import { draw } from '../../engine/std/draw.ts'
import { BUSY_ENDS, busyBeginning, playBusy } from './busy-scenario.ts'

const beginning = busyBeginning(3)
const history = playBusy(beginHistory('busy', 3, beginning))

/** The scenario's world when it is run only so far. */
const onlyUntil = (after: number): string =>
  hashWorld(playBusy(beginHistory('busy', 3, beginning), Number.POSITIVE_INFINITY, after).world)

test('a link replays to the same world', () => {
  const shared = readShared(JSON.stringify(sharedFrom(history)))
  if (typeof shared === 'string') throw new Error(shared)
  const opened = openShared(shared, busyBeginning(shared.seed))
  expect(hashWorld(opened.world)).toBe(hashWorld(history.world))
  expect(opened.deeds).toEqual(history.deeds)
})

test('a past world, and a branch from it, are what the world was when it had run only so far', () => {
  for (let i = 0; i < 5; i++) {
    const after = Math.floor(draw(3, 'past', i) * BUSY_ENDS)
    const expected = onlyUntil(after)
    expect(hashWorld(worldAt(history, beginning.now + after)), `after ${after}ms`).toBe(expected)
    const branch = branchAt(history, beginning.now + after)
    expect(hashWorld(branch.world), `branch after ${after}ms`).toBe(expected)
    expect(branch.deeds.every(({ at }) => at <= beginning.now + after)).toBe(true)
  }
})

test('a branch that goes on undisturbed can be shared as well', () => {
  const branch = passTime(branchAt(history, beginning.now + 28_500), beginning.now + 90_000)
  expect(hashWorld(openShared(sharedFrom(branch), beginning).world)).toBe(hashWorld(branch.world))
})

test('one goes back to the beginning and no further', () => {
  expect(beginningOf(history)).toBe(beginning.now)
  expect(hashWorld(worldAt(history, beginning.now))).toBe(onlyUntil(0))
})

test('a link that is cut, edited or of another version is refused with a sentence', () => {
  const text = JSON.stringify(sharedFrom(history))
  for (let i = 0; i < 50; i++)
    expect(readShared(text.slice(0, Math.floor(draw(1, 'cut', i) * text.length)))).toBe(
      'This link was cut short, so what it would replay cannot be read. Ask for it again, whole.',
    )
  expect(readShared(text.replace('"version":1', '"version":2'))).toBe(
    'This link was made by another version (2); this page reads version 1.',
  )
  for (const [from, to] of [
    ['"preset":"busy"', '"preset":7'],
    ['"deeds":[', '"deeds":[5,'],
    ['"seed":3', '"seed":"3"'],
    ['"type":"line/entered"', '"type":null'],
  ] as const) {
    expect(text).toContain(from)
    expect(readShared(text.replace(from, to))).toBe(
      'This link does not say what was done. It may have been edited; ask for it again.',
    )
  }
})
