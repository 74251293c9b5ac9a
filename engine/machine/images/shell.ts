/**
 * The shell in a container, and every small program of busybox that is run on its own: the learner's shell with the
 * container's files, environment and neighbours around it.
 *
 * Left out: a terminal of its own for a container's first process: without one, `sh` alone ends at once, as in life.
 */
import { parseScript } from '../../shell/parse.ts'
import { resume, type ShellHost, type ShellInput, type ShellOutput } from '../../shell/run.ts'
import { isIdle, MAIN, newShell, type Shell, withScript } from '../../shell/state.ts'
import type { Script } from '../../shell/syntax.ts'
import { commandNames, containerCommand } from './container-commands.ts'
import {
  type Program,
  type ProgramHost,
  type ProgramInput,
  type ProgramOutput,
  type SignalName,
  unhandled,
} from './program.ts'
import { shellFiles } from './shell-files.ts'

interface ShellState {
  readonly shell: Shell
  /** Lines are typed at it. */
  readonly interactive: boolean
  readonly unfinished: string
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'ash', 'bash', 'dash'])

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

interface Line {
  readonly name: string
  /** Undefined: it reads what is typed. */
  readonly script: string | undefined
  readonly positional: readonly string[]
}

function shellLine(name: string, args: readonly string[], host: ProgramHost): Line {
  const index = args.findIndex((arg) => /^-[a-z]*c$/.test(arg))
  if (index >= 0) {
    const flags = args[index]!.replace('c', '')
    const prelude = flags.length > 1 ? `set ${flags}\n` : ''
    const [script = '', zero, ...positional] = args.slice(index + 1)
    return { name: zero ?? name, script: prelude + script, positional }
  }
  const [file, ...positional] = args.filter((arg) => !arg.startsWith('-'))
  if (file === undefined) return { name, script: undefined, positional: [] }
  const text = host.files.read(file)
  return {
    name: file,
    script: typeof text === 'string' ? text : `echo "${name}: can't open '${file}'" >&2; exit 2`,
    positional,
  }
}

const isApplet = (path: string): boolean => /^\/(usr\/)?s?bin\//.test(path)

/** What a command line asks of the shell. */
function lineOf(host: ProgramHost): Line {
  const [first = 'sh', ...args] = host.argv
  const name = baseName(first)
  if (SHELLS.has(name)) return shellLine(name, args, host)
  if (name === 'busybox' && args[0] && SHELLS.has(args[0])) return shellLine(args[0], args.slice(1), host)
  const words = name === 'busybox' ? args : isApplet(first) ? [name, ...args] : host.argv
  const node = first.includes('/') ? host.files.read(first) : undefined
  if (typeof node === 'string' && node.startsWith('#!')) return { name: first, script: node, positional: args }
  return { name: 'sh', script: words.map(quoted).join(' '), positional: [] }
}

function begin(host: ProgramHost): ShellState | ProgramOutput {
  const { name, script, positional } = lineOf(host)
  const environment = { ...Object.fromEntries(host.environment), SHLVL: '1' }
  const shell = newShell({ name, environment, directory: host.workingDirectory, positional })
  if (script === undefined) return host.isFirst ? { exit: 0 } : { shell, interactive: true, unfinished: '' }
  const parsed = parseScript(script)
  if ('script' in parsed) return { shell: withScript(shell, parsed.script), interactive: false, unfinished: '' }
  const why = 'error' in parsed ? parsed.error : 'syntax error: unterminated quoted string'
  return { stderr: `${name}: ${why}\n`, exit: 2 }
}

const hostOf = (host: ProgramHost): ShellHost => ({
  files: shellFiles(host),
  now: host.now,
  draw: host.draw,
  command: (name) => containerCommand(name, host),
  commandNames,
  interactive: false,
  columns: 80,
  rows: 24,
})

function outputOf({ printed, wakeAt, done }: ShellOutput, ends: boolean): ProgramOutput {
  return {
    ...(printed.length > 0 && { printed }),
    ...(wakeAt !== undefined && { wakeAt }),
    ...(done !== undefined && ends && { exit: done & 255 }),
  }
}

function goOn(state: ShellState, input: ShellInput, host: ProgramHost): readonly [ShellState, ProgramOutput] {
  const [shell, output] = resume(state.shell, input, hostOf(host))
  return [{ ...state, shell }, outputOf(output, !state.interactive)]
}

const TRAP_NAMES: Readonly<Record<SignalName, readonly string[]>> = {
  SIGTERM: ['TERM', 'SIGTERM', '15'],
  SIGINT: ['INT', 'SIGINT', '2'],
  SIGHUP: ['HUP', 'SIGHUP', '1'],
  SIGQUIT: ['QUIT', 'SIGQUIT', '3'],
  SIGUSR1: ['USR1', 'SIGUSR1', '10'],
  SIGUSR2: ['USR2', 'SIGUSR2', '12'],
  SIGKILL: [],
}

function trapFor({ shell }: ShellState, signal: SignalName): string | undefined {
  const { traps } = shell.tasks[MAIN]!.scope
  const name = TRAP_NAMES[signal].find((candidate) => traps[candidate] !== undefined)
  return name === undefined ? undefined : traps[name]
}

/** `wait` does not go on waiting once a trap has run. */
function withoutWait(shell: Shell): Shell {
  const main = shell.tasks[MAIN]!
  const frames = main.frames.filter(({ is }) => is !== 'wait')
  return frames.length === main.frames.length
    ? shell
    : { ...shell, tasks: { ...shell.tasks, [MAIN]: { ...main, frames } } }
}

function onSignal(state: ShellState, signal: SignalName, host: ProgramHost): readonly [ShellState, ProgramOutput] {
  const trap = trapFor(state, signal)
  if (trap === undefined) return [state, unhandled(signal, host)]
  const parsed = parseScript(trap)
  const script: Script = 'script' in parsed ? parsed.script : []
  const interrupted = { ...state, shell: withoutWait(state.shell) }
  return goOn(interrupted, { type: 'trapped', script }, host)
}

const END_OF_INPUT = '\u0004'

/** What a program that runs reads; ctrl-D ends it. */
function onTypedAtProgram(state: ShellState, text: string, host: ProgramHost): readonly [ShellState, ProgramOutput] {
  if (!text.endsWith(END_OF_INPUT)) return goOn(state, { type: 'typed', text }, host)
  const rest = text.slice(0, -1)
  const [read, said] = rest === '' ? [state, {}] : goOn(state, { type: 'typed', text: rest }, host)
  const [ended, output] = goOn(read, { type: 'endOfInput' }, host)
  return [ended, { ...output, printed: [...(said.printed ?? []), ...(output.printed ?? [])] }]
}

/** A complete line is run; an incomplete one waits for the next. */
function onTyped(state: ShellState, text: string, host: ProgramHost): readonly [ShellState, ProgramOutput] {
  if (!state.interactive || !isIdle(state.shell)) return onTypedAtProgram(state, text, host)
  const typed = state.unfinished + text
  if (typed.includes(END_OF_INPUT)) return [state, { exit: 0 }]
  const parsed = parseScript(typed)
  if ('incomplete' in parsed) return [{ ...state, unfinished: typed }, {}]
  if ('error' in parsed) return [{ ...state, unfinished: '' }, { stderr: `sh: ${parsed.error}\n` }]
  const ready = { ...state, unfinished: '', shell: withScript(state.shell, parsed.script) }
  const [next, output] = resume(ready.shell, { type: 'go' }, hostOf(host))
  const left = output.done !== undefined && /(^|\n|;)\s*exit\b/.test(typed)
  return [{ ...ready, shell: next }, outputOf(output, left)]
}

export const shell: Program<ShellState | null> = {
  run: (state, input: ProgramInput, host) => {
    if (!state) {
      const begun = begin(host)
      if (!('shell' in begun)) return [null, begun]
      return begun.interactive ? [begun, {}] : goOn(begun, { type: 'go' }, host)
    }
    if (input.type === 'signal') return onSignal(state, input.signal, host)
    if (input.type === 'stdin') return onTyped(state, input.text, host)
    return goOn(state, { type: 'go' }, host)
  },
}
