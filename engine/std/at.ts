/**
 * What a floor borrows from the one above it, as an argument: the time, and draws. No room below `cluster` knows
 * that there is a world.
 */
import type { Draw } from './draw.ts'
import type { Millis } from './time.ts'

export interface At {
  readonly now: Millis
  readonly draw: Draw
}
