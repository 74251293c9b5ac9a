/** Ids of sandboxes and containers: sixty-four hexadecimal digits that follow from what they belong to. */
import { type Draw, drawing, type Purpose } from '../../std/draw.ts'

const WORD = 0x100000000

const word = (drawn: number): string =>
  Math.floor(drawn * WORD)
    .toString(16)
    .padStart(8, '0')

/** One draw names the owner; the rest of the digits follow from it, which is much cheaper than naming it eight times. */
export function hexId(draw: Draw, ...purpose: readonly Purpose[]): string {
  const first = draw('id', ...purpose)
  const more = drawing(Math.floor(first * WORD))
  let id = word(first)
  for (let i = 1; i < 8; i++) id += word(more(i))
  return id
}
