import { expect, test } from 'vitest'
import { all, at, between, each, eachEntry, first, like, must, need, oneOf, remembered } from './check.ts'
import { dnsLabel } from './formats.ts'

interface Port {
  readonly name?: string
  readonly number: number
}

const port = all<Port>(at('name', like(dnsLabel)), need('number', between(1, 65535)))

test('checks of fields stand one under the other and report in that order', () => {
  const problems = port({ name: 'A', number: 70000 }, 'spec.ports[0]')
  expect(problems.map(({ field }) => field)).toEqual(['spec.ports[0].name', 'spec.ports[0].number'])
})

test('a needed field that is empty is required, and nothing more is said of it', () => {
  expect(port({ number: 0 }, 'p').map(({ type, field }) => [type, field])).toEqual([['FieldValueRequired', 'p.number']])
})

test('items are named by index and entries by key, entries in the order of their keys', () => {
  const small = must<number>((value) => value < 3, 'too large')
  expect(each(small)([1, 5], 'list').map(({ field }) => field)).toEqual(['list[1]'])
  expect(eachEntry<number>(small)({ b: 4, a: 9 }, 'map').map(({ field }) => field)).toEqual(['map[a]', 'map[b]'])
})

test('of alternatives only the first that finds something speaks', () => {
  const check = first<string>(oneOf('a', 'b'), like(dnsLabel))
  expect(check('X', 'f')).toHaveLength(1)
})

test('what was found in an object is found once', () => {
  let looks = 0
  const check = remembered(() => {
    looks += 1
    return []
  })
  const spec = {}
  check(spec)
  check(spec)
  expect(looks).toBe(1)
})
