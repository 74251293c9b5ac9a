/** A line of bash, run to its end in our shell with our kubectl; the world lends requests and time. */
import { kubectlCommand, type Send } from '../../../engine/cluster/kubectl-command.ts'
import type { Command, ShellFiles } from '../../../engine/shell/command.ts'
import { COMMANDS } from '../../../engine/shell/commands/index.ts'
import { parseScript } from '../../../engine/shell/parse.ts'
import { resume, type ShellHost } from '../../../engine/shell/run.ts'
import { newShell, type Shell, withScript } from '../../../engine/shell/state.ts'
import { HOME, WORK } from './inputs.ts'

export interface Surroundings {
  readonly files: ShellFiles
  readonly send: Send
  readonly now: () => number
  readonly advance: (until: number) => void
}

export interface Printed {
  readonly out: string
  readonly err: string
  /** null: it still ran when it was interrupted. */
  readonly code: number | null
}

const hostFor = ({ files, now, send }: Surroundings): ShellHost => {
  const kubectl = kubectlCommand(send) as Command
  const commands: Readonly<Record<string, Command>> = { ...COMMANDS, kubectl }
  return {
    files,
    now,
    draw: () => 0.5,
    command: (name) => (Object.hasOwn(commands, name) ? commands[name] : undefined),
    commandNames: () => Object.keys(commands),
    interactive: false,
    columns: 80,
    rows: 24,
  }
}

/** As long as the recorder waited for a command. */
const PATIENCE = 30_000

export function runLine(line: string, stdin: string, surroundings: Surroundings, patience = PATIENCE): Printed {
  const parsed = parseScript(line)
  if (!('script' in parsed))
    return { out: '', err: `our shell cannot read this line: ${JSON.stringify(parsed)}`, code: 2 }
  const environment = {
    HOME,
    PATH: '/bin:/usr/bin',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    TERM: 'dumb',
    TMPDIR: '/tmp',
    PWD: WORK,
  }
  const host = hostFor(surroundings)
  let shell: Shell = {
    ...withScript(newShell({ name: 'bash', environment, directory: WORK }), parsed.script),
    typed: stdin,
    typedEnd: true,
  }
  const until = surroundings.now() + patience
  let [out, err] = ['', '']
  for (let turns = 0; turns < 5000; turns++) {
    const [next, output] = resume(shell, { type: 'go' }, host)
    for (const { stream, text } of output.printed) stream === 'stdout' ? (out += text) : (err += text)
    if (output.done !== undefined) return { out, err, code: output.done }
    shell = next
    if (output.wakeAt === undefined || output.wakeAt > until) break
    surroundings.advance(output.wakeAt)
  }
  return { out, err, code: null }
}
