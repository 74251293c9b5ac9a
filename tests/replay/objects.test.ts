import { expect, test } from 'vitest'
import { replayObjects } from './objects.ts'

const ours = new URL('testdata/objects', import.meta.url).pathname

test('objects of our own are made, refused, changed and shown as written down', () => {
  const items = [...replayObjects(ours)]
  expect(items.filter(({ agrees }) => !agrees)).toEqual([])
  expect(new Set(items.map(({ area }) => area))).toEqual(
    new Set(['defaults', 'validation', 'accepted', 'updates', 'tables']),
  )
})
