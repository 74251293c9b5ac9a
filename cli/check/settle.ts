/** Lets a cluster run until everything that was applied is whole, or as long as was allowed. */
import { keyFor, type ResourceName } from '../../engine/api/object.ts'
import { resourceNameOf } from '../../engine/api/schema-table.ts'
import { run } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { type Millis, seconds } from '../../engine/std/time.ts'
import { startProgress } from '../progress.ts'
import type { Applied } from './apply.ts'
import { judge, type Verdict } from './readiness.ts'

const LOOK_EVERY: Millis = seconds(1)
/** What is whole must stay so for this long. */
const STAYS: Millis = seconds(10)

export const resourceOf = ({ served }: Applied): ResourceName => resourceNameOf(served)

export const verdictOf = (world: World, one: Applied): Verdict =>
  judge(world, resourceOf(one), keyFor(one.object.metadata.namespace, one.object.metadata.name))

export interface Settled {
  readonly world: World
  readonly verdicts: readonly Verdict[]
  /** When the last of it became whole; undefined when not all did. */
  readonly after: Millis | undefined
}

export function settleApplied(begin: World, applied: readonly Applied[], limit: Millis): Settled {
  const progress = startProgress()
  const isWhole = (world: World) => applied.every((one) => verdictOf(world, one).is !== 'not ready')
  let world = begin
  let wholeSince: Millis | undefined
  const isOver = () => wholeSince !== undefined && world.now - wholeSince >= STAYS
  while (world.now - begin.now < limit && !isOver()) {
    world = run(world, world.now + LOOK_EVERY)
    wholeSince = isWhole(world) ? (wholeSince ?? world.now) : undefined
    progress.note(
      () => `${(world.now - begin.now) / 1000} s of the cluster's time have passed, not everything is ready yet…`,
    )
  }
  progress.end()
  const after = wholeSince === undefined ? undefined : wholeSince - begin.now
  return { world, verdicts: applied.map((one) => verdictOf(world, one)), after }
}
