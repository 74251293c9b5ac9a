import { expect, test } from 'vitest'
import { isMistake, matchesLabels, matchesSelector, parseSelector, type Selector, selectorText } from './selector.ts'

const parsed = (text: string): Selector => {
  const selector = parseSelector(text)
  if (isMistake(selector)) throw new Error(selector.mistake)
  return selector
}

test('a selector chooses by value, by set, by presence and by number', () => {
  const labels = { app: 'web', tier: 'front', weight: '7' }
  expect(matchesLabels(parsed('app=web,tier in (front, back),!old,weight>5'), labels)).toBe(true)
  expect(matchesLabels(parsed('app!=web'), labels)).toBe(false)
  expect(matchesLabels(parsed('old notin (a)'), labels)).toBe(true)
})

test('in and notin are names like any other where a key or a value stands', () => {
  expect(matchesLabels(parsed('in=notin'), { in: 'notin' })).toBe(true)
})

test('what is wrong with a selector is said in the words of the API', () => {
  expect(parseSelector('a=b=c')).toEqual({ mistake: "found '=', expected: ',' or 'end of string'" })
  expect(parseSelector('a in b')).toEqual({ mistake: "unable to parse requirement: found 'b' expected: '('" })
  expect(parseSelector(',a')).toEqual({ mistake: "found ',', expected: !, identifier, or 'end of string'" })
})

test('an absent LabelSelector selects nothing, an empty one everything', () => {
  expect(matchesSelector(undefined, {})).toBe(false)
  expect(matchesSelector({}, {})).toBe(true)
})

test('a selector is printed with its requirements in the order of their keys', () => {
  expect(selectorText(parsed('b notin (d,c),a=d'))).toBe('a=d,b notin (c,d)')
})
