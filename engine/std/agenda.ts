/**
 * What is going to happen, and when: a persistent queue ordered by virtual time in whole milliseconds, first come
 * first served within one millisecond. That order is total, so no sequence number is needed and the same
 * agenda always unfolds in the same way.
 */
import { deleteSorted, emptySorted, firstSorted, getSorted, type Sorted, setSorted, sortedEntries } from './sorted.ts'
import type { Millis } from './time.ts'

/** Items due at one instant. Newest first in `pushed`, oldest first in `ready`: the two-list queue. */
interface Moment<T> {
  readonly ready: List<T>
  readonly pushed: List<T>
}

type List<T> = { readonly head: T; readonly tail: List<T> } | null

export interface Agenda<T> {
  readonly size: number
  readonly moments: Sorted<Moment<T>, Millis>
}

export const emptyAgenda = <T>(): Agenda<T> => ({ size: 0, moments: emptySorted() })

const NEVER: Moment<never> = { ready: null, pushed: null }

/** Puts `item` behind everything that is already due at `due`. */
export function schedule<T>(agenda: Agenda<T>, due: Millis, item: T): Agenda<T> {
  const moment: Moment<T> = getSorted(agenda.moments, due) ?? NEVER
  const later = { ready: moment.ready, pushed: { head: item, tail: moment.pushed } }
  return { size: agenda.size + 1, moments: setSorted(agenda.moments, due, later) }
}

export const nextDue = <T>(agenda: Agenda<T>): Millis | undefined => firstSorted(agenda.moments)?.[0]

function reversed<T>(list: List<T>): List<T> {
  let result: List<T> = null
  for (let cell = list; cell; cell = cell.tail) result = { head: cell.head, tail: result }
  return result
}

/** The earliest item, when it is due, and the agenda without it. */
export function takeNext<T>(agenda: Agenda<T>): readonly [item: T, due: Millis, rest: Agenda<T>] | undefined {
  const first = firstSorted(agenda.moments)
  if (!first) return undefined
  const [due, moment] = first
  const ready = moment.ready ?? reversed(moment.pushed)
  const pushed = moment.ready ? moment.pushed : null
  const left = ready!.tail || pushed
  const moments = left
    ? setSorted(agenda.moments, due, { ready: ready!.tail, pushed })
    : deleteSorted(agenda.moments, due)
  return [ready!.head, due, { size: agenda.size - 1, moments }]
}

function toArray<T>(list: List<T>): T[] {
  const items: T[] = []
  for (let cell = list; cell; cell = cell.tail) items.push(cell.head)
  return items
}

/** Everything to come, in order. For display and for faults that look ahead; the loop does not use it. */
export const upcoming = <T>(agenda: Agenda<T>): (readonly [Millis, T])[] =>
  sortedEntries(agenda.moments).flatMap(([due, { ready, pushed }]) =>
    [...toArray(ready), ...toArray(pushed).reverse()].map((item) => [due, item] as const),
  )

/** The agenda without the items for which `drop` holds. O(n): for faults only. */
export const withoutItems = <T>(agenda: Agenda<T>, drop: (item: T) => boolean): Agenda<T> =>
  upcoming(agenda)
    .filter(([, item]) => !drop(item))
    .reduce((rest, [due, item]) => schedule(rest, due, item), emptyAgenda<T>())
