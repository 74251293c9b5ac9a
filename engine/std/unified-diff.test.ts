import { expect, test } from 'vitest'
import { unifiedDiff } from './unified-diff.ts'

test('a changed line stands between the three before and the three after it', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
  expect(unifiedDiff(before, before.replace('e', 'E'))).toBe('@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n')
})

test('texts that are alike have no difference', () => {
  expect(unifiedDiff('a\nb\n', 'a\nb\n')).toBe('')
})
