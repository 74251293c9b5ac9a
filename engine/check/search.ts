/**
 * The search: draws what goes wrong and when, lets the world run under the eyes of properties, then lets everything heal and asks
 * whether the cluster recovers. What it finds it makes as small as it can, and prints so that it can be played again.
 *
 * Left out: exhaustive exploration of a small world; it draws, it does not enumerate.
 */
import fc from 'fast-check'
import type { Fact } from '../cluster/fact.ts'
import type { World } from '../cluster/world.ts'
import { type Millis, minutes } from '../std/time.ts'
import type { Broken, Property, Watchlist } from './property.ts'
import { watchlist } from './property.ts'
import { actWatched, beginWatch, notYet, runWatched, type Watched } from './watch.ts'

/** Something that is done, so long after what was done before it. */
export interface PlannedDeed {
  readonly after: Millis
  readonly fact: Fact
}

export type Plan = readonly PlannedDeed[]

export interface SearchTask {
  /** The world at the beginning, for a seed. */
  readonly begin: (seed: number) => World
  readonly properties: readonly Property[]
  /** What may go wrong, or be asked for, in this world. */
  readonly deeds: fc.Arbitrary<Fact>
  /** What begins the second phase, in which nothing breaks any more; everything is mended when not given. */
  readonly calm?: readonly Fact[]
  readonly mostDeeds?: number
  readonly runs: number
  readonly seed: number
  /** Seeds of worlds are below this; any when absent. */
  readonly worlds?: number
  /** Told after each run, of which there may be more than asked for when a violation is made small. */
  readonly onRun?: (runs: number) => void
  /** The longest pause between two deeds. */
  readonly pause?: Millis
}

export interface Found {
  readonly seed: number
  readonly plan: Plan
  readonly broken: readonly Broken[]
  /** How many smaller plans were tried. */
  readonly shrinks: number
}

export interface SearchReport {
  readonly runs: number
  readonly facts: number
  readonly found: Found | undefined
  /** How many runs saw each `sometimes`. */
  readonly seen: Readonly<Record<string, number>>
}

/** Everything is mended. */
const CALM: readonly Fact[] = [{ type: 'calm/restored' }]

/** How long the cluster is given when all is calm: the longest `within`. */
const calmFor = (list: Watchlist): Millis => Math.max(minutes(1), ...list.eventually.map(({ within }) => within))

/** One run: deeds, then calm, then what must hold eventually. */
export function play(list: Watchlist, world: World, plan: Plan, calm: readonly Fact[] = CALM): Watched {
  let watched = beginWatch(world)
  for (const { after, fact } of plan) {
    watched = runWatched(list, watched, watched.world.now + after)
    if (watched.broken.length > 0) return watched
    watched = actWatched(list, watched, fact)
  }
  return recover(
    list,
    calm.reduce((reached, fact) => actWatched(list, reached, fact), watched),
  )
}

const CARRIED_OUT = {
  object: 'the engine',
  sentence: 'every fact that can happen can be carried out',
  because: 'what may happen is answered; what throws is a mistake in the engine, and here is how to make it',
}

/** What throws is a violation like any other. */
function playSafely(list: Watchlist, world: World, plan: Plan, calm?: readonly Fact[]): Watched {
  try {
    return play(list, world, plan, calm)
  } catch (thrown) {
    const says = thrown instanceof Error ? thrown.message : String(thrown)
    return { ...beginWatch(world), broken: [{ ...CARRIED_OUT, says, at: world.now }] }
  }
}

/** Looks again and again, because the cluster may be whole long before the time is up. */
function recover(list: Watchlist, watched: Watched): Watched {
  const end = watched.world.now + calmFor(list)
  let state = watched
  for (let left = notYet(list, state.world); state.broken.length === 0; left = notYet(list, state.world)) {
    if (left.length === 0) return state
    if (state.world.now >= end) return { ...state, broken: left }
    state = runWatched(list, state, Math.min(end, state.world.now + 1000))
  }
  return state
}

/** Mostly short, because trouble comes of things that meet; now and then long enough for a lease to expire. */
const pauses = (pause: Millis): fc.Arbitrary<Millis> =>
  fc.oneof({ weight: 7, arbitrary: fc.nat(pause) }, { weight: 1, arbitrary: fc.nat(pause * LONG_PAUSE) })

const LONG_PAUSE = 20

const planOf = ({ deeds, mostDeeds = 8, pause = 5000 }: SearchTask): fc.Arbitrary<Plan> =>
  fc.array(fc.record({ after: pauses(pause), fact: deeds }), { minLength: 1, maxLength: mostDeeds })

export function search(task: SearchTask): SearchReport {
  const list = watchlist(task.properties)
  const seen: Record<string, number> = {}
  let [runs, facts] = [0, 0]
  let last: Watched | undefined
  const holds = (seed: number, plan: Plan) => {
    last = playSafely(list, task.begin(seed), plan, task.calm)
    runs++
    facts += last.facts
    task.onRun?.(runs)
    for (const sentence of last.seen) seen[sentence] = (seen[sentence] ?? 0) + 1
    return last.broken.length === 0
  }
  const details = fc.check(
    fc.property(fc.nat(task.worlds === undefined ? undefined : task.worlds - 1), planOf(task), holds),
    { numRuns: task.runs, seed: task.seed },
  )
  if (!details.failed) return { runs, facts, found: undefined, seen }
  if (!details.counterexample) throw details.errorInstance
  const [seed, plan] = details.counterexample
  const { broken } = playSafely(list, task.begin(seed), plan, task.calm)
  return { runs, facts, seen, found: { seed, plan, broken, shrinks: details.numShrinks } }
}

/** A found violation as one reads it. */
export function tell({ seed, plan, broken }: Found): string {
  const deeds = plan.map(({ after, fact }) => `  +${after}ms  ${JSON.stringify(fact)}`)
  const why = broken
    .slice(0, 3)
    .map(
      ({ object, says, sentence, because, at }) =>
        `  ${object}: ${says} (at ${(at / 1000).toFixed(3)}s)\n  broken: ${sentence}\n  because: ${because}`,
    )
  return [`seed ${seed}, then:`, ...deeds, 'and then:', ...why].join('\n')
}
