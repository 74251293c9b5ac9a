import { expect, test } from 'vitest'
import { addKey, EMPTY_QUEUE, failKey, finishKey, forgiveKey, takeKey } from './queue.ts'

const add = (...keys: string[]) => keys.reduce(addKey, EMPTY_QUEUE)

test('a key that is added twice is handed out once, in the order of first adding', () => {
  const [queue, first] = takeKey(add('a', 'b', 'a'))!
  expect(first).toBe('a')
  const [rest, second] = takeKey(queue)!
  expect(second).toBe('b')
  expect(takeKey(rest)).toBeUndefined()
})

test('a key that is added while a worker has it waits until that worker is done', () => {
  const [busy] = takeKey(add('a'))!
  const dirty = addKey(busy, 'a')
  expect(takeKey(dirty)).toBeUndefined()
  expect(takeKey(finishKey(dirty, 'a'))![1]).toBe('a')
})

test('retries wait twice as long each time, until the key is forgiven', () => {
  const [once, first] = failKey(EMPTY_QUEUE, 'a')
  const [twice, second] = failKey(once, 'a')
  expect([first, second, failKey(twice, 'a')[1]]).toEqual([5, 10, 20])
  expect(failKey(forgiveKey(twice, 'a'), 'a')[1]).toBe(5)
})
