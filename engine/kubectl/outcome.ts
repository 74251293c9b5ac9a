/** What came of one run of kubectl: text and an exit code, or a command that runs on. */
import type { Millis } from '../std/time.ts'
import type { Progress } from './command.ts'

/** A command that runs on: everything needed to go on, as plain data. */
export interface Running {
  readonly argv: readonly string[]
  readonly progress: Progress
  readonly lookAgainAfter: Millis
  /** Another program must end first: an editor, `diff`. */
  readonly runs?: readonly string[]
  /** It takes what is typed. */
  readonly readsInput?: boolean
}

export interface Outcome {
  readonly out: string
  readonly err: string
  /** Absent while the command runs on. */
  readonly code?: number
  readonly running?: Running
}
