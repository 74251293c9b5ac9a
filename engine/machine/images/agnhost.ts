/**
 * agnhost, the image of Kubernetes' own tests: netexec (a web server that says who it is and can be told things),
 * liveness (well for ten seconds, then sick), serve-hostname, pause.
 *
 * Upstream: test/images/agnhost
 * Left out: its other commands, which say so; UDP and SCTP.
 */
import { seconds } from '../../std/time.ts'
import type { HttpRequest, HttpResponse, Program, ProgramHost, ProgramInput, ProgramOutput } from './program.ts'
import { pathOf, plain, queryOf } from './web-server.ts'

interface State {
  readonly startedAt: number
  readonly leaving: number | null
}

type Step = readonly [State, ProgramOutput]

const option = (host: ProgramHost, name: string, fallback: number): number => {
  const index = host.argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`))
  if (index < 0) return fallback
  const [, inline] = host.argv[index]!.split('=')
  return Number(inline ?? host.argv[index + 1] ?? fallback)
}

const commandOf = (host: ProgramHost): string => host.argv[1] ?? 'pause'

const PORTS: Readonly<Record<string, (host: ProgramHost) => readonly number[]>> = {
  netexec: (host) => [option(host, 'http-port', 8080)],
  liveness: () => [8080],
  'serve-hostname': (host) => [option(host, 'port', 9376)],
  pause: () => [],
  'test-webserver': (host) => [option(host, 'port', 80)],
}

function netexec(request: HttpRequest, host: ProgramHost): HttpResponse {
  const query = queryOf(request)
  switch (pathOf(request)) {
    case '/hostname':
    case '/hostName':
      return plain(host.hostname)
    case '/clientip':
      return plain(request.remote)
    case '/echo':
      return plain(query.get('msg') ?? '', Number(query.get('code') ?? '200'))
    case '/healthz':
      return plain('')
    case '/exit':
      return plain('')
    default:
      return plain(`NOW: ${host.now()}`)
  }
}

const HEALTHY_FOR = seconds(10)

function liveness(state: State, host: ProgramHost): HttpResponse {
  const age = host.now() - state.startedAt
  return age > HEALTHY_FOR ? plain(`error: ${Math.floor(age / 1000)}`, 500) : plain('ok')
}

function answer(state: State, request: HttpRequest, host: ProgramHost): HttpResponse {
  const command = commandOf(host)
  if (command === 'liveness') return liveness(state, host)
  return command === 'netexec' ? netexec(request, host) : plain(host.hostname)
}

function start(host: ProgramHost): Step {
  const state: State = { startedAt: host.now(), leaving: null }
  const ports = PORTS[commandOf(host)]
  if (!ports)
    return [state, { stderr: `Error: kubefold's agnhost does not know the command "${commandOf(host)}"\n`, exit: 1 }]
  const wanted = ports(host)
  return [state, { listens: wanted, ...(wanted.length > 0 && { stdout: `Serving on port ${wanted[0]}.\n` }) }]
}

function serve(state: State, request: HttpRequest, host: ProgramHost): Step {
  const response = answer(state, request, host)
  if (pathOf(request) !== '/exit' || commandOf(host) !== 'netexec') return [state, { response }]
  const leaving = Number(queryOf(request).get('code') ?? '0')
  return [
    { ...state, leaving },
    { response, wakeAt: host.now() + 1 },
  ]
}

function step(state: State | undefined, input: ProgramInput, host: ProgramHost): Step {
  if (!state) return start(host)
  if (input.type === 'http') return serve(state, input.request, host)
  if (input.type === 'signal') return [state, { exit: commandOf(host) === 'pause' ? 0 : 2 }]
  return [state, state.leaving === null ? {} : { exit: state.leaving }]
}

export const agnhost: Program<State> = { ignoresEnvironment: true, run: step }
