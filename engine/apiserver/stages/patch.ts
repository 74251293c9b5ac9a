/**
 * Turns a patch into the object that it would make. What comes out is decoded like any body, so a patch can say nothing that a PUT
 * could not.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go
 */
import { jsonPatch, type Operation } from '../../api/json-patch.ts'
import { mergePatch } from '../../api/merge-patch.ts'
import type { Draft } from '../../api/object.ts'
import { failure, type Status } from '../../api/status.ts'
import { isPatchMistake, strategicMerge } from '../../api/strategic-merge.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { notFound, rejected } from '../refusals.ts'
import type { PatchType } from '../request.ts'

type Patched = { readonly draft: Draft } | Status

/** How each kind of patch is applied to what is there. */
const PATCHES: Readonly<Record<Exclude<PatchType, 'apply'>, (original: Draft, exchange: Exchange) => Patched>> = {
  json: (original, { request }) => {
    const patched = jsonPatch(original, request.body as unknown as readonly Operation[])
    return patched === undefined ? rejected() : { draft: patched as Draft }
  },
  merge: (original, { request }) => ({ draft: mergePatch(original, request.body) as Draft }),
  strategic: (original, { request, served }) => {
    const patched = strategicMerge(original, request.body as Draft, served.type)
    if (!isPatchMistake(patched)) return { draft: patched }
    return failure(patched.code, patched.code === 400 ? 'BadRequest' : '', patched.mistake)
  },
}

type Metadata = { readonly managedFields?: unknown }

/** An empty list of owners forgets them all. Decoding drops empty lists, so it is written as one empty entry. */
function forgettingOwners(draft: Draft): Draft {
  const metadata = draft.metadata as Metadata | undefined
  const { managedFields } = metadata ?? {}
  const forgets = Array.isArray(managedFields) && managedFields.length === 0
  return forgets ? { ...draft, metadata: { ...metadata, managedFields: [{}] } } : draft
}

export const patch: Stage = (exchange) => {
  const { request, resource, old } = exchange
  if (!old) return notFound(resource, request.name ?? '')
  const patchType = request.patchType as Exclude<PatchType, 'apply'>
  const patched = PATCHES[patchType](old as unknown as Draft, exchange)
  return 'draft' in patched ? { ...exchange, body: forgettingOwners(patched.draft) } : patched
}
