import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  deleteSorted,
  emptySorted,
  firstSorted,
  getSorted,
  type Sorted,
  setSorted,
  sortedEntries,
  sortedSize,
} from './sorted.ts'

const step = fc.record({ key: fc.integer({ min: 0, max: 400 }), value: fc.option(fc.nat(), { nil: undefined }) })

test('a sorted map agrees with a native map, and old versions stay as they were', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const native = new Map<number, number>()
      let map: Sorted<number, number> = emptySorted()
      const kept: [Sorted<number, number>, [number, number][]][] = []
      for (const [at, { key, value }] of steps.entries()) {
        map = value === undefined ? deleteSorted(map, key) : setSorted(map, key, value)
        if (value === undefined) native.delete(key)
        else native.set(key, value)
        if (at % 50 === 0) kept.push([map, [...native].sort(([a], [b]) => a - b)])
        expect(getSorted(map, key)).toBe(value)
      }
      kept.push([map, [...native].sort(([a], [b]) => a - b)])
      for (const [version, entries] of kept) {
        expect(sortedEntries(version)).toEqual(entries)
        expect(sortedSize(version)).toBe(entries.length)
        expect(firstSorted(version)).toEqual(entries[0])
        expect(sortedEntries(version, 100, 200)).toEqual(entries.filter(([key]) => key >= 100 && key < 200))
      }
    }),
    { numRuns: 60 },
  )
})

test('writing what is there already returns the same map', () => {
  const map = setSorted(emptySorted<string>(), 'a', 'x')
  expect(setSorted(map, 'a', 'x')).toBe(map)
  expect(deleteSorted(map, 'b')).toBe(map)
})
