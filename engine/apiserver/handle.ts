/**
 * The API server: a request comes in, the next server and a response go out. Which stages a request goes through is said in plans.ts,
 * and for what is not simply an object of its kind in doors/.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/server/handler.go
 * Left out: flow control (API priority and fairness), audit.
 */
import { type KubeObject, keyFor } from '../api/object.ts'
import { isStatus, type Status } from '../api/status.ts'
import { doorFor } from './doors/doors.ts'
import type { Exchange } from './exchange.ts'
import { PLANS, run } from './plans.ts'
import { methodNotAllowed, noSuchResource } from './refusals.ts'
import type { ObjectList, Request, Response } from './request.ts'
import { type Resource, resourceNamed, servedIn } from './resources.ts'
import { type ApiServer, type AtServer, countingCreate, countingName, withStore } from './server.ts'

const NO_WARNINGS: readonly string[] = []

function begin(server: ApiServer, request: Request, resource: Resource): Exchange | Status {
  const served = servedIn(resource, request.version)
  if (!served) return noSuchResource()
  const { name, namespace } = request
  const key = name === undefined ? undefined : keyFor(resource.namespaced ? namespace : undefined, name)
  return {
    request,
    resource,
    served,
    key,
    old: undefined,
    object: undefined,
    body: undefined,
    owners: undefined,
    warnings: NO_WARNINGS,
    store: server.store,
    response: undefined,
    refused: undefined,
  }
}

const refused = (status: Status): Response => ({ code: status.code ?? 500, body: status })

function answered(exchange: Exchange): Response {
  const response = exchange.refused ? refused(exchange.refused) : exchange.response!
  return exchange.warnings.length > 0 ? { ...response, warnings: exchange.warnings } : response
}

const isList = (body: Response['body']): body is ObjectList => 'items' in body

/** What is read shows what is worked out only when somebody looks. */
function presented(response: Response, request: Request, { present }: AtServer): Response {
  const { body } = response
  if (!present || request.trusted || request.subresource || isStatus(body)) return response
  if (request.verb === 'get') return { ...response, body: present(request.resource, body as KubeObject) }
  if (request.verb !== 'list' || !isList(body)) return response
  return { ...response, body: { ...body, items: body.items.map((object) => present(request.resource, object)) } }
}

/** Makes draws of this request its own. */
const counted = (server: ApiServer, request: Request, now: number): ApiServer =>
  request.verb === 'get' || request.verb === 'list' ? server : countingCreate(server, server.store, now)

/** The server after the object is written: the next one with its prefix gets another name. */
function written(server: ApiServer, { request, resource, object, store }: Exchange): ApiServer {
  const after = withStore(server, store)
  const prefix = request.verb === 'create' && after !== server ? object?.metadata.generateName : undefined
  return prefix ? countingName(after, resource.name, request.namespace, prefix) : after
}

export function handle(server: ApiServer, request: Request, at: AtServer): readonly [ApiServer, Response] {
  const resource = resourceNamed(request.resource)
  if (!resource) return [server, refused(noSuchResource())]
  const asked = counted(server, request, at.now)
  const exchange = begin(asked, request, resource)
  if (isStatus(exchange)) return [server, refused(exchange)]
  const plan = doorFor(request) ?? PLANS[request.verb]
  if (!plan) return [server, refused(methodNotAllowed())]
  const result = run(plan, exchange, asked, at)
  return [result.refused ? asked : written(asked, result), presented(answered(result), request, at)]
}
