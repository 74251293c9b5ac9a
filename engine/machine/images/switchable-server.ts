/**
 * A web server for trying things out: it tells who it is, can be made sick and well again, told to exit, to answer
 * slowly, to come up late. Beside serving it can eat memory, print signals, or crash.
 *
 *   web               HTTP on PORT (80); START_DELAY, READY_DELAY, TERM=exit|ignore|drain:<seconds>, VERSION
 *   hog MB            takes memory in steps of 8 MB
 *   signals           prints each signal and stays
 *   crash SECONDS N   exits with N
 */
import { seconds } from '../../std/time.ts'
import {
  environmentOf,
  type HttpRequest,
  type HttpResponse,
  type Program,
  type ProgramHost,
  type ProgramInput,
  type ProgramOutput,
  SIGNAL_NUMBERS,
  type SignalName,
} from './program.ts'
import { pathOf, plain, queryOf } from './web-server.ts'

interface State {
  readonly mode: 'web' | 'hog' | 'signals' | 'crash'
  readonly startedAt: number
  readonly listening: boolean
  readonly sick: boolean
  readonly took: number
  readonly draining: boolean
  /** Told by a request to leave with this code. */
  readonly leaving: number | null
}

type Step = readonly [State, ProgramOutput]

const number = (host: ProgramHost, name: string): number => Number(environmentOf(host, name) || '0')

const portOf = (host: ProgramHost): number => Number(environmentOf(host, 'PORT') || '80')

const MODES = ['web', 'hog', 'signals', 'crash'] as const

function start(host: ProgramHost): Step {
  const asked = host.argv[1] ?? 'web'
  const mode = MODES.find((candidate) => candidate === asked)
  const state: State = {
    mode: mode ?? 'web',
    startedAt: host.now(),
    listening: false,
    sick: false,
    took: 0,
    draining: false,
    leaving: null,
  }
  if (!mode) return [state, { stderr: `app: unknown command ${asked}\n`, exit: 2 }]
  if (mode === 'signals') return [state, { stdout: 'started\n' }]
  if (mode === 'crash') return [state, { wakeAt: host.now() + seconds(Number(host.argv[2] ?? '0')) }]
  if (mode === 'hog') return eat(state, host)
  const delay = number(host, 'START_DELAY')
  return delay > 0 ? [state, { wakeAt: host.now() + seconds(delay) }] : listen(state, host)
}

function listen(state: State, host: ProgramHost): Step {
  const ports = ['PORT', 'TCP_PORT', 'GRPC_PORT'].map((name) => number(host, name)).filter((port) => port > 0)
  const main = portOf(host)
  const stdout = `listening on :${main}\n`
  if (host.isListening(main))
    return [state, { stdout: `${stdout}listen tcp :${main}: bind: address already in use\n`, exit: 1 }]
  return [
    { ...state, listening: true },
    { stdout, listens: [...new Set([main, ...ports])] },
  ]
}

const STEP_MB = 8
const MB = 1024 ** 2
/** The program itself, beside what it takes. */
const OWN_MEMORY = 3 * MB

function eat(state: State, host: ProgramHost): Step {
  const took = state.took + STEP_MB
  if (state.took >= Number(host.argv[2] ?? '0')) return [state, {}]
  return [
    { ...state, took },
    { stdout: `took ${took} MB\n`, memory: took * MB + OWN_MEMORY, wakeAt: host.now() + 50 },
  ]
}

function wake(state: State, host: ProgramHost): Step {
  if (state.mode === 'hog') return eat(state, host)
  if (state.mode === 'crash') {
    const code = Number(host.argv[3] ?? '0')
    return [state, { stdout: `leaving with ${code}\n`, exit: code }]
  }
  if (state.leaving !== null) return [state, { exit: state.leaving }]
  return state.draining ? [state, { exit: 0 }] : listen(state, host)
}

const SIGNAL_WORDS: Partial<Readonly<Record<SignalName, string>>> = {
  SIGTERM: 'terminated',
  SIGINT: 'interrupt',
  SIGHUP: 'hangup',
  SIGUSR1: 'user defined signal 1',
  SIGUSR2: 'user defined signal 2',
  SIGQUIT: 'quit',
}

/** What a Go program does that has not asked for signals. */
const GO_EXIT = 2

function onSignal(state: State, signal: SignalName, host: ProgramHost): Step {
  const stdout = `got ${SIGNAL_WORDS[signal] ?? SIGNAL_NUMBERS[signal]}\n`
  if (state.mode === 'signals') return [state, { stdout }]
  const handles = state.mode === 'web' && state.listening && (signal === 'SIGTERM' || signal === 'SIGINT')
  if (!handles) return [state, { exit: GO_EXIT }]
  const term = environmentOf(host, 'TERM') || 'exit'
  if (term === 'ignore') return [state, { stdout }]
  if (!term.startsWith('drain:')) return [state, { stdout, exit: 0 }]
  return [
    { ...state, draining: true },
    { stdout, wakeAt: host.now() + seconds(Number(term.slice('drain:'.length))) },
  ]
}

function health(state: State, host: ProgramHost): HttpResponse {
  if (state.sick) return plain('sick\n', 500)
  const delay = number(host, 'READY_DELAY')
  return delay > 0 && host.now() - state.startedAt < seconds(delay) ? plain('not yet\n', 503) : plain('ok\n')
}

const identity = ({ method, local, remote, path }: HttpRequest, host: ProgramHost): string =>
  `host=${host.hostname} version=${environmentOf(host, 'VERSION') || '1'} local=${local} remote=${remote} method=${method} path=${path}\n`

/** Header names as Go writes them, in order. */
function headerLists(request: HttpRequest): readonly (readonly [string, string])[] {
  return [...request.headers].sort(([one], [other]) => (one < other ? -1 : 1))
}

const HANDLERS: Readonly<Record<string, (state: State, request: HttpRequest, host: ProgramHost) => Step>> = {
  '/healthz': (state, _request, host) => [state, { response: health(state, host) }],
  '/sick': (state) => [{ ...state, sick: true }, { response: plain('now sick\n') }],
  '/well': (state) => [{ ...state, sick: false }, { response: plain('now well\n') }],
  '/exit': (state, request, host) => {
    const leaving = Number(queryOf(request).get('code') ?? '0')
    return [
      { ...state, leaving },
      { stdout: `asked to exit ${leaving}\n`, wakeAt: host.now() },
    ]
  },
  '/sleep': (state, request) => {
    const after = seconds(Number(queryOf(request).get('s') ?? '0'))
    return [state, { response: { ...plain('slept\n'), ...(after > 0 && { after }) } }]
  },
  '/headers': (state, request) => {
    const lists = headerLists(request)
    const body = lists.map(([name, value]) => `${name}: ${value}\n`).join('')
    const stdout = lists.map(([name, value]) => `header ${name} [${value}]\n`).join('')
    return [state, { response: plain(body), stdout }]
  },
}

function serve(state: State, request: HttpRequest, host: ProgramHost): Step {
  const handler = HANDLERS[pathOf(request)]
  if (handler) return handler(state, request, host)
  const stdout = `${request.method} ${pathOf(request)} from ${request.remote}\n`
  return [state, { response: plain(identity(request, host)), stdout }]
}

function step(state: State | undefined, input: ProgramInput, host: ProgramHost): Step {
  if (!state) return start(host)
  if (input.type === 'signal') return onSignal(state, input.signal, host)
  if (input.type === 'http') return serve(state, input.request, host)
  return input.type === 'woke' ? wake(state, host) : [state, {}]
}

export const switchableServer: Program<State> = { run: step }
