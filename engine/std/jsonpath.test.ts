import { expect, test } from 'vitest'
import { isProblem, parseJsonPath, printJsonPath } from './jsonpath.ts'
import type { Tree } from './tree.ts'

const DATA: Tree = {
  items: [
    { name: 'a', size: 1 },
    { name: 'b', size: 2, ready: true },
  ],
}

function printed(template: string): string {
  const path = parseJsonPath(template)
  if (isProblem(path)) return path.problem
  const text = printJsonPath(path, DATA, { allowMissingKeys: true })
  return isProblem(text) ? text.problem : text
}

test('a path picks fields of all items', () => {
  expect(printed('{.items[*].name}')).toBe('a b')
})

test('a range repeats its text for each item', () => {
  expect(printed('{range .items[*]}{.name}={.size};{end}')).toBe('a=1;b=2;')
})

test('a filter compares fields', () => {
  expect(printed('{.items[?(@.size>1)].name}')).toBe('b')
})

test('negative indexes count from the end', () => {
  expect(printed('{.items[-1].name}')).toBe('b')
})

test('an unclosed path is refused', () => {
  expect(printed('{.items')).toBe('unclosed action')
})
