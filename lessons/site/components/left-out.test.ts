import { expect, it } from 'vitest'
import { leftOut, leftOutIn } from './left-out.ts'

it('takes the whole paragraph and nothing else', () => {
  expect(leftOutIn('/**\n * What for.\n *\n * Upstream: x\n * Left out: one thing;\n * another.\n */\n')).toBe(
    'one thing; another.',
  )
  expect(leftOutIn('/** What for. */')).toBeUndefined()
})

it('sorts files by their rooms', () => {
  const rooms = leftOut({
    '../engine/b/x.ts': '/** A.\n * Left out: c.\n */',
    '../engine/a/y.ts': '/** B.\n * Left out: d. */',
  })
  expect(rooms.map(({ room }) => room)).toEqual(['engine/a', 'engine/b'])
})
