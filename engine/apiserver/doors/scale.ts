/**
 * Scale is the same small object for everything that has replicas, so that autoscalers and `kubectl scale` need not know the kind.
 *
 * Upstream: pkg/registry/apps/{deployment,replicaset,statefulset}/storage/storage.go (ScaleREST)
 */
import { decode } from '../../api/decode.ts'
import { jsonPatch, type Operation } from '../../api/json-patch.ts'
import { mergePatch } from '../../api/merge-patch.ts'
import type { Draft, KubeObject } from '../../api/object.ts'
import { type LabelSelector, type Labels, selectorOf, selectorOfLabels, selectorText } from '../../api/selector.ts'
import { failure, isStatus, type Status } from '../../api/status.ts'
import { isPatchMistake, strategicMerge } from '../../api/strategic-merge.ts'
import { invalid as invalidField } from '../../api/validate/problems.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { run, UPDATING } from '../plans.ts'
import { badRequest, invalid, rejected } from '../refusals.ts'
import { apply } from '../stages/apply.ts'
import { authorize } from '../stages/authorize.ts'
import { find } from '../stages/find.ts'
import { checkOptions } from '../stages/options.ts'
import { understand } from '../stages/understand.ts'
import { withMetadata } from '../with-metadata.ts'
import type { Door } from './door.ts'
import { bodyOf, expecting, readAs } from './read-body.ts'

interface Scalable extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly selector?: LabelSelector | Labels }
  readonly status?: { readonly replicas?: number }
}

interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number }
}

const AS_SCALE = expecting('autoscaling', 'v1', 'Scale')

/** A ReplicationController's selector is a plain map of labels. */
function selectorTextOf({ kind, spec }: Scalable): string {
  const selector = spec?.selector
  if (!selector) return ''
  const requirements =
    kind === 'ReplicationController' ? selectorOfLabels(selector as Labels) : selectorOf(selector as LabelSelector)
  return selectorText(requirements ?? [])
}

export function scaleOf(object: Scalable): Scale & Draft {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = object.spec?.replicas ?? 0
  const selector = selectorTextOf(object)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: object.status?.replicas ?? 0, ...(selector && { selector }) },
  }
}

const answerScale: Stage = (exchange) => ({
  ...exchange,
  response: { code: 200, body: scaleOf((exchange.object ?? exchange.old) as Scalable) },
})

type Patched = { readonly draft: unknown } | Status

function patchedScale({ request, old }: Exchange): Patched {
  const scale = scaleOf(old as Scalable)
  if (request.patchType === 'merge') return { draft: mergePatch(scale, request.body) }
  if (request.patchType === 'json') {
    const draft = jsonPatch(scale, request.body as unknown as readonly Operation[])
    return draft === undefined ? rejected() : { draft }
  }
  const draft = strategicMerge(scale, request.body as Draft, AS_SCALE.type)
  return isPatchMistake(draft) ? failure(draft.code, '', draft.mistake) : { draft }
}

const patchScale: Stage = (exchange) => {
  const patched = patchedScale(exchange)
  if (isStatus(patched)) return patched
  const { object, error } = decode(patched.draft, AS_SCALE.type, 'Warn')
  if (error === undefined) return { ...exchange, body: object }
  return invalid({ group: '', kind: '' }, '', [invalidField('patch', patched.draft, error)])
}

const checkScale: Stage = (exchange) => {
  const { metadata, spec } = bodyOf<Scale>(exchange)
  const name = exchange.request.name ?? ''
  if (metadata?.name !== name)
    return badRequest(`the name of the object (${metadata?.name}) does not match the name on the URL (${name})`)
  const replicas = spec?.replicas ?? 0
  if (replicas >= 0) return exchange
  const problem = invalidField('spec.replicas', replicas, 'must be greater than or equal to 0')
  return invalid({ group: 'autoscaling', kind: 'Scale' }, name, [problem])
}

/** What the Scale says becomes the object's own wish. */
const rescaled: Stage = (exchange) => {
  const scale = bodyOf<Scale>(exchange)
  const old = exchange.old as Scalable
  const replicas = scale.spec?.replicas ?? 0
  const { uid, resourceVersion = '' } = scale.metadata
  const object = { ...old, spec: { ...old.spec, replicas } } as KubeObject
  return { ...exchange, object: withMetadata(object, { uid: uid || old.metadata.uid, resourceVersion }) }
}

const update: Stage = (exchange, server, at) => run(UPDATING, exchange, server, at)

/** Owners are told in the terms of the object, not of its Scale. */
const applyScale: Stage = (exchange, server, at) => {
  const config = (exchange.request.body ?? {}) as Scale & Draft
  const { apiVersion, kind } = exchange.old!
  const body = { apiVersion, kind, metadata: config.metadata, spec: { replicas: config.spec?.replicas ?? 0 } }
  const applied = apply({ ...exchange, request: { ...exchange.request, body: body as unknown as Draft } }, server, at)
  if (isStatus(applied)) return inScaleTerms(applied, apiVersion)
  return { ...applied, object: applied.body as unknown as KubeObject, request: exchange.request }
}

const inScaleTerms = (status: Status, apiVersion: string): Status =>
  JSON.parse(JSON.stringify(status).replaceAll(`using ${apiVersion}`, 'using autoscaling/v1')) as Status

const patchOrApply: Stage = (exchange, server, at) =>
  exchange.request.patchType === 'apply'
    ? run([applyScale, update, answerScale], exchange, server, at)
    : run([patchScale, checkScale, rescaled, update, answerScale], exchange, server, at)

export const scale: Door = {
  subresource: 'scale',
  plans: {
    get: [authorize, understand, find, answerScale],
    update: [authorize, understand, checkOptions, readAs(AS_SCALE), checkScale, find, rescaled, update, answerScale],
    patch: [authorize, understand, checkOptions, find, patchOrApply],
  },
}
