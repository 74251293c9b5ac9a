/**
 * What a command of the shell is: `grep`, `sleep`, `kubectl`. A pure function of its state and of one thing that happens to it, so
 * that a command which waits (for input, for time, for a Pod) is plain data while it waits.
 */
import type { Draw } from '../std/draw.ts'
import type { Millis } from '../std/time.ts'

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link'
  readonly mode: number
  readonly size: number
  readonly modified: Millis
  readonly owner?: string
  readonly target?: string
}

/** Files as a shell needs them. Paths are absolute. A failure is the text behind the colon: `No such file or directory`. */
export interface ShellFiles {
  readonly read: (path: string) => string | FileFailure
  readonly write: (path: string, text: string) => FileFailure | undefined
  readonly list: (path: string) => readonly string[] | FileFailure
  readonly stat: (path: string) => FileStat | undefined
  readonly makeDirectory: (path: string) => FileFailure | undefined
  readonly remove: (path: string) => FileFailure | undefined
  readonly chmod?: (path: string, mode: number) => FileFailure | undefined
}

export interface FileFailure {
  readonly failure: string
}

export const isFileFailure = (value: unknown): value is FileFailure =>
  typeof value === 'object' && value !== null && 'failure' in value

export type CommandInput =
  | { readonly type: 'start' }
  /** Text came on standard input; `end` when no more will. Only after the command said that it reads. */
  | { readonly type: 'input'; readonly text: string; readonly end: boolean }
  | { readonly type: 'woke' }
  /** A command it ran has ended; what that printed, when it was captured. */
  | { readonly type: 'ended'; readonly code: number; readonly output: string }
  /** Ctrl-C, or the end of what it was writing to. */
  | { readonly type: 'signal'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGPIPE' }

export interface CommandOutput {
  readonly stdout?: string
  readonly stderr?: string
  /** Ends the command. */
  readonly exit?: number
  /** It waits for standard input. */
  readonly reads?: boolean
  /** It waits until then. */
  readonly wakeAt?: Millis
  /** Runs another command with its own input and output; `capture` keeps what that prints. */
  readonly runs?: { readonly argv: readonly string[]; readonly capture?: boolean; readonly input?: string }
}

/** What a command may borrow while it handles one input. */
export interface CommandHost {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly files: ShellFiles
  readonly now: () => Millis
  readonly draw: Draw
  /** Standard input is a person. */
  readonly isTerminal: { readonly input: boolean; readonly output: boolean }
  readonly columns: number
  readonly rows: number
}

/** `State` is plain data. */
export interface Command<State = unknown> {
  readonly run: (state: State | undefined, input: CommandInput, host: CommandHost) => readonly [State, CommandOutput]
  /** One line for `help`. */
  readonly about?: string
}

export interface Finished {
  readonly out?: string
  readonly err?: string
  readonly code?: number
}

const outputOf = ({ out, err, code }: Finished): CommandOutput => ({
  ...(out && { stdout: out }),
  ...(err && { stderr: err }),
  exit: code ?? 0,
})

/** A command that does all it does at once, and reads no input. */
export const atOnce = (run: (host: CommandHost) => Finished, about?: string): Command => ({
  run: (_state, _input, host) => [null, outputOf(run(host))],
  ...(about && { about }),
})

/** A command that reads all of its input first, when `needsInput` says so. */
export const afterInput = (
  needsInput: (host: CommandHost) => boolean,
  run: (input: string, host: CommandHost) => Finished,
  about?: string,
): Command<string> => ({
  run: (state, input, host) => {
    if (input.type === 'signal') return ['', { exit: 130 }]
    if (!needsInput(host)) return ['', outputOf(run('', host))]
    const text = (state ?? '') + (input.type === 'input' ? input.text : '')
    return input.type === 'input' && input.end ? ['', outputOf(run(text, host))] : [text, { reads: true }]
  },
  ...(about && { about }),
})

/** `a/../b` from a directory, as an absolute path. */
export function absolutePath(directory: string, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
