/**
 * What each verb does, as a list of stages read from top to bottom. A stage that answers with a Status ends the request there.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/installer.go
 */
import { isStatus } from '../api/status.ts'
import type { Exchange, Stage } from './exchange.ts'
import type { Verb } from './request.ts'
import type { ApiServer, AtServer } from './server.ts'
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

export type Plan = readonly Stage[]

/** From a complete object to a stored one. */
const CREATING: Plan = [own, admit, nameIt, prepareCreate, validateCreate, admitValidating, insert, answerCreated]

export const UPDATING: Plan = [
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

export const PLANS: Readonly<Record<Verb, Plan>> = {
  get: [authorize, understand, find, answerObject],
  list: [authorize, understand, checkListOptions, list],
  watch: [authorize, understand, watch],
  create: [authorize, understand, checkOptions, decode, placeInNamespace, forgetSystemFields, fill, ...CREATING],
  update: [
    authorize,
    understand,
    checkOptions,
    decode,
    placeInNamespace,
    checkName,
    lookUp,
    mayCreate,
    checkUid,
    fill,
    creatingOrUpdating,
  ],
  patch: [
    authorize,
    understand,
    checkOptions,
    lookUp,
    patchOrApply,
    decode,
    placeInNamespace,
    checkName,
    fill,
    creatingOrUpdating,
  ],
  delete: [authorize, understand, find, checkPreconditions, admit, remove, answerDeleted],
  deletecollection: [authorize, understand, checkListOptions, list, deleteCollection],
}

/** What a refused request has been warned of is said all the same. */
export function run(stages: Plan, exchange: Exchange, server: ApiServer, at: AtServer): Exchange {
  let current = exchange
  for (const stage of stages) {
    const next = stage(current, server, at)
    if (isStatus(next)) return { ...current, refused: next }
    current = next
    if (current.refused) return current
  }
  return current
}
