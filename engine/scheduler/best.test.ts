import fc from 'fast-check'
import { expect, test } from 'vitest'
import { best } from './best.ts'

test('of equals the one is taken that the heap happens to have on top', () => {
  expect(best([471, 471, 471, 471, 471])).toBe(0)
  expect(best([469, 471, 471, 471, 471])).toBe(1)
  expect(best([469, 469, 471, 471, 471])).toBe(3)
})

test('the best is one of the highest', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 1 }), (scores) => {
      expect(scores[best(scores)]).toBe(Math.max(...scores))
    }),
  )
})
