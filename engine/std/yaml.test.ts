import { expect, test } from 'vitest'
import { formatYaml, parseYaml } from './yaml.ts'

const valueOf = (text: string): unknown => {
  const parsed = parseYaml(text)
  return parsed.ok ? parsed.value : parsed.problem.message
}

test('bare yes, no, on and off are booleans, as in YAML 1.1', () => {
  expect(valueOf('a: yes\nb: off\nc: "no"\n')).toEqual({ a: true, b: false, c: 'no' })
})

test('a file of nested aliases is refused, not expanded', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  expect(parseYaml(lines.join('\n')).ok).toBe(false)
})

test('texts that would read as something else are quoted', () => {
  expect(formatYaml({ b: 'yes', a: '1', c: 'plain', d: '' })).toBe('a: "1"\nb: "yes"\nc: plain\nd: ""\n')
})

test('what is written reads as the same value', () => {
  const value = { list: [1, 'two', { three: null }], text: 'first\nsecond\n', empty: {}, none: [] }
  expect(valueOf(formatYaml(value))).toEqual(value)
})
