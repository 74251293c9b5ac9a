import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FieldsV1 } from '../object.ts'
import {
  difference,
  equalSets,
  type FieldSet,
  intersection,
  pathsOf,
  setFrom,
  union,
  withoutSubtrees,
} from './field-set.ts'

const names = fc.constantFrom('f:a', 'f:b', 'f:c', 'k:{"name":"x"}')

const { node } = fc.letrec<{ node: FieldsV1 }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constant({}),
    fc
      .tuple(fc.dictionary(names, tie('node'), { minKeys: 1, maxKeys: 3 }), fc.boolean())
      .map(([entries, self]) => setFrom([...Object.entries(entries), ...(self ? [['.', {}] as const] : [])])!),
  ),
}))

const set = fc.option(
  node.filter((one) => Object.keys(one).length > 0 && !('.' in one)),
  { nil: undefined },
)

const members = (one: FieldSet): ReadonlySet<string> => new Set(pathsOf(one))

test('the algebra of sets is that of the paths in them', () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      const [left, right] = [members(a), members(b)]
      expect(members(union(a, b))).toEqual(new Set([...left, ...right]))
      expect(members(difference(a, b))).toEqual(new Set([...left].filter((path) => !right.has(path))))
      expect(members(intersection(a, b))).toEqual(new Set([...left].filter((path) => right.has(path))))
    }),
  )
})

test('without subtrees nothing at or below a path of the other set is left', () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      const right = [...members(b)]
      const left = [...members(a)].filter(
        (path) => !right.some((top) => path === top || path.startsWith(`${top}.`) || path.startsWith(`${top}[`)),
      )
      expect(members(withoutSubtrees(a, b))).toEqual(new Set(left))
    }),
  )
})

test('what changes nothing returns the very same set', () => {
  fc.assert(
    fc.property(set, (a) => {
      expect(union(a, a)).toBe(a)
      expect(difference(a, undefined)).toBe(a)
      expect(equalSets(union(a, intersection(a, a)), a)).toBe(true)
    }),
  )
})
