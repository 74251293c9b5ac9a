/**
 * What every object's metadata may look like, whatever its kind: its name, namespace, labels, annotations, owners and
 * finalizers, and what of it may not change once it is there.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go
 * Left out: the check that managedFields are well formed (the server writes them itself and drops what it cannot read).
 */
import { byteLength } from '../std/byte-length.ts'
import { goQuote } from '../std/go-text.ts'
import { equalJson } from './equal.ts'
import type { ObjectMeta, OwnerReference } from './object.ts'
import type { Problem } from './problem.ts'
import type { Format } from './validate/check.ts'
import { asPrefix, dnsLabel, labelValue, qualifiedName } from './validate/formats.ts'
import { forbidden, invalid, required, tooLong } from './validate/problems.ts'

const NONE: readonly Problem[] = []

const said = (field: string, value: unknown, details: readonly string[]): readonly Problem[] =>
  details.length === 0 ? NONE : details.map((detail) => invalid(field, value, detail))

export type Metadata = Partial<ObjectMeta>

/** Total size of all annotations of an object. */
const MOST_ANNOTATION_BYTES = 256 * 1024

/** What a name in a path of the store may not be. Every kind's name is at least that. */
export const pathSegment: Format = (name) => {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((letter) => name.includes(letter)).map((letter) => `may not contain '${letter}'`)
}

function nameProblems(meta: Metadata, format: Format): readonly Problem[] {
  const problems: Problem[] = []
  if (meta.generateName)
    problems.push(...said('metadata.generateName', meta.generateName, format(asPrefix(meta.generateName))))
  if (!meta.name) problems.push(required('metadata.name', 'name or generateName is required'))
  else problems.push(...said('metadata.name', meta.name, format(meta.name)))
  return problems
}

function namespaceProblems({ namespace }: Metadata, namespaced: boolean): readonly Problem[] {
  const field = 'metadata.namespace'
  if (!namespaced) return namespace ? [forbidden(field, 'not allowed on this type')] : NONE
  return namespace ? said(field, namespace, dnsLabel(namespace)) : [required(field)]
}

type Texts = Readonly<Record<string, string>>

export function labelProblems(labels: Texts | undefined, field: string): readonly Problem[] {
  if (!labels) return NONE
  let problems = NONE
  for (const key in labels) {
    const found = [...said(field, key, qualifiedName(key)), ...said(field, labels[key], labelValue(labels[key]!))]
    if (found.length > 0) problems = [...problems, ...found]
  }
  return problems
}

export function annotationProblems(annotations: Texts | undefined, field: string): readonly Problem[] {
  if (!annotations) return NONE
  const problems: Problem[] = []
  let size = 0
  for (const key of Object.keys(annotations)) {
    problems.push(...said(field, key, qualifiedName(key.toLowerCase())).map((problem) => quoting(problem, key)))
    size += byteLength(key) + byteLength(annotations[key]!)
  }
  return size > MOST_ANNOTATION_BYTES ? [...problems, tooLong(field, MOST_ANNOTATION_BYTES)] : problems
}

/** Keys of annotations are looked at in lower case but quoted as they are. */
const quoting = (problem: Problem, key: string): Problem => ({
  ...problem,
  message: problem.message.replace(/^Invalid value: "[^"]*"/, () => `Invalid value: ${goQuote(key)}`),
})

const OWNER_FIELD = 'metadata.ownerReferences'

function ownerProblems(owner: OwnerReference): readonly Problem[] {
  const problems: Problem[] = []
  const parts = (owner.apiVersion ?? '').split('/')
  const version = parts.length === 2 ? parts[1] : parts[0]
  if (!version) problems.push(invalid(`${OWNER_FIELD}.apiVersion`, version ?? '', 'version must not be empty'))
  for (const key of ['kind', 'name', 'uid'] as const)
    if (!owner[key]) problems.push(invalid(`${OWNER_FIELD}.${key}`, owner[key] ?? '', 'must not be empty'))
  if (owner.apiVersion === 'v1' && owner.kind === 'Event')
    problems.push(invalid(OWNER_FIELD, owner, '/v1, Kind=Event is disallowed from being an owner'))
  return problems
}

function ownersProblems(owners: readonly OwnerReference[] | undefined): readonly Problem[] {
  if (!owners) return NONE
  const problems: Problem[] = []
  let controller: OwnerReference | undefined
  for (const owner of owners) {
    problems.push(...ownerProblems(owner))
    if (!owner.controller) continue
    if (controller) problems.push(twoControllers(owners, controller, owner))
    controller = owner
  }
  return problems
}

const twoControllers = (owners: readonly OwnerReference[], first: OwnerReference, second: OwnerReference): Problem =>
  invalid(
    OWNER_FIELD,
    owners,
    'Only one reference can have Controller set to true. ' +
      `Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`,
  )

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

function finalizerProblems(finalizers: readonly string[] | undefined): readonly Problem[] {
  if (!finalizers) return NONE
  const problems = finalizers.flatMap((finalizer, index) => [
    ...said('metadata.finalizers', finalizer, qualifiedName(finalizer)),
    ...(finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)
      ? NONE
      : [
          invalid(
            `metadata.finalizers[${index}]`,
            finalizer,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ]),
  ])
  if (!finalizers.includes('orphan') || !finalizers.includes('foregroundDeletion')) return problems
  return [
    ...problems,
    invalid('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
  ]
}

const FIELD_MANAGER_BYTES = 128

/** What a field manager may be called. */
export function fieldManagerProblems(manager: string, field: string): readonly Problem[] {
  if (byteLength(manager) > FIELD_MANAGER_BYTES) return [tooLong(field, FIELD_MANAGER_BYTES)]
  let position = 0
  for (const letter of manager) {
    if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(letter)) {
      const code = letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
      return [invalid(field, manager, `invalid character U+${code} (at position ${position})`)]
    }
    position += byteLength(letter)
  }
  return NONE
}

/** How the metadata of a kind is looked at. */
export interface MetadataRules {
  readonly namespaced: boolean
  readonly name: Format
}

const generationProblems = ({ generation }: Metadata): readonly Problem[] =>
  generation !== undefined && generation < 0
    ? [invalid('metadata.generation', generation, 'must be greater than or equal to 0')]
    : NONE

export function metadataProblems(meta: Metadata, { namespaced, name }: MetadataRules): readonly Problem[] {
  return [
    ...nameProblems(meta, name),
    ...namespaceProblems(meta, namespaced),
    ...generationProblems(meta),
    ...labelProblems(meta.labels, 'metadata.labels'),
    ...annotationProblems(meta.annotations, 'metadata.annotations'),
    ...ownersProblems(meta.ownerReferences),
    ...finalizerProblems(meta.finalizers),
  ]
}

const IMMUTABLE = 'field is immutable'

function immutable(meta: Metadata, old: Metadata, key: keyof ObjectMeta): readonly Problem[] {
  return equalJson(meta[key], old[key]) ? NONE : [invalid(`metadata.${key}`, meta[key] ?? '', IMMUTABLE)]
}

function newFinalizerProblems(meta: Metadata, old: Metadata): readonly Problem[] {
  if (!old.deletionTimestamp) return NONE
  const added = (meta.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer)).sort()
  if (added.length === 0) return NONE
  const list = `[]string{${added.map(goQuote).join(', ')}}`
  return [
    forbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
    ),
  ]
}

const IMMUTABLE_FIELDS = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

const decreased = (meta: Metadata, old: Metadata): readonly Problem[] =>
  (meta.generation ?? 0) < (old.generation ?? 0)
    ? [invalid('metadata.generation', meta.generation ?? 0, 'must not be decremented')]
    : NONE

export function metadataUpdateProblems(meta: Metadata, old: Metadata): readonly Problem[] {
  return [
    ...newFinalizerProblems(meta, old),
    ...(meta.resourceVersion ? NONE : [invalid('metadata.resourceVersion', '', 'must be specified for an update')]),
    ...decreased(meta, old),
    ...IMMUTABLE_FIELDS.flatMap((key) => immutable(meta, old, key)),
  ]
}
