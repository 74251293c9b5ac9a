/** Requests that get lost on the way, as many as a fault said. */
import { deleteSorted, getSorted, setSorted } from '../std/sorted.ts'
import type { World } from './world.ts'

export interface LostRequest {
  readonly world: World
  /** The request itself got through. */
  readonly answer: boolean
}

/** Whether the next request of this client is lost; undefined when it is not. */
export function loseRequest(world: World, client: string): LostRequest | undefined {
  const lost = getSorted(world.faults.losing, client)
  if (!lost) return undefined
  const left = lost.count - 1
  const losing =
    left > 0
      ? setSorted(world.faults.losing, client, { ...lost, count: left })
      : deleteSorted(world.faults.losing, client)
  return { world: { ...world, faults: { ...world.faults, losing } }, answer: lost.answer }
}
