/**
 * What a container does, as a small program: a pure function of its state and of one thing that happens to it, which
 * yields a new state and what the world sees of it. A web server, a shell script and a program that eats memory are
 * all of this one shape, so that any of them can be saved in the middle and go on as if nothing had happened.
 *
 * Left out: programs that talk to the kernel otherwise than by files, signals, ports and time.
 */
import type { Answer, Query } from '../../dns/message.ts'
import type { Draw } from '../../std/draw.ts'
import type { Millis } from '../../std/time.ts'
import type { FileTree } from '../runtime/file-tree.ts'

export type SignalName = 'SIGTERM' | 'SIGKILL' | 'SIGINT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGQUIT'

export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** `10.244.1.7:41234` */
  readonly remote: string
  /** The address and port that were dialled. */
  readonly local: string
}

export interface HttpResponse {
  readonly code: number
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** How long the server takes to answer. */
  readonly after?: Millis
}

/** What happens to a process. */
export type ProgramInput =
  | { readonly type: 'start' }
  /** The time it asked to be woken at has come. */
  | { readonly type: 'woke' }
  | { readonly type: 'signal'; readonly signal: SignalName }
  | { readonly type: 'http'; readonly port: number; readonly request: HttpRequest }
  /** A line comes over a connection to a port that does not speak HTTP. */
  | { readonly type: 'line'; readonly port: number; readonly line: string; readonly remote: string }
  | { readonly type: 'stdin'; readonly text: string }

/** What a process may borrow from the machine it runs on while it handles one input. */
export interface ProgramHost {
  readonly argv: readonly string[]
  /** In the order in which `env` prints it. */
  readonly environment: readonly (readonly [name: string, value: string])[]
  readonly workingDirectory: string
  readonly user: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }
  readonly hostname: string
  readonly files: FileTree
  /** Asking for the time makes an answer depend on it; a process that never asks can be left alone. */
  readonly now: () => Millis
  readonly draw: Draw
  /** Whether this process is the first of its container, to which signals without a handler do nothing. */
  readonly isFirst: boolean
  /** Sends a signal to the container's first process. */
  readonly signalFirst: (signal: SignalName) => void
  /** Text that another process of the container writes to the first one's standard output. */
  readonly writeToFirst: (text: string) => void
  /** Another server in this container or pod, by port: what `wget http://127.0.0.1` reaches. Undefined: refused. */
  readonly fetch: (host: string, port: number, request: HttpRequest) => HttpResponse | FetchFailure
  /** A question to a name server; undefined when nobody answers. */
  readonly ask?: (nameserver: string, query: Query) => Answer | undefined
  /** A program of the image itself, by path or by name. */
  readonly executable: (path: string) => Program | undefined
  /** In bytes; what takes more is killed. */
  readonly memoryLimit: number
  /** Ports of the pod that are taken, by any of its containers. */
  readonly isListening: (port: number) => boolean
}

export interface FetchFailure {
  readonly error: 'refused' | 'no-such-host' | 'timeout' | 'unreachable'
}

export const isFetchFailure = (answer: HttpResponse | FetchFailure): answer is FetchFailure => 'error' in answer

export interface ProgramOutput {
  readonly stdout?: string
  readonly stderr?: string
  /** Both, in the order in which they were printed. */
  readonly printed?: readonly { readonly stream: 'stdout' | 'stderr'; readonly text: string }[]
  /** Ends the process: 0 to 255, or 128 and the signal's number. */
  readonly exit?: number
  /** When it wants to go on by itself. Left out: as before, unless that time has just come. */
  readonly wakeAt?: Millis
  /** Ports it listens on from now on; left out: as before. */
  readonly listens?: readonly number[]
  readonly response?: HttpResponse
  /** Memory it now uses, in bytes; left out: as before. */
  readonly memory?: number
}

/** `State` is plain data. */
export interface Program<State = unknown> {
  /** Its environment is worked out only for those that look. */
  readonly ignoresEnvironment?: true
  readonly run: (state: State | undefined, input: ProgramInput, host: ProgramHost) => readonly [State, ProgramOutput]
}

export const SIGNAL_NUMBERS: Readonly<Record<SignalName, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
}

/**
 * What the kernel does with a signal nobody handles: the first process of a container is spared (it is init), any
 * other ends.
 */
export const unhandled = (signal: SignalName, host: ProgramHost): ProgramOutput =>
  host.isFirst ? {} : { exit: 128 + SIGNAL_NUMBERS[signal] }

export const environmentOf = (host: ProgramHost, name: string): string | undefined => {
  for (let i = host.environment.length - 1; i >= 0; i--)
    if (host.environment[i]![0] === name) return host.environment[i]![1]
  return undefined
}
