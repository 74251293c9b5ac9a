/**
 * The frame of every program that does nothing but serve: it listens from the start, answers each request by itself, and
 * goes when it is asked to.
 */
import type { HttpRequest, HttpResponse, Program, ProgramHost, SignalName } from './program.ts'

export interface Serving {
  readonly ports: (host: ProgramHost) => readonly number[]
  /** What it prints when it is up. */
  readonly banner?: (host: ProgramHost) => string
  readonly answer: (request: HttpRequest, host: ProgramHost) => HttpResponse
  /** One line per request, for servers that keep an access log. */
  readonly log?: (request: HttpRequest, response: HttpResponse, host: ProgramHost) => string
  /** Signals that end it, and with which code. */
  readonly ends?: Partial<Readonly<Record<SignalName, number>>>
  readonly needsEnvironment?: true
}

const ENDS: Partial<Readonly<Record<SignalName, number>>> = { SIGTERM: 0, SIGINT: 0, SIGQUIT: 0 }

const UP = 'up'

/** Probes are asked so often that servers' access logs leave them out here; in life they are in. */
const isProbe = ({ headers }: HttpRequest): boolean =>
  headers.some(([name, value]) => name === 'User-Agent' && value.startsWith('kube-probe/'))

export const serving = ({ ports, banner, answer, log, ends = ENDS, needsEnvironment }: Serving): Program<string> => ({
  ...(!needsEnvironment && { ignoresEnvironment: true as const }),
  run: (state, input, host) => {
    if (input.type === 'start') {
      const taken = ports(host).find(host.isListening)
      if (taken !== undefined)
        return [UP, { stderr: `bind() to 0.0.0.0:${taken} failed (98: Address already in use)\n`, exit: 1 }]
      return [UP, { listens: ports(host), ...(banner && { stdout: banner(host) }) }]
    }
    if (input.type === 'signal') {
      const code = ends[input.signal]
      return [UP, code === undefined ? {} : { exit: code }]
    }
    if (input.type !== 'http') return [state ?? UP, {}]
    const response = answer(input.request, host)
    if (!log || isProbe(input.request)) return [UP, { response }]
    return [UP, { response, stdout: log(input.request, response, host) }]
  },
})

const HTML = [['Content-Type', 'text/html']] as const

export const page = (body: string, code = 200): HttpResponse => ({ code, headers: HTML, body })

export const plain = (body: string, code = 200): HttpResponse => ({
  code,
  headers: [['Content-Type', 'text/plain']],
  body,
})

/** The path without what follows a question mark. */
export const pathOf = ({ path }: HttpRequest): string => path.split('?', 1)[0]!

export function queryOf({ path }: HttpRequest): ReadonlyMap<string, string> {
  const query = path.split('?')[1] ?? ''
  const pairs = query
    .split('&')
    .filter(Boolean)
    .map((pair) => pair.split('='))
  return new Map(pairs.map(([key = '', value = '']) => [decode(key), decode(value)]))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
