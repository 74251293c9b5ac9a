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

interface Clockwork {
  readonly speed: number
  readonly listeners: Set<() => void>
  world: World
  /** An instant of both clocks. */
  anchor: { readonly wall: number; readonly world: number }
  timer: NodeJS.Timeout | undefined
  isStopped: boolean
}

const worldTime = ({ anchor, speed }: Clockwork): number =>
  Math.floor(anchor.world + (performance.now() - anchor.wall) * speed)

const isBehind = ({ world }: Clockwork, target: number): boolean =>
  (nextDue(world.agenda) ?? Number.POSITIVE_INFINITY) <= target

function catchUp(clockwork: Clockwork): World {
  const target = worldTime(clockwork)
  try {
    clockwork.world = run(clockwork.world, target, SLICE)
  } catch (problem) {
    clockwork.world = passOver(clockwork.world, problem)
  }
  const { world, speed } = clockwork
  if (isBehind(clockwork, target) && target - world.now > MOST_BEHIND * speed)
    clockwork.anchor = { wall: performance.now(), world: world.now }
  return world
}

/** A listener that fails is not asked again. */
function tell({ listeners }: Clockwork): void {
  for (const listener of [...listeners])
    try {
      listener()
    } catch (problem) {
      listeners.delete(listener)
      process.stderr.write(`kubefold: a bug: ${(problem as Error).stack ?? String(problem)}\n`)
    }
}

function sleepLength(clockwork: Clockwork): number {
  const due = nextDue(clockwork.world.agenda)
  if (due === undefined) return LONGEST_SLEEP
  return Math.min(LONGEST_SLEEP, Math.max(0, (due - worldTime(clockwork)) / clockwork.speed))
}

function sleep(clockwork: Clockwork): void {
  clearTimeout(clockwork.timer)
  if (!clockwork.isStopped) clockwork.timer = setTimeout(() => wake(clockwork), sleepLength(clockwork))
}

function wake(clockwork: Clockwork): void {
  const before = clockwork.world
  if (catchUp(clockwork) !== before) tell(clockwork)
  sleep(clockwork)
}

function change<Result>(clockwork: Clockwork, happen: (world: World) => readonly [World, Result]): Result {
  const before = catchUp(clockwork)
  const [after, result] = happen(before)
  if (after === before) return result
  clockwork.world = after
  tell(clockwork)
  sleep(clockwork)
  return result
}

export function liveWorld(world: World, speed: number): LiveWorld {
  const anchor = { wall: performance.now(), world: world.now }
  const clockwork: Clockwork = { speed, listeners: new Set(), world, anchor, timer: undefined, isStopped: false }
  sleep(clockwork)
  return {
    now: () => catchUp(clockwork),
    change: (happen) => change(clockwork, happen),
    listen: (listener) => {
      clockwork.listeners.add(listener)
      return () => clockwork.listeners.delete(listener)
    },
    stop: () => {
      clockwork.isStopped = true
      clearTimeout(clockwork.timer)
    },
  }
}
