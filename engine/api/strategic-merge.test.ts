import { expect, test } from 'vitest'
import { strategicMerge } from './strategic-merge.ts'

const TYPE = 'core.v1.PodSpec'

const containers = (...names: readonly string[]) => names.map((name) => ({ name, image: `${name}:1` }))

test('containers are merged by name, and new ones come first', () => {
  const merged = strategicMerge(
    { containers: containers('a', 'b') },
    { containers: [{ name: 'b', image: 'b:2' }, { name: 'c' }] },
    TYPE,
  )
  expect(merged).toEqual({ containers: [{ name: 'a', image: 'a:1' }, { name: 'b', image: 'b:2' }, { name: 'c' }] })
})

test('directives delete an item, replace a list and give an order', () => {
  const spec = { containers: containers('a', 'b') }
  expect(strategicMerge(spec, { containers: [{ name: 'a', $patch: 'delete' }] }, TYPE)).toEqual({
    containers: containers('b'),
  })
  expect(strategicMerge(spec, { containers: [{ $patch: 'replace' }, { name: 'z' }] }, TYPE)).toEqual({
    containers: [{ name: 'z' }],
  })
  expect(strategicMerge(spec, { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] }, TYPE)).toEqual({
    containers: containers('b', 'a'),
  })
})

test('an item without its key is refused', () => {
  expect(strategicMerge({ containers: containers('a') }, { containers: [{ image: 'x' }] }, TYPE)).toEqual({
    code: 500,
    mistake: 'map: map[image:x] does not contain declared merge key: name',
  })
})
