/** Programs that need a few lines each: the pause container, one that crashes, one that eats memory, plain listeners. */
import { seconds } from '../../std/time.ts'
import type { Program, ProgramHost } from './program.ts'
import { page, plain, serving } from './web-server.ts'

/** Holds a pod's network namespace open and waits to be told to go. */
export const pause: Program<null> = {
  ignoresEnvironment: true,
  run: (_state, input) => [null, input.type === 'signal' ? { exit: 0 } : {}],
}

/** Comes up, complains and goes: for seeing what Kubernetes does about it. */
export const crash: Program<null> = {
  ignoresEnvironment: true,
  run: (_state, input, host) => {
    if (input.type === 'start') return [null, { stdout: 'starting\n', wakeAt: host.now() + seconds(1) }]
    return [null, { stderr: 'fatal: the configuration is missing\n', exit: 1 }]
  },
}

/** The value behind an argument: `--vm-bytes 250M`, `-port=8080`. */
function argument(host: ProgramHost, ...names: readonly string[]): string | undefined {
  for (const [i, word] of host.argv.entries()) {
    const [name, value] = word.split('=')
    if (names.includes(name!)) return value ?? host.argv[i + 1]
  }
  return undefined
}

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, Mi: 2 ** 20, Gi: 2 ** 30, '': 1 }

function bytesOf(text: string | undefined): number {
  const [, digits = '0', unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(text ?? '') ?? []
  return Number(digits) * (UNITS[unit] ?? 1)
}

/** stress: takes what it is told to take, and stays. */
export const stress: Program<null> = {
  ignoresEnvironment: true,
  run: (_state, input, host) => {
    if (input.type === 'signal') return [null, { exit: 143 }]
    if (input.type !== 'start') return [null, {}]
    const memory = bytesOf(argument(host, '--vm-bytes', '-mem-total'))
    return [
      null,
      {
        stdout: `stress: info: [1] dispatching hogs: ${memory > 0 ? '0 cpu, 0 io, 1 vm' : '1 cpu, 0 io, 0 vm'}, 0 hdd\n`,
        memory,
      },
    ]
  },
}

/** A server whose protocol is not spoken here: it can be connected to, and that is all. */
export const listener = (port: number, ready: string): Program<string> =>
  serving({
    ports: () => [port],
    banner: () => `${ready}\n`,
    answer: () => plain('', 400),
    ends: { SIGTERM: 0, SIGINT: 0 },
  })

/** Google's hello-app: who answers, in three lines. */
export const helloApp = serving({
  ports: () => [8080],
  banner: () => 'Server listening on port 8080\n',
  answer: (_request, host) => plain(`Hello, world!\nVersion: 1.0.0\nHostname: ${host.hostname}\n`),
  log: ({ path }) => `Serving request: ${path}\n`,
  ends: { SIGTERM: 2, SIGINT: 2 },
})

export const httpd = serving({
  ports: () => [80],
  banner: () => "AH00558: httpd: Could not reliably determine the server's fully qualified domain name\n",
  answer: ({ path }, host) => {
    const text = host.files.read(`/usr/local/apache2/htdocs${path.endsWith('/') ? `${path}index.html` : path}`)
    return typeof text === 'string' ? page(text) : page('<html><body><h1>It works!</h1></body></html>\n')
  },
})

/** hashicorp/http-echo: always the same words. */
export const httpEcho = serving({
  ports: (host) => [Number(argument(host, '-listen', '--listen')?.replace(/^.*:/, '') ?? 5678)],
  banner: (host) => `Server is listening on ${argument(host, '-listen', '--listen') ?? ':5678'}\n`,
  answer: (_request, host) => plain(`${argument(host, '-text', '--text') ?? 'hello world'}\n`),
})

export const serveHostname = serving({
  ports: () => [9376],
  banner: () => 'Serving on port 9376.\n',
  answer: (_request, host) => plain(host.hostname),
})
