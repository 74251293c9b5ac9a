/**
 * An answer in the form that the client asked for. Items of a list do not repeat the list's kind; a table has one row for each object;
 * metadata comes alone where only that was wanted.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go
 */
import type { AnyStrategy } from '../../api/kind.ts'
import type { Draft, KubeObject } from '../../api/object.ts'
import { isStatus, type Status } from '../../api/status.ts'
import { cellsOf, columnsOf, type DescribeColumn, type IncludeObject } from '../../api/table.ts'
import { EPOCH, type Millis } from '../../std/time.ts'
import type { ObjectList } from '../request.ts'
import type { Resource } from '../resources.ts'
import type { Form } from './accept.ts'
import { SCALE } from './scale-columns.ts'

/** What is needed to draw a table. */
export interface Canvas {
  readonly resource: Resource
  readonly now: Millis
  readonly include: IncludeObject
  readonly describe: DescribeColumn
}

export type Answer = KubeObject | ObjectList | Status | Draft

const isList = (body: Answer): body is ObjectList => 'items' in body && Array.isArray(body.items)

const metaVersion = ({ version }: Form): string => `meta.k8s.io/${version ?? 'v1'}`

const metadataOnly = ({ metadata }: KubeObject, apiVersion: string): Draft => ({
  kind: 'PartialObjectMetadata',
  apiVersion,
  metadata,
})

function partial(body: Answer, form: Form): Draft {
  const apiVersion = metaVersion(form)
  if (!isList(body)) return metadataOnly(body as KubeObject, apiVersion)
  const items = body.items.map((item) => metadataOnly(item, apiVersion))
  return { kind: 'PartialObjectMetadataList', apiVersion, metadata: body.metadata, items }
}

function rowObject(object: KubeObject, include: IncludeObject, apiVersion: string): { readonly object?: unknown } {
  if (include === 'None') return {}
  return { object: include === 'Object' ? object : metadataOnly(object, apiVersion) }
}

function table(body: Answer, form: Form, { resource, now, include, describe }: Canvas): Draft {
  const apiVersion = metaVersion(form)
  const objects = isList(body) ? body.items : [body as KubeObject]
  const metadata = isList(body) ? body.metadata : { resourceVersion: (body as KubeObject).metadata.resourceVersion }
  const strategy = strategyOf(resource, objects)
  return {
    kind: 'Table',
    apiVersion,
    metadata,
    columnDefinitions: columnsOf(strategy, describe),
    rows: objects.map((object) => ({
      cells: cellsOf(strategy, object, EPOCH + now),
      ...rowObject(object, include, apiVersion),
    })),
  }
}

/** A Scale has columns of its own, whatever it is the scale of. */
const strategyOf = (resource: Canvas['resource'], [first]: readonly KubeObject[]): AnyStrategy =>
  first?.kind === 'Scale' ? SCALE : resource.strategy

const withoutKind = ({ kind: _kind, apiVersion: _version, ...rest }: KubeObject): Draft => rest

const plain = (body: Answer): Draft =>
  isList(body) ? { ...body, items: body.items.map(withoutKind) } : (body as Draft)

/** The body as it goes out. Statuses are never transformed. */
export function represent(body: Answer, form: Form, canvas: Canvas): Draft {
  if (isStatus(body)) return body as unknown as Draft
  if (form.transform === 'Table') return table(body, form, canvas)
  return form.transform ? partial(body, form) : plain(body)
}
