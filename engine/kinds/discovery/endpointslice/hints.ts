/**
 * Hints say which zone or node an endpoint is meant for. With `trafficDistribution` each endpoint is meant for where it stands; with the
 * older annotation endpoints are lent to other zones in proportion to their CPUs, or nobody gets a hint and an Event says
 * why.
 *
 * Upstream: staging/src/k8s.io/endpointslice/{topologycache,trafficdist}
 * Left out: hints are not taken away from a Service because the CPUs of the zones have changed, until its endpoints change.
 */
import { equalJson } from '../../../api/equal.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { View } from '../../../client/controller.ts'
import { remembered } from '../../../std/remembered.ts'
import { zoneOf } from './endpoint.ts'
import type { Endpoint, EndpointSlice, Hints, Service } from './endpointslice.ts'
import type { Division, Drafted } from './slices.ts'

const CLOSE: ReadonlySet<string> = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode'])

const MODE = 'service.kubernetes.io/topology-mode'
const OLD_MODE = 'service.kubernetes.io/topology-aware-hints'

/** Whether the annotation asks for hints. */
function isAutomatic({ metadata }: Service): boolean {
  const mode = metadata.annotations?.[OLD_MODE] ?? metadata.annotations?.[MODE]
  return mode === 'Auto' || mode === 'auto'
}

export interface Hinted {
  readonly division: Division
  readonly events: readonly HintEvent[]
  /** Whether hints are given now; kept from look to look. */
  readonly enabled: boolean
}

export interface HintEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: 'TopologyAwareHintsEnabled' | 'TopologyAwareHintsDisabled'
  readonly message: string
}

type Rehint = (endpoint: Endpoint) => Hints | undefined

const hasHints = remembered((endpoints: readonly Endpoint[]): boolean => endpoints.some(({ hints }) => hints))

function withHints<T extends Drafted | EndpointSlice>(slice: T, rehint: Rehint): T {
  if (rehint === nowhere && !(slice.endpoints && hasHints(slice.endpoints))) return slice
  const endpoints = (slice.endpoints ?? []).map(({ hints: _, ...endpoint }) => {
    const hints = rehint(endpoint)
    return hints ? { ...endpoint, hints } : endpoint
  })
  return equalJson(endpoints, slice.endpoints ?? []) ? slice : { ...slice, endpoints }
}

/** New hints everywhere; an unchanged slice that has to change for it is updated too. */
function rehinted(division: Division, rehint: Rehint): Division {
  const stale = division.unchanged.filter((slice) => withHints(slice, rehint) !== slice)
  return {
    ...division,
    create: division.create.map((slice) => withHints(slice, rehint)),
    update: [...division.update, ...stale].map((slice) => withHints(slice, rehint)),
    unchanged: division.unchanged.filter((slice) => !stale.includes(slice)),
  }
}

const isReady = ({ conditions }: Endpoint): boolean => conditions.ready === true

/** Each ready endpoint is meant for its own zone, and for its own node where that is asked for. */
const staying =
  (perNode: boolean): Rehint =>
  (endpoint) => {
    const { zone, nodeName } = endpoint
    const forNode = perNode && nodeName !== undefined
    if (!isReady(endpoint) || (zone === undefined && !forNode)) return undefined
    return {
      ...(zone !== undefined && { forZones: [{ name: zone }] }),
      ...(forNode && { forNodes: [{ name: nodeName }] }),
    }
  }

const nowhere: Rehint = () => undefined

// ---- in proportion to CPUs ----

interface Node extends KubeObject {
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

const takesPart = ({ metadata, status }: Node): boolean =>
  !CONTROL_PLANE.some((label) => metadata.labels?.[label] !== undefined) &&
  (status?.conditions?.some(({ type, status: told }) => type === 'Ready' && told === 'True') ?? false)

const milliCpus = (cpu: string): number => (cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000)

/** The share of each zone of all CPUs; undefined when a node does not tell its zone or its CPUs. */
function zoneShares(view: View): ReadonlyMap<string, number> | undefined {
  const cpus = new Map<string, number>()
  let total = 0
  for (const node of view.list<Node>('nodes')) {
    if (!takesPart(node)) continue
    const zone = zoneOf(node)
    const cpu = milliCpus(node.status?.allocatable?.cpu ?? '0')
    if (!zone || !cpu) return undefined
    cpus.set(zone, (cpus.get(zone) ?? 0) + cpu)
    total += cpu
  }
  return new Map([...cpus].map(([zone, cpu]) => [zone, cpu / total]))
}

/** A zone may have a fifth less than its share before it counts as overloaded. */
const OVERLOAD = 0.2

interface Allocation {
  readonly minimum: number
  readonly desired: number
}

type Allocations = ReadonlyMap<string, Allocation>

function allocate(shares: ReadonlyMap<string, number> | undefined, count: number): Allocations | string {
  if (!shares) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
  if (shares.size < 2) return 'Nodes only ready in one zone'
  const told = `(${count} endpoints, ${shares.size} zones)`
  if (shares.size > count) return `Insufficient number of endpoints ${told}`
  let left = count
  const allocations = new Map<string, Allocation>()
  for (const [zone, share] of shares) {
    const minimum = Math.ceil((share * count) / (1 + OVERLOAD))
    left -= minimum
    allocations.set(zone, { minimum, desired: Math.max(share * count, minimum) })
  }
  if (left >= 0) return allocations
  return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${told}`
}

type Counts = Map<string, number>

const count = (counts: Counts, zone: string, by: number): void => void counts.set(zone, (counts.get(zone) ?? 0) + by)

/** Whether a slice may keep the hints it has. What it has is added to `hinted` if so. */
function keepsHints(slice: EndpointSlice, hinted: Counts, allocations: Allocations, spare: number): boolean {
  const own: Counts = new Map()
  for (const { hints } of (slice.endpoints ?? []).filter(isReady)) {
    if (!hints?.forZones?.length) return false
    for (const { name } of hints.forZones) count(own, name, 1)
  }
  for (const [zone, hints] of own) {
    const allocation = allocations.get(zone)
    if (!allocation || hints + (hinted.get(zone) ?? 0) > allocation.minimum + spare) return false
  }
  for (const [zone, hints] of own) count(hinted, zone, hints)
  return true
}

function greatest(zones: Counts): readonly [string, number] {
  let most: readonly [string, number] = ['', 0]
  for (const [zone, number] of zones) if (number > most[1]) most = [zone, number]
  return most
}

/** How many endpoints each zone lends and borrows. */
function loans(allocations: Allocations, hinted: Counts): { readonly lend: Counts; readonly borrow: Counts } {
  const over: Counts = new Map()
  const under: Counts = new Map()
  for (const [zone, { desired }] of allocations) {
    const excess = (hinted.get(zone) ?? 0) - desired
    if (excess > 0) over.set(zone, excess)
    else if (excess < 0) under.set(zone, -excess)
  }
  const lend: Counts = new Map()
  const borrow: Counts = new Map()
  for (;;) {
    const [lender, most] = greatest(over)
    const [borrower, least] = greatest(under)
    if (!lender || !borrower || (most < 1 && least < 1) || most < 0.5 || least < 0.5) return { lend, borrow }
    count(lend, lender, 1)
    count(over, lender, -1)
    count(borrow, borrower, 1)
    count(under, borrower, -1)
  }
}

/** Own zones first, then the loans, in the order of the endpoints. */
function lending(lend: Counts, borrow: Counts): Rehint {
  return (endpoint) => {
    if (!isReady(endpoint) || !endpoint.zone) return undefined
    const borrower = (lend.get(endpoint.zone) ?? 0) > 0 ? [...borrow].find(([, left]) => left > 0)?.[0] : undefined
    if (borrower === undefined) return { forZones: [{ name: endpoint.zone }] }
    count(lend, endpoint.zone, -1)
    count(borrow, borrower, -1)
    return { forZones: [{ name: borrower }] }
  }
}

const endpointsOf = (slices: readonly (Drafted | EndpointSlice)[]): readonly Endpoint[] =>
  slices.flatMap(({ endpoints }) => endpoints ?? [])

function disabled(division: Division, reason: string, addressType: string): Hinted {
  const message = `${reason}, addressType: ${addressType}`
  const event: HintEvent = { type: 'Warning', reason: 'TopologyAwareHintsDisabled', message }
  return { division: rehinted(division, nowhere), events: [event], enabled: false }
}

function proportional(division: Division, view: View, addressType: string, wasEnabled: boolean): Hinted {
  const { create, update, unchanged } = division
  const ready = endpointsOf([...create, ...update, ...unchanged]).filter(isReady)
  const allocations = allocate(zoneShares(view), ready.length)
  if (typeof allocations === 'string') return disabled(division, allocations, addressType)
  const spare = ready.length - [...allocations.values()].reduce((sum, { minimum }) => sum + minimum, 0)
  const hinted: Counts = new Map()
  const stale = unchanged.filter((slice) => !keepsHints(slice, hinted, allocations, spare))
  const changing = [...create, ...update, ...stale]
  const moving = endpointsOf(changing).filter(isReady)
  if (moving.some(({ zone }) => !zone))
    return disabled(division, 'One or more endpoints do not have a zone specified', addressType)
  for (const { zone } of moving) count(hinted, zone!, 1)
  const { lend, borrow } = loans(allocations, hinted)
  const rehint = lending(lend, borrow)
  const message = `Topology Aware Hints has been enabled, addressType: ${addressType}`
  return {
    division: {
      ...division,
      create: create.map((slice) => withHints(slice, rehint)),
      update: [...update, ...stale].map((slice) => withHints(slice, rehint)),
      unchanged: unchanged.filter((slice) => !stale.includes(slice)),
    },
    events: wasEnabled ? [] : [{ type: 'Normal', reason: 'TopologyAwareHintsEnabled', message }],
    enabled: true,
  }
}

/** The division with the hints that the Service asks for. */
export function hint(
  division: Division,
  service: Service,
  view: View,
  addressType: string,
  wasEnabled: boolean,
): Hinted {
  if (isAutomatic(service)) return proportional(division, view, addressType, wasEnabled)
  const { trafficDistribution } = service.spec
  const close = trafficDistribution !== undefined && CLOSE.has(trafficDistribution)
  const rehint = close ? staying(trafficDistribution === 'PreferSameNode') : nowhere
  const message = `Topology Aware Hints has been disabled, addressType: ${addressType}`
  return {
    division: rehinted(division, rehint),
    events: wasEnabled ? [{ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message }] : [],
    enabled: false,
  }
}
