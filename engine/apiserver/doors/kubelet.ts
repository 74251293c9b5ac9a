/**
 * Doors that lead through the server to a kubelet: a container's log, a command in it, its ports. The server finds the node and passes
 * the question on; without a node there is nothing to ask.
 *
 * Upstream: pkg/registry/core/pod/rest
 * Left out: the streams themselves, which the answering machine describes as plain data; proxies.
 */
import type { Draft } from '../../api/object.ts'
import type { Problem } from '../../api/problem.ts'
import { failure, isStatus, type Status } from '../../api/status.ts'
import type { Pod } from '../../api/types.generated.ts'
import { forbidden as forbiddenField, invalid as invalidField } from '../../api/validate/problems.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { badRequest, invalid } from '../refusals.ts'
import type { Verb } from '../request.ts'
import type { AtServer } from '../server.ts'
import { authorize } from '../stages/authorize.ts'
import { find } from '../stages/find.ts'
import { understand } from '../stages/understand.ts'
import type { Door } from './door.ts'

type LogOptions = Readonly<Partial<Record<'tailLines' | 'sinceSeconds' | 'limitBytes', number>>> & {
  readonly sinceTime?: string
}

const LEAST: readonly (readonly [keyof LogOptions, number, string])[] = [
  ['tailLines', 0, 'must be greater than or equal to 0'],
  ['limitBytes', 1, 'must be greater than 0'],
]

function logProblems(options: LogOptions): readonly Problem[] {
  const tooSmall = LEAST.flatMap(([field, least, said]) => {
    const value = options[field] as number | undefined
    return value !== undefined && value < least ? [invalidField(field, value, said)] : []
  })
  const { sinceSeconds, sinceTime } = options
  if (sinceSeconds === undefined) return tooSmall
  if (sinceTime !== undefined)
    return [...tooSmall, forbiddenField('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified')]
  return sinceSeconds < 1
    ? [...tooSmall, invalidField('sinceSeconds', sinceSeconds, 'must be greater than 0')]
    : tooSmall
}

/** What is asked of a log is looked at before anyone is asked. */
const checkLogOptions: Stage = (exchange) => {
  if (exchange.request.subresource !== 'log') return exchange
  const problems = logProblems(logOptions((exchange.request.body ?? {}) as Draft))
  return problems.length > 0
    ? invalid({ group: '', kind: 'PodLogOptions' }, exchange.request.name ?? '', problems)
    : exchange
}

const COUNTS = ['tailLines', 'sinceSeconds', 'limitBytes'] as const

/** Options of a URL are text. */
function logOptions(said: Draft): LogOptions {
  const counts = COUNTS.filter((name) => said[name] !== undefined && said[name] !== '').map((name) => [
    name,
    Number(said[name]),
  ])
  return { ...Object.fromEntries(counts), ...(said.sinceTime ? { sinceTime: String(said.sinceTime) } : {}) }
}

/** What a kubelet is asked. */
export interface KubeletQuestion {
  readonly door: string
  readonly node: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly parameters: Draft
}

const containerNames = ({ spec }: Pod): readonly string[] =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? []), ...(spec?.ephemeralContainers ?? [])].map(
    ({ name }) => name,
  )

const listed = (names: readonly string[]): string => `[${names.join(' ')}]`

/** The only container, or the one that was asked for. */
function containerOf(pod: Pod, asked: string): string | Status {
  const names = containerNames(pod)
  if (asked)
    return names.includes(asked) ? asked : badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`)
  const mains = (pod.spec?.containers ?? []).map(({ name }) => name)
  if (mains.length === 1) return mains[0]!
  return badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: ${listed(mains)}`)
}

const unanswered = (question: KubeletQuestion): Status =>
  failure(500, 'InternalError', `the kubelet of node ${question.node} does not answer`)

function asked(question: KubeletQuestion, at: AtServer): unknown {
  return at.call?.(`kubelet/${question.node}`, question) ?? unanswered(question)
}

const answerWith = (exchange: Exchange, code: number, body: unknown): Exchange => ({
  ...exchange,
  response: { code, body: body as never },
})

function questionFor(exchange: Exchange, container: string): KubeletQuestion {
  const { request } = exchange
  const pod = exchange.old as Pod
  return {
    door: request.subresource!,
    node: pod.spec?.nodeName ?? '',
    namespace: request.namespace ?? '',
    pod: request.name ?? '',
    container,
    parameters: (request.body ?? {}) as Draft,
  }
}

/** A log that is not there yet is empty; everything else needs a host. */
function withoutNode(exchange: Exchange): Exchange | Status {
  const { request } = exchange
  if (request.subresource === 'log') return answerWith(exchange, 204, {})
  return badRequest(`pod ${request.name} does not have a host assigned`)
}

const ask: Stage = (exchange, _server, at) => {
  const pod = exchange.old as Pod
  const parameters = (exchange.request.body ?? {}) as { readonly container?: string }
  const container = containerOf(pod, parameters.container ?? '')
  if (isStatus(container)) return container
  if (!pod.spec?.nodeName) return withoutNode(exchange)
  const answer = asked(questionFor(exchange, container), at)
  return isStatus(answer) ? answer : answerWith(exchange, 200, answer)
}

const PLAN = [authorize, understand, find, checkLogOptions, ask]

const door = (subresource: string, ...verbs: readonly Verb[]): Door => ({
  resources: ['pods'],
  subresource,
  plans: Object.fromEntries(verbs.map((verb) => [verb, PLAN])),
})

export const kubeletDoors: readonly Door[] = [
  door('log', 'get'),
  door('exec', 'get', 'create'),
  door('attach', 'get', 'create'),
  door('portforward', 'get', 'create'),
]
