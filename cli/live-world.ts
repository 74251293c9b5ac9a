/**
 * A world that lives in real time: its clock follows the wall's, times a speed. Whoever asks sees it as it is at that moment, whoever
 * acts on it acts then, and those who listen are told whenever something happened.
 */
import { nextFact, run } from '../engine/cluster/run.ts'
import type { World } from '../engine/cluster/world.ts'
import { nextDue, takeNext } from '../engine/std/agenda.ts'

export interface LiveWorld {
  readonly now: () => World
  /** Does something to the world now, and says what came of it. */
  readonly change: <Result>(happen: (world: World) => readonly [World, Result]) => Result
  /** Calls back after each change, until the returned function is called. */
  readonly listen: (listener: () => void) => () => void
  readonly stop: () => void
}

/** So many facts at a time; between them requests are answered. */
const SLICE = 2000
/** When the machine cannot keep up by so much, the world's clock goes slower than was asked for. */
const MOST_BEHIND = 1000
const LONGEST_SLEEP = 1000

/** The world without its next fact, which could not be carried out. */
function passOver(world: World, problem: unknown): World {
  const fact = JSON.stringify(nextFact(world)) ?? 'nothing'
  process.stderr.write(
    `kubefold: a bug: ${(problem as Error).message} at ${world.now}ms, seed ${world.seed}, by ${fact.slice(0, 200)}\n`,
  )
  const next = takeNext(world.agenda)
  return next ? { ...world, agenda: next[2] } : world
}

export function liveWorld(begin: World, speed: number): LiveWorld {
  const listeners = new Set<() => void>()
  let world = begin
  let anchor = { wall: performance.now(), world: begin.now }
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  const clock = (): number => Math.floor(anchor.world + (performance.now() - anchor.wall) * speed)
  const tell = () => {
    for (const listener of [...listeners])
      try {
        listener()
      } catch (problem) {
        listeners.delete(listener)
        process.stderr.write(`kubefold: a bug: ${(problem as Error).stack ?? String(problem)}\n`)
      }
  }
  const isBehind = (target: number): boolean => (nextDue(world.agenda) ?? Number.POSITIVE_INFINITY) <= target

  function catchUp(): void {
    const target = clock()
    try {
      world = run(world, target, SLICE)
    } catch (problem) {
      world = passOver(world, problem)
    }
    if (isBehind(target) && target - world.now > MOST_BEHIND * speed)
      anchor = { wall: performance.now(), world: world.now }
  }

  function sleepLength(): number {
    const due = nextDue(world.agenda)
    if (due === undefined) return LONGEST_SLEEP
    return Math.min(LONGEST_SLEEP, Math.max(0, (due - clock()) / speed))
  }

  function tick(): void {
    const before = world
    catchUp()
    if (world !== before) tell()
    wake()
  }

  function wake(): void {
    clearTimeout(timer)
    if (!isStopped) timer = setTimeout(tick, sleepLength())
  }

  wake()
  return {
    now: () => {
      catchUp()
      return world
    },
    change: (happen) => {
      catchUp()
      const [after, result] = happen(world)
      if (after === world) return result
      world = after
      tell()
      wake()
      return result
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
