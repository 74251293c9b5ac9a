/** A world is plain data: it can be written down at any instant, read back, and go on as if nothing had happened. */
import { describe, expect, test } from 'vitest'
import { reduce } from '../../engine/cluster/reduce.ts'
import { hashWorld, loadWorld, saveWorld } from '../../engine/cluster/save.ts'
import { reduceStrictly } from '../../engine/cluster/strict.ts'
import type { World } from '../../engine/cluster/world.ts'
import { draw } from '../../engine/std/draw.ts'
import { BUSY, busyBeginning, nextPosition, type Position, positionsFrom } from './busy-scenario.ts'

const SEED = 7
const beginning = busyBeginning(SEED)
const unbroken = positionsFrom({ world: beginning, done: 0 }, beginning.now, reduce)
const end = unbroken.at(-1)!

/** So many different indexes of the unbroken run, in order. */
function randomInstants(count: number): readonly number[] {
  const drawn = new Set<number>()
  for (let i = 0; drawn.size < count; i++) drawn.add(Math.floor(draw(SEED, 'instant', i) * (unbroken.length - 1)))
  return [...drawn].sort((one, other) => one - other)
}

function readBack(world: World): World {
  const read = loadWorld(saveWorld(world))
  if (typeof read === 'string') throw new Error(read)
  return read
}

test('the busy scenario is busy, and all of its deeds are done', () => {
  expect(end.done).toBe(BUSY.length)
  expect(unbroken.length).toBeGreaterThan(2000)
})

test('a world that is written down and read back at each of 200 random instants ends as one that never was', {
  timeout: 300_000,
}, () => {
  const instants = randomInstants(200)
  let here: Position = unbroken[0]!
  let at = 0
  for (const instant of instants) {
    for (; at < instant; at++) here = nextPosition(here, beginning.now, reduce)!
    const written = readBack(here.world)
    expect(written === here.world).toBe(false)
    if (at % 10 === 0) expect(hashWorld(written), `instant ${instant}`).toBe(hashWorld(unbroken[instant]!.world))
    here = { ...here, world: written }
  }
  expect(hashWorld(positionsFrom(here, beginning.now, reduce).at(-1)!.world)).toBe(hashWorld(end.world))
})

test('each of five worlds that are read back once ends as the one that never was', () => {
  for (const instant of randomInstants(5)) {
    const { world, done } = unbroken[instant]!
    const played = positionsFrom({ world: readBack(world), done }, beginning.now, reduce)
    expect(hashWorld(played.at(-1)!.world), `instant ${instant}`).toBe(hashWorld(end.world))
  }
})

test('nothing in the busy scenario changes a world in place, and every world in it is plain data', () => {
  const strict = positionsFrom({ world: busyBeginning(SEED), done: 0 }, beginning.now, reduceStrictly)
  expect(strict).toHaveLength(unbroken.length)
  expect(hashWorld(strict.at(-1)!.world)).toBe(hashWorld(end.world))
})

test('the hash of a world does not depend on what its parts share, and JSON says the same of both', () => {
  const written = readBack(end.world)
  expect(JSON.stringify(written)).toBe(JSON.stringify(end.world))
  expect(JSON.parse(JSON.stringify(end.world))).toEqual(written)
  expect(hashWorld(JSON.parse(JSON.stringify(end.world)) as World)).toBe(hashWorld(end.world))
  expect(hashWorld({ ...end.world, now: end.world.now + 1 })).not.toBe(hashWorld(end.world))
})

describe('a text that is no saved world is refused with a sentence', () => {
  const text = saveWorld(beginning)

  test('one that was cut, at any place', () => {
    for (let i = 0; i < 50; i++)
      expect(loadWorld(text.slice(0, Math.floor(draw(1, 'cut', i) * text.length)))).toBe(
        'This is not a saved world, or it was cut short.',
      )
  })

  test('one that was edited, even by a letter', () => {
    for (const [from, to] of [
      ['node-1', 'node-9'],
      ['"seed":7', '"seed":8'],
      ['coredns', 'Coredns'],
    ] as const) {
      expect(text).toContain(from)
      expect(loadWorld(text.replace(from, to))).toBe(
        'This saved world was changed after it was saved. Export it again from where it came.',
      )
    }
  })

  test('one of another version, by both names', () => {
    expect(loadWorld(text.replace('kubefold world 1', 'kubefold world 2'))).toBe(
      'This world was saved as "kubefold world 2"; this version reads "kubefold world 1".',
    )
  })

  test('something else', () => {
    for (const other of [
      '',
      'null',
      '[]',
      '7',
      '{"nodes":[]}',
      'apiVersion: v1',
      '{"format":"kubefold world 1","nodes":[]}',
    ])
      expect(loadWorld(other), other).toMatch(/^This (is not a saved world|saved world was changed)/)
  })
})
