/**
 * The API server: a request comes in, the next server and a response go out. Each verb is a list of stages, read from top to
 * bottom; a stage that answers with a Status ends the request there.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/installer.go
 * Left out: flow control (API priority and fairness), audit.
 */
import { keyFor } from '../api/object.ts'
import { isStatus, type Status } from '../api/status.ts'
import type { Exchange, Stage } from './exchange.ts'
import { methodNotAllowed, noSuchResource } from './refusals.ts'
import type { Request, Response } from './request.ts'
import { type Resource, resourceNamed, servedIn } from './resources.ts'
import { type ApiServer, type AtServer, countingCreate, withStore } from './server.ts'
import { admit, admitValidating } from './stages/admit.ts'
import { answerCreated, answerDeleted, answerObject } from './stages/answer.ts'
import { apply } from './stages/apply.ts'
import { authorize } from './stages/authorize.ts'
import { checkUid, checkVersion } from './stages/check-version.ts'
import { decode } from './stages/decode.ts'
import { checkPreconditions, remove } from './stages/delete.ts'
import { deleteCollection } from './stages/delete-collection.ts'
import { fill } from './stages/fill.ts'
import { find, lookUp, mayCreate } from './stages/find.ts'
import { checkListOptions, list } from './stages/list.ts'
import { checkOptions } from './stages/options.ts'
import { own } from './stages/own.ts'
import { patch } from './stages/patch.ts'
import { insert, replace } from './stages/persist.ts'
import { checkName, forgetSystemFields, nameIt, placeInNamespace } from './stages/place.ts'
import { prepareCreate, prepareUpdate } from './stages/prepare.ts'
import { understand } from './stages/understand.ts'
import { validateCreate, validateUpdate } from './stages/validate.ts'
import { watch } from './stages/watch.ts'

/** From a complete object to a stored one. */
const CREATING: readonly Stage[] = [own, admit, nameIt, prepareCreate, validateCreate, admitValidating, insert, answerCreated]

const UPDATING: readonly Stage[] = [
  own,
  admit,
  checkVersion,
  prepareUpdate,
  validateUpdate,
  admitValidating,
  replace,
  answerObject,
]

/** Runs one list or the other, by whether there is something to update. */
const creatingOrUpdating: Stage = (exchange, server, at) =>
  run(exchange.old ? UPDATING : CREATING, exchange, server, at)

const patchOrApply: Stage = (exchange, server, at) =>
  (exchange.request.patchType === 'apply' ? apply : patch)(exchange, server, at)

const PLANS: Readonly<Record<Request['verb'], readonly Stage[]>> = {
  get: [authorize, understand, find, answerObject],
  list: [authorize, understand, checkListOptions, list],
  watch: [authorize, understand, watch],
  create: [authorize, understand, checkOptions, decode, placeInNamespace, forgetSystemFields, fill, ...CREATING],
  update: [authorize, understand, checkOptions, decode, placeInNamespace, checkName, lookUp, mayCreate, checkUid, fill, creatingOrUpdating],
  patch: [authorize, understand, checkOptions, lookUp, patchOrApply, decode, placeInNamespace, checkName, fill, creatingOrUpdating],
  delete: [authorize, understand, find, checkPreconditions, admit, remove, answerDeleted],
  deletecollection: [authorize, understand, checkListOptions, list, deleteCollection],
}

/** What a refused request has been warned of is said all the same. */
function run(stages: readonly Stage[], exchange: Exchange, server: ApiServer, at: AtServer): Exchange {
  let current = exchange
  for (const stage of stages) {
    const next = stage(current, server, at)
    if (isStatus(next)) return { ...current, refused: next }
    current = next
    if (current.refused) return current
  }
  return current
}

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

/** Makes draws of this request its own. */
const counted = (server: ApiServer, request: Request, now: number): ApiServer =>
  request.verb === 'get' || request.verb === 'list' ? server : countingCreate(server, server.store, now)

export function handle(server: ApiServer, request: Request, at: AtServer): readonly [ApiServer, Response] {
  const resource = resourceNamed(request.resource)
  if (!resource) return [server, refused(noSuchResource())]
  const asked = counted(server, request, at.now)
  const exchange = begin(asked, request, resource)
  if (isStatus(exchange)) return [server, refused(exchange)]
  const plan = PLANS[request.verb]
  if (!plan) return [server, refused(methodNotAllowed())]
  const result = run(plan, exchange, asked, at)
  return [result.refused ? asked : withStore(asked, result.store), answered(result)]
}
