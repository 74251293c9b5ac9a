/**
 * What a person does at a terminal: types a line, interrupts a program, saves a file. The shell goes on until everything in it
 * waits; what kubectl sends meanwhile reaches the API server at once, under the person's own identity.
 */

import { failure } from '../api/status.ts'
import type { KubeletQuestion } from '../apiserver/doors/kubelet.ts'
import { JSON_FORM } from '../apiserver/http/accept.ts'
import { representEvent } from '../apiserver/http/represent-event.ts'
import { type HttpResponse as Served, serveHttp } from '../apiserver/http/serve-http.ts'
import type { User } from '../apiserver/request.ts'
import { nextEvents } from '../apiserver/watch.ts'
import type { HttpRequest, HttpResponse } from '../kubectl/client.ts'
import { encodeQuery } from '../kubectl/session.ts'
import { treeFiles } from '../machine/runtime/tree-files.ts'
import type { Command } from '../shell/command.ts'
import { EDITORS } from '../shell/commands/editors.ts'
import { COMMANDS } from '../shell/commands/index.ts'
import { parseScript } from '../shell/parse.ts'
import { resume, type ShellHost, type ShellInput, type ShellOutput } from '../shell/run.ts'
import { directoryOf, isIdle, withScript } from '../shell/state.ts'
import { getSorted, setSorted } from '../std/sorted.ts'
import { later } from './control.ts'
import type { PersonFact } from './fact.ts'
import { kubectlCommand } from './kubectl-command.ts'
import { logOptions, logText, unreachable } from './kubelet-answers.ts'
import { outsideCommands } from './outside.ts'
import { presentIn } from './present.ts'
import { execIn } from './sessions.ts'
import { teachingCommands } from './teaching-commands.ts'
import { borrowFiles, HOME, type PrintedText, type Terminal, withPrinted } from './terminal.ts'
import { atOf, type World } from './world.ts'

const ADMINISTRATOR: User = {
  name: 'kubernetes-admin',
  groups: ['kubeadm:cluster-admins', 'system:masters', 'system:authenticated'],
}

const TOKENS: Readonly<Record<string, User>> = { 'kubernetes-admin': ADMINISTRATOR }

export const terminalOf = (world: World, name: string): Terminal => {
  const terminal = getSorted(world.terminals, name)
  if (!terminal) throw new Error(`there is no terminal called ${name}`)
  return terminal
}

const withTerminal = (world: World, name: string, terminal: Terminal): World => ({
  ...world,
  terminals: setSorted(world.terminals, name, terminal),
})

/** A world that commands change while a shell runs; nobody else sees it meanwhile. */
interface Desk {
  world: World
}

function answered(desk: Desk, served: Served): HttpResponse {
  const headers = Object.fromEntries(
    Object.entries(served.headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.join(', '),
    ]),
  )
  const warnings = [served.headers.Warning ?? []]
    .flat()
    .map((text) => /^299 - "(.*)"$/s.exec(text)?.[1]?.replaceAll('\\"', '"') ?? text)
  const said = { code: served.code, headers, ...(warnings.length > 0 && { warnings }) }
  if (!served.watch) return { ...said, body: served.body }
  const { watch, form, include } = served.watch
  const [, events] = nextEvents(watch, desk.world.server.store, desk.world.now)
  return {
    ...said,
    body: { events: events.map((event) => representEvent(event, watch, form, desk.world.now, include)) },
  }
}

/** Questions that the API server passes on to a kubelet: the machine of that node answers, and may change by it. */
const kubeletCalls =
  (desk: Desk, { query = {}, body }: HttpRequest) =>
  (_service: string, asked: unknown): unknown => {
    const question: KubeletQuestion = { ...(asked as KubeletQuestion), parameters: query }
    const silent = unreachable(desk.world, question)
    if (silent) return silent
    if (question.door === 'log') return logText(desk.world, question, logOptions(question, desk.world))
    if (question.door !== 'exec') return failure(501, '', `${question.door} is not modelled at this terminal`)
    const [world, streamed] = execIn(desk.world, question, (body ?? {}) as Parameters<typeof execIn>[2])
    desk.world = world
    return streamed
  }

/** A client in this very process has no use for bytes. */
const readable = (accept = JSON_FORM.mediaType): string =>
  accept.replaceAll(/application\/vnd\.kubernetes\.protobuf[^,]*,?/g, '') || JSON_FORM.mediaType

/** Sends a request to the world's API server, and lets the world go on from what it changed. */
function sendTo(desk: Desk, request: HttpRequest): HttpResponse {
  if (!request.server.startsWith('https://172.18.0.2:6443')) {
    const address = request.server.replace(/^https?:\/\//, '')
    return { code: 0, body: `dial tcp ${address}: connect: connection refused` }
  }
  const { token } = request.credentials
  const http = {
    method: request.method,
    path: request.path + encodeQuery(request.query ?? {}),
    headers: {
      ...request.headers,
      accept: readable(request.headers?.accept),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: request.body === undefined ? '' : JSON.stringify(request.body),
  }
  const before = desk.world.server
  const at = { ...atOf(desk.world), present: presentIn(desk.world), call: kubeletCalls(desk, request) }
  const [server, served] = serveHttp(before, http, { tokens: (text) => TOKENS[text] }, at)
  if (desk.world.server === before) desk.world = { ...desk.world, server }
  return answered(desk, served)
}

function hostFor(desk: Desk, terminal: Terminal, files: ShellHost['files']): ShellHost {
  const kubectl = kubectlCommand((request) => sendTo(desk, request)) as Command
  const commands: Readonly<Record<string, Command>> = {
    ...COMMANDS,
    ...EDITORS,
    ...outsideCommands(desk),
    ...teachingCommands(desk),
    kubectl,
    k: kubectl,
  }
  return {
    files,
    now: () => desk.world.now,
    draw: atOf(desk.world).draw,
    command: (name) => (Object.hasOwn(commands, name) ? commands[name] : undefined),
    commandNames: () => Object.keys(commands).sort(),
    interactive: true,
    columns: terminal.columns,
    rows: terminal.rows,
  }
}

/** Lets the shell go on, prints what it says, and comes back when it wants to. */
function goOn(world: World, name: string, terminal: Terminal, input: ShellInput): World {
  const desk: Desk = { world }
  const { tree, taken } = borrowFiles(terminal, () => desk.world.now)
  const [shell, output] = resume(terminal.shell, input, hostFor(desk, terminal, treeFiles(tree)))
  const printed = output.printed.map((text): PrintedText => ({ at: world.now, ...text }))
  const next = withPrinted({ ...terminal, shell, files: taken() }, printed)
  return wakeLater(desk.world, name, next, output)
}

function wakeLater(world: World, name: string, terminal: Terminal, { wakeAt = 0 }: ShellOutput): World {
  const known = wakeAt === 0 || wakeAt === terminal.wakeAt
  const kept = withTerminal(world, name, { ...terminal, wakeAt })
  return known ? kept : later(kept, Math.max(0, wakeAt - world.now), { type: 'program/woke', terminal: name })
}

/** `learner@kubefold:~$ ` */
export function promptOf(terminal: Terminal): string {
  if (terminal.pending !== '') return '> '
  const directory = directoryOf(terminal.shell)
  const shown =
    directory === HOME ? '~' : directory.startsWith(`${HOME}/`) ? `~${directory.slice(HOME.length)}` : directory
  return `${shown}$ `
}

const typed = (world: World, text: string): PrintedText => ({ at: world.now, stream: 'typed', text })

function onLine(world: World, name: string, line: string): World {
  const terminal = terminalOf(world, name)
  if (!isIdle(terminal.shell)) {
    const echoed = withPrinted(terminal, [typed(world, `${line}\n`)])
    return goOn(world, name, echoed, { type: 'typed', text: `${line}\n` })
  }
  const echoed = withPrinted(terminal, [typed(world, `${promptOf(terminal)}${line}\n`)])
  const text = terminal.pending + line
  const parsed = parseScript(text)
  if ('incomplete' in parsed) return withTerminal(world, name, { ...echoed, pending: `${text}\n` })
  if ('error' in parsed) {
    const complaint: PrintedText = { at: world.now, stream: 'stderr', text: `bash: ${parsed.error}\n` }
    return withTerminal(world, name, { ...withPrinted(echoed, [complaint]), pending: '' })
  }
  return goOn(world, name, { ...echoed, pending: '', shell: withScript(echoed.shell, parsed.script) }, { type: 'go' })
}

function onPress(world: World, name: string, press: 'interrupt' | 'endOfInput'): World {
  const terminal = terminalOf(world, name)
  if (press === 'endOfInput')
    return isIdle(terminal.shell) ? world : goOn(world, name, terminal, { type: 'endOfInput' })
  const shown = isIdle(terminal.shell) ? `${promptOf(terminal)}^C\n` : '^C\n'
  const echoed = { ...withPrinted(terminal, [typed(world, shown)]), pending: '', wakeAt: 0 }
  return isIdle(terminal.shell) ? withTerminal(world, name, echoed) : goOn(world, name, echoed, { type: 'interrupt' })
}

function onSaved(world: World, name: string, path: string, text: string): World {
  const terminal = terminalOf(world, name)
  const { tree, taken } = borrowFiles(terminal, () => world.now)
  tree.write(path, text)
  return withTerminal(world, name, { ...terminal, files: taken() })
}

function onWoke(world: World, name: string): World {
  const terminal = terminalOf(world, name)
  if (terminal.wakeAt === 0 || world.now < terminal.wakeAt) return world
  return goOn(world, name, { ...terminal, wakeAt: 0 }, { type: 'go' })
}

export function onPersonFact(world: World, fact: PersonFact): World {
  switch (fact.type) {
    case 'line/entered':
      return onLine(world, fact.terminal, fact.line)
    case 'key/pressed':
      return onPress(world, fact.terminal, fact.press)
    case 'file/saved':
      return onSaved(world, fact.terminal, fact.path, fact.text)
    case 'program/woke':
      return onWoke(world, fact.terminal)
  }
}
