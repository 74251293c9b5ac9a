/**
 * What a visitor does to a world and its past: type, wait, step, look back, branch, undo. Everything is a pure function from session to
 * session; the worker around it owns the clock and the wire.
 */
import type { Fact } from '../../../engine/cluster/fact.ts'
import { beginHistory, branchAt, doNow, type History, passTime, worldAt } from '../../../engine/cluster/history.ts'
import { terminalOf } from '../../../engine/cluster/person.ts'
import { nextFact } from '../../../engine/cluster/run.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { isIdle, type Shell } from '../../../engine/shell/state.ts'
import { nextDue } from '../../../engine/std/agenda.ts'
import { type Millis, seconds } from '../../../engine/std/time.ts'
import { factText } from './fact-text.ts'

export const TERMINAL = 'main'

/** Until when nothing must have been written for the cluster to count as quiet. */
interface Settling {
  readonly revision: number
  readonly since: Millis
  readonly limit: Millis
}

export interface Session {
  readonly history: History
  /** Milliseconds of the cluster's time for each of the visitor's; 0 is a pause. */
  readonly speed: number
  /** The instant of the past that is being looked at. */
  readonly looking: Millis | undefined
  readonly seen: World
  readonly settling: Settling | undefined
  /** Lines that wait until the terminal takes them. */
  readonly waiting: readonly string[]
  readonly undone: readonly History[]
  readonly stepped: string | undefined
}

export function newSession(history: History): Session {
  return {
    history,
    speed: 1,
    looking: undefined,
    seen: history.world,
    settling: undefined,
    waiting: [],
    undone: [],
    stepped: undefined,
  }
}

export const beginSession = (preset: string, seed: number, world: World): Session =>
  newSession(beginHistory(preset, seed, world))

/** The present is seen unless the visitor looks back. */
const withHistory = (session: Session, history: History): Session => ({
  ...session,
  history,
  seen: session.looking === undefined ? history.world : session.seen,
})

const SILENCE: Millis = seconds(10)
const LONGEST_WAIT: Millis = seconds(3600)

const wantsInput = (shell: Shell): boolean =>
  Object.values(shell.tasks).some((task) => {
    const top = task.frames.at(-1)
    return task.code === null && (top?.is === 'read' || (top?.is === 'program' && top.waits === 'input'))
  })

function takesLine({ world }: History): boolean {
  const { shell } = terminalOf(world, TERMINAL)
  return isIdle(shell) || wantsInput(shell)
}

function takeWaiting(session: Session): Session {
  let { history, waiting } = session
  while (waiting.length > 0 && takesLine(history)) {
    history = doNow(history, { type: 'line/entered', terminal: TERMINAL, line: waiting[0]! })
    waiting = waiting.slice(1)
  }
  return waiting === session.waiting ? session : { ...withHistory(session, history), waiting }
}

/** Does something now. What had been undone is forgotten. */
export function happen(session: Session, fact: Fact): Session {
  const present: Session = { ...session, undone: [], stepped: undefined }
  return takeWaiting(withHistory(present, doNow(present.history, fact)))
}

/** Lines that were typed or pasted; each waits until the terminal takes it. What runs already gets them at once. */
export function enter(session: Session, lines: readonly string[]): Session {
  const present: Session = { ...session, undone: [], stepped: undefined, waiting: [...session.waiting, ...lines] }
  if (takesLine(present.history) || lines.length !== 1 || session.waiting.length > 0) return takeWaiting(present)
  return happen(session, { type: 'line/entered', terminal: TERMINAL, line: lines[0]! })
}

/** Interrupting also forgets what was pasted and not yet run. */
export const press = (session: Session, key: 'interrupt' | 'endOfInput'): Session =>
  happen(
    { ...session, waiting: key === 'interrupt' ? [] : session.waiting },
    { type: 'key/pressed', terminal: TERMINAL, press: key },
  )

function stillSettling(settling: Settling, { server, now }: World): Settling | undefined {
  const { revision } = server.store
  const since = revision === settling.revision ? settling.since : now
  const quiet = now >= since + SILENCE || now >= settling.limit
  return quiet ? undefined : { ...settling, revision, since }
}

/** Lets the next fact on the agenda happen, if it is due by then. */
function passOne(session: Session, until: Millis): Session {
  const { world } = session.history
  const due = nextDue(world.agenda)
  const next = due === undefined || due > until ? passTime(session.history, until) : passTime(session.history, due, 1)
  const passed = takeWaiting(withHistory({ ...session, stepped: undefined }, next))
  const { settling } = passed
  return settling ? { ...passed, settling: stillSettling(settling, passed.history.world) } : passed
}

/** Lets time pass until `until`, or until `over` says that it is enough for now. */
export function pass(session: Session, until: Millis, over: () => boolean): Session {
  let next = session
  while (next.history.world.now < until && !over()) next = passOne(next, until)
  return next
}

/** As `pass`, but for as long as the cluster is restless. */
export function passUntilQuiet(session: Session, over: () => boolean): Session {
  let next = session
  while (next.settling && !over()) next = passOne(next, Math.min(next.settling.since + SILENCE, next.settling.limit))
  return next
}

export const settleDown = (session: Session): Session => {
  const { world } = session.history
  const settling = { revision: world.server.store.revision, since: world.now, limit: world.now + LONGEST_WAIT }
  return { ...session, settling, looking: undefined, seen: world }
}

/** One fact, whenever it is due; says which. */
export function stepOnce(session: Session): Session {
  const { world } = session.history
  const fact = nextFact(world)
  const due = nextDue(world.agenda)
  if (!fact || due === undefined) return session
  const stepped = takeWaiting(withHistory(session, passTime(session.history, Math.max(due, world.now), 1)))
  return { ...stepped, stepped: factText(fact), settling: undefined }
}

export const setPace = (session: Session, speed: number): Session => ({ ...session, speed, settling: undefined })

/** Looks at an instant of the past; at the present when it is undefined or not past. */
export function look(session: Session, at: Millis | undefined): Session {
  const { history } = session
  if (at === undefined || at >= history.world.now) return { ...session, looking: undefined, seen: history.world }
  return { ...session, looking: at, seen: worldAt(history, at), settling: undefined }
}

const onBranch = (session: Session, history: History): Session => ({
  ...session,
  history,
  looking: undefined,
  seen: history.world,
  settling: undefined,
  waiting: [],
  stepped: undefined,
})

/** Goes on from the instant that is being looked at. What came after can be had back by `redo`. */
export function branch(session: Session): Session {
  const { history, looking, undone } = session
  return looking === undefined
    ? session
    : { ...onBranch(session, branchAt(history, looking)), undone: [...undone, history] }
}

/** The history up to, and without, its last deed. Others may have been done in the same instant. */
function beforeLast(history: History): History {
  const last = history.deeds.at(-1)!
  let earlier = branchAt(history, last.at - 1)
  for (const deed of history.deeds.slice(earlier.deeds.length, -1))
    earlier = doNow(passTime(earlier, deed.at, deed.happened - earlier.world.happened), deed.fact)
  return passTime(earlier, last.at, last.happened - earlier.world.happened)
}

/** Back to before the last thing that was done. */
export function undo(session: Session): Session {
  const { history, undone } = session
  return history.deeds.length === 0
    ? session
    : { ...onBranch(session, beforeLast(history)), undone: [...undone, history] }
}

export function redo(session: Session): Session {
  const history = session.undone.at(-1)
  return history ? { ...onBranch(session, history), undone: session.undone.slice(0, -1) } : session
}
