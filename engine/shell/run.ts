/**
 * The shell at work: takes a shell and something that happens to it (a script to go on with, a line typed, ctrl-C, its time has come)
 * and runs until everything in it waits. The learner's terminal and `sh -c` in a container are this same function.
 *
 * Upstream: POSIX.1-2024, Shell Command Language; texts as bash prints them.
 * Left out: job control beyond `&`, `jobs` and `wait`; process substitution; arrays.
 */
import type { Draw } from '../std/draw.ts'
import type { Millis } from '../std/time.ts'
import { evaluate } from './arithmetic.ts'
import { BUILTINS } from './builtins.ts'
import {
  absolutePath,
  type Command,
  type CommandHost,
  type CommandInput,
  isFileFailure,
  type ShellFiles,
} from './command.ts'
import { type Expansion, expandPattern, expandText, expandWords, substitutionsIn } from './expand.ts'
import { type Channel, type Channels, type Frame, MAIN, type Scope, type Shell, type Task } from './state.ts'
import type { Node, Redirect, Script, Word } from './syntax.ts'
import { testWords } from './test-words.ts'

export interface ShellHost {
  readonly files: ShellFiles
  readonly now: () => Millis
  readonly draw: Draw
  readonly command: (name: string) => Command | undefined
  readonly commandNames: () => readonly string[]
  /** A person types at it. */
  readonly interactive: boolean
  readonly columns: number
  readonly rows: number
}

export type ShellInput =
  | { readonly type: 'go' }
  | { readonly type: 'typed'; readonly text: string }
  | { readonly type: 'endOfInput' }
  | { readonly type: 'interrupt' }
  /** A signal for which a trap was set; the trap runs when the command in front has ended. */
  | { readonly type: 'trapped'; readonly script: Script }

export interface Printed {
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}

export interface ShellOutput {
  readonly printed: readonly Printed[]
  /** When it wants to go on by itself. */
  readonly wakeAt: Millis | undefined
  /** Something in front reads what is typed. */
  readonly reads: boolean
  /** The exit code, when nothing is left to do. */
  readonly done: number | undefined
}

/** The working copy of a shell while it runs; nobody else sees it. */
export interface Work {
  readonly host: ShellHost
  readonly name: string
  readonly tasks: Map<number, Task>
  readonly pipes: Map<number, string>
  readonly printed: Printed[]
  nextId: number
  typed: string
  typedEnd: boolean
  budget: number
}

/** As many steps as one instant may take: a loop that never waits lets a millisecond pass after so many. */
const STEPS_AT_ONCE = 20_000

const copyTask = (task: Task): Task => ({
  ...task,
  scope: { ...task.scope },
  frames: task.frames.map((frame) => ({ ...frame })),
})

function workOn(shell: Shell, host: ShellHost): Work {
  const tasks = Object.values(shell.tasks).map((task): [number, Task] => [task.id, copyTask(task)])
  return {
    host,
    name: shell.name,
    tasks: new Map(tasks),
    pipes: new Map(Object.entries(shell.pipes).map(([id, text]) => [Number(id), text])),
    printed: [],
    nextId: shell.nextId,
    typed: shell.typed,
    typedEnd: shell.typedEnd,
    budget: STEPS_AT_ONCE,
  }
}

function finished(work: Work): Shell {
  const { nextId, typed, typedEnd, name } = work
  const held = [...work.pipes].filter(([id]) => isCapture(id) || hasReader(work, id) || hasWriter(work, id))
  return { tasks: Object.fromEntries(work.tasks), pipes: Object.fromEntries(held), nextId, typed, typedEnd, name }
}

const topOf = (task: Task): Frame | undefined => task.frames.at(-1)

export const isRunning = (task: Task): boolean => task.code === null

const channelsHeld = (task: Task): readonly Channels[] => [
  task.channels,
  ...task.frames.flatMap((frame) => (frame.is === 'restore' ? [frame.channels] : [])),
]

const holds = (task: Task, pipe: number, writing: boolean): boolean =>
  channelsHeld(task).some((channels) =>
    Object.entries(channels).some(
      ([descriptor, channel]) => (descriptor !== '0') === writing && channel.to === 'pipe' && channel.pipe === pipe,
    ),
  )

const hasWriter = (work: Work, pipe: number): boolean =>
  [...work.tasks.values()].some((task) => isRunning(task) && holds(task, pipe, true))

const hasReader = (work: Work, pipe: number): boolean =>
  [...work.tasks.values()].some((task) => isRunning(task) && holds(task, pipe, false))

/** Writes to a channel of a task; false when nobody reads any more. */
export function write(work: Work, task: Task, descriptor: number, text: string): boolean {
  if (text === '') return true
  const channel = task.channels[descriptor] ?? { to: 'nothing' }
  if (channel.to === 'terminal') work.printed.push({ stream: channel.stream, text })
  if (channel.to === 'file') appendFile(work, channel.path, text)
  if (channel.to !== 'pipe') return true
  if (!hasReader(work, channel.pipe) && !isCapture(channel.pipe)) return false
  work.pipes.set(channel.pipe, (work.pipes.get(channel.pipe) ?? '') + text)
  return true
}

/** Pipes from here on are read by the shell itself: the output of a substitution. */
const FIRST_CAPTURE = 1_000_000

const isCapture = (pipe: number): boolean => pipe >= FIRST_CAPTURE

function appendFile(work: Work, path: string, text: string): void {
  const old = work.host.files.read(path)
  work.host.files.write(path, (isFileFailure(old) ? '' : old) + text)
}

export const complain = (work: Work, task: Task, text: string): void =>
  void write(work, task, 2, `${work.name}: ${text}\n`)

function spawn(work: Work, parent: Task, frames: Frame[], channels: Channels, job?: string): Task {
  const task: Task = {
    id: work.nextId++,
    scope: { ...parent.scope, traps: {} },
    frames,
    channels,
    code: null,
    ...(job !== undefined && { job }),
  }
  work.tasks.set(task.id, task)
  return task
}

const scriptFrame = (script: Script): Frame => ({ is: 'script', script, item: 0, pipeline: 0 })

const nodeFrame = (node: Node): Frame => ({ is: 'node', node, outputs: [], child: null })

// ---- expansion ---------------------------------------------------------------------------------------------

export function variable(work: Work, task: Task, name: string): string | undefined {
  const { scope } = task
  switch (name) {
    case '?':
      return String(scope.lastCode)
    case '$':
      return String(1000 + task.id)
    case '!':
      return String(1000 + lastJob(work))
    case '0':
      return work.name
    case '-':
      return scope.options.errexit ? 'e' : ''
    case 'PWD':
      return scope.directory
    case 'RANDOM':
      return String(Math.floor(work.host.draw('RANDOM', work.host.now(), work.budget) * 32768))
    case 'SECONDS':
      return String(Math.floor(work.host.now() / 1000))
    default:
      return scope.variables[name]?.value
  }
}

const lastJob = (work: Work): number =>
  Math.max(0, ...[...work.tasks.values()].filter((task) => task.job).map(({ id }) => id))

export function setVariable(task: Task, name: string, value: string, exported?: boolean): void {
  const old = task.scope.variables[name]
  const keep = exported ?? old?.exported ?? false
  task.scope.variables = { ...task.scope.variables, [name]: keep ? { value, exported: true } : { value } }
}

function expansionFor(work: Work, task: Task, outputs: readonly string[]): Expansion {
  const get = (name: string) => {
    const value = variable(work, task, name)
    if (value === undefined && task.scope.options.nounset) throw { expansion: `${name}: unbound variable` }
    return value
  }
  return {
    get,
    set: (name, value) => setVariable(task, name, value),
    positional: task.scope.positional,
    outputs: [...outputs],
    files: work.host.files,
    directory: task.scope.directory,
  }
}

/** Runs a frame's substitutions one after another; their outputs when all have ended. */
function substituted(
  work: Work,
  task: Task,
  frame: Extract<Frame, { is: 'node' }>,
  words: readonly Word[],
): readonly string[] | undefined {
  const scripts = substitutionsIn(words)
  if (frame.child !== null) {
    const child = work.tasks.get(frame.child)!
    if (isRunning(child)) return undefined
    const pipe = captureOf(child)
    frame.outputs = [...frame.outputs, work.pipes.get(pipe) ?? '']
    task.scope.lastCode = child.code!
    work.pipes.delete(pipe)
    work.tasks.delete(child.id)
    frame.child = null
  }
  if (frame.outputs.length === scripts.length) return frame.outputs
  const pipe = FIRST_CAPTURE + work.nextId
  const channels = { ...task.channels, 1: { to: 'pipe', pipe } as const }
  frame.child = spawn(work, task, [scriptFrame(scripts[frame.outputs.length]!)], channels).id
  return undefined
}

const captureOf = (task: Task): number => {
  const channel = task.channels[1]!
  return channel.to === 'pipe' ? channel.pipe : -1
}

// ---- redirects ---------------------------------------------------------------------------------------------

const wordsOf = (redirects: readonly Redirect[]): readonly Word[] => redirects.map(({ target }) => target)

function textPipe(work: Work, text: string): Channel {
  const pipe = work.nextId++
  work.pipes.set(pipe, text)
  return { to: 'pipe', pipe }
}

function opened(work: Work, task: Task, redirect: Redirect, target: string): Channel | string {
  const path = absolutePath(task.scope.directory, target)
  if (redirect.kind === '<<') return textPipe(work, target)
  if (redirect.kind === '<<<') return textPipe(work, `${target}\n`)
  if (redirect.kind === '>&' || redirect.kind === '<&')
    return target === '-' ? { to: 'nothing' } : (task.channels[Number(target)] ?? `${target}: Bad file descriptor`)
  if (path === '/dev/null') return redirect.kind === '<' ? textPipe(work, '') : { to: 'nothing' }
  if (path === '/dev/stdout' || path === '/dev/stderr') return task.channels[path === '/dev/stdout' ? 1 : 2]!
  return redirect.kind === '<' ? openForReading(work, path, target) : openForWriting(work, path, target, redirect.kind)
}

function openForReading(work: Work, path: string, target: string): Channel | string {
  const text = work.host.files.read(path)
  return isFileFailure(text) ? `${target}: ${text.failure}` : textPipe(work, text)
}

function openForWriting(work: Work, path: string, target: string, kind: string): Channel | string {
  const exists = work.host.files.stat(path) !== undefined
  const failed = kind === '>' || !exists ? work.host.files.write(path, '') : undefined
  return failed ? `${target}: ${failed.failure}` : { to: 'file', path }
}

/** The channels with redirects applied, or what is wrong. */
function redirected(work: Work, task: Task, redirects: readonly Redirect[], expansion: Expansion): Channels | string {
  let { channels } = task
  for (const redirect of redirects) {
    const target = expandText(redirect.target, expansion)
    const channel = opened(work, { ...task, channels }, redirect, target)
    if (typeof channel === 'string') return channel
    channels = { ...channels, [redirect.descriptor]: channel }
  }
  return channels
}

// ---- frames ------------------------------------------------------------------------------------------------

export const pop = (task: Task): void => void task.frames.pop()

export function popWith(task: Task, code: number): void {
  task.scope.lastCode = code
  task.frames.pop()
}

type Advance<Kind extends Frame['is']> = (work: Work, task: Task, frame: Extract<Frame, { is: Kind }>) => boolean

const advanceScript: Advance<'script'> = (work, task, frame) => {
  const item = frame.script[frame.item]
  if (!item) return endScript(task)
  const joined = item.pipelines[frame.pipeline]
  if (!joined) {
    frame.item++
    frame.pipeline = 0
    return true
  }
  if (item.background) return startJob(work, task, frame)
  frame.pipeline++
  const { lastCode } = task.scope
  if ((joined.after === '&&' && lastCode !== 0) || (joined.after === '||' && lastCode === 0)) return true
  task.frames.push({ is: 'pipeline', pipeline: joined.pipeline, children: null })
  return true
}

function endScript(task: Task): boolean {
  task.frames.pop()
  return true
}

function startJob(work: Work, task: Task, frame: Extract<Frame, { is: 'script' }>): boolean {
  const item = frame.script[frame.item]!
  const channels = { ...task.channels, 0: { to: 'nothing' } as const }
  const job = spawn(work, task, [scriptFrame([{ ...item, background: false }])], channels, item.text)
  if (work.host.interactive && task.id === MAIN) write(work, task, 2, `[${jobsOf(work).length}] ${1000 + job.id}\n`)
  task.scope.lastCode = 0
  frame.item++
  frame.pipeline = 0
  return true
}

export const jobsOf = (work: Work): readonly Task[] => [...work.tasks.values()].filter((task) => task.job !== undefined)

const advancePipeline: Advance<'pipeline'> = (work, task, frame) => {
  const { commands, negated } = frame.pipeline
  if (frame.children === null) return startPipeline(work, task, frame)
  const children = frame.children.map((id) => work.tasks.get(id)!)
  if (children.some(isRunning)) return false
  if (children.length > 0) task.scope.lastCode = pipelineCode(task, children)
  for (const { id } of children) work.tasks.delete(id)
  if (negated) task.scope.lastCode = task.scope.lastCode === 0 ? 1 : 0
  task.frames.pop()
  if (task.scope.lastCode !== 0 && !negated && commands.length > 0) return failFast(work, task)
  return true
}

function pipelineCode(task: Task, children: readonly Task[]): number {
  const failed = task.scope.options.pipefail ? children.findLast((child) => child.code !== 0) : undefined
  return (failed ?? children.at(-1)!).code!
}

/** `set -e`: ends the task when a command fails that nobody asks about. */
function failFast(work: Work, task: Task): boolean {
  if (!task.scope.options.errexit || isAskedAbout(task)) return true
  endTask(work, task, task.scope.lastCode)
  return true
}

const isAskedAbout = (task: Task): boolean =>
  task.frames.some((frame) => {
    if (frame.is === 'if' || frame.is === 'while') return frame.condition
    if (frame.is !== 'script') return false
    const item = frame.script[frame.item]
    return item !== undefined && frame.pipeline < item.pipelines.length
  })

function startPipeline(work: Work, task: Task, frame: Extract<Frame, { is: 'pipeline' }>): boolean {
  const { commands } = frame.pipeline
  if (commands.length === 1) {
    frame.children = []
    task.frames.push(nodeFrame(commands[0]!))
    return true
  }
  let input = task.channels[0]!
  const children: number[] = []
  for (const [index, command] of commands.entries()) {
    const last = index === commands.length - 1
    const pipe: Channel = last ? task.channels[1]! : { to: 'pipe', pipe: work.nextId++ }
    children.push(spawn(work, task, [nodeFrame(command)], { ...task.channels, 0: input, 1: pipe }).id)
    input = pipe
  }
  frame.children = children
  return true
}

const wordsNeeded = (node: Node): readonly Word[] => {
  switch (node.is) {
    case 'function':
      return []
    case 'simple':
      return [...node.assignments.map(({ value }) => value), ...node.words, ...wordsOf(node.redirects)]
    case 'for':
      return [...(node.words ?? []), ...wordsOf(node.redirects)]
    case 'case':
      return [node.subject, ...wordsOf(node.redirects)]
    case 'test':
      return [...node.words, ...wordsOf(node.redirects)]
    default:
      return wordsOf(node.redirects)
  }
}

const advanceNode: Advance<'node'> = (work, task, frame) => {
  const outputs = substituted(work, task, frame, wordsNeeded(frame.node))
  if (!outputs) return false
  try {
    startNode(work, task, frame.node, expansionFor(work, task, outputs))
  } catch (thrown) {
    const { expansion } = thrown as { expansion?: string }
    if (expansion === undefined) throw thrown
    complain(work, task, expansion)
    if (work.host.interactive && task.id === MAIN) abandon(work, task, 1)
    else endTask(work, task, 1)
  }
  return true
}

/** Gives up everything the task was doing. */
function abandon(_work: Work, task: Task, code: number): void {
  task.scope.lastCode = code
  task.frames = []
}

function startNode(work: Work, task: Task, node: Node, expansion: Expansion): void {
  if (node.is === 'simple') return startSimple(work, task, node, expansion)
  task.frames.pop()
  if (node.is === 'function') {
    task.scope.functions = { ...task.scope.functions, [node.name]: node.body }
    task.scope.lastCode = 0
    return
  }
  const start = compound(task, node, expansion, work)
  const channels = redirected(work, task, node.redirects, expansion)
  if (typeof channels === 'string') return void refuse(work, task, channels)
  if (node.redirects.length > 0) task.frames.push({ is: 'restore', channels: task.channels })
  task.channels = channels
  start()
}

function refuse(work: Work, task: Task, text: string): void {
  complain(work, task, text)
  task.scope.lastCode = 1
}

type Compound = Exclude<Node, { is: 'simple' | 'function' }>

/** Expands what a compound command needs, and says how to begin it. */
function compound(task: Task, node: Compound, expansion: Expansion, work: Work): () => void {
  switch (node.is) {
    case 'group':
      return () => void task.frames.push(scriptFrame(node.body))
    case 'subshell':
      return () =>
        void task.frames.push({ is: 'subshell', child: spawn(work, task, [scriptFrame(node.body)], task.channels).id })
    case 'if':
      return () => void task.frames.push({ is: 'if', node, branch: 0, condition: false })
    case 'while':
      return () => void task.frames.push({ is: 'while', node, condition: false, code: 0 })
    case 'for': {
      const values = node.words ? expandWords(node.words, expansion) : task.scope.positional
      return () => void task.frames.push({ is: 'for', node, values, index: 0 })
    }
    case 'case': {
      const subject = expandText(node.subject, expansion)
      return () => startCase(task, node, subject, expansion)
    }
    case 'test': {
      const holds = testWords(node.words, expansion)
      return () => void (task.scope.lastCode = holds ? 0 : 1)
    }
    case 'arithmetic': {
      const value = evaluate(expandText(node.text, expansion), {
        get: (name) => expansion.get(name) ?? '',
        set: expansion.set,
      })
      return () => void (task.scope.lastCode = value !== 0 && typeof value === 'number' ? 0 : 1)
    }
  }
}

function startCase(task: Task, node: Extract<Node, { is: 'case' }>, subject: string, expansion: Expansion): void {
  const clause = node.clauses.find(({ patterns }) =>
    patterns.some((pattern) => new RegExp(expandPattern(pattern, expansion)).test(subject)),
  )
  task.scope.lastCode = 0
  if (clause) task.frames.push(scriptFrame(clause.body))
}

function startSimple(work: Work, task: Task, node: Extract<Node, { is: 'simple' }>, expansion: Expansion): void {
  const assignments = node.assignments.map(({ name, value }) => [name, expandText(value, expansion)] as const)
  const argv = expandWords(node.words, expansion)
  const channels = redirected(work, task, node.redirects, expansion)
  task.frames.pop()
  if (typeof channels === 'string') return refuse(work, task, channels)
  if (task.scope.options.xtrace && argv.length > 0) write(work, task, 2, `+ ${argv.join(' ')}\n`)
  if (argv.length === 0) {
    for (const [name, value] of assignments) setVariable(task, name, value)
    if (substitutionsIn(wordsNeeded(node)).length === 0) task.scope.lastCode = 0
    return
  }
  if (node.redirects.length > 0) task.frames.push({ is: 'restore', channels: task.channels })
  task.channels = channels
  startCommand(work, task, argv, Object.fromEntries(assignments))
}

export function startCommand(
  work: Work,
  task: Task,
  argv: readonly string[],
  assignments: Readonly<Record<string, string>>,
): void {
  const [name = '', ...rest] = argv
  const body = task.scope.functions[name]
  if (body) return callFunction(task, body, rest)
  const builtin = BUILTINS[name]
  if (builtin) {
    const code = builtin(work, task, rest, assignments)
    if (code !== undefined) task.scope.lastCode = code
    return
  }
  if (!work.host.command(commandName(name))) return notFound(work, task, name)
  const environment = { ...exportedVariables(task.scope), PWD: task.scope.directory, ...assignments }
  const idle = { state: undefined, waits: 'start', wakeAt: 0, child: null, capture: null } as const
  task.frames.push({ is: 'program', name: commandName(name), argv, environment, ...idle, state: null })
}

/** `/bin/sleep` and `sleep` are the same program. */
const commandName = (name: string): string => name.replace(/^\/(usr\/)?(local\/)?s?bin\//, '')

function notFound(work: Work, task: Task, name: string): void {
  const stat = name.includes('/') ? work.host.files.stat(absolutePath(task.scope.directory, name)) : undefined
  const [text, code] =
    stat?.kind === 'directory'
      ? ['Is a directory', 126]
      : stat
        ? ['Permission denied', 126]
        : [name.includes('/') ? 'No such file or directory' : 'command not found', 127]
  complain(work, task, `${name}: ${text}`)
  task.scope.lastCode = Number(code)
}

export const exportedVariables = (scope: Scope): Record<string, string> =>
  Object.fromEntries(
    Object.entries(scope.variables).flatMap(([name, { value, exported }]) => (exported ? [[name, value]] : [])),
  )

function callFunction(task: Task, body: Node, positional: readonly string[]): void {
  task.frames.push({ is: 'call', positional: task.scope.positional, locals: {} })
  task.scope.positional = positional
  task.frames.push(nodeFrame(body))
}

const advanceIf: Advance<'if'> = (_work, task, frame) => {
  const branch = frame.node.branches[frame.branch]
  if (frame.condition && task.scope.lastCode === 0) {
    task.frames.pop()
    task.frames.push(scriptFrame(branch!.body))
    return true
  }
  if (frame.condition) {
    frame.condition = false
    frame.branch++
    return true
  }
  if (branch) {
    frame.condition = true
    task.frames.push(scriptFrame(branch.condition))
    return true
  }
  task.frames.pop()
  task.scope.lastCode = 0
  if (frame.node.otherwise) task.frames.push(scriptFrame(frame.node.otherwise))
  return true
}

const advanceWhile: Advance<'while'> = (_work, task, frame) => {
  if (!frame.condition) {
    frame.code = task.scope.lastCode
    frame.condition = true
    task.frames.push(scriptFrame(frame.node.condition))
    return true
  }
  frame.condition = false
  if ((task.scope.lastCode === 0) === frame.node.until) popWith(task, frame.code)
  else task.frames.push(scriptFrame(frame.node.body))
  return true
}

const advanceFor: Advance<'for'> = (_work, task, frame) => {
  const value = frame.values[frame.index++]
  if (value === undefined) {
    if (frame.values.length === 0) task.scope.lastCode = 0
    task.frames.pop()
    return true
  }
  setVariable(task, frame.node.name, value)
  task.frames.push(scriptFrame(frame.node.body))
  return true
}

const advanceSubshell: Advance<'subshell'> = (work, task, frame) => {
  const child = work.tasks.get(frame.child)!
  if (isRunning(child)) return false
  work.tasks.delete(child.id)
  popWith(task, child.code!)
  return task.scope.lastCode === 0 || failFast(work, task)
}

const advanceWait: Advance<'wait'> = (work, task, frame) => {
  const children = frame.children.flatMap((id) => work.tasks.get(id) ?? [])
  if (children.some(isRunning)) return false
  for (const { id } of children) work.tasks.delete(id)
  popWith(task, children.at(-1)?.code ?? 0)
  return true
}

/** The text that a task may read from, and whether more will come; a way to put back what it leaves. */
function inputOf(work: Work, task: Task): { text: string; end: boolean; leave: (rest: string) => void } {
  const channel = task.channels[0] ?? { to: 'nothing' }
  if (channel.to === 'pipe') {
    const leave = (rest: string) => void work.pipes.set(channel.pipe, rest)
    return { text: work.pipes.get(channel.pipe) ?? '', end: !hasWriter(work, channel.pipe), leave }
  }
  const leave = (rest: string) => {
    work.typed = rest
    work.typedEnd = false
  }
  return channel.to === 'terminal'
    ? { text: work.typed, end: work.typedEnd, leave }
    : { text: '', end: true, leave: () => {} }
}

const advanceRead: Advance<'read'> = (work, task, frame) => {
  const { text, end, leave } = inputOf(work, task)
  const at = text.indexOf('\n')
  if (at < 0 && !end) return false
  const line = at < 0 ? text : text.slice(0, at)
  leave(at < 0 ? '' : text.slice(at + 1))
  const words = (frame.raw ? line : line.replace(/\\(.)/g, '$1')).trim().split(/[ \t]+/)
  for (const [index, name] of frame.names.entries()) {
    const last = index === frame.names.length - 1
    setVariable(task, name, last ? words.slice(index).join(' ') : (words[index] ?? ''))
  }
  popWith(task, at < 0 && text === '' ? 1 : 0)
  return true
}

const advanceRestore: Advance<'restore'> = (_work, task, frame) => {
  task.channels = frame.channels
  task.frames.pop()
  return true
}

const advanceCall: Advance<'call'> = (_work, task, frame) => {
  if (frame.positional) task.scope.positional = frame.positional
  const variables = { ...task.scope.variables }
  for (const [name, old] of Object.entries(frame.locals)) {
    if (old) variables[name] = old
    else delete variables[name]
  }
  task.scope.variables = variables
  task.frames.pop()
  return true
}

// ---- programs ----------------------------------------------------------------------------------------------

type ProgramFrame = Extract<Frame, { is: 'program' }>

/** What there is for a program to read: undefined when it must wait. */
function takeInput(work: Work, task: Task): { text: string; end: boolean } | undefined {
  const channel = task.channels[0] ?? { to: 'nothing' }
  if (channel.to === 'pipe') {
    const text = work.pipes.get(channel.pipe) ?? ''
    const end = !hasWriter(work, channel.pipe)
    if (text === '' && !end) return undefined
    work.pipes.set(channel.pipe, '')
    return { text, end }
  }
  if (channel.to !== 'terminal') return { text: '', end: true }
  const { typed, typedEnd } = work
  if (typed === '' && !typedEnd) return undefined
  work.typed = ''
  work.typedEnd = false
  return { text: typed, end: typedEnd }
}

function nextInput(work: Work, task: Task, frame: ProgramFrame): CommandInput | undefined {
  switch (frame.waits) {
    case 'start':
      return { type: 'start' }
    case 'time':
      return work.host.now() >= frame.wakeAt ? { type: 'woke' } : undefined
    case 'child':
      return endedChild(work, frame)
    case 'input': {
      const taken = takeInput(work, task)
      if (taken) return { type: 'input', ...taken }
      return frame.wakeAt > 0 && work.host.now() >= frame.wakeAt ? { type: 'woke' } : undefined
    }
  }
}

function endedChild(work: Work, frame: ProgramFrame): CommandInput | undefined {
  const child = work.tasks.get(frame.child!)!
  if (isRunning(child)) return undefined
  const output = frame.capture === null ? '' : (work.pipes.get(frame.capture) ?? '')
  if (frame.capture !== null) work.pipes.delete(frame.capture)
  work.tasks.delete(child.id)
  return { type: 'ended', code: child.code!, output }
}

const isTerminal = (channel: Channel | undefined): boolean => channel?.to === 'terminal'

const hostFor = (work: Work, task: Task, frame: ProgramFrame): CommandHost => ({
  argv: frame.argv,
  environment: frame.environment,
  directory: task.scope.directory,
  files: work.host.files,
  now: work.host.now,
  draw: work.host.draw,
  isTerminal: {
    input: work.host.interactive && isTerminal(task.channels[0]),
    output: work.host.interactive && isTerminal(task.channels[1]),
  },
  columns: work.host.columns,
  rows: work.host.rows,
})

const advanceProgram: Advance<'program'> = (work, task, frame) => {
  const input = nextInput(work, task, frame)
  if (!input) return false
  const command = work.host.command(frame.name)!
  const started = frame.waits !== 'start'
  const [state, output] = command.run(started ? frame.state : undefined, input, hostFor(work, task, frame))
  frame.state = state === undefined ? null : state
  const heard = write(work, task, 1, output.stdout ?? '')
  write(work, task, 2, output.stderr ?? '')
  if (output.exit !== undefined) popWith(task, output.exit)
  else if (!heard) popWith(task, 141)
  else waitFor(work, task, frame, output)
  return true
}

function waitFor(work: Work, task: Task, frame: ProgramFrame, output: ReturnType<Command['run']>[1]): void {
  frame.wakeAt = output.wakeAt ?? 0
  if (output.runs) return runChild(work, task, frame, output.runs)
  if (output.reads) frame.waits = 'input'
  else if (output.wakeAt !== undefined) frame.waits = 'time'
  else popWith(task, 0)
}

function runChild(
  work: Work,
  task: Task,
  frame: ProgramFrame,
  runs: NonNullable<ReturnType<Command['run']>[1]['runs']>,
): void {
  const capture = runs.capture ? FIRST_CAPTURE + work.nextId : null
  const child = spawn(work, task, [], {
    ...task.channels,
    ...(capture !== null && { 1: { to: 'pipe', pipe: capture } as const }),
    ...(runs.input !== undefined && { 0: textPipe(work, runs.input) }),
  })
  startCommand(work, child, runs.argv, {})
  frame.waits = 'child'
  frame.child = child.id
  frame.capture = capture
}

// ---- the loop ----------------------------------------------------------------------------------------------

function advanceTop(work: Work, task: Task, frame: Frame): boolean {
  switch (frame.is) {
    case 'script':
      return advanceScript(work, task, frame)
    case 'pipeline':
      return advancePipeline(work, task, frame)
    case 'node':
      return advanceNode(work, task, frame)
    case 'if':
      return advanceIf(work, task, frame)
    case 'while':
      return advanceWhile(work, task, frame)
    case 'for':
      return advanceFor(work, task, frame)
    case 'subshell':
      return advanceSubshell(work, task, frame)
    case 'read':
      return advanceRead(work, task, frame)
    case 'restore':
      return advanceRestore(work, task, frame)
    case 'call':
      return advanceCall(work, task, frame)
    case 'wait':
      return advanceWait(work, task, frame)
    case 'program':
      return advanceProgram(work, task, frame)
  }
}

/** Ends a task, with its EXIT trap. The main task of a shell at which a person sits goes on. */
export function endTask(work: Work, task: Task, code: number): void {
  task.frames = []
  task.scope.lastCode = code
  if (task.id !== MAIN) task.code = code
  else exited(work, code)
}

const exited = (work: Work, code: number): void => {
  exits.set(work, code)
}

/** Shells whose `exit` was called, while they run. */
const exits = new WeakMap<Work, number>()

/** One task as far as it goes; whether it went anywhere. */
function advanceTask(work: Work, task: Task): boolean {
  let moved = false
  while (isRunning(task) && work.budget > 0) {
    const frame = topOf(task)
    if (!frame) break
    if (!advanceTop(work, task, frame)) return moved
    work.budget--
    moved = true
  }
  if (task.frames.length === 0 && task.id !== MAIN && isRunning(task)) {
    task.code = task.scope.lastCode
    return true
  }
  return moved
}

function advanceAll(work: Work): void {
  for (let moved = true; moved && work.budget > 0; ) {
    moved = false
    for (const task of [...work.tasks.values()]) if (isRunning(task) && advanceTask(work, task)) moved = true
  }
}

function interrupt(work: Work): void {
  for (const task of [...work.tasks.values()]) {
    const top = topOf(task)
    if (task.job !== undefined) continue
    if (top?.is === 'program') {
      const [, output] = work.host
        .command(top.name)!
        .run(top.state, { type: 'signal', signal: 'SIGINT' }, hostFor(work, task, top))
      write(work, task, 1, output.stdout ?? '')
    }
    if (task.id === MAIN) abandon(work, task, 130)
    else work.tasks.delete(task.id)
  }
}

function take(work: Work, input: ShellInput): void {
  if (input.type === 'typed') work.typed += input.text
  if (input.type === 'endOfInput') work.typedEnd = true
  if (input.type === 'interrupt') interrupt(work)
  if (input.type === 'trapped') {
    const main = work.tasks.get(MAIN)!
    main.frames.splice(firstFree(main), 0, scriptFrame(input.script))
  }
}

/** A trap runs when the command in front has ended: it goes below that command, above the script it belongs to. */
function firstFree(task: Task): number {
  const script = task.frames.findLastIndex((frame) => frame.is === 'script')
  return script < 0 ? task.frames.length : script + 1
}

const waitsForTyping = (task: Task): boolean => {
  const top = topOf(task)
  const reads = top?.is === 'read' || (top?.is === 'program' && top.waits === 'input')
  return isRunning(task) && reads && isTerminal(task.channels[0])
}

function wakeAtOf(work: Work): Millis | undefined {
  if (work.budget <= 0) return work.host.now() + 1
  let earliest: Millis | undefined
  for (const task of work.tasks.values()) {
    const top = topOf(task)
    if (!isRunning(task) || top?.is !== 'program' || top.wakeAt <= 0 || top.waits === 'child') continue
    earliest = Math.min(earliest ?? top.wakeAt, top.wakeAt)
  }
  return earliest
}

function doneCode(work: Work): number | undefined {
  const exit = exits.get(work)
  if (exit !== undefined) return exit
  const main = work.tasks.get(MAIN)!
  return main.frames.length === 0 ? main.scope.lastCode : undefined
}

function announceJobs(work: Work): void {
  if (!work.host.interactive) return
  for (const [index, task] of jobsOf(work).entries()) {
    if (isRunning(task)) continue
    work.printed.push({ stream: 'stdout', text: `[${index + 1}]+  Done                    ${task.job}\n` })
    work.tasks.delete(task.id)
  }
}

/** Goes on until everything waits. */
export function resume(shell: Shell, input: ShellInput, host: ShellHost): readonly [Shell, ShellOutput] {
  const work = workOn(shell, host)
  take(work, input)
  advanceAll(work)
  announceJobs(work)
  const output: ShellOutput = {
    printed: work.printed,
    wakeAt: wakeAtOf(work),
    reads: [...work.tasks.values()].some(waitsForTyping),
    done: doneCode(work),
  }
  return [finished(work), output]
}
