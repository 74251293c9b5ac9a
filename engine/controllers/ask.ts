/**
 * The asks that controllers make, by name: what is written to the API server, and what a note about it says.
 */
import { controllerReference, type Draft, type KubeObject, type ResourceName } from '../api/object.ts'
import type { Reason } from '../api/status.ts'
import type { Ask, Command, EventNote } from '../client/controller.ts'

export type AskCommand = Extract<Command, { do: 'ask' }>

/** What may stand beside an ask in a plan. */
export type AskTerms = Omit<AskCommand, 'do' | 'ask'>

export const asking = (ask: Ask, terms?: AskTerms): AskCommand => ({ do: 'ask', ask, ...terms })

const place = ({ metadata }: KubeObject) => ({
  ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
  name: metadata.name,
})

export const update = (resource: ResourceName, object: KubeObject, terms?: AskTerms): AskCommand =>
  asking({ verb: 'update', resource, ...place(object), body: object }, terms)

export const updateStatus = (resource: ResourceName, object: KubeObject, terms?: AskTerms): AskCommand =>
  asking({ verb: 'update', resource, subresource: 'status', ...place(object), body: object }, terms)

export const create = (resource: ResourceName, namespace: string | undefined, body: Draft, terms?: AskTerms) =>
  asking({ verb: 'create', resource, ...(namespace !== undefined && { namespace }), body }, terms)

const GONE: readonly Reason[] = ['NotFound']

/** Deletes what is seen; that it is gone already is as good. */
export const remove = (resource: ResourceName, object: KubeObject, options?: Ask['options'], terms?: AskTerms) =>
  asking({ verb: 'delete', resource, ...place(object), ...(options && { options }) }, { tolerate: GONE, ...terms })

export const patch = (
  resource: ResourceName,
  object: KubeObject,
  patchType: 'strategic' | 'merge' | 'json',
  body: Draft,
  terms?: AskTerms,
): AskCommand => asking({ verb: 'patch', resource, ...place(object), patchType, body, decode: true }, terms)

export const patchStatus = (
  resource: ResourceName,
  object: KubeObject,
  patchType: 'strategic' | 'merge' | 'json',
  body: Draft,
): AskCommand =>
  asking({ verb: 'patch', resource, subresource: 'status', ...place(object), patchType, body, decode: true })

/** The orphan gets an owner. The uid in the patch makes sure that it is the one that was meant. */
export const adopt = (resource: ResourceName, object: KubeObject, owner: KubeObject, batch: number): AskCommand =>
  patch(
    resource,
    object,
    'strategic',
    { metadata: { ownerReferences: [controllerReference(owner)], uid: object.metadata.uid } },
    { batch },
  )

const GONE_OR_ANOTHER: readonly Reason[] = ['NotFound', 'Invalid']

/** The owner lets go. */
export const release = (resource: ResourceName, object: KubeObject, ownerUid: string, batch: number): AskCommand =>
  patch(
    resource,
    object,
    'strategic',
    { metadata: { uid: object.metadata.uid, ownerReferences: [{ $patch: 'delete', uid: ownerUid }] } },
    { tolerate: GONE_OR_ANOTHER, batch },
  )

export const note = (about: KubeObject, type: EventNote['type'], reason: string, message: string): EventNote => ({
  about,
  type,
  reason,
  message,
})

export const record = (about: KubeObject, type: EventNote['type'], reason: string, message: string): Command => ({
  do: 'record',
  about,
  type,
  reason,
  message,
})
