/**
 * A command of kubectl as data: what it is called, what it takes, what it does. The tree of commands is the source of
 * help, completion and suggestions.
 */
import type { Millis } from '../std/time.ts'
import type { Flags, FlagValues } from './flags.ts'
import type { Refusal } from './refusal.ts'
import type { Session } from './session.ts'

/** Plain data that a running command needs in order to go on later. */
export type Progress = Readonly<Record<string, unknown>>

/** A command goes on: what it remembers, and when to look again at the latest. */
export interface GoesOn {
  readonly goesOn: Progress
  readonly lookAgainAfter: Millis
  /** Another program must run first at the same terminal; `ended` then tells `follow` how it went. */
  readonly runs?: readonly string[]
  /** What is typed goes to it: the client's stdin of the next look holds what is new. */
  readonly readsInput?: boolean
}

export type Ending = undefined | Refusal | GoesOn

export interface Invocation {
  /** `kubectl create secret tls` */
  readonly path: string
  readonly args: readonly string[]
  /** How many of the arguments stand before `--`; -1 without it. */
  readonly dashAt: number
  readonly flags: FlagValues
  readonly session: Session
}

/** How a program ended that a command had run. */
export interface EndedProgram {
  readonly code: number
  readonly output: string
}

export type CommandGroup =
  | 'Basic Commands (Beginner)'
  | 'Basic Commands (Intermediate)'
  | 'Deploy Commands'
  | 'Cluster Management Commands'
  | 'Troubleshooting and Debugging Commands'
  | 'Advanced Commands'
  | 'Settings Commands'
  | 'Other Commands'

export interface Command {
  readonly name: string
  readonly aliases?: readonly string[]
  /** What follows the name on the usage line. */
  readonly usage: string
  readonly short: string
  readonly help?: string
  readonly examples?: readonly string[]
  readonly flags: Flags
  readonly commands?: readonly Command[]
  readonly group?: CommandGroup
  readonly hidden?: true
  readonly deprecated?: string
  /** Without it the command only has sub-commands, and prints its help. */
  readonly run?: (invocation: Invocation) => Ending
  /** Goes on where `run` or the last `follow` left off. */
  readonly follow?: (invocation: Invocation, progress: Progress, ended?: EndedProgram) => Ending
  /** What to offer for the next argument: kinds, names, own words. */
  readonly complete?: (invocation: Invocation, prefix: string) => readonly string[]
  /** A command with sub-commands that ends well when it is called alone. */
  readonly helpIsEnough?: true
  /** Where help goes when sub-commands are missing. */
  readonly helpOn?: 'out'
  /** The exit code of every refusal, where it is not 1. */
  readonly exit?: number
}

export const goOn = (goesOn: Progress, lookAgainAfter: Millis = 1000): GoesOn => ({ goesOn, lookAgainAfter })

export const isGoingOn = (ending: Ending): ending is GoesOn => ending !== undefined && 'goesOn' in ending
