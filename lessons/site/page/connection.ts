/**
 * The page's end of the wire. It starts the engine's worker, hands orders over, and keeps the last frame for whoever shows a part of it.
 * What was done is kept in the tab's own storage, so a reload, or a crash of the engine, loses nothing.
 */
import type { Shared } from '../../../engine/cluster/history.ts'
import type { Answers, Beginning, Frame, News, Order, Piece, Question } from '../worker/messages.ts'
import type { Scene } from '../worker/scene.ts'
import { keep, kept } from './storage.ts'

export interface Selection {
  readonly resource: string
  readonly key: string
}

/** What the islands of a page show. */
export interface Shown {
  readonly frame: Frame | undefined
  readonly scene: Scene | undefined
  readonly selected: Selection | undefined
  /** The engine broke; in its own words. */
  readonly crashed: string | undefined
  /** A sentence about what could not be done. */
  readonly notice: string | undefined
  /** The stage was put together again from what was done before. */
  readonly restored: boolean
  readonly opening: boolean
  /** What a narrow screen shows, and what stands above the terminal on a wide one. */
  readonly pane: Pane
  readonly upper: Pane
  /** Whether what the cluster itself runs is shown too. */
  readonly system: boolean
}

export interface Stage {
  readonly name: string
  readonly beginning: Beginning
}

type Listener = () => void
type PrintListener = (pieces: readonly Piece[], anew: boolean) => void

const EMPTY: Shown = {
  frame: undefined,
  scene: undefined,
  selected: undefined,
  crashed: undefined,
  notice: undefined,
  restored: false,
  opening: true,
  pane: 'lesson',
  upper: 'map',
  system: false,
}

let shown: Shown = EMPTY
let worker: Worker | undefined
let stage: Stage | undefined
let nextId = 1
let done: Shared | undefined
const listeners = new Set<Listener>()
const printListeners = new Set<PrintListener>()
const commandListeners = new Set<(command: string) => void>()
const questions = new Map<number, { readonly settle: (answer: never) => void; readonly fail: (says: string) => void }>()

export const current = (): Shown => shown

function show(change: Partial<Shown>): void {
  shown = { ...shown, ...change }
  for (const listener of listeners) listener()
}

export function subscribe(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What a terminal that opens late has missed. */
let printed: readonly Piece[] = []

function print(pieces: readonly Piece[], anew: boolean): void {
  printed = anew ? pieces : [...printed, ...pieces]
  for (const listener of printListeners) listener(pieces, anew)
}

export function onPrinted(listener: PrintListener): () => void {
  printListeners.add(listener)
  listener(printed, true)
  return () => printListeners.delete(listener)
}

/** A command that a lesson or a picture proposes, to be put at the prompt. */
export function onProposed(listener: (command: string) => void): () => void {
  commandListeners.add(listener)
  return () => commandListeners.delete(listener)
}

export function propose(command: string): void {
  for (const listener of commandListeners) listener(command)
  showPane('terminal')
}

/** On a narrow screen one pane shows at a time. */
export type Pane = 'lesson' | 'terminal' | 'map' | 'table' | 'files' | 'log' | 'laws'

export const showPane = (pane: Pane): void => show({ pane, upper: UPPER.has(pane) ? pane : shown.upper })

const UPPER: ReadonlySet<Pane> = new Set(['map', 'table', 'files', 'log', 'laws'])

export const sessionName = (name: string): string => `session.${name}`

function onFrame(frame: Frame): void {
  if (frame.shared && stage) {
    done = frame.shared
    keep(sessionStorage, sessionName(stage.name), frame.shared.deeds.length > 0 ? frame.shared : undefined)
  }
  if (frame.printed) print(frame.printed.pieces, frame.printed.anew)
  show({ frame, opening: false, ...(frame.scene && { scene: frame.scene }) })
}

/** Settles a question, or gives it up. */
function onAnswer(
  id: number,
  answer: (question: { settle: (answer: never) => void; fail: (says: string) => void }) => void,
): void {
  const question = questions.get(id)
  questions.delete(id)
  if (question) answer(question)
}

function onNews(news: News): void {
  if (news.news === 'frame') onFrame(news.frame)
  else if (news.news === 'answer') onAnswer(news.id, ({ settle }) => settle(news.answer as never))
  else if (news.news === 'refused') show({ notice: news.says, opening: false })
  else if (news.id !== undefined) onAnswer(news.id, ({ fail }) => fail(news.says))
  else show({ crashed: news.says, opening: false })
}

function startWorker(): Worker {
  const started = new Worker(new URL('../worker/worker.ts', import.meta.url), { type: 'module' })
  started.addEventListener('message', ({ data }: MessageEvent<News>) => onNews(data))
  started.addEventListener('error', (event) =>
    show({ crashed: event.message || 'The engine could not be loaded.', opening: false }),
  )
  return started
}

export function order(what: Order): void {
  worker?.postMessage(what)
}

export function ask<K extends Question['asks']>(question: Extract<Question, { asks: K }>): Promise<Answers[K]> {
  const id = nextId++
  return new Promise((settle, fail) => {
    questions.set(id, { settle: settle as (answer: never) => void, fail: (says) => fail(new Error(says)) })
    order({ order: 'ask', id, question })
  })
}

function restart(first: Order): void {
  worker?.terminate()
  questions.clear()
  worker = startWorker()
  print([], true)
  order(first)
}

/** Opens a stage: what a link says, or what was done here before, or its beginning. */
export function openStage(opened: Stage, linked: string | undefined): void {
  stage = opened
  const before = kept<Shared>(sessionStorage, sessionName(opened.name))
  const text = linked ?? (before && JSON.stringify(before))
  const { beginning } = opened
  show({ ...EMPTY, pane: shown.pane, restored: linked === undefined && before !== undefined })
  restart(text === undefined ? { order: 'begin', beginning } : { order: 'open', text, beginning })
}

/** From the beginning, as if nothing had happened. */
export function startOver(beginning = stage?.beginning): void {
  if (!stage || !beginning) return
  stage = { ...stage, beginning }
  keep(sessionStorage, sessionName(stage.name), undefined)
  show({ ...EMPTY, pane: shown.pane })
  restart({ order: 'begin', beginning })
}

/** After a crash: the same deeds again, without the last one. */
export function reopenWithoutLast(): void {
  const deeds = done?.deeds.slice(0, -1) ?? []
  if (!stage || !done || deeds.length === 0) {
    startOver()
    return
  }
  const text = JSON.stringify({ ...done, deeds, until: deeds.at(-1)!.at })
  show({ ...EMPTY, pane: shown.pane })
  restart({ order: 'open', text, beginning: stage.beginning })
}

export const showSystem = (system: boolean): void => show({ system })

export const select = (selected: Selection | undefined): void => show({ selected })

export const dismissNotice = (): void => show({ notice: undefined, restored: false })

export const notify = (notice: string): void => show({ notice })

/** Lines that were typed at the prompt before, oldest first. */
export const typedBefore = (): readonly string[] =>
  (done?.deeds ?? []).flatMap(({ fact }) =>
    fact.type === 'line/entered' && fact.line.trim() !== '' ? [fact.line] : [],
  )

if (typeof document !== 'undefined')
  document.addEventListener('visibilitychange', () => order({ order: 'rest', resting: document.hidden }))
