/** An event of a watch in the form that the client asked for. Upstream: apiserver/pkg/endpoints/handlers/watch.go */
import { isStatus } from '../../api/status.ts'
import type { IncludeObject } from '../../api/table.ts'
import type { Millis } from '../../std/time.ts'
import { apiVersionOf, resourceNamed, servedIn } from '../resources.ts'
import type { Watch, WatchEvent } from '../watch.ts'
import type { Form } from './accept.ts'
import { represent } from './represent.ts'

const describeNothing = (): string => ''

export function representEvent(
  { type, object }: WatchEvent,
  watch: Watch,
  form: Form,
  now: Millis,
  include: IncludeObject = 'Metadata',
): { readonly type: string; readonly object: unknown } {
  const resource = resourceNamed(watch.resource)!
  if (isStatus(object)) return { type, object }
  const versioned = object.apiVersion
    ? object
    : { ...object, apiVersion: apiVersionOf(servedIn(resource, watch.version)!) }
  return { type, object: represent(versioned, form, { resource, now, include, describe: describeNothing }) }
}
