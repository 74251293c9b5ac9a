/**
 * What the page and the engine say to each other: plain data both ways. The page asks and shows; it never holds a piece of the
 * cluster of its own that could disagree with the world.
 */
import type { Fact } from '../../../engine/cluster/fact.ts'
import type { Shared } from '../../../engine/cluster/history.ts'
import type { Graded } from './exercise.ts'
import type { Law } from './laws.ts'
import type { FileProblem } from './problems.ts'
import type { Scene } from './scene.ts'

/** How a stage begins. */
export interface Beginning {
  readonly preset: string
  readonly seed: number
}

export type Inspected = 'yaml' | 'describe'

/** Asked once and answered once, by `id`. */
export type Question =
  | { readonly asks: 'completion'; readonly line: string }
  | { readonly asks: 'inspection'; readonly resource: string; readonly key: string; readonly as: Inspected }
  | { readonly asks: 'link' }
  | { readonly asks: 'hash' }
  | { readonly asks: 'files' }
  | { readonly asks: 'file'; readonly path: string }
  | { readonly asks: 'problems'; readonly text: string }
  | { readonly asks: 'laws' }
  | { readonly asks: 'grade'; readonly exercise: string }

export interface Completed {
  /** Where in the line the word begins that is completed. */
  readonly from: number
  readonly words: readonly string[]
  /** More will follow the word directly: `pod/`, a directory. */
  readonly open: boolean
}

export interface Answers {
  readonly completion: Completed
  readonly inspection: string
  readonly link: Shared
  readonly hash: string
  readonly files: readonly string[]
  readonly file: string | undefined
  readonly problems: readonly FileProblem[]
  readonly laws: readonly Law[]
  readonly grade: Graded
}

export type Order =
  | { readonly order: 'begin'; readonly beginning: Beginning }
  /** What a link or the tab's storage carries; when it cannot be read, the stage begins as `beginning` says. */
  | { readonly order: 'open'; readonly text: string; readonly beginning: Beginning }
  | { readonly order: 'enter'; readonly lines: readonly string[] }
  | { readonly order: 'press'; readonly press: 'interrupt' | 'endOfInput' }
  | { readonly order: 'save'; readonly path: string; readonly text: string }
  | { readonly order: 'happen'; readonly fact: Fact }
  | { readonly order: 'pace'; readonly speed: number }
  | { readonly order: 'step' }
  | { readonly order: 'settle' }
  | { readonly order: 'look'; readonly at: number | undefined }
  | { readonly order: 'branch' }
  | { readonly order: 'undo' }
  | { readonly order: 'redo' }
  | { readonly order: 'rest'; readonly resting: boolean }
  | { readonly order: 'ask'; readonly id: number; readonly question: Question }

export interface Piece {
  readonly stream: 'stdout' | 'stderr' | 'typed'
  readonly text: string
}

export interface Frame {
  readonly now: number
  /** How far the past reaches, and the present. */
  readonly begins: number
  readonly ends: number
  readonly looking: boolean
  readonly speed: number
  readonly settling: boolean
  /** Facts that have happened. */
  readonly happened: number
  readonly prompt: string
  /** Something runs in the terminal. */
  readonly busy: boolean
  /** An editor was started on this file. */
  readonly editing: string | undefined
  readonly undoable: boolean
  readonly redoable: boolean
  /** Absent when nothing has changed since the last frame. */
  readonly scene?: Scene
  readonly printed?: { readonly anew: boolean; readonly pieces: readonly Piece[] }
  /** The fact that a step has just let happen. */
  readonly stepped?: string
  /** What was done so far, to be kept by the page; absent when nothing was. */
  readonly shared?: Shared
}

export type News =
  | { readonly news: 'frame'; readonly frame: Frame }
  | { readonly news: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly news: 'refused'; readonly says: string }
  | { readonly news: 'crashed'; readonly says: string; readonly id?: number }
