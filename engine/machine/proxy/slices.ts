/** Which EndpointSlices belong to a Service: those that carry its name as a label. */
import { type EndpointSlice, SERVICE_NAME_LABEL, type Service } from './objects.ts'

const NONE: readonly EndpointSlice[] = []

const byList = new WeakMap<readonly EndpointSlice[], ReadonlyMap<string, readonly EndpointSlice[]>>()

function byService(slices: readonly EndpointSlice[]): ReadonlyMap<string, readonly EndpointSlice[]> {
  const known = byList.get(slices)
  if (known) return known
  const found = new Map<string, EndpointSlice[]>()
  for (const slice of slices) {
    const key = `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`
    const list = found.get(key)
    if (list) list.push(slice)
    else found.set(key, [slice])
  }
  byList.set(slices, found)
  return found
}

/** The slices of one Service among all; all are sorted once for the same list. */
export const slicesOf = (slices: readonly EndpointSlice[], { metadata }: Service): readonly EndpointSlice[] =>
  byService(slices).get(`${metadata.namespace}/${metadata.name}`) ?? NONE
