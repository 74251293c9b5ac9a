import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Agenda, emptyAgenda, schedule, takeNext, upcoming } from './agenda.ts'

test('the agenda hands out items by time, and first come first served within one instant', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20), { nil: undefined, freq: 3 })), (steps) => {
      let agenda: Agenda<number> = emptyAgenda()
      let naive: { due: number; item: number }[] = []
      for (const [item, due] of steps.entries()) {
        if (due !== undefined) {
          agenda = schedule(agenda, due, item)
          naive.push({ due, item })
          continue
        }
        naive = naive.toSorted((a, b) => a.due - b.due || a.item - b.item)
        const expected = naive.shift()
        const taken = takeNext(agenda)
        expect(taken?.[0]).toBe(expected?.item)
        if (taken) agenda = taken[2]
      }
      const left = naive.toSorted((a, b) => a.due - b.due || a.item - b.item)
      expect(upcoming(agenda)).toEqual(left.map(({ due, item }) => [due, item]))
      expect(agenda.size).toBe(left.length)
    }),
  )
})
