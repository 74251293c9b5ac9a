import { expect, test } from 'vitest'
import { humanDuration } from './human-duration.ts'

const SECOND = 1000
const [MINUTE, HOUR, DAY] = [60 * SECOND, 3600 * SECOND, 86_400 * SECOND]

test('the longer ago, the less exactly it is said', () => {
  expect(
    [9 * SECOND, 119 * SECOND, 2 * MINUTE, 9 * MINUTE + SECOND, 11 * MINUTE, 3 * HOUR, 3 * HOUR + 5 * MINUTE].map(
      humanDuration,
    ),
  ).toEqual(['9s', '119s', '2m', '9m1s', '11m', '3h', '3h5m'])
  expect([9 * HOUR, 3 * DAY, 9 * DAY, 800 * DAY].map(humanDuration)).toEqual(['9h', '3d', '9d', '2y70d'])
})

test('a clock that is a little behind is no reason to worry', () => {
  expect(humanDuration(-SECOND)).toBe('0s')
  expect(humanDuration(-5 * SECOND)).toBe('<invalid>')
})
