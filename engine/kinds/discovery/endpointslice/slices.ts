/**
 * Divides the endpoints of a Service among slices of at most a hundred so that as few slices as possible change: what stands in a slice
 * stays there, slices that change anyway are filled up, then a slice that has just enough room, and only then a new one.
 *
 * Upstream: staging/src/k8s.io/endpointslice/reconciler.go
 */

import { equalJson } from '../../../api/equal.ts'
import { controllerOf, controllerReference } from '../../../api/object.ts'
import { remembered } from '../../../std/remembered.ts'
import {
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  HEADLESS,
  isHeadless,
  MANAGED_BY,
  MANAGER,
  SERVICE_NAME,
  type Service,
} from './endpointslice.ts'

export const MOST_ENDPOINTS = 100

/** A slice before the server has named it. */
export type Drafted = Omit<EndpointSlice, 'metadata'> & {
  readonly metadata: Partial<EndpointSlice['metadata']>
}

/** What is to become of the slices of one address type. */
export interface Division {
  readonly create: readonly Drafted[]
  readonly update: readonly Drafted[]
  readonly remove: readonly EndpointSlice[]
  readonly unchanged: readonly EndpointSlice[]
}

/** Endpoints that share their ports. */
export interface PortGroup {
  readonly ports: readonly EndpointPort[]
  readonly endpoints: ReadonlyMap<string, Endpoint>
}

/** Two endpoints of one id are the same endpoint at different times. */
export const endpointId = remembered(
  ({ addresses, hostname = '', targetRef }: Endpoint): string =>
    `${addresses.join(',')} ${hostname} ${targetRef?.namespace ?? ''}/${targetRef?.name ?? ''}`,
)

const idOfPorts = remembered((ports: readonly EndpointPort[]): string =>
  ports
    .map(({ name, protocol, port, appProtocol = '' }) => `${name} ${protocol} ${port} ${appProtocol}`)
    .sort()
    .join(';'),
)

export const portsId = (ports: readonly EndpointPort[] | null): string => (ports ? idOfPorts(ports) : '')

const RESERVED: ReadonlySet<string> = new Set([SERVICE_NAME, MANAGED_BY, HEADLESS])

const labelSets = new WeakMap<Service, Readonly<Record<string, string>>>()

/** The Service's own labels and those by which slices are found. */
export function labelsFor(service: Service): Readonly<Record<string, string>> {
  const known = labelSets.get(service)
  if (known) return known
  const own = Object.entries(service.metadata.labels ?? {}).filter(([name]) => !RESERVED.has(name))
  const labels = {
    ...Object.fromEntries(own),
    [MANAGED_BY]: MANAGER,
    [SERVICE_NAME]: service.metadata.name,
    ...(isHeadless(service) && { [HEADLESS]: '' }),
  }
  labelSets.set(service, labels)
  return labels
}

export const newSlice = (service: Service, addressType: string, ports: readonly EndpointPort[]): Drafted => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    generateName: `${service.metadata.name}-`,
    ...(service.metadata.namespace !== undefined && { namespace: service.metadata.namespace }),
    labels: labelsFor(service),
    ownerReferences: [controllerReference(service)],
  },
  addressType,
  endpoints: null,
  ports: ports.length > 0 ? ports : null,
})

const isOwned = (slice: EndpointSlice, service: Service): boolean => controllerOf(slice)?.uid === service.metadata.uid

const withoutHints = ({ hints: _, ...endpoint }: Endpoint): Endpoint => endpoint

const alike = new WeakMap<Endpoint, Endpoint>()

/** Remembers for each endpoint the one in the slice that it was found to be equal to. */
function sameBeyondHints(now: Endpoint, old: Endpoint): boolean {
  if (alike.get(now) === old) return true
  const same = equalJson(withoutHints(now), withoutHints(old))
  if (same) alike.set(now, old)
  return same
}

const idsOf = remembered((endpoints: readonly Endpoint[]): readonly string[] => endpoints.map(endpointId))

/** A slice while it is being filled. */
interface Filling {
  readonly slice: Drafted
  readonly endpoints: Endpoint[]
}

type Wanted = ReadonlyMap<string, Endpoint>

const NO_ENDPOINTS: readonly Endpoint[] = []

/** What stays of a slice: its endpoints that are still wanted, as they are now, and that no other slice has taken. */
function keep(slice: EndpointSlice, wanted: Wanted, taken: Set<string>): { endpoints: Endpoint[]; changed: boolean } {
  const endpoints: Endpoint[] = []
  let changed = false
  const before = slice.endpoints ?? NO_ENDPOINTS
  const ids = idsOf(before)
  for (let i = 0; i < before.length; i++) {
    const [old, id] = [before[i]!, ids[i]!]
    const now = taken.has(id) ? undefined : wanted.get(id)
    if (!now) changed = true
    else {
      taken.add(id)
      const same = now === old || sameBeyondHints(now, old)
      endpoints.push(same ? old : now)
      if (!same) changed = true
    }
  }
  return { endpoints, changed }
}

function fill({ endpoints }: Filling, wanted: Map<string, Endpoint>): void {
  for (const [id, endpoint] of wanted) {
    if (endpoints.length >= MOST_ENDPOINTS) return
    endpoints.push(endpoint)
    wanted.delete(id)
  }
}

/** Of the slices with room for so many more, the fullest. */
function fullestWithRoom(slices: readonly EndpointSlice[], count: number): EndpointSlice | undefined {
  let best: EndpointSlice | undefined
  for (const slice of slices) {
    const size = slice.endpoints?.length ?? 0
    if (size + count <= MOST_ENDPOINTS && (!best || size > (best.endpoints?.length ?? 0))) best = slice
  }
  return best
}

/** The slice in the form in which it will be written. */
const drafted = ({ slice, endpoints }: Filling, service: Service): Drafted => ({
  ...slice,
  metadata: { ...slice.metadata, labels: labelsFor(service) },
  endpoints,
})

function leftOf(wanted: Wanted, taken: ReadonlySet<string>): Map<string, Endpoint> {
  const left = new Map<string, Endpoint>()
  if (taken.size < wanted.size) for (const [id, endpoint] of wanted) if (!taken.has(id)) left.set(id, endpoint)
  return left
}

function sortOut(slices: readonly EndpointSlice[], wanted: Wanted, service: Service) {
  const taken = new Set<string>()
  const unchanged: EndpointSlice[] = []
  const filling: Filling[] = []
  const remove: EndpointSlice[] = []
  for (const slice of slices) {
    const { endpoints, changed } = keep(slice, wanted, taken)
    if (endpoints.length === 0) remove.push(slice)
    else if (changed || !equalJson(slice.metadata.labels, labelsFor(service))) filling.push({ slice, endpoints })
    else unchanged.push(slice)
  }
  return { unchanged, filling, remove, left: leftOf(wanted, taken) }
}

/** The order in which new endpoints are taken. */
export type Shuffle = (endpoints: Map<string, Endpoint>) => Map<string, Endpoint>

/** Divides the endpoints that share their ports among the slices that have these ports. */
function divideGroup(
  service: Service,
  addressType: string,
  slices: readonly EndpointSlice[],
  group: PortGroup,
  shuffled: Shuffle,
): Division {
  const { unchanged, filling, remove, left } = sortOut(slices, group.endpoints, service)
  const wanted = shuffled(left)
  for (const one of [...filling].sort((a, b) => b.endpoints.length - a.endpoints.length)) fill(one, wanted)
  const create: Filling[] = []
  let untouched: readonly EndpointSlice[] = unchanged
  while (wanted.size > 0) {
    const room = wanted.size < MOST_ENDPOINTS ? fullestWithRoom(untouched, wanted.size) : undefined
    const next: Filling = room
      ? { slice: room, endpoints: [...(room.endpoints ?? [])] }
      : { slice: newSlice(service, addressType, group.ports), endpoints: [] }
    if (room) untouched = untouched.filter((slice) => slice !== room)
    fill(next, wanted)
    ;(room ? filling : create).push(next)
  }
  return {
    create: create.map((one) => drafted(one, service)),
    update: filling.map((one) => drafted(one, service)),
    remove,
    unchanged: untouched,
  }
}

const NOTHING: Division = { create: [], update: [], remove: [], unchanged: [] }

const joined = (a: Division, b: Division): Division => ({
  create: [...a.create, ...b.create],
  update: [...a.update, ...b.update],
  remove: [...a.remove, ...b.remove],
  unchanged: [...a.unchanged, ...b.unchanged],
})

const isPlaceholder = (slice: EndpointSlice, service: Service): boolean =>
  (slice.endpoints?.length ?? 0) === 0 &&
  (slice.ports?.length ?? 0) === 0 &&
  equalJson(slice.metadata.labels, labelsFor(service))

/** A Service without endpoints has an empty slice, which says that the controller has looked. */
function withPlaceholder(division: Division, service: Service, addressType: string, count: number): Division {
  const { create, remove } = division
  if (remove.length !== count || create.length > 0) return division
  if (remove.length === 1 && isPlaceholder(remove[0]!, service)) return { ...division, remove: [], unchanged: remove }
  return { ...division, create: [newSlice(service, addressType, [])] }
}

/** What is to become of the slices of one address type so that they hold these groups of endpoints. */
export function divide(
  service: Service,
  addressType: string,
  slices: readonly EndpointSlice[],
  groups: ReadonlyMap<string, PortGroup>,
  shuffled: Shuffle,
): Division {
  const foreign = slices.filter((slice) => !isOwned(slice, service))
  const own = slices.filter((slice) => isOwned(slice, service))
  let division: Division = { ...NOTHING, remove: foreign }
  for (const [ports, group] of groups) {
    const ofGroup = own.filter((slice) => portsId(slice.ports) === ports)
    division = joined(division, divideGroup(service, addressType, ofGroup, group, shuffled))
  }
  const orphaned = own.filter((slice) => !groups.has(portsId(slice.ports)))
  return withPlaceholder(joined(division, { ...NOTHING, remove: orphaned }), service, addressType, slices.length)
}

/** A slice that is to go takes the contents of one that is to be made. */
export function reuse(division: Division, service: Service): Division {
  const create = [...division.create]
  const update = [...division.update]
  const remove: EndpointSlice[] = []
  for (const old of division.remove) {
    const last = create.at(-1)
    if (last && old.addressType === last.addressType && isOwned(old, service)) {
      create.pop()
      update.push({ ...last, metadata: { ...last.metadata, name: old.metadata.name } })
    } else remove.push(old)
  }
  return { ...division, create, update, remove }
}
