import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addQuantities,
  compareQuantities,
  FORMAT_PROBLEM,
  milliValueOfQuantity,
  quantityOf,
  quantityText,
  readQuantity,
  roundedQuantity,
  SUFFIX_PROBLEM,
  subtractQuantities,
  valueOfQuantity,
} from './quantity.ts'

const canonical = (text: string): string => {
  const quantity = readQuantity(text)
  return typeof quantity === 'string' ? quantity : quantityText(quantity)
}

test.each([
  ['1000', '1k'],
  ['1024', '1024'],
  ['1024Ki', '1Mi'],
  ['0.1Gi', '107374182400m'],
  ['8Ei', '9223372036854775807'],
  ['+1', '+1'],
  ['+1.5Ki', '1536'],
  ['1e1', '10'],
  ['1.5e3', '1500'],
  ['1E3', '1E3'],
  ['12e6', '12e6'],
  ['0.1234567891', '123456790n'],
  ['007', '007'],
  ['0.0', '0'],
  ['m', '0'],
  ['.', '0'],
  ['-1.5', '-1500m'],
  ['', FORMAT_PROBLEM],
  ['1..5', FORMAT_PROBLEM],
  [' 1', FORMAT_PROBLEM],
  ['1K', SUFFIX_PROBLEM],
  ['1e', SUFFIX_PROBLEM],
  ['1Mi1', SUFFIX_PROBLEM],
])('%j is written %j', (text, wanted) => {
  expect(canonical(text)).toBe(wanted)
})

const suffixes = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-2']
const quantities = fc
  .tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 999 }), fc.constantFrom(...suffixes))
  .map(([whole, fraction, suffix]) => `${whole}.${fraction}${suffix}`)

test('the canonical text of a canonical text is itself, and stands for as much', () => {
  fc.assert(
    fc.property(quantities, (text) => {
      const once = quantityText(quantityOf(text))
      expect(quantityText(quantityOf(once))).toBe(once)
      expect(compareQuantities(quantityOf(once), quantityOf(text))).toBe(0)
    }),
  )
})

test('what is added can be taken away again', () => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      const sum = addQuantities(quantityOf(a), quantityOf(b))
      expect(compareQuantities(subtractQuantities(sum, quantityOf(b)), quantityOf(a))).toBe(0)
    }),
  )
})

test('a sum keeps the format of its first part, unless that is nothing', () => {
  expect(quantityText(addQuantities(quantityOf('1Gi'), quantityOf('1G')))).toBe('2073741824')
  expect(quantityText(addQuantities(quantityOf('0'), quantityOf('1Gi')))).toBe('1Gi')
  expect(quantityText(addQuantities(quantityOf('500m'), quantityOf('1500m')))).toBe('2')
})

test('numbers are rounded up', () => {
  expect(valueOfQuantity(quantityOf('100m'))).toBe(1)
  expect(valueOfQuantity(quantityOf('64Mi'))).toBe(67_108_864)
  expect(milliValueOfQuantity(quantityOf('2'))).toBe(2000)
  expect(milliValueOfQuantity(quantityOf('0.3333'))).toBe(334)
  expect(quantityText(roundedQuantity(quantityOf('0.123456789'), -3))).toBe('124m')
})
