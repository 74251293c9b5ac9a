import { expect, test } from 'vitest'
import { percentOf, scaledIntOrString } from './int-or-string.ts'

test('a number is itself, a percentage a share of the whole, and anything else nothing', () => {
  expect(scaledIntOrString(3, 10, true)).toBe(3)
  expect(scaledIntOrString('25%', 10, true)).toBe(3)
  expect(scaledIntOrString('25%', 10, false)).toBe(2)
  expect(scaledIntOrString('100%', 7, false)).toBe(7)
  expect(scaledIntOrString('25', 10, true)).toBeUndefined()
  expect(percentOf(' 25%')).toBeUndefined()
})
