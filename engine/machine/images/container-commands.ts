/**
 * Commands that only a container has, or says differently: busybox's words where they are not those of the larger tools,
 * and the programs that ask the container about itself or its neighbours.
 *
 * Left out: what is neither here nor among the shell's commands is not found, and says so.
 */
import { atOnce, type Command, type CommandHost, type CommandOutput, type Finished } from '../../shell/command.ts'
import { COMMANDS } from '../../shell/commands/index.ts'
import { listFiles } from './list-files.ts'
import { knockAt, lookUpName } from './name-lookup.ts'
import { type HttpResponse, isFetchFailure, type Program, type ProgramHost } from './program.ts'

type Make = (host: ProgramHost) => Command

const saying =
  (run: (host: ProgramHost, command: CommandHost) => Finished): Make =>
  (host) =>
    atOnce((command) => run(host, command))

const hostname = saying((host, { argv, files }) => {
  if (!argv.includes('-f')) return { out: `${host.hostname}\n` }
  const hosts = files.read('/etc/hosts')
  const lines = typeof hosts === 'string' ? hosts.split('\n') : []
  const own = lines.map((line) => line.split(/\s+/)).find(([, ...names]) => names.includes(host.hostname))
  return { out: `${own?.[1] ?? host.hostname}\n` }
})

const USERS: Readonly<Record<number, string>> = { 0: 'root', 1000: 'app', 65534: 'nobody' }
const GROUPS: Readonly<Record<number, string>> = { 0: 'root', 1000: 'app', 2000: 'extra', 65534: 'nogroup' }

const named = (id: number, names: Readonly<Record<number, string>>): string =>
  names[id] === undefined ? String(id) : `${id}(${names[id]})`

const id = saying(({ user }, { argv }) => {
  if (argv.includes('-u')) return { out: `${user.uid}\n` }
  if (argv.includes('-g')) return { out: `${user.gid}\n` }
  const groups = user.groups.map((group) => named(group, GROUPS)).join(',')
  return { out: `uid=${named(user.uid, USERS)} gid=${named(user.gid, GROUPS)} groups=${groups}\n` }
})

const whoami = saying(({ user }) => {
  const name = USERS[user.uid]
  return name ? { out: `${name}\n` } : { err: `whoami: unknown uid ${user.uid}\n`, code: 1 }
})

const uname = saying((host, { argv }) =>
  argv.includes('-a')
    ? { out: `Linux ${host.hostname} 6.12.48+deb12-amd64 #1 SMP x86_64 GNU/Linux\n` }
    : { out: argv.includes('-n') ? `${host.hostname}\n` : argv.includes('-r') ? '6.12.48+deb12-amd64\n' : 'Linux\n' },
)

interface Url {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly text: string
}

const URL = /^(?:https?:\/\/)?([^/:?]+)(?::(\d+))?([/?].*)?$/

function urlOf(text: string): Url | undefined {
  const match = URL.exec(text)
  if (!match) return undefined
  const [, host = '', port, path = '/'] = match
  const fallback = text.startsWith('https:') ? 443 : 80
  return {
    host,
    port: port === undefined ? fallback : Number(port),
    path: path.startsWith('/') ? path : `/${path}`,
    text,
  }
}

const requestFor = (url: Url, method: string, agent: string, body: string) => ({
  method,
  path: url.path,
  headers: [['Host', url.port === 80 ? url.host : `${url.host}:${url.port}`] as const, ['User-Agent', agent] as const],
  body,
  remote: '127.0.0.1:50000',
  local: `${url.host}:${url.port}`,
})

const STATUS_WORDS: Readonly<Record<number, string>> = {
  200: 'OK',
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

/** The value of an option that is written together or apart: `-O-`, `-O -`, `-qO-`. */
function optionValue(argv: readonly string[], letter: string): string | undefined {
  for (const [i, arg] of argv.entries()) {
    const match = new RegExp(`^-[a-zA-Z]*?${letter}(.*)$`).exec(arg)
    if (match && !arg.startsWith('--')) return match[1] === '' ? argv[i + 1] : match[1]
  }
  return undefined
}

const operandsOf = (argv: readonly string[], withValue: string): readonly string[] =>
  argv.slice(1).filter((arg, i, rest) => {
    const before = rest[i - 1] ?? ''
    const isValue = /^-[a-zA-Z]+$/.test(before) && withValue.includes(before.at(-1)!)
    return (!arg.startsWith('-') || arg === '-') && !isValue
  })

const WGET_PROBLEM = {
  refused: (url: Url) => `wget: can't connect to remote host (${url.host}): Connection refused\n`,
  'no-such-host': (url: Url) => `wget: bad address '${url.host}'\n`,
  timeout: () => 'wget: download timed out\n',
  unreachable: (url: Url) => `wget: can't connect to remote host (${url.host}): Host is unreachable\n`,
} as const

function wgetFinished(host: CommandHost, url: Url, answer: HttpResponse): Finished {
  if (answer.code >= 400)
    return { err: `wget: server returned error: HTTP/1.1 ${answer.code} ${STATUS_WORDS[answer.code] ?? ''}\n`, code: 1 }
  const target = optionValue(host.argv, 'O') ?? url.path.slice(url.path.lastIndexOf('/') + 1)
  if (target === '-') return { out: answer.body }
  host.files.write(target.startsWith('/') ? target : `${host.directory}/${target || 'index.html'}`, answer.body)
  return {}
}

interface Asked extends Finished {
  /** A server that takes its time keeps the caller waiting. */
  readonly delay?: number
}

const endOf = ({ out, err, code }: Finished): CommandOutput => ({
  ...(out && { stdout: out }),
  ...(err && { stderr: err }),
  exit: code ?? 0,
})

/** Whoever can reach a server: a container, or the learner's own computer. */
export type Caller = Pick<ProgramHost, 'fetch'>

const asking =
  (run: (host: Caller, command: CommandHost) => Asked) =>
  (host: Caller): Command => ({
    run: (state, input, command) => {
      if (input.type === 'signal') return [null, { exit: 130 }]
      if (input.type === 'woke') return [null, endOf(state as Finished)]
      const asked = run(host, command)
      return asked.delay ? [asked, { wakeAt: command.now() + asked.delay }] : [null, endOf(asked)]
    },
  })

export const wget = asking((host, command) => {
  const [text] = operandsOf(command.argv, 'OTUP')
  const url = text === undefined ? undefined : urlOf(text)
  if (!url) return { err: 'wget: missing URL\n', code: 1 }
  const answer = host.fetch(url.host, url.port, requestFor(url, 'GET', 'Wget', ''))
  if (isFetchFailure(answer)) return { err: WGET_PROBLEM[answer.error](url), code: 1 }
  return { ...wgetFinished(command, url, answer), ...(answer.after && { delay: answer.after }) }
})

const CURL_PROBLEM = {
  refused: [
    7,
    (url: Url) =>
      `curl: (7) Failed to connect to ${url.host} port ${url.port} after 0 ms: Could not connect to server\n`,
  ],
  'no-such-host': [6, (url: Url) => `curl: (6) Could not resolve host: ${url.host}\n`],
  timeout: [
    28,
    (url: Url) => `curl: (28) Failed to connect to ${url.host} port ${url.port} after 10000 ms: Timeout was reached\n`,
  ],
  unreachable: [
    7,
    (url: Url) => `curl: (7) Failed to connect to ${url.host} port ${url.port} after 0 ms: Host is unreachable\n`,
  ],
} as const

export const curl = asking((host, command) => {
  const [text] = operandsOf(command.argv, 'oXHdmu')
  const url = text === undefined ? undefined : urlOf(text)
  if (!url) return { err: "curl: try 'curl --help' for more information\n", code: 2 }
  const data = optionValue(command.argv, 'd')
  const method = optionValue(command.argv, 'X') ?? (data === undefined ? 'GET' : 'POST')
  const answer = host.fetch(url.host, url.port, requestFor(url, method, 'curl/8.10.1', data ?? ''))
  if (isFetchFailure(answer)) {
    const [code, words] = CURL_PROBLEM[answer.error]
    return { err: words(url), code }
  }
  const failed = command.argv.some((arg) => /^-[a-zA-Z]*f/.test(arg)) && answer.code >= 400
  if (failed) return { err: `curl: (22) The requested URL returned error: ${answer.code}\n`, code: 22 }
  const out = optionValue(command.argv, 'o')
  return { ...(out === '/dev/null' ? {} : { out: answer.body }), ...(answer.after && { delay: answer.after }) }
})

/** Only the first process is listed: the others have no numbers here. */
const PS_COLUMNS: Readonly<Record<string, readonly [title: string, value: (host: ProgramHost) => string]>> = {
  pid: ['PID  ', () => '    1'],
  user: ['USER    ', ({ user }) => (USERS[user.uid] ?? String(user.uid)).padEnd(8)],
  time: ['TIME ', () => ' 0:00'],
  comm: ['COMMAND', ({ argv }) => argv[0]!.slice(argv[0]!.lastIndexOf('/') + 1)],
  args: ['COMMAND', ({ argv }) => argv.join(' ')],
}

const ps = saying((host, { argv }) => {
  const asked = optionValue(argv, 'o')?.split(',') ?? ['pid', 'user', 'time', 'args']
  const columns = asked.map((name) => PS_COLUMNS[name]).filter((column) => column !== undefined)
  const row = (texts: readonly string[]) => `${texts.join(' ')}\n`
  return { out: row(columns.map(([title]) => title)) + row(columns.map(([, value]) => value(host))) }
})

/** Run by itself and not by a shell, `env` sees only what its container was given. */
const env: Make = (host) => {
  const alone = host.argv.length === 1 && host.argv[0]!.endsWith('env')
  const all = () => host.environment.map(([name, value]) => `${name}=${value}\n`).join('')
  return alone ? atOnce(() => ({ out: all() })) : COMMANDS.env!
}

const OWN: Readonly<Record<string, Make>> = {
  ls: (host) => atOnce((command) => listFiles(host, command)),
  env,
  printenv: env,
  hostname,
  id,
  whoami,
  uname,
  wget,
  curl,
  nslookup: saying((host, { argv }) => lookUpName(host, argv)),
  nc: saying((host, { argv }) => knockAt(host, argv)),
  ps,
}

/** Busybox says some things in other words than the larger tools. */
const BUSYBOX_WORDS: Readonly<Record<string, readonly [RegExp, string]>> = {
  cat: [/^cat: (.*?): (No such file or directory|Is a directory|Permission denied)$/gm, "cat: can't open '$1': $2"],
  rm: [/^rm: cannot remove '(.*?)': (.*)$/gm, "rm: can't remove '$1': $2"],
  touch: [/^touch: cannot touch '(.*?)': (.*)$/gm, 'touch: $1: $2'],
  mkdir: [/^mkdir: cannot create directory '(.*?)': (.*)$/gm, "mkdir: can't create directory '$1': $2"],
}

function inBusyboxWords(name: string, command: Command): Command {
  const words = BUSYBOX_WORDS[name]
  if (!words) return command
  const [pattern, replacement] = words
  return {
    ...command,
    run: (state, input, host) => {
      const [next, output] = command.run(state, input, host)
      const { stderr } = output
      return [next, stderr ? { ...output, stderr: stderr.replace(pattern, replacement) } : output]
    },
  }
}

const said = new Map<string, Command>()

function shared(name: string): Command | undefined {
  const known = said.get(name)
  if (known) return known
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) return undefined
  const worded = inBusyboxWords(name, command)
  said.set(name, worded)
  return worded
}

/** A program of the image that a shell runs: the same program, with the shell waiting for it. */
const asCommand = (program: Program, host: ProgramHost): Command => ({
  run: (state, input, command) => {
    if (input.type === 'signal') return [state, { exit: 130 }]
    const own: ProgramHost = {
      ...host,
      argv: command.argv,
      environment: Object.entries(command.environment),
      isFirst: false,
    }
    const [next, output] = program.run(
      state ?? undefined,
      input.type === 'woke' ? { type: 'woke' } : { type: 'start' },
      own,
    )
    if ((output.memory ?? 0) > host.memoryLimit) return [next, { stderr: 'Killed\n', exit: KILLED }]
    const { stdout, stderr, exit, wakeAt } = output
    return [
      next,
      {
        ...(stdout && { stdout }),
        ...(stderr && { stderr }),
        ...(exit !== undefined && { exit }),
        ...(wakeAt !== undefined && { wakeAt }),
      },
    ]
  },
})

const KILLED = 137

export function containerCommand(name: string, host: ProgramHost): Command | undefined {
  const make = Object.hasOwn(OWN, name) ? OWN[name] : undefined
  if (make) return make(host)
  const program = host.executable(name)
  return program ? asCommand(program, host) : shared(name)
}

export const commandNames = (): readonly string[] =>
  [...new Set([...Object.keys(OWN), ...Object.keys(COMMANDS)])].sort()
