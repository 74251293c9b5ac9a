/**
 * Which objects of a resource a request means: those whose labels and fields it selects. Every list, watch and delete of a collection
 * goes through here.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/storage/selection_predicate.go
 */
import { type FieldSelector, matchesFields, parseFieldSelector } from '../api/field-selector.ts'
import type { KubeObject, ResourceName } from '../api/object.ts'
import { isMistake, matchesLabels, parseSelector, type Selector } from '../api/selector.ts'
import { isStatus, type Status } from '../api/status.ts'
import { badRequest } from './refusals.ts'
import type { Options } from './request.ts'
import type { Resource } from './resources.ts'

export interface Selection {
  readonly labels: Selector
  readonly fields: FieldSelector
}

const NOTHING_SAID: Selection = { labels: [], fields: [] }

const OBJECT_FIELDS: Readonly<Record<string, (object: KubeObject) => string>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
}

const readerOf = ({ strategy }: Resource, field: string): ((object: never) => string) | undefined =>
  OBJECT_FIELDS[field] ?? strategy.fields?.[field]

/** Kinds refuse a field that they cannot select by in different words. */
const REFUSALS: Readonly<Record<ResourceName, (field: string) => string>> = {
  'jobs.batch': (field) => `field label "${field}" not supported for Job`,
  'resourceslices.resource.k8s.io': (field) =>
    `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
}

const plain = (field: string): string => `field label not supported: ${field}`

const unknown = (field: string): string =>
  `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`

function refusalFor(resource: Resource, field: string): Status {
  const words = REFUSALS[resource.name] ?? (resource.strategy.fields ? plain : unknown)
  return badRequest(words(field))
}

function parseLabels(text: string): Selector | Status {
  const parsed = parseSelector(text)
  return isMistake(parsed) ? badRequest(parsed.mistake) : parsed
}

function parseFields(text: string, resource: Resource): FieldSelector | Status {
  const parsed = parseFieldSelector(text)
  if ('mistake' in parsed) return badRequest(parsed.mistake)
  const stranger = parsed.find(({ field }) => !readerOf(resource, field))
  return stranger ? refusalFor(resource, stranger.field) : parsed
}

/** What the selectors of a request say, or what is wrong with them. */
export function selectionOf(options: Options | undefined, resource: Resource): Selection | Status {
  if (!options?.labelSelector && !options?.fieldSelector) return NOTHING_SAID
  const labels = parseLabels(options.labelSelector ?? '')
  if (isStatus(labels)) return labels
  const fields = parseFields(options.fieldSelector ?? '', resource)
  return isStatus(fields) ? fields : { labels, fields }
}

export const selectsAll = ({ labels, fields }: Selection): boolean => labels.length === 0 && fields.length === 0

export const isSelected = ({ labels, fields }: Selection, resource: Resource, object: KubeObject): boolean =>
  matchesLabels(labels, object.metadata.labels) &&
  matchesFields(fields, (field) => readerOf(resource, field)!(object as never))
