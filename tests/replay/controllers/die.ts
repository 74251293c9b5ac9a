/**
 * Chance, as the recording had it. Draws name their purpose, so a replayer can answer each with what the real die said:
 * the letters of a generated name, a uid, which of several equal Pods had to go.
 */
import type { KubeObject } from '../../../engine/api/object.ts'
import type { Draw } from '../../../engine/std/draw.ts'
import type { Line } from './recording.ts'

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'
const UID_PARTS: readonly (readonly [start: number, end: number])[] = [
  [0, 8],
  [9, 13],
  [15, 18],
  [20, 23],
  [24, 30],
  [30, 36],
]

const inside = (index: number, of: number): number => (index + 0.5) / of

/** The draws that give a new object the name and the uid that it was recorded with. */
export const drawsOf =
  ({ metadata }: KubeObject): Draw =>
  (what, ordinal) => {
    if (what === 'suffix') return inside(LETTERS.indexOf(metadata.name.at(Number(ordinal) - 5) ?? ''), LETTERS.length)
    if (what !== 'uid') return 0.5
    if (ordinal === 9) return inside(Number.parseInt(metadata.uid.charAt(19), 16) - 8, 4)
    const [from, to] = UID_PARTS[Number(ordinal)]!
    const digits = metadata.uid.slice(from, to)
    return inside(Number.parseInt(digits, 16), 16 ** digits.length)
  }

/** Complete ties between Pods fell as the recording shows: who was deleted first had drawn the least. */
export function victimDraws(lines: readonly Line[]): Draw {
  const order = new Map<string, number>()
  for (const line of lines)
    if (line.is === 'write' && line.call.startsWith('delete pods') && !order.has(line.last.metadata.uid))
      order.set(line.last.metadata.uid, order.size)
  return (what, uid) => (what === 'victim' ? ((order.get(String(uid)) ?? order.size) + 0.5) / (order.size + 1) : 0.5)
}
