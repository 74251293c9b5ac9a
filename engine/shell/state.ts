/**
 * A shell at any instant, as plain data: its tasks (itself, the members of pipelines, subshells, jobs in the background), each with a
 * stack of what it is in the middle of, and the pipes between them.
 */
import type { Millis } from '../std/time.ts'
import type { Node, Pipeline, Script } from './syntax.ts'

export interface Variable {
  readonly value: string
  readonly exported?: true
}

export interface ShellOptions {
  readonly errexit?: boolean
  readonly nounset?: boolean
  readonly xtrace?: boolean
  readonly pipefail?: boolean
}

/** What a subshell gets a copy of. */
export interface Scope {
  variables: Readonly<Record<string, Variable>>
  functions: Readonly<Record<string, Node>>
  positional: readonly string[]
  directory: string
  options: ShellOptions
  lastCode: number
  traps: Readonly<Record<string, string>>
}

export type Channel =
  | { readonly to: 'terminal'; readonly stream: 'stdout' | 'stderr' }
  | { readonly to: 'pipe'; readonly pipe: number }
  | { readonly to: 'file'; readonly path: string }
  | { readonly to: 'nothing' }

export type Channels = Readonly<Record<number, Channel>>

/** What a task is in the middle of. `outputs` and `child` belong to substitutions that run before a word is expanded. */
export type Frame =
  | { readonly is: 'script'; readonly script: Script; item: number; pipeline: number }
  | { readonly is: 'pipeline'; readonly pipeline: Pipeline; children: readonly number[] | null }
  | { readonly is: 'node'; readonly node: Node; outputs: readonly string[]; child: number | null }
  | { readonly is: 'if'; readonly node: Extract<Node, { is: 'if' }>; branch: number; condition: boolean }
  | { readonly is: 'while'; readonly node: Extract<Node, { is: 'while' }>; condition: boolean; code: number }
  | {
      readonly is: 'for'
      readonly node: Extract<Node, { is: 'for' }>
      readonly values: readonly string[]
      index: number
    }
  | { readonly is: 'subshell'; readonly child: number }
  | { readonly is: 'restore'; readonly channels: Channels }
  | {
      readonly is: 'call'
      readonly positional: readonly string[] | null
      locals: Readonly<Record<string, Variable | null>>
    }
  | { readonly is: 'wait'; readonly children: readonly number[] }
  | { readonly is: 'read'; readonly names: readonly string[]; readonly raw: boolean }
  | {
      readonly is: 'program'
      readonly name: string
      readonly argv: readonly string[]
      readonly environment: Readonly<Record<string, string>>
      state: unknown
      waits: 'start' | 'input' | 'time' | 'child'
      wakeAt: Millis
      child: number | null
      capture: number | null
    }

export interface Task {
  readonly id: number
  readonly scope: Scope
  frames: Frame[]
  channels: Channels
  /** Set when it has ended. */
  code: number | null
  /** A job: as it was typed. */
  readonly job?: string
}

export interface Shell {
  readonly tasks: Readonly<Record<number, Task>>
  /** What was written to each pipe and not yet read. */
  readonly pipes: Readonly<Record<number, string>>
  readonly nextId: number
  /** Typed and not yet read. */
  readonly typed: string
  readonly typedEnd: boolean
  readonly name: string
}

export const MAIN = 0

export interface ShellStart {
  /** `bash`, `sh`: what error messages begin with. */
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly positional?: readonly string[]
}

export function newShell({ name, environment, directory, positional }: ShellStart): Shell {
  const variables = Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, { value, exported: true as const }]),
  )
  const scope: Scope = {
    variables,
    functions: {},
    positional: positional ?? [],
    directory,
    options: {},
    lastCode: 0,
    traps: {},
  }
  const channels: Channels = {
    0: { to: 'terminal', stream: 'stdout' },
    1: { to: 'terminal', stream: 'stdout' },
    2: { to: 'terminal', stream: 'stderr' },
  }
  const main: Task = { id: MAIN, scope, frames: [], channels, code: null }
  return { tasks: { [MAIN]: main }, pipes: {}, nextId: 1, typed: '', typedEnd: false, name }
}

/** Gives the shell a script to run; what it was running goes on afterwards. */
export function withScript(shell: Shell, script: Script): Shell {
  const main = shell.tasks[MAIN]!
  const frames: Frame[] = [...main.frames, { is: 'script', script, item: 0, pipeline: 0 }]
  return { ...shell, tasks: { ...shell.tasks, [MAIN]: { ...main, frames } } }
}

export const directoryOf = (shell: Shell): string => shell.tasks[MAIN]!.scope.directory

export const isIdle = (shell: Shell): boolean => shell.tasks[MAIN]!.frames.length === 0
