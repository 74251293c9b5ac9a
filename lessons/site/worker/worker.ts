/**
 * The engine's worker: owns the clock and the wire, and nothing else. It lets the world follow the visitor's time in slices of a few
 * milliseconds, so that an order never waits long, and sends a frame after each.
 */
import { openShared, readShared, sharedFrom } from '../../../engine/cluster/history.ts'
import { hashWorld } from '../../../engine/cluster/save.ts'
import type { World } from '../../../engine/cluster/world.ts'
import { beginningOf } from './beginnings.ts'
import { complete } from './complete.ts'
import { exercisesFrom, grade } from './exercise.ts'
import { frameOf, nothingSent, type Sent } from './frames.ts'
import { fileIn, filesIn, pathOf } from './home.ts'
import { inspect } from './inspect.ts'
import { lawsOf } from './laws.ts'
import type { Answers, Beginning, News, Order, Question } from './messages.ts'
import { problemsOf } from './problems.ts'
import {
  beginSession,
  branch,
  enter,
  happen,
  look,
  newSession,
  pass,
  passUntilQuiet,
  press,
  redo,
  type Session,
  setPace,
  settleDown,
  stepOnce,
  TERMINAL,
  undo,
} from './session.ts'

const SLICE_MILLIS = 8
const FRAME_MILLIS = 33
/** A tab that slept, or a cluster that is slower than asked, does not catch up for more than this. */
const MOST_BEHIND_MILLIS = 250

const EXERCISES = exercisesFrom(
  import.meta.glob<string>(['../../../exercises/*/*/exercise.yaml', '../../../exercises/*/*/scene/**'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
)

let session: Session | undefined
/** The world as the stage began. */
let began: World | undefined
let sent: Sent = nothingSent(0)
let resting = false
/** When the world was last brought up to the visitor's time, and when the last frame went out. */
let caughtUp = 0
let framed = 0

const tell = (news: News): void => postMessage(news)

function sendFrame(): void {
  if (!session) return
  const [frame, after] = frameOf(session, sent)
  sent = after
  framed = performance.now()
  session = { ...session, stepped: undefined }
  tell({ news: 'frame', frame })
}

function adopt(next: Session, beginning: World): void {
  session = next
  began = beginning
  sent = nothingSent(beginning.server.store.revision)
  caughtUp = performance.now()
  sendFrame()
}

function begin({ preset, seed }: Beginning): void {
  const world = beginningOf(preset, seed, EXERCISES)
  if (world) adopt(beginSession(preset, seed, world), world)
  else tell({ news: 'refused', says: `There is no cluster called “${preset}”.` })
}

/** What a link says, or else the beginning and a sentence about what is wrong with the link. */
function open(text: string, otherwise: Beginning): void {
  const shared = readShared(text)
  const world = typeof shared === 'string' ? undefined : beginningOf(shared.preset, shared.seed, EXERCISES)
  if (typeof shared !== 'string' && world) {
    adopt(newSession(openShared(shared, world)), world)
    return
  }
  begin(otherwise)
  tell({
    news: 'refused',
    says: typeof shared === 'string' ? shared : `There is no cluster called “${shared.preset}”.`,
  })
}

type Transition = { [K in Order['order']]?: (session: Session, order: Extract<Order, { order: K }>) => Session }

const TRANSITIONS: Transition = {
  enter: (now, { lines }) => enter(now, lines),
  press: (now, order) => press(now, order.press),
  save: (now, { path, text }) => happen(now, { type: 'file/saved', terminal: TERMINAL, path: pathOf(path), text }),
  happen: (now, { fact }) => happen(now, fact),
  pace: (now, { speed }) => setPace(now, speed),
  step: stepOnce,
  settle: settleDown,
  look: (now, { at }) => look(now, at),
  branch,
  undo,
  redo,
}

const ANSWERS: { [K in Question['asks']]: (now: Session, question: Extract<Question, { asks: K }>) => Answers[K] } = {
  completion: (now, { line }) => complete(now.history.world, line),
  inspection: ({ seen }, { resource, key, as }) => inspect(seen, resource, key, as),
  link: ({ history }) => sharedFrom(history),
  hash: ({ history }) => hashWorld(history.world),
  files: ({ seen }) => filesIn(seen),
  file: ({ seen }, { path }) => fileIn(seen, path),
  problems: (_now, { text }) => problemsOf(text),
  laws: ({ seen }) => lawsOf(seen),
  grade: ({ history }, { exercise }) => grade(EXERCISES, exercise, began!, history.world),
}

function answer(now: Session, id: number, question: Question): void {
  const find = ANSWERS[question.asks] as (now: Session, question: Question) => Answers[keyof Answers]
  tell({ news: 'answer', id, answer: find(now, question) })
}

function rest(pausing: boolean): void {
  resting = pausing
  caughtUp = performance.now()
}

function change(order: Order): void {
  const transition = TRANSITIONS[order.order] as ((now: Session, order: Order) => Session) | undefined
  if (!session || !transition) return
  session = transition(session, order)
  sendFrame()
}

function follow(order: Order): void {
  if (order.order === 'begin') begin(order.beginning)
  else if (order.order === 'open') open(order.text, order.beginning)
  else if (order.order === 'rest') rest(order.resting)
  else if (order.order !== 'ask') change(order)
  else if (session) answer(session, order.id, order.question)
}

/** What breaks here must not take the visitor's work with it: the page keeps what was done and offers to start over. */
function guarded(work: () => void, id?: number): void {
  try {
    work()
  } catch (error) {
    tell({
      news: 'crashed',
      says: error instanceof Error ? error.message : String(error),
      ...(id !== undefined && { id }),
    })
    if (id === undefined) session = undefined
  }
}

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  guarded(() => follow(data), data.order === 'ask' ? data.id : undefined)
})

/** Brings the world up to the visitor's time; false when there was nothing to do. */
function catchUp(now: Session, real: number): Session {
  const end = performance.now() + SLICE_MILLIS
  const over = () => performance.now() >= end
  if (now.settling) return passUntilQuiet(now, over)
  if (now.speed === 0 || now.looking !== undefined) return now
  const behind = Math.min(real - caughtUp, MOST_BEHIND_MILLIS)
  const target = Math.floor(now.history.world.now + behind * now.speed)
  return pass(now, target, over)
}

function slice(): void {
  const real = performance.now()
  if (session && !resting) {
    const before = session
    session = catchUp(session, real)
    const passed = session.history.world.now - before.history.world.now
    const waits = passed === 0 && session.speed > 0 && !session.settling
    if (!waits || real - caughtUp > MOST_BEHIND_MILLIS) caughtUp = real
    if (session !== before && real - framed >= FRAME_MILLIS) sendFrame()
  }
  setTimeout(() => guarded(slice), session?.settling ? 0 : 16)
}

guarded(slice)
