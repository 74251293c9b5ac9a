/**
 * Addresses and ports that no two Services share. Addresses are taken when an IPAddress object has their name, so that finding a
 * free one asks about a few names and never lists them all.
 *
 * Upstream: pkg/registry/core/service/{ipallocator,portallocator}
 * Left out: ranges that are being deleted; more than one range of a family.
 */
import ipaddr from 'ipaddr.js'
import type { KindContext } from '../../../api/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { Problem } from '../../../api/problem.ts'
import type {
  IPAddress,
  IPFamily,
  Service,
  ServiceCIDR,
  ServicePort,
  ServiceSpec,
} from '../../../api/types.generated.ts'
import { familyOfRange } from '../../../api/validate/addresses.ts'
import { invalid } from '../../../api/validate/problems.ts'
import type { ClusterFamilies } from './families.ts'
import { isHeadless, needsClusterIP } from './types.ts'

const ADDRESSES = 'ipaddresses.networking.k8s.io'
const RANGES = 'servicecidrs.networking.k8s.io'

/** The range of a cluster that has not said any. */
const USUAL_RANGES = ['10.96.0.0/16']

const rangesOf = (context: KindContext): readonly string[] =>
  context.get<ServiceCIDR>(RANGES, 'kubernetes')?.spec?.cidrs ?? USUAL_RANGES

export const clusterFamilies = (context: KindContext): ClusterFamilies =>
  rangesOf(context).map((range) => familyOfRange(range) as IPFamily)

const rangeOf = (context: KindContext, family: IPFamily): string =>
  rangesOf(context).find((range) => familyOfRange(range) === family)!

/** A problem, or what was found. */
export type Allocated<T> = { readonly value: T } | { readonly problems: readonly Problem[] }

const parsed = (range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] => ipaddr.parseCIDR(range)

/** The address so far into a range. */
function addressAt(range: string, offset: number): string {
  const bytes = parsed(range)[0].toByteArray()
  let rest = offset
  for (let i = bytes.length - 1; i >= 0 && rest > 0; i--) {
    rest += bytes[i]!
    bytes[i] = rest & 255
    rest = Math.floor(rest / 256)
  }
  return ipaddr.fromByteArray(bytes).toString()
}

const LARGEST_RANGE_BITS = 20

const sizeOf = (range: string): number => {
  const [base, bits] = parsed(range)
  return 2 ** Math.min(base.kind() === 'ipv4' ? 32 - bits : 128 - bits, LARGEST_RANGE_BITS)
}

/** The lower end is left to those who choose for themselves. */
const reservedOf = (size: number): number => (size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256))

function freeAddress(range: string, context: KindContext, owner: string): string | undefined {
  const size = sizeOf(range)
  const reserved = reservedOf(size)
  const upper = size - reserved - 1
  const start = Math.floor(context.draw('service-address', owner) * upper)
  for (let i = 0; i < size - 2; i++) {
    const offset = i < upper ? reserved + ((start + i) % upper) : 1 + (i - upper)
    const address = addressAt(range, offset)
    if (offset > 0 && !context.get(ADDRESSES, address)) return address
  }
  return undefined
}

const notIn = (address: string, range: string): boolean => {
  const [base, bits] = parsed(range)
  const candidate = ipaddr.parse(address)
  return candidate.kind() !== base.kind() || !candidate.match(base as ipaddr.IPv4, bits)
}

/** The first and the last address of a range are nobody's. */
const isOuter = (address: string, range: string): boolean =>
  address === addressAt(range, 0) ||
  (parsed(range)[0].kind() === 'ipv4' && address === addressAt(range, sizeOf(range) - 1))

/** Whose address it is. */
const isTaken = (context: KindContext, address: string, owner: string): boolean => {
  const found = context.get<IPAddress>(ADDRESSES, address)
  const parent = found?.spec?.parentRef
  return found !== undefined && `${parent?.namespace}/${parent?.name}` !== owner
}

function chosen(address: string, range: string, context: KindContext, owner: string): string | undefined {
  if (context.dryRun && notIn(address, range))
    return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${range}`
  if (!context.dryRun && (notIn(address, range) || isOuter(address, range)))
    return 'the provided network does not match the current range'
  return !context.dryRun && isTaken(context, address, owner) ? 'provided IP is already allocated' : undefined
}

const ownerOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`

/** An address of each of the Service's families: those that were asked for, and new ones for the rest. */
export function allocateAddresses(service: Service, spec: ServiceSpec, context: KindContext): Allocated<ServiceSpec> {
  if (!needsClusterIP(spec) && spec.type === 'ExternalName') return { value: spec }
  if (isHeadless(spec)) return { value: spec }
  const { clusterIPs = [], ipFamilies = [] } = spec
  const owner = ownerOf(service)
  const addresses: string[] = []
  for (const [index, family] of ipFamilies.entries()) {
    const asked = clusterIPs[index]
    const range = rangeOf(context, family)
    const wrong = asked && chosen(asked, range, context, owner)
    if (wrong) return { problems: [invalid('spec.clusterIPs', clusterIPs, `failed to allocate IP ${asked}: ${wrong}`)] }
    const address = asked || (context.dryRun ? addressAt(range, 0) : freeAddress(range, context, `${owner} ${family}`))
    if (!address)
      return { problems: [invalid('spec.clusterIPs', clusterIPs, `failed to allocate a serviceIP: range is full`)] }
    addresses.push(address)
  }
  return { value: { ...spec, clusterIP: addresses[0]!, clusterIPs: addresses } }
}

/** The objects that mark a Service's addresses as taken; whoever stores the Service stores them with it. */
export function addressesOf(service: Service): readonly KubeObject[] {
  const { clusterIPs = [], ipFamilies = [] } = service.spec ?? {}
  const { namespace, name } = service.metadata
  return clusterIPs
    .filter((address) => address !== 'None')
    .map((address, index) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IPAddress',
      metadata: {
        name: address,
        labels: {
          'ipaddress.kubernetes.io/ip-family': ipFamilies[index] ?? 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: { parentRef: { resource: 'services', namespace, name } },
    })) as unknown as readonly KubeObject[]
}

const FIRST_PORT = 30_000
const LAST_PORT = 32_767
const RESERVED_PORTS = 86

/** Ports on every machine that this request has taken so far. */
export interface PortsTaken {
  readonly mine: ReadonlySet<number>
  readonly isTaken: (port: number) => boolean
}

/** Ports of all Services, by the index the store keeps of them. */
export function portsOfOthers(service: Service, context: KindContext): (port: number) => boolean {
  if (context.dryRun) return () => false
  const owner = ownerOf(service)
  const holders = (port: number): readonly Service[] =>
    context.by
      ? context.by<Service>('services', 'nodePort', String(port))
      : context.list<Service>('services').filter((other) => nodePortsOf(other).includes(port))
  return (port) => holders(port).some((other) => ownerOf(other) !== owner)
}

/** Every port on the machines that a Service holds. */
export const nodePortsOf = ({ spec = {} }: Service): readonly number[] =>
  [...(spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0), spec.healthCheckNodePort ?? 0].filter((port) => port > 0)

/** Tried runs promise ports above the range, so that nobody takes them for real. */
const nextTriedPort = (mine: ReadonlySet<number>): number => Math.max(32_768, ...mine) + 1

function freePort(taken: PortsTaken, context: KindContext, purpose: string): number | undefined {
  const span = LAST_PORT - FIRST_PORT + 1 - RESERVED_PORTS
  const start = Math.floor(context.draw('node-port', purpose, taken.mine.size) * span)
  for (let i = 0; i < span; i++) {
    const port = FIRST_PORT + RESERVED_PORTS + ((start + i) % span)
    if (!taken.mine.has(port) && !taken.isTaken(port)) return port
  }
  return undefined
}

export const anyPort = (taken: PortsTaken, context: KindContext, purpose: string): number | undefined =>
  context.dryRun ? nextTriedPort(taken.mine) : freePort(taken, context, purpose)

/** Why a port that was asked for cannot be had. */
export function portRefusal(port: number, taken: PortsTaken, context: KindContext): string | undefined {
  if (taken.mine.has(port)) return 'provided port is already allocated'
  if (context.dryRun) return undefined
  if (port < FIRST_PORT || port > LAST_PORT) {
    return `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`
  }
  return taken.isTaken(port) ? 'provided port is already allocated' : undefined
}

export const samePortNumber = (port: ServicePort, list: readonly ServicePort[]): number =>
  list.find((other) => other.port === port.port && (other.nodePort ?? 0) > 0)?.nodePort ?? 0
