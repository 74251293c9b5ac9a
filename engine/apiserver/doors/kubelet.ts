/**
 * Doors that lead through the server to a kubelet: a container's log, a command in it, its ports. The server finds the node and passes
 * the question on; without a node there is nothing to ask.
 *
 * Upstream: pkg/registry/core/pod/rest
 * Left out: the streams themselves, which the answering machine describes as plain data; proxies.
 */
import type { Draft } from '../../api/object.ts'
import { failure, isStatus, type Status } from '../../api/status.ts'
import type { Pod } from '../../api/types.generated.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { badRequest } from '../refusals.ts'
import type { Verb } from '../request.ts'
import type { AtServer } from '../server.ts'
import { authorize } from '../stages/authorize.ts'
import { find } from '../stages/find.ts'
import { understand } from '../stages/understand.ts'
import type { Door } from './door.ts'

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

const PLAN = [authorize, understand, find, ask]

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
