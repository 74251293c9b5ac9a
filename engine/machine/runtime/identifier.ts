/** Ids of sandboxes and containers: sixty-four hexadecimal digits that follow from what they belong to. */
import type { Draw, Purpose } from '../../std/draw.ts'

export function hexId(draw: Draw, ...purpose: readonly Purpose[]): string {
  let id = ''
  for (let i = 0; i < 8; i++) id += Math.floor(draw('id', i, ...purpose) * 0x100000000).toString(16).padStart(8, '0')
  return id
}
