/**
 * `kubectl exec`: runs a command in a container. With -i -t it stays connected, and what is typed goes on to it.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/exec
 */
import { type TreeMap, treeAt } from '../../std/tree.ts'
import type { Command, Ending, Invocation, Progress } from '../command.ts'
import { objectNames } from '../complete-values.ts'
import { chooseContainer, podFor } from '../pods.ts'
import { isRefusal, type Refusal, refuse, refuseBare, refusedByServer, usageRefusal } from '../refusal.ts'
import { complain, say, send, statusOf } from '../session.ts'
import { findObjects, namespaceOf } from '../targets.ts'

/** What a stream into a container answers: what was printed, and how it ended if it has. */
interface Streamed {
  readonly stdout?: string
  readonly stderr?: string
  /** Absent while the command runs on. */
  readonly code?: number
  /** Names the stream in later requests. */
  readonly stream?: string
}

export interface Connection {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly stream?: string
}

function endOf({ code = 0 }: Streamed): Refusal | undefined {
  return code === 0 ? undefined : refuseBare(`command terminated with exit code ${code}`, code)
}

/** Sends what was typed, shows what came back. */
function exchange({ session }: Invocation, connection: Connection): Ending {
  const stdin = typeof session.client.stdin === 'string' ? session.client.stdin : ''
  const answer = send(session, {
    method: 'POST',
    path: connection.path,
    query: connection.query,
    accept: 'application/json, */*',
    body: { stdin, ...(connection.stream && { stream: connection.stream }) },
  })
  if (isRefusal(answer)) return answer
  if (answer.code >= 400) {
    const refusal = refusedByServer(statusOf(answer))
    return refusal.by === 'server' && refusal.status.reason === 'NotFound'
      ? refusal
      : refuse(refusal.by === 'server' ? refusal.message : '')
  }
  const streamed = (typeof answer.body === 'object' ? answer.body : {}) as Streamed
  if (streamed.stdout) say(session, streamed.stdout)
  if (streamed.stderr) complain(session, streamed.stderr)
  if (streamed.code !== undefined) return endOf(streamed)
  const next: Connection = { ...connection, ...(streamed.stream && { stream: streamed.stream }) }
  return {
    goesOn: { connection: next } as unknown as Progress,
    lookAgainAfter: 100,
    readsInput: connection.query.stdin === 'true',
  }
}

function problemWith({ args, dashAt, flags, path }: Invocation): Refusal | undefined {
  if (args.length > 1 && dashAt < 0)
    return usageRefusal(path, 'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead')
  if ((args.length === 0 || dashAt === 0) && flags.list('filename').length === 0)
    return refuse('pod, type/name or --filename must be specified')
  return args.length - Math.max(dashAt, 0) === 0 || dashAt < 0
    ? refuse('you must specify at least one command for the container')
    : undefined
}

function run(invocation: Invocation): Ending {
  const { args, dashAt, session } = invocation
  const problem = problemWith(invocation)
  if (problem) return problem
  const words = args.slice(dashAt)
  const found = findObjects(session, { args: args.slice(0, 1), defaultType: 'pods' })
  if (isRefusal(found)) return found
  if (found.refusals[0]) return found.refusals[0]
  const choice = podFor(session, found.targets[0]!.object, namespaceOf(session), false)
  if (isRefusal(choice)) return choice
  return runIn(invocation, choice.pod, words)
}

function runIn(invocation: Invocation, pod: TreeMap, words: readonly string[]): Ending {
  const { flags, session } = invocation
  const phase = treeAt(pod, 'status', 'phase')
  if (phase === 'Succeeded' || phase === 'Failed')
    return refuse(`cannot exec into a container in a completed pod; current phase is ${phase}`)
  const container = chooseContainer(session, pod, flags.text('container'), flags.on('quiet'))
  if (isRefusal(container)) return container
  const interactive = flags.on('stdin')
  const isTerminal = session.client.isTerminal ?? false
  if (flags.on('tty') && !isTerminal)
    complain(session, 'Unable to use a TTY - input is not a terminal or the right kind of file\n')
  const tty = flags.on('tty') && isTerminal
  const name = String(treeAt(pod, 'metadata', 'name'))
  return exchange(invocation, {
    path: `/api/v1/namespaces/${String(treeAt(pod, 'metadata', 'namespace') ?? namespaceOf(session))}/pods/${name}/exec`,
    query: {
      command: words.join('\u0000'),
      container,
      ...(!tty && { stderr: 'true' }),
      ...(interactive && { stdin: 'true' }),
      stdout: 'true',
      ...(tty && { tty: 'true' }),
    },
  })
}

export const execCommand: Command = {
  name: 'exec',
  usage: '(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  short: 'Execute a command in a container',
  group: 'Troubleshooting and Debugging Commands',
  help: 'Run a command in a container that runs already.',
  examples: ['kubectl exec web -- date', 'kubectl exec -it web -- sh'],
  flags: {
    container: { kind: 'string', short: 'c', help: 'The container; the first one when absent.' },
    'detach-keys': { kind: 'string', help: 'The keys that detach.' },
    filename: { kind: 'stringSlice', short: 'f', help: 'A file that names the object.' },
    'pod-running-timeout': { kind: 'duration', default: '1m0s', help: 'How long to wait for a Pod to run.' },
    quiet: { kind: 'bool', short: 'q', help: 'Show only what the command prints.' },
    stdin: { kind: 'bool', short: 'i', help: 'Send standard input to the command.' },
    tty: { kind: 'bool', short: 't', help: 'Give the command a terminal.' },
  },
  run,
  follow: (invocation, progress) => exchange(invocation, (progress as { connection: Connection }).connection),
  complete: (invocation) => (invocation.args.length === 0 ? objectNames(invocation, 'pods') : []),
}
