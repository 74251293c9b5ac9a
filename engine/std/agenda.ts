/**
 * What is going to happen, and when: a persistent queue ordered by virtual time in whole milliseconds, first come
 * first served within one millisecond. That order is total, so no sequence number is needed and the same
 * agenda always unfolds in the same way.
 */
import {
  deleteSorted,
  emptySorted,
  firstSorted,
  getSorted,
  lastKey,
  type Sorted,
  setSorted,
  sortedEntries,
} from './sorted.ts'
import type { Millis } from './time.ts'

/** What is due at one instant, numbered in the order in which it was put there. */
type Moment<T> = Sorted<T, number>

export interface Agenda<T> {
  readonly size: number
  readonly moments: Sorted<Moment<T>, Millis>
}

export const emptyAgenda = <T>(): Agenda<T> => ({ size: 0, moments: emptySorted() })

/** Puts `item` behind everything that is already due at `due`. */
export function schedule<T>(agenda: Agenda<T>, due: Millis, item: T): Agenda<T> {
  const moment = getSorted(agenda.moments, due) ?? emptySorted<T, number>()
  const later = setSorted(moment, (lastKey(moment) ?? 0) + 1, item)
  return { size: agenda.size + 1, moments: setSorted(agenda.moments, due, later) }
}

export const nextDue = <T>(agenda: Agenda<T>): Millis | undefined => firstSorted(agenda.moments)?.[0]

/** The earliest item, when it is due, and the agenda without it. */
export function takeNext<T>(agenda: Agenda<T>): readonly [item: T, due: Millis, rest: Agenda<T>] | undefined {
  const first = firstSorted(agenda.moments)
  if (!first) return undefined
  const [due, moment] = first
  const [number, item] = firstSorted(moment)!
  const left = deleteSorted(moment, number)
  const moments = left.size > 0 ? setSorted(agenda.moments, due, left) : deleteSorted(agenda.moments, due)
  return [item, due, { size: agenda.size - 1, moments }]
}

/** Everything to come, in order. For display and for faults that look ahead; the loop does not use it. */
export const upcoming = <T>(agenda: Agenda<T>): (readonly [Millis, T])[] =>
  sortedEntries(agenda.moments).flatMap(([due, moment]) =>
    sortedEntries(moment).map(([, item]) => [due, item] as const),
  )

/** The agenda without the items for which `drop` holds. O(n): for faults only. */
export const withoutItems = <T>(agenda: Agenda<T>, drop: (item: T) => boolean): Agenda<T> =>
  upcoming(agenda)
    .filter(([, item]) => !drop(item))
    .reduce((rest, [due, item]) => schedule(rest, due, item), emptyAgenda<T>())
