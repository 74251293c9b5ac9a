/**
 * Follows one controller through a recording. When news reached it and which key a worker took next is chance in a real cluster, so it is
 * chosen here as the recording has it; but everything that it wrote must be what our controller writes in some such course of
 * events, each version whole, in the recorded order, and nothing besides: wherever the cluster had become quiet, our
 * controller must have nothing left to do. A recorded Conflict is a fault that strikes.
 */
import type { Key } from '../../../engine/api/object.ts'
import { isFailure, type Status } from '../../../engine/api/status.ts'
import type { Request, Response } from '../../../engine/apiserver/request.ts'
import type { ApiServer } from '../../../engine/apiserver/server.ts'
import { newApiServer } from '../../../engine/apiserver/server.ts'
import type { Command, Controller } from '../../../engine/client/controller.ts'
import { controllerUser, filledIn, requestOf } from '../../../engine/client/informed.ts'
import { changesSince, type LoggedChange, type Store } from '../../../engine/etcd/store.ts'
import type { At } from '../../../engine/std/at.ts'
import type { Draw } from '../../../engine/std/draw.ts'
import type { Millis } from '../../../engine/std/time.ts'
import { versionDifference } from './compare.ts'
import { type Die, drawsOf } from './die.ts'
import { EMPTY_MIND, hear, look, type Mind, type Noted, settleHead, wake, withNote, withOwn, withPlan } from './mind.ts'
import type { Line, RefusalLine, WriteLine } from './recording.ts'

export type Handle = (server: ApiServer, request: Request, at: At) => readonly [ApiServer, Response]

export interface Tape {
  readonly handle: Handle
  readonly lines: readonly Line[]
  /** The store as it was after each revision. */
  readonly stores: readonly Store[]
  /** The revision before each line, and after the last. */
  readonly revisions: readonly number[]
  /** When each revision was written; nothing for those before the recording. */
  readonly times: readonly (Millis | undefined)[]
  readonly die: Die
  readonly endsQuiet: boolean
}

/** How many looks are tried before a recording counts as one that cannot be followed. */
const PATIENCE = 50_000

type AskCommand = Extract<Command, { do: 'ask' }>

interface Following {
  readonly tape: Tape
  readonly controller: Controller
  readonly mine: readonly number[]
  looks: number
  /** How far the best attempt came, and what stopped it. */
  furthest: number
  reason: string
}

export interface Followed {
  readonly notes: readonly Noted[]
  readonly difference: string | undefined
}

// ---- asking ----

interface Answer {
  readonly changes: readonly LoggedChange[]
  readonly refused: Status | undefined
}

function serve(following: Following, revision: number, now: Millis, command: AskCommand, draw: Draw): Answer {
  const { tape, controller } = following
  const store = tape.stores[revision]!
  const user = { ...controllerUser(controller.name), groups: ['system:masters'] }
  const request = requestOf(command.ask, user, 'kube-controller-manager')
  const [server, response] = tape.handle({ ...newApiServer(), store }, request, { now, draw })
  const refused = isFailure(response.body) ? response.body : undefined
  // What the server does of itself beside what it was asked (an address that is given back) stands in the recording under no name.
  const changes = (changesSince(server.store, revision) ?? []).filter(
    ({ resource }) => resource === command.ask.resource,
  )
  return { changes, refused }
}

const tolerates = (command: AskCommand, status: Status): boolean =>
  command.tolerate?.includes(status.reason ?? '') ?? false

/** The plan after an ask of its first step was refused. */
function afterRefusal(
  mind: Mind,
  key: Key,
  command: AskCommand,
  rest: readonly Command[],
  status: Status,
  now: Millis,
): Mind {
  if (tolerates(command, status)) return proceed(mind, key, rest, now)
  const noted = command.onRefusal ? withNote(mind, key, filledIn(command.onRefusal, status.message ?? ''), now) : mind
  const batch = rest.filter(
    (one): one is AskCommand => one.do === 'ask' && one.batch !== undefined && one.batch === command.batch,
  )
  const instead: readonly Command[] = command.otherwise
    ? filledIn(command.otherwise, status.message ?? '')
    : [{ do: 'retry' }]
  const others = batch.map(({ otherwise: _, ...one }) => ({ ...one, tolerate: EVERY_REASON }) as AskCommand)
  return proceed(noted, key, [...others, ...instead], now)
}

/** The rest of a batch goes on, whatever becomes of it. */
const EVERY_REASON = ['Conflict', 'NotFound', 'AlreadyExists', 'Forbidden', 'Invalid'] as const

function proceed(mind: Mind, key: Key, plan: readonly Command[], now: Millis): Mind {
  const [state, rest] = settleHead(mind, key, plan, now)
  return withPlan(state, key, rest)
}

// ---- one recorded write ----

/** The asks that may go out next: the first, and those of its batch. */
function nextAsks(plan: readonly Command[]): readonly AskCommand[] {
  const first = plan[0]
  if (first?.do !== 'ask') return []
  const asks: AskCommand[] = [first]
  for (let i = 1; first.batch !== undefined && i < plan.length; i++) {
    const command = plan[i]!
    if (command.do !== 'ask' || command.batch !== first.batch) break
    asks.push(command)
  }
  return asks
}

const callOf = ({ ask }: AskCommand): string =>
  `${ask.verb} ${ask.resource.split('.')[0]}${ask.subresource ? `/${ask.subresource}` : ''} ${ask.name ?? ''}`.trim()

/** Whether a call as it was recorded is that of an ask; a name that the server gave is not in the ask. */
function isCall(recorded: string, command: AskCommand): boolean {
  const ours = callOf(command)
  return (
    recorded === ours ||
    (command.ask.verb === 'create' && recorded.startsWith(`${ours} `)) ||
    (command.ask.verb === 'create' && recorded.startsWith(ours))
  )
}

/** Lines that the same call wrote, from `index` on: a forced delete writes two, the deletion of a collection many. */
function linesOfCall(following: Following, index: number, count: number): readonly WriteLine[] | undefined {
  const { lines } = following.tape
  const first = lines[index] as WriteLine
  const found: WriteLine[] = []
  for (let i = index; i < lines.length && found.length < count; i++) {
    const line = lines[i]!
    if (line.is !== 'write' || line.who !== first.who || line.call !== first.call) continue
    found.push(line)
  }
  return found.length === count ? found : undefined
}

function changeDifference(change: LoggedChange, line: WriteLine): string | undefined {
  if (change.resource !== line.resource || change.key !== line.key)
    return `wrote ${change.resource} ${change.key} instead of ${line.resource} ${line.key}`
  if (!change.after || !line.after)
    return (change.after === undefined) === (line.after === undefined)
      ? undefined
      : `${change.after ? 'did not remove' : 'removed'} ${change.key}`
  return versionDifference(change.after, line.after)
}

function complain(following: Following, index: number, reason: string): undefined {
  const known = index === following.furthest && !following.reason.endsWith(' comes first')
  if (index >= following.furthest && !known) {
    const line = following.tape.lines[index]
    following.furthest = index
    following.reason = `at ${line ? (line.at / 1000).toFixed(3) : 'the end'}, ${line?.is === 'write' ? `${line.call}: ` : ''}${reason}`
  }
  return undefined
}

interface Matched {
  readonly mind: Mind
  /** How many lines the call wrote. */
  readonly lines: number
}

/** Goes on with a plan if one of its next asks writes what was recorded at `index`. */
function matchPlan(following: Following, mind: Mind, key: Key, index: number): Matched | undefined {
  const { tape } = following
  const line = tape.lines[index] as WriteLine
  const plan = mind.plans.get(key) ?? []
  const revision = tape.revisions[index]!
  for (const command of nextAsks(plan)) {
    if (!isCall(line.call, command)) {
      complain(following, index, `${callOf(command)} comes first`)
      continue
    }
    const { changes, refused } = serve(following, revision, line.at, command, drawsOf(line.last))
    const rest = plan.filter((one) => one !== command)
    if (refused) {
      complain(following, index, `${callOf(command)} was refused: ${refused.message}`)
      continue
    }
    if (changes.length === 0) continue
    const recorded = linesOfCall(following, index, changes.length)
    if (!recorded) {
      complain(following, index, `${callOf(command)} wrote ${changes.length} versions`)
      continue
    }
    const difference = changes.map((change, i) => changeDifference(change, recorded[i]!)).find(Boolean)
    if (difference) {
      complain(following, index, difference)
      continue
    }
    const own = changesSince(tape.stores[revision + 1]!, revision) ?? []
    const name = line.last.metadata.name
    const noted = command.onSuccess ? withNote(mind, key, filledIn(command.onSuccess, name), line.at) : mind
    return { mind: proceed(withOwn(noted, own), key, rest, line.at), lines: changes.length }
  }
  return undefined
}

/** Gets rid of asks at the head of plans that change nothing or are refused now: they leave no trace in a recording. */
function silently(following: Following, mind: Mind, key: Key, index: number, now: Millis): Mind {
  const { tape } = following
  let state = mind
  for (let i = 0; i < 100; i++) {
    const plan = state.plans.get(key)
    const command = plan?.[0]
    if (command?.do !== 'ask') return state
    const { changes, refused } = serve(following, tape.revisions[index]!, now, command, () => 0.5)
    if (changes.length > 0) return state
    const rest = plan!.slice(1)
    state = refused ? afterRefusal(state, key, command, rest, refused, now) : proceed(state, key, rest, now)
  }
  return state
}

const deletesPods = (plan: readonly Command[] | undefined): boolean =>
  plan?.some((command) => command.do === 'ask' && command.ask.verb === 'delete' && command.ask.resource === 'pods') ??
  false

/** What comes of a look: one plan, or, where chance decides which Pods go, several. */
function* outcomes(following: Following, mind: Mind, key: Key, index: number, now: Millis): Generator<Mind> {
  const { tape, controller } = following
  const lookWith = (draw: Draw): Mind => {
    following.looks++
    return silently(following, look(mind, controller, tape.stores, key, now, draw), key, index, now)
  }
  const looked = lookWith(tape.die.recorded)
  yield looked
  if (deletesPods(looked.plans.get(key))) for (const draw of tape.die.others(index)) yield lookWith(draw)
}

/** How many different courses are kept of looks that wrote nothing. */
const COURSES = 6

const looksFor = (mind: Mind): readonly Key[] =>
  [...new Set([...mind.dirty, ...mind.failed])].filter((key) => !mind.plans.has(key))

const sameState = (a: Mind, b: Mind, key: Key): boolean =>
  a.due.get(key) === b.due.get(key) && JSON.stringify(a.memory.get(key)) === JSON.stringify(b.memory.get(key))

/** The same mind after every look that could be made as soon as the news came and that wrote nothing. */
function eager(following: Following, mind: Mind, index: number, at: Millis): Mind {
  let state = mind
  for (const key of looksFor(mind)) {
    const looked = outcomes(following, state, key, index, at).next().value as Mind
    if (!looked.plans.has(key) && !sameState(looked, state, key)) state = looked
  }
  return state
}

/** With and without those looks; of many courses the laziest and the latest are kept. */
function courses(following: Following, before: readonly Mind[], index: number, at: Millis): readonly Mind[] {
  const after = before.flatMap((mind) => {
    const looked = eager(following, mind, index, at)
    return looked === mind ? [mind] : [mind, looked]
  })
  return after.length <= COURSES ? after : [...after.slice(0, 1), ...after.slice(1 - COURSES)]
}

/** Clocks of the recorder and of what was recorded differ by so much. */
const CLOCK_SLACK: Millis = 500

/** What is due by now, and each thing that is due a little later at its own time. */
const wakings = (mind: Mind, now: Millis): readonly (readonly [Mind, Millis])[] => {
  const soon = [...new Set([...mind.due.values()])].filter((at) => at > now && at <= now + CLOCK_SLACK)
  return [now, ...soon].map((at) => [wake(mind, at), at] as const)
}

/** A client may ask twenty times a second: what it asks for now it may have decided when the news came, so long ago. */
const PROMPT: Millis = 100

const times = (mind: Mind, heard: Millis, now: Millis): readonly (readonly [Mind, Millis])[] =>
  now - heard > PROMPT ? [...wakings(mind, now), [wake(mind, heard), heard]] : wakings(mind, now)

/** Every course of events in which the controller looks at a key and is about to ask for something. */
function* looks(following: Following, mind: Mind, index: number, now: Millis): Generator<readonly [Mind, Key]> {
  const { tape, controller } = following
  const latest = tape.revisions[index]!
  const plans = new Map<string, readonly [Mind, Key]>()
  let minds: readonly Mind[] = [mind]
  for (let revision = mind.seen; revision <= latest; revision++) {
    const at = Math.min(tape.times[revision] ?? 0, now)
    const heard = minds.map((one) => hear(one, controller, tape.stores, revision, at, tape.die.recorded))
    minds = courses(following, heard, index, at)
    for (const [course, time] of [...minds].reverse().flatMap((one) => times(one, at, now)))
      for (const key of looksFor(course))
        for (const looked of outcomes(following, course, key, index, time)) {
          const plan = looked.plans.get(key)
          const id = JSON.stringify([key, plan, looked.memory.get(key)])
          if (plan && !plans.has(id)) plans.set(id, [looked, key])
        }
  }
  yield* [...plans.values()].reverse()
}

/** Every way in which the controller can have made the recorded write. */
function* ways(following: Following, mind: Mind, index: number): Generator<Matched> {
  const now = following.tape.lines[index]!.at
  for (const key of mind.plans.keys()) {
    const state = silently(following, mind, key, index, now)
    const matched = matchPlan(following, state, key, index)
    if (matched) yield matched
    mind = state
  }
  for (const [looked, key] of looks(following, mind, index, now)) {
    const matched = matchPlan(following, looked, key, index)
    if (matched) yield matched
  }
  if (index > following.furthest) complain(following, index, 'is not what it would do')
}

// ---- one recorded refusal ----

function* refusals(following: Following, mind: Mind, index: number): Generator<Mind> {
  const line = following.tape.lines[index] as RefusalLine
  const status = {
    kind: 'Status',
    status: 'Failure',
    reason: line.reason,
    message: line.message,
    code: line.code,
  } as Status
  const strike = (state: Mind, key: Key): Mind | undefined => {
    const plan = state.plans.get(key) ?? []
    const command = nextAsks(plan).find((one) => isCall(line.call, one))
    return (
      command &&
      afterRefusal(
        state,
        key,
        command,
        plan.filter((one) => one !== command),
        status,
        line.at,
      )
    )
  }
  for (const key of mind.plans.keys()) {
    const struck = strike(mind, key)
    if (struck) yield struck
  }
  for (const [looked, key] of looks(following, mind, index, line.at)) {
    const struck = strike(looked, key)
    if (struck) yield struck
  }
  yield mind
}

// ---- quiet ----

/** Everything that is left to do is done; undefined when that would have changed something. */
function quieten(following: Following, mind: Mind, index: number, now: Millis): Mind | undefined {
  const { tape, controller } = following
  const revision = tape.revisions[index]!
  let state = wake(hear(mind, controller, tape.stores, revision, now, tape.die.recorded), now)
  for (let round = 0; round < 4; round++) {
    const keys = [...state.plans.keys(), ...state.dirty]
    if (keys.length === 0) return state
    for (const key of new Set(keys)) {
      if (!state.plans.has(key)) state = look(state, controller, tape.stores, key, now, tape.die.recorded)
      state = silently(following, state, key, index, now)
      const left = state.plans.get(key)?.[0]
      if (left?.do === 'ask') {
        const { changes } = serve(following, revision, now, left, () => 0.5)
        const [change] = changes
        const what = change?.after && change.before ? versionDifference(change.after, change.before) : ''
        return complain(following, index, `would also ${callOf(left)} ${what}`)
      }
    }
  }
  return state
}

/** What a controller would still say, where it was not waited for what it does. */
function lastLooks(following: Following, mind: Mind, at: Millis): Mind {
  const { tape, controller } = following
  let state = wake(hear(mind, controller, tape.stores, tape.revisions.at(-1)!, at, tape.die.recorded), at)
  for (const key of looksFor(state)) state = look(state, controller, tape.stores, key, at, tape.die.recorded)
  return state
}

// ---- the whole ----

function follow(following: Following, mind: Mind, position: number): Mind | undefined {
  const { tape, mine } = following
  if (following.looks > PATIENCE) return complain(following, mine[position] ?? 0, 'there are too many possible courses')
  const index = mine[position]
  if (index === undefined) {
    const end = tape.lines.length
    const at = (tape.lines.at(-1)?.at ?? 0) + 1000
    return tape.endsQuiet ? quieten(following, mind, end, at) : lastLooks(following, mind, at)
  }
  const line = tape.lines[index]!
  if (line.is === 'step') {
    const quiet = line.quiet ? quieten(following, mind, index, line.at) : mind
    return quiet && follow(following, quiet, position + 1)
  }
  if (line.is === 'refusal') {
    for (const way of refusals(following, mind, index)) {
      const reached = follow(following, way, position + 1)
      if (reached) return reached
    }
    return undefined
  }
  for (const way of ways(following, mind, index)) {
    const reached = follow(following, way.mind, position + way.lines)
    if (reached) return reached
  }
  return undefined
}

export function followController(tape: Tape, controller: Controller): Followed {
  const mine = tape.lines.flatMap((line, index) =>
    line.is === 'step' || (line.is !== 'event' && line.who === controller.name) ? [index] : [],
  )
  const following: Following = { tape, controller, mine, looks: 0, furthest: -1, reason: '' }
  const start = tape.revisions[0]!
  const mind = hear(EMPTY_MIND, controller, tape.stores, start, 0, tape.die.recorded)
  const settled = quieten(following, mind, 0, 0)
  const reached = settled && follow(following, settled, 0)
  return { notes: reached?.notes ?? [], difference: reached ? undefined : `${controller.name} ${following.reason}` }
}
