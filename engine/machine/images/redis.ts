/**
 * redis as the guestbook needs it: keys with texts, set and read over a line protocol of our own making, and followers that ask
 * their leader.
 *
 * Left out: everything but GET, SET, APPEND, DEL, PING, INCR and REPLICAOF's greeting; persistence; the real protocol.
 */

import type { Program, ProgramHost, ProgramInput, ProgramOutput } from './program.ts'
import { plain, queryOf, serving } from './web-server.ts'

interface State {
  readonly values: Readonly<Record<string, string>>
}

type Step = readonly [State, ProgramOutput]

const PORT = 6379

const banner = (role: string): string =>
  [
    '1:C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo',
    '1:C * Redis version=7.4.5, bits=64, commit=00000000, modified=0, pid=1, just started',
    `1:M * Running mode=standalone, port=${PORT}.`,
    '1:M * Server initialized',
    `1:M * Ready to accept connections tcp${role}`,
    '',
  ].join('\n')

type Reply = readonly [Readonly<Record<string, string>>, string]

const COMMANDS: Readonly<Record<string, (values: Readonly<Record<string, string>>, args: readonly string[]) => Reply>> =
  {
    PING: (values) => [values, 'PONG'],
    GET: (values, [key = '']) => [values, values[key] ?? ''],
    SET: (values, [key = '', ...words]) => [{ ...values, [key]: words.join(' ') }, 'OK'],
    APPEND: (values, [key = '', ...words]) => {
      const value = (values[key] ?? '') + words.join(' ')
      return [{ ...values, [key]: value }, String(value.length)]
    },
    INCR: (values, [key = '']) => {
      const value = String(Number(values[key] ?? '0') + 1)
      return [{ ...values, [key]: value }, value]
    },
    DEL: (values, [key = '']) => {
      const { [key]: gone, ...rest } = values
      return gone === undefined ? [values, '0'] : [rest, '1']
    },
  }

/** One command on one line. */
function obey(state: State, line: string): readonly [State, string] {
  const [name = '', ...args] = line.trim().split(/\s+/)
  const command = COMMANDS[name.toUpperCase()]
  if (!command) return [state, `ERR unknown command '${name}'`]
  const [values, reply] = command(state.values, args)
  return [values === state.values ? state : { values }, reply]
}

/** Commands also come as requests, `/?c=SET%20key%20value`, which is how the other programs here reach it. */
function step(role: string) {
  return (state: State | undefined, input: ProgramInput, host: ProgramHost): Step => {
    if (!state) {
      if (host.isListening(PORT))
        return [
          { values: {} },
          { stderr: 'Could not create server TCP listening socket *:6379: bind: Address already in use\n', exit: 1 },
        ]
      return [{ values: {} }, { listens: [PORT], stdout: banner(role) }]
    }
    if (input.type === 'signal')
      return [state, { stdout: '1:signal-handler Received SIGTERM scheduling shutdown...\n', exit: 0 }]
    if (input.type === 'http') {
      const [next, reply] = obey(state, queryOf(input.request).get('c') ?? 'PING')
      return [next, { response: plain(`${reply}\n`) }]
    }
    return [state, {}]
  }
}

export const redis: Program<State> = { ignoresEnvironment: true, run: step('') }

/** A follower keeps no values of its own here: it is asked for reading and asks its leader. */
export const redisFollower: Program<string> = serving({
  ports: () => [PORT],
  banner: () => banner(' (follower of redis-leader:6379)'),
  answer: (request, host) => {
    const answer = host.fetch('redis-leader', PORT, request)
    return 'error' in answer ? plain('ERR MASTERDOWN Link with MASTER is down\n', 502) : answer
  },
})

/** redis-cli COMMAND…: one command to a server in the same pod, or to `-h HOST`. */
export const redisCli: Program<null> = {
  ignoresEnvironment: true,
  run: (_state, input, host) => {
    if (input.type !== 'start') return [null, { exit: 0 }]
    const [, ...args] = host.argv
    const named = args[0] === '-h' ? args[1] : undefined
    const line = (named ? args.slice(2) : args).join(' ')
    const request = {
      method: 'GET',
      path: `/?c=${encodeURIComponent(line)}`,
      headers: [],
      body: '',
      remote: '127.0.0.1:50000',
      local: `127.0.0.1:${PORT}`,
    }
    const answer = host.fetch(named ?? '127.0.0.1', PORT, request)
    if ('error' in answer)
      return [
        null,
        { stderr: `Could not connect to Redis at ${named ?? '127.0.0.1'}:${PORT}: Connection refused\n`, exit: 1 },
      ]
    return [null, { stdout: answer.body, exit: 0 }]
  },
}
