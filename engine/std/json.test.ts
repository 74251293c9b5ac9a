import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exactNumber, isExactNumber, parseJson, withPlainNumbers } from './json.ts'

const parsedValue = (text: string): unknown => {
  const parsed = parseJson(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.value
}

test('every JSON text reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      expect(withPlainNumbers(parsedValue(text))).toEqual(JSON.parse(text))
    }),
  )
})

test.each([
  ['', 'unexpected end of JSON input'],
  ['{"a":', 'unexpected end of JSON input'],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['NaN', "invalid character 'N' looking for beginning of value"],
  ['nul', 'unexpected end of JSON input'],
  ['nulx', "invalid character 'x' in literal null (expecting 'l')"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.a', "invalid character 'a' after decimal point in numeric literal"],
  ['1ea', "invalid character 'a' in exponent of numeric literal"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
])('%j is refused: %s', (text, problem) => {
  expect(parseJson(text)).toEqual({ problem })
})

test('what is nested too deep is refused and breaks nothing', () => {
  expect(parseJson('['.repeat(1_000_000))).toEqual({ problem: 'exceeded max depth' })
  expect(parseJson(`${'['.repeat(1000)}${']'.repeat(1000)}`)).toHaveProperty('value')
})

test('numbers whose text says more than their value keep it', () => {
  const [plain, whole, large, power] = parsedValue('[1, 1.0, 9223372036854775807, 1e2]') as unknown[]
  expect(isExactNumber(plain)).toBe(false)
  expect([whole, large, power].map((value) => (value as { text: string }).text)).toEqual([
    '1.0',
    '9223372036854775807',
    '1e2',
  ])
  expect(withPlainNumbers({ a: [exactNumber('1.0')] })).toEqual({ a: [1] })
})

test('values without such numbers are the very same', () => {
  const value = { a: [1, { b: 'c' }] }
  expect(withPlainNumbers(value)).toBe(value)
})

test('a name that comes twice is told with its place, and the last value counts', () => {
  const parsed = parseJson('{"a":1,"b":2,"a":3}')
  if ('problem' in parsed) throw new Error(parsed.problem)
  expect(parsed.value).toEqual({ a: 3, b: 2 })
  expect(parsed.duplicates?.get(parsed.value as object)).toEqual([{ name: 'a', position: 2 }])
})

test('half of a surrogate pair becomes the replacement character', () => {
  expect(parsedValue('"\\u00e9\\ud83d"')).toBe('é\ufffd')
  expect(parsedValue('"\\ud83d\\ude00"')).toBe('😀')
})
