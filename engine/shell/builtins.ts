/**
 * Commands that change the shell itself, and so cannot be programs of their own. Each gets the task it runs in and says its exit
 * code, or undefined when it has put something on the stack that will.
 *
 * Left out: alias, getopts, ulimit, umask, fc, bg and fg (a job cannot be brought back to the front).
 */
import { evaluate } from './arithmetic.ts'
import { absolutePath, isFileFailure } from './command.ts'
import { formatted } from './format.ts'
import { parseScript } from './parse.ts'
import {
  complain,
  endTask,
  exportedVariables,
  isRunning,
  jobsOf,
  setVariable,
  startCommand,
  variable,
  type Work,
  write,
} from './run.ts'
import type { ShellOptions, Task } from './state.ts'
import { testArguments } from './test-words.ts'

export type Builtin = (
  work: Work,
  task: Task,
  args: readonly string[],
  assignments: Readonly<Record<string, string>>,
) => number | undefined

function runText(work: Work, task: Task, text: string, positional?: readonly string[]): number | undefined {
  const parsed = parseScript(text)
  if ('script' in parsed) {
    if (positional) task.frames.push({ is: 'call', positional: task.scope.positional, locals: {} })
    if (positional) task.scope.positional = positional
    task.frames.push({ is: 'script', script: parsed.script, item: 0, pipeline: 0 })
    task.scope.lastCode = 0
    return undefined
  }
  complain(work, task, 'error' in parsed ? parsed.error : 'syntax error: unexpected end of file')
  return 2
}

const source: Builtin = (work, task, [path, ...args]) => {
  if (path === undefined) {
    complain(work, task, 'source: filename argument required')
    return 2
  }
  const text = work.host.files.read(absolutePath(task.scope.directory, path))
  if (!isFileFailure(text)) return runText(work, task, text, args.length > 0 ? args : undefined)
  complain(work, task, `${path}: ${text.failure}`)
  return 1
}

const cd: Builtin = (work, task, [to]) => {
  const home = variable(work, task, 'HOME') ?? '/'
  const target = to === '-' ? (variable(work, task, 'OLDPWD') ?? home) : (to ?? home)
  const path = absolutePath(task.scope.directory, target)
  const stat = work.host.files.stat(path)
  if (path !== '/' && stat?.kind !== 'directory') {
    complain(work, task, `cd: ${target}: ${stat ? 'Not a directory' : 'No such file or directory'}`)
    return 1
  }
  setVariable(task, 'OLDPWD', task.scope.directory)
  task.scope.directory = path
  if (to === '-') write(work, task, 1, `${path}\n`)
  return 0
}

const declare =
  (exported: boolean): Builtin =>
  (work, task, args) => {
    for (const arg of args.filter((text) => !text.startsWith('-'))) {
      const at = arg.indexOf('=')
      const name = at < 0 ? arg : arg.slice(0, at)
      setVariable(task, name, at < 0 ? (variable(work, task, name) ?? '') : arg.slice(at + 1), exported || undefined)
    }
    if (args.length === 0) for (const line of exportLines(task)) write(work, task, 1, line)
    return 0
  }

const exportLines = (task: Task): readonly string[] =>
  Object.entries(exportedVariables(task.scope))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `declare -x ${name}="${value}"\n`)

const local: Builtin = (work, task, args) => {
  const call = task.frames.findLast((frame) => frame.is === 'call')
  if (call?.is !== 'call') {
    complain(work, task, 'local: can only be used in a function')
    return 1
  }
  for (const arg of args) {
    const name = arg.split('=', 1)[0]!
    call.locals = { [name]: task.scope.variables[name] ?? null, ...call.locals }
  }
  return declare(false)(work, task, args, {})
}

const unset: Builtin = (_work, task, args) => {
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    const { [name]: _variable, ...variables } = task.scope.variables
    const { [name]: _function, ...functions } = task.scope.functions
    task.scope.variables = variables
    task.scope.functions = functions
  }
  return 0
}

const OPTIONS: Readonly<Record<string, keyof ShellOptions>> = { e: 'errexit', u: 'nounset', x: 'xtrace' }

function setOption(task: Task, name: string, on: boolean): boolean {
  const known = (['errexit', 'nounset', 'xtrace', 'pipefail'] as const).find((option) => option === name)
  if (known) task.scope.options = { ...task.scope.options, [known]: on }
  return known !== undefined
}

const set: Builtin = (work, task, args) => {
  const rest = [...args]
  for (let arg = rest[0]; arg !== undefined && /^[-+]/.test(arg); arg = rest[0]) {
    rest.shift()
    if (arg === '--') break
    const on = arg.startsWith('-')
    const names = [...arg.slice(1)].map((letter) =>
      letter === 'o' ? (rest.shift() ?? '') : (OPTIONS[letter] ?? letter),
    )
    const unknown = names.find((name) => !setOption(task, name, on))
    if (unknown === undefined) continue
    complain(work, task, `set: ${unknown}: invalid option name`)
    return 2
  }
  if (rest.length > 0 || args.includes('--')) task.scope.positional = rest
  return 0
}

const shift: Builtin = (_work, task, [count = '1']) => {
  const by = Number(count)
  if (by > task.scope.positional.length) return 1
  task.scope.positional = task.scope.positional.slice(by)
  return 0
}

const isLoop = (frame: Task['frames'][number]): boolean => frame.is === 'while' || frame.is === 'for'

/** Leaves loops: `break` takes the loop away too, `continue` leaves it to go on. */
const leaveLoop =
  (whole: boolean): Builtin =>
  (work, task, [levels = '1']) => {
    let left = Number(levels)
    if (!task.frames.some(isLoop)) {
      complain(work, task, `${whole ? 'break' : 'continue'}: only meaningful in a \`for', \`while', or \`until' loop`)
      return 0
    }
    for (let top = task.frames.at(-1); top && left > 0; top = task.frames.at(-1)) {
      if (top.is === 'restore') task.channels = top.channels
      if (isLoop(top) && --left === 0 && !whole) {
        if (top.is === 'while') top.condition = false
        break
      }
      task.frames.pop()
    }
    task.scope.lastCode = 0
    return undefined
  }

const returnFrom: Builtin = (_work, task, [code]) => {
  const wanted = code === undefined ? task.scope.lastCode : Number(code)
  const at = task.frames.findLastIndex((frame) => frame.is === 'call')
  for (let top = task.frames.at(-1); top && task.frames.length > Math.max(at + 1, 0); top = task.frames.at(-1)) {
    if (top.is === 'restore') task.channels = top.channels
    task.frames.pop()
  }
  task.scope.lastCode = wanted & 255
  return undefined
}

const exit: Builtin = (work, task, [code]) => {
  const trap = task.scope.traps.EXIT
  const wanted = code === undefined ? task.scope.lastCode : Number(code) & 255
  if (trap !== undefined) {
    task.scope.traps = { ...task.scope.traps, EXIT: '' }
    if (trap !== '') {
      task.frames = []
      return runText(work, task, `${trap}\nexit ${wanted}`)
    }
  }
  endTask(work, task, wanted)
  return undefined
}

const read: Builtin = (work, task, args) => {
  const names = args.filter(
    (arg, index) => !arg.startsWith('-') && args[index - 1] !== '-p' && args[index - 1] !== '-t',
  )
  const prompt = args.indexOf('-p')
  if (prompt >= 0) write(work, task, 2, args[prompt + 1] ?? '')
  task.frames.push({ is: 'read', names: names.length > 0 ? names : ['REPLY'], raw: args.includes('-r') })
  return undefined
}

const test: Builtin = (work, task, args) => {
  const answer = testArguments(args, { files: work.host.files, directory: task.scope.directory })
  if (typeof answer !== 'string') return answer ? 0 : 1
  complain(work, task, `test: ${answer}`)
  return 2
}

const bracket: Builtin = (work, task, args) => {
  if (args.at(-1) === ']') return test(work, task, args.slice(0, -1), {})
  complain(work, task, "[: missing `]'")
  return 2
}

const echo: Builtin = (work, task, args) => {
  const flags = args.findIndex((arg) => !/^-[neE]+$/.test(arg))
  const words = flags < 0 ? [] : args.slice(flags)
  const options = args.slice(0, flags < 0 ? args.length : flags).join('')
  const text = options.includes('e') ? formatted('%b', [words.join(' ')]).text : words.join(' ')
  write(work, task, 1, options.includes('n') ? text : `${text}\n`)
  return 0
}

const printf: Builtin = (work, task, [format, ...args]) => {
  if (format === undefined) {
    complain(work, task, 'printf: usage: printf format [arguments]')
    return 2
  }
  const { text, problem } = formatted(format, args)
  write(work, task, 1, text)
  if (problem) complain(work, task, `printf: ${problem}`)
  return problem ? 1 : 0
}

const typeOf: Builtin = (work, task, args) => {
  let code = 0
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    if (task.scope.functions[name]) write(work, task, 1, `${name} is a function\n`)
    else if (BUILTINS[name]) write(work, task, 1, `${name} is a shell builtin\n`)
    else if (work.host.command(name)) write(work, task, 1, `${name} is /usr/bin/${name}\n`)
    else {
      complain(work, task, `type: ${name}: not found`)
      code = 1
    }
  }
  return code
}

const command: Builtin = (work, task, args, assignments) => {
  if (args[0] !== '-v' && args[0] !== '-V') return startWithout(work, task, args, assignments)
  const name = args[1] ?? ''
  if (task.scope.functions[name] || BUILTINS[name]) write(work, task, 1, `${name}\n`)
  else if (work.host.command(name)) write(work, task, 1, `/usr/bin/${name}\n`)
  else return 1
  return 0
}

function startWithout(
  work: Work,
  task: Task,
  args: readonly string[],
  assignments: Readonly<Record<string, string>>,
): undefined {
  const { [args[0] ?? '']: _shadowed, ...functions } = task.scope.functions
  task.scope.functions = functions
  startCommand(work, task, args, assignments)
}

const wait: Builtin = (work, task, args) => {
  const wanted = args.map((arg) =>
    arg.startsWith('%') ? (jobsOf(work)[Number(arg.slice(1)) - 1]?.id ?? -1) : Number(arg) - 1000,
  )
  const children = args.length > 0 ? wanted : jobsOf(work).map(({ id }) => id)
  task.frames.push({ is: 'wait', children })
  return undefined
}

const jobs: Builtin = (work, task) => {
  for (const [index, job] of jobsOf(work).entries())
    write(work, task, 1, `[${index + 1}]   ${(isRunning(job) ? 'Running' : 'Done').padEnd(24)}${job.job}\n`)
  return 0
}

const kill: Builtin = (work, task, args) => {
  let code = 0
  for (const arg of args.filter((text) => !text.startsWith('-'))) {
    const id = arg.startsWith('%') ? (jobsOf(work)[Number(arg.slice(1)) - 1]?.id ?? -1) : Number(arg) - 1000
    if (work.tasks.has(id) && id !== task.id) work.tasks.delete(id)
    else {
      complain(work, task, `kill: (${arg}) - No such process`)
      code = 1
    }
  }
  return code
}

const trap: Builtin = (_work, task, [script = '', ...signals]) => {
  for (const signal of signals) {
    const name = signal.replace(/^SIG/, '')
    task.scope.traps = { ...task.scope.traps, [name === '0' ? 'EXIT' : name]: script === '-' ? '' : script }
  }
  return 0
}

const letNumbers: Builtin = (work, task, args) => {
  let value: ReturnType<typeof evaluate> = 0
  for (const arg of args)
    value = evaluate(arg, {
      get: (name) => variable(work, task, name) ?? '',
      set: (name, text) => setVariable(task, name, text),
    })
  if (typeof value === 'number') return value === 0 ? 1 : 0
  complain(work, task, `let: ${value.arithmetic}`)
  return 1
}

/** `sh -c`, `bash script`: a shell in a shell. */
const nested: Builtin = (work, task, args, assignments) => {
  const at = args.findIndex((arg) => !arg.startsWith('-'))
  const options = args.slice(0, at < 0 ? args.length : at).join('')
  const [first = '', ...rest] = at < 0 ? [] : args.slice(at)
  if (at < 0 && !options.includes('c')) {
    complain(work, task, 'this is the shell already: give it -c SCRIPT or a file')
    return 2
  }
  const text = options.includes('c') ? first : work.host.files.read(absolutePath(task.scope.directory, first))
  if (isFileFailure(text)) {
    complain(work, task, `${first}: ${text.failure}`)
    return 127
  }
  const parsed = parseScript(text)
  if (!('script' in parsed)) return runText(work, task, text)
  for (const [name, value] of Object.entries(assignments)) setVariable(task, name, value, true)
  const strict = options.includes('e') ? 'set -e\n' : ''
  const inner = strict ? parseScript(strict + text) : parsed
  const script = 'script' in inner ? inner.script : parsed.script
  const positional = options.includes('c') ? rest.slice(1) : rest
  task.frames.push({ is: 'call', positional: task.scope.positional, locals: {} })
  task.scope.positional = positional
  task.frames.push({
    is: 'node',
    node: { is: 'subshell', body: script, redirects: [] },
    outputs: [],
    child: null,
  })
  return undefined
}

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  '.': source,
  source,
  cd,
  export: declare(true),
  readonly: declare(false),
  declare: declare(false),
  typeset: declare(false),
  local,
  unset,
  set,
  shift,
  break: leaveLoop(true),
  continue: leaveLoop(false),
  return: returnFrom,
  exit,
  eval: (work, task, args) => runText(work, task, args.join(' ')),
  exec: (work, task, args, assignments) => {
    if (args.length > 0) startCommand(work, task, args, assignments)
    return args.length > 0 ? undefined : 0
  },
  read,
  test,
  '[': bracket,
  echo,
  printf,
  pwd: (work, task) => {
    write(work, task, 1, `${task.scope.directory}\n`)
    return 0
  },
  type: typeOf,
  command,
  builtin: (work, task, [name = '', ...args], assignments) => BUILTINS[name]?.(work, task, args, assignments) ?? 1,
  wait,
  jobs,
  kill,
  trap,
  let: letNumbers,
  sh: nested,
  bash: nested,
  ash: nested,
}
