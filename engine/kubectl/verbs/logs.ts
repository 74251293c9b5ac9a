/**
 * `kubectl logs`: what containers have printed; with -f, what they print from now on.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/logs, pkg/polymorphichelpers/logsforobject.go
 */

import { goQuote } from '../../std/go-text.ts'
import { parseUnix } from '../../std/time.ts'
import { type TreeMap, treeAt } from '../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../command.ts'
import { objectNames } from '../complete-values.ts'
import { SELECTOR_FLAG } from '../flag-groups.ts'
import { goTypeOf } from '../go-types.ts'
import {
  allContainersText,
  chooseContainer,
  compareActivePods,
  containerNames,
  ephemeralContainerNames,
  initContainerNames,
  podSelectorText,
  podsOf,
} from '../pods.ts'
import { isNotFound, isRefusal, type Refusal, refuse, refusedByServer, usageRefusal } from '../refusal.ts'
import { complain, say, send, statusOf } from '../session.ts'
import { findObjects, namespaceOf } from '../targets.ts'

const EXPECTED =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command"

/** One container whose log is read, and how much of it was shown. */
interface Stream {
  readonly path: string
  readonly container: string
  /** `[pod/web/main] `, put before each line. */
  readonly prefix: string
  readonly shown: number
  readonly done?: true
}

function queryFor(
  { flags, session }: Invocation,
  container: string,
  selecting: boolean,
): Record<string, string | undefined> {
  const tail = flags.given('tail') ? flags.number('tail') : selecting ? 10 : -1
  const since = flags.number('since')
  const limit = flags.number('limit-bytes')
  void session
  return {
    container,
    follow: flags.on('follow') ? 'true' : undefined,
    insecureSkipTLSVerifyBackend: flags.on('insecure-skip-tls-verify-backend') ? 'true' : undefined,
    limitBytes: limit > 0 ? String(limit) : undefined,
    previous: flags.on('previous') ? 'true' : undefined,
    sinceSeconds: since > 0 ? String(Math.ceil(since / 1000)) : undefined,
    sinceTime: flags.text('since-time') || undefined,
    tailLines: tail >= 0 ? String(tail) : undefined,
    timestamps: flags.on('timestamps') ? 'true' : undefined,
  }
}

function problemWith({ args, flags, path }: Invocation): Refusal | undefined {
  const selector = flags.text('selector')
  const usage = (message: string): Refusal => usageRefusal(path, message)
  if (args.length > 2 || (args.length === 0 && !selector)) return usage(EXPECTED)
  if (args.length > 0 && selector) return usage('only a selector (-l) or a POD name is allowed')
  if (args.length === 2 && flags.text('container'))
    return usage('only one of -c or an inline [CONTAINER] arg is allowed')
  if (flags.number('since') > 0 && flags.text('since-time'))
    return refuse('at most one of `sinceTime` or `sinceSeconds` may be specified')
  const time = flags.text('since-time')
  if (time && parseUnix(time) === undefined)
    return refuse(
      `parsing time ${goQuote(time)} as "2006-01-02T15:04:05Z07:00": cannot parse ${goQuote(time)} as "2006"`,
    )
  return undefined
}

/** Refusals that only an answer of the server could bring out of place. */
function lateProblem({ args, flags }: Invocation): Refusal | undefined {
  const container = flags.text('container') || args[1]
  if (flags.on('all-containers') && container)
    return refuse('--all-containers=true should not be specified with container name')
  if (flags.number('tail') < -1) return refuse('--tail must be greater than or equal to -1')
  if (flags.given('limit-bytes') && flags.number('limit-bytes') < 1 && flags.number('limit-bytes') !== 0)
    return refuse('--limit-bytes must be greater than 0')
  return flags.given('since') && flags.number('since') < 0 ? refuse('--since must be greater than 0') : undefined
}

/** Names of all containers, those that begin first at the front. */
const everyContainer = (pod: TreeMap): readonly string[] => [
  ...initContainerNames(pod),
  ...containerNames(pod),
  ...ephemeralContainerNames(pod),
]

function streamsOf(invocation: Invocation, pod: TreeMap): readonly Stream[] | Refusal {
  const { args, flags, session } = invocation
  const name = String(treeAt(pod, 'metadata', 'name'))
  const path = `/api/v1/namespaces/${String(treeAt(pod, 'metadata', 'namespace') ?? namespaceOf(session))}/pods/${name}/log`
  const asked = flags.text('container') || (args[1] ?? '')
  const stream = (container: string): Stream => ({
    path,
    container,
    prefix: flags.on('prefix') ? `[pod/${name}/${container}] ` : '',
    shown: 0,
  })
  if (flags.on('all-containers') || (flags.on('all-pods') && !asked)) return everyContainer(pod).map(stream)
  const container = chooseContainer(session, pod, asked)
  if (isRefusal(container))
    return refuse(`container ${asked} is not valid for pod ${name} out of: ${allContainersText(pod)}`)
  return [stream(container)]
}

/** The Pods whose logs are meant. */
function podsMeant(invocation: Invocation): readonly TreeMap[] | Refusal {
  const { args, flags, session } = invocation
  const selector = flags.text('selector')
  if (selector) {
    const found = findObjects(session, { args: ['pods'], labelSelector: selector })
    return isRefusal(found) ? found : (found.refusals[0] ?? found.targets.map(({ object }) => object))
  }
  const found = findObjects(session, { args: [args[0]!], defaultType: 'pods' })
  if (isRefusal(found)) return found
  const [refusal] = found.refusals
  if (refusal)
    return isNotFound(refusal)
      ? refuse(`error from server (NotFound): ${messageText(refusal)} in namespace ${goQuote(namespaceOf(session))}`)
      : refusal
  return podsBehind(invocation, found.targets[0]!.object)
}

const messageText = (refusal: Refusal): string => (refusal.by === 'server' ? refusal.message : '')

function podsBehind({ flags, session }: Invocation, object: TreeMap): readonly TreeMap[] | Refusal {
  if (object.kind === 'Pod') return [object]
  const selector = podSelectorText(object)
  if (selector === undefined)
    return refuse(`cannot get the logs from ${goTypeOf(object)}: selector for ${goTypeOf(object)} not implemented`)
  const pods = podsOf(session, namespaceOf(session), selector)
  if (isRefusal(pods)) return pods
  const sorted = [...pods].sort(compareActivePods)
  if (flags.on('all-pods')) return sorted
  if (sorted.length === 0) return refuse('timed out waiting for the condition')
  const chosen = sorted[0]!
  if (sorted.length > 1)
    complain(session, `Found ${sorted.length} pods, using pod/${String(treeAt(chosen, 'metadata', 'name'))}\n`)
  return [chosen]
}

const prefixed = (text: string, prefix: string): string =>
  prefix === '' ? text : text.replace(/[^\n]*\n|[^\n]+$/g, (line) => prefix + line)

/** Prints what is new in a stream. */
function readStream(invocation: Invocation, stream: Stream, selecting: boolean): Stream | Refusal {
  const { flags, session } = invocation
  const answer = send(session, {
    method: 'GET',
    path: stream.path,
    query: queryFor(invocation, stream.container, selecting),
    accept: 'application/json, */*',
  })
  if (isRefusal(answer)) return answer
  if (answer.code >= 400) {
    const refusal = refusedByServer(statusOf(answer))
    if (!flags.on('ignore-errors')) return refusal
    say(session, `error: ${messageText(refusal)}\n`)
    return { ...stream, done: true }
  }
  const text = typeof answer.body === 'string' ? answer.body : ''
  say(session, prefixed(text.slice(stream.shown), stream.prefix))
  const ended = answer.headers?.['x-stream-ended'] === 'true'
  return { ...stream, shown: text.length, ...(ended && { done: true as const }) }
}

function readAll(invocation: Invocation, streams: readonly Stream[], selecting: boolean): Ending {
  const next: Stream[] = []
  for (const stream of streams) {
    const read = stream.done ? stream : readStream(invocation, stream, selecting)
    if (isRefusal(read)) return read
    next.push(read)
  }
  if (!invocation.flags.on('follow') || next.every(({ done }) => done)) return undefined
  return goOn({ streams: next, selecting } as unknown as Progress, 500)
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const problem = problemWith(invocation)
  if (problem) return problem
  const pods = podsMeant(invocation)
  if (isRefusal(pods)) return pods
  const late = lateProblem(invocation)
  if (late) return late
  const selecting = flags.text('selector') !== ''
  if (selecting && pods.length === 0) {
    complain(session, `No resources found in ${namespaceOf(session)} namespace.\n`)
    return undefined
  }
  const streams: Stream[] = []
  for (const pod of pods) {
    const found = streamsOf(invocation, pod)
    if (isRefusal(found)) return found
    streams.push(...found)
  }
  const most = flags.number('max-log-requests')
  if (flags.on('follow') && streams.length > most)
    return refuse(
      `you are attempting to follow ${streams.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
    )
  return readAll(invocation, streams, selecting)
}

export const logsCommand: Command = {
  name: 'logs',
  usage: '[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  short: 'Print the logs for a container in a pod',
  group: 'Troubleshooting and Debugging Commands',
  help: 'Show what a container has printed.',
  examples: [
    'kubectl logs web',
    'kubectl logs -f deployment/web',
    'kubectl logs web --previous',
    'kubectl logs -l app=web --all-containers',
  ],
  flags: {
    'all-containers': { kind: 'bool', help: 'The logs of all containers.' },
    'all-pods': { kind: 'bool', help: 'The logs of all Pods, not of one of them.' },
    container: { kind: 'string', short: 'c', help: 'The container.' },
    follow: { kind: 'bool', short: 'f', help: 'Go on showing what is printed.' },
    'ignore-errors': { kind: 'bool', help: 'Go on after a log that cannot be read.' },
    'insecure-skip-tls-verify-backend': { kind: 'bool', help: "Do not check the kubelet's certificate." },
    'limit-bytes': { kind: 'int64', help: 'How many bytes at most.' },
    'max-log-requests': { kind: 'int', default: '5', help: 'How many logs may be followed at once.' },
    'pod-running-timeout': { kind: 'duration', default: '20s', help: 'How long to wait for a Pod to run.' },
    prefix: { kind: 'bool', help: 'Put Pod and container before each line.' },
    previous: { kind: 'bool', short: 'p', help: 'The log of the container before the last restart.' },
    ...SELECTOR_FLAG,
    since: { kind: 'duration', default: '0s', help: 'Only what is younger than this, such as 5s, 2m, 3h.' },
    'since-time': { kind: 'string', help: 'Only what is younger than this time (RFC 3339).' },
    tail: { kind: 'int64', default: '-1', help: 'How many of the last lines; -1 all, 10 with a selector.' },
    timestamps: { kind: 'bool', help: 'Put the time before each line.' },
  },
  run,
  follow: (invocation, progress) => {
    const { streams, selecting } = progress as { streams: readonly Stream[]; selecting: boolean }
    return readAll(invocation, streams, selecting)
  },
  complete: (invocation) => (invocation.args.length === 0 ? objectNames(invocation, 'pods') : []),
}
