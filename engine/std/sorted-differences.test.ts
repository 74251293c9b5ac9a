import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deleteSorted, emptySorted, getSorted, type Sorted, setSorted, sortedEntries } from './sorted.ts'
import { visitDifferences } from './sorted-differences.ts'

type Edit = readonly [key: number, value: number | undefined]

const edits = fc.array(fc.tuple(fc.nat(300), fc.option(fc.nat(5), { nil: undefined })), { maxLength: 200 })

const edited = (map: Sorted<number, number>, list: readonly Edit[]): Sorted<number, number> =>
  list.reduce(
    (state, [key, value]) => (value === undefined ? deleteSorted(state, key) : setSorted(state, key, value)),
    map,
  )

test('every difference between two versions is told, and nothing else', () => {
  fc.assert(
    fc.property(edits, edits, (first, second) => {
      const before = edited(emptySorted<number, number>(), first)
      const after = edited(before, second)
      const told = new Map<number, readonly [number | undefined, number | undefined]>()
      visitDifferences(before, after, (key, old, now) => void told.set(key, [old, now]))
      const keys = new Set([...sortedEntries(before), ...sortedEntries(after)].map(([key]) => key))
      for (const key of keys) {
        const [old, now] = [getSorted(before, key), getSorted(after, key)]
        expect(told.get(key)).toEqual(old === now ? undefined : [old, now])
      }
    }),
  )
})

test('what two versions share is not looked at', () => {
  const before = edited(
    emptySorted<number, number>(),
    Array.from({ length: 5000 }, (_, key) => [key, key]),
  )
  const told: number[] = []
  visitDifferences(before, setSorted(before, 4321, -1), (key) => void told.push(key))
  expect(told).toEqual([4321])
})
