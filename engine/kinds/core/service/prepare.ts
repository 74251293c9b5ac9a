/**
 * What a Service becomes before it is looked at closely: it gets addresses and ports, keeps those it had although its author did not
 * repeat them, and loses what its new type has no use for.
 *
 * Upstream: pkg/registry/core/service/{strategy.go,storage/storage.go,storage/alloc.go}
 */
import { equalJson } from '../../../api/equal.ts'
import { withField } from '../../../api/filling.ts'
import { invalidStatus } from '../../../api/invalid.ts'
import type { KindContext } from '../../../api/kind.ts'
import type { Problem } from '../../../api/problem.ts'
import type { Status } from '../../../api/status.ts'
import type { Service, ServicePort, ServiceSpec } from '../../../api/types.generated.ts'
import { invalid } from '../../../api/validate/problems.ts'
import {
  type Allocated,
  allocateAddresses,
  anyPort,
  clusterFamilies,
  portRefusal,
  portsOfOthers,
  samePortNumber,
} from './allocate.ts'
import { settleFamilies } from './families.ts'
import {
  isExternal,
  isExternalName,
  isLoadBalancer,
  NO_SPEC,
  needsClusterIP,
  needsHealthCheckPort,
  needsNodePort,
  specOf,
} from './types.ts'

/** The one address of a new Service under both its names. */
const inStep = (spec: ServiceSpec): ServiceSpec =>
  spec.clusterIP && !spec.clusterIPs?.length ? { ...spec, clusterIPs: [spec.clusterIP] } : spec

/** Old clients know only `clusterIP`: when that alone changed, the list follows. */
function inStepAgain(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (spec.clusterIP === old.clusterIP || !equalJson(spec.clusterIPs ?? [], old.clusterIPs ?? [])) return spec
  return withField(spec, 'clusterIPs', spec.clusterIP ? [spec.clusterIP] : undefined)
}

type Ports = readonly ServicePort[]

const set = (port: ServicePort, nodePort: number): ServicePort => withField(port, 'nodePort', nodePort)

interface PortPlan {
  readonly ports: Ports
  readonly problem?: Problem
}

/** One port after another; equal numbers of different protocols share a port on the machine. */
function planPorts(
  ports: Ports,
  held: ReadonlySet<number>,
  mayGive: boolean,
  service: Service,
  context: KindContext,
): PortPlan {
  const taken = { mine: new Set<number>(), isTaken: portsOfOthers(service, context) }
  const byNumber = new Map<number, number>()
  const planned: ServicePort[] = []
  for (const [index, port] of ports.entries()) {
    const asked = port.nodePort ?? 0
    if (asked === 0 && !mayGive) {
      planned.push(port)
      continue
    }
    const known = byNumber.get(port.port) ?? 0
    const wanted = known !== 0 && asked !== known ? asked || known : asked || samePortNumber(port, ports)
    const isNew = known === 0 || (asked !== 0 && asked !== known)
    const refused = isNew && wanted !== 0 && !held.has(wanted) ? portRefusal(wanted, taken, context) : undefined
    if (refused) return { ports, problem: invalid(`spec.ports[${index}].nodePort`, wanted, refused) }
    const given = wanted || known || anyPort(taken, context, `${service.metadata.namespace}/${service.metadata.name}`)
    if (!given) return { ports, problem: invalid(`spec.ports[${index}].nodePort`, 0, 'range is full') }
    taken.mine.add(given)
    if (known === 0) byNumber.set(port.port, given)
    planned.push(set(port, given))
  }
  return { ports: planned }
}

const numbersOf = ({ ports = [] }: ServiceSpec): ReadonlySet<number> =>
  new Set(ports.map(({ nodePort }) => nodePort ?? 0).filter((port) => port > 0))

function withNodePorts(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  service: Service,
  context: KindContext,
): Allocated<ServiceSpec> {
  const { ports = [] } = spec
  const takesPorts = spec.type === 'NodePort' || isLoadBalancer(spec)
  if (!takesPorts) return { value: spec }
  const held = old ? numbersOf(old) : new Set<number>()
  const plan = planPorts(ports, held, needsNodePort(spec), service, context)
  if (plan.problem) return { problems: [plan.problem] }
  return { value: ports.length > 0 ? withField(spec, 'ports', plan.ports) : spec }
}

function withHealthCheckPort(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  service: Service,
  context: KindContext,
): Allocated<ServiceSpec> {
  if (!needsHealthCheckPort(spec) || (old && needsHealthCheckPort(old))) return { value: spec }
  const taken = { mine: numbersOf(spec), isTaken: portsOfOthers(service, context) }
  const asked = spec.healthCheckNodePort ?? 0
  const refused = asked !== 0 ? portRefusal(asked, taken, context) : undefined
  if (refused) {
    return {
      problems: [
        invalid(
          'spec.healthCheckNodePort',
          asked,
          `failed to allocate requested HealthCheck NodePort ${asked}: ${refused}`,
        ),
      ],
    }
  }
  const port = asked || anyPort(taken, context, `health ${service.metadata.namespace}/${service.metadata.name}`)
  return { value: withField(spec, 'healthCheckNodePort', port) }
}

type Step = (spec: ServiceSpec) => Allocated<ServiceSpec>

function inTurn(spec: ServiceSpec, steps: readonly Step[]): Allocated<ServiceSpec> {
  let current = spec
  for (const step of steps) {
    const next = step(current)
    if ('problems' in next) return next
    current = next.value
  }
  return { value: current }
}

function allocated(
  service: Service,
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  context: KindContext,
): Allocated<ServiceSpec> {
  const settled = settleFamilies(spec, old, clusterFamilies(context))
  if ('problems' in settled) return settled
  const needsAddresses =
    !old || isExternalName(old) || (settled.spec.clusterIPs ?? []).length < (settled.spec.ipFamilies ?? []).length
  return inTurn(settled.spec, [
    (value) => (needsAddresses ? allocateAddresses(service, value, context) : { value }),
    (value) => withNodePorts(value, old, service, context),
    (value) => withHealthCheckPort(value, old, service, context),
  ])
}

const refusal = (service: Service, problems: readonly Problem[]): Status =>
  invalidStatus('Service', service.metadata.name, problems)

const FRESH = { loadBalancer: {} }

export function prepareServiceCreate(service: Service, context: KindContext): Service | Status {
  const result = allocated(service, inStep(specOf(service)), undefined, context)
  if ('problems' in result) return refusal(service, result.problems)
  return { ...service, spec: result.value, status: FRESH }
}

/** What the author did not repeat: the address, the ports by their names, the port for health checks. */
function remembered(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const withAddress = needsClusterIP(old) && needsClusterIP(spec) ? rememberedAddress(spec, old) : spec
  const withPorts = needsNodePort(old) && needsNodePort(spec) ? rememberedPorts(withAddress, old) : withAddress
  const health = needsHealthCheckPort(old) && needsHealthCheckPort(spec) && !spec.healthCheckNodePort
  return health ? withField(withPorts, 'healthCheckNodePort', old.healthCheckNodePort) : withPorts
}

function rememberedAddress(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const withOne = spec.clusterIP ? spec : withField(spec, 'clusterIP', old.clusterIP)
  const same = !withOne.clusterIPs?.length && withOne.clusterIP === old.clusterIP
  return same ? withField(withOne, 'clusterIPs', old.clusterIPs) : withOne
}

function rememberedPorts(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const before = numbersOf(old)
  const used = new Set([...numbersOf(spec)].filter((port) => before.has(port)))
  const byName = new Map((old.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]))
  const ports = (spec.ports ?? []).map((port) => {
    const known = byName.get(port.name ?? '') ?? 0
    if (port.nodePort || known === 0 || used.has(known)) return port
    used.add(known)
    return set(port, known)
  })
  return spec.ports ? withField(spec, 'ports', ports) : spec
}

const unchanged = (spec: ServiceSpec, old: ServiceSpec, field: keyof ServiceSpec): boolean =>
  equalJson(spec[field], old[field])

/** Fields that only some types have: which need says so, and what goes when the need is gone and nobody touched it. */
const DEPENDENT: readonly (readonly [needs: (spec: ServiceSpec) => boolean, fields: readonly (keyof ServiceSpec)[]])[] =
  [
    [needsClusterIP, ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']],
    [needsHealthCheckPort, ['healthCheckNodePort']],
    [isExternal, ['externalTrafficPolicy']],
    [isLoadBalancer, ['allocateLoadBalancerNodePorts', 'loadBalancerClass']],
  ]

const samePorts = (spec: ServiceSpec, old: ServiceSpec): boolean => equalJson([...numbersOf(spec)], [...numbersOf(old)])

function withoutNodePorts(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (!needsNodePort(old) || needsNodePort(spec) || !samePorts(spec, old)) return spec
  return withField(
    spec,
    'ports',
    (spec.ports ?? []).map((port) => withField(port, 'nodePort', undefined)),
  )
}

function withoutUseless(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let kept = withoutNodePorts(spec, old)
  for (const [needs, fields] of DEPENDENT) {
    if (!needs(old) || needs(spec)) continue
    for (const field of fields) if (unchanged(spec, old, field)) kept = withField(kept, field, undefined)
  }
  return kept
}

/** Nobody balances load for another type, so what a balancer said of itself goes. */
function keptStatus(service: Service, old: Service): Service['status'] {
  const isBalanced = service.spec !== undefined && isLoadBalancer(service.spec)
  return isBalanced || !old.status?.loadBalancer?.ingress ? old.status : { ...old.status, loadBalancer: {} }
}

export function prepareServiceUpdate(
  service: Service,
  old: Service,
  subresource: string,
  context: KindContext,
): Service | Status {
  if (subresource === 'status') return withField(service, 'spec', old.spec)
  const before = old.spec ?? NO_SPEC
  const kept = withField(service, 'status', keptStatus(service, old))
  if (service.spec === old.spec) return kept
  const said = withoutUseless(inStepAgain(remembered(specOf(service), before), before), before)
  const result = allocated(service, said, before, context)
  return 'problems' in result ? refusal(service, result.problems) : withField(kept, 'spec', result.value)
}
