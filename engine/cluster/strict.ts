/**
 * The reducer as it is run in development: what it returns is frozen to the last leaf, and refused when it is anything
 * but plain data. A mutation or a function in a world then fails at the fact that made it.
 */
import { freezePlain } from '../std/plain.ts'
import type { Fact } from './fact.ts'
import { reduce } from './reduce.ts'
import type { World } from './world.ts'

/** The next world, or an error that names the fact after which it could not be written down. */
export function reduceStrictly(world: World, fact: Fact): World {
  const after = reduce(world, fact)
  try {
    return freezePlain(after)
  } catch (refused) {
    throw new Error(`after ${fact.type}: ${(refused as Error).message}`)
  }
}
