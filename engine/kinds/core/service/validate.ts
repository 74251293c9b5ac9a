/**
 * What a Service may say, and what of it stays.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidateService, ValidateServiceUpdate)
 */
import type { Problem } from '../../../api/problem.ts'
import type { LoadBalancerIngress, Service, ServicePort, ServiceSpec } from '../../../api/types.generated.ts'
import { addressRange, familyOf, ip, ordinaryIP } from '../../../api/validate/addresses.ts'
import { all, at, type Check, each, FINE, like, must, need, oneOf } from '../../../api/validate/check.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from '../../../api/validate/formats.ts'
import { internalForm } from '../../../api/validate/internal-form.ts'
import { PROTOCOLS, portNumber, portNumberOrName } from '../../../api/validate/ports.ts'
import { duplicate, forbidden, invalid, required } from '../../../api/validate/problems.ts'
import { labels } from '../../../api/validate/selectors.ts'
import { isExternal, isExternalName, isHeadless, isLoadBalancer, needsHealthCheckPort, specOf } from './types.ts'
import { addressProblems } from './validate-addresses.ts'
import { familyChanges } from './validate-changes.ts'

const somePorts: Check<ServiceSpec> = (spec) =>
  spec.ports?.length || isHeadless(spec) || isExternalName(spec) ? FINE : [required('spec.ports')]

const notHeadless: Check<ServiceSpec> = (spec) =>
  isHeadless(spec) && (spec.type === 'NodePort' || spec.type === 'LoadBalancer')
    ? [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)]
    : FINE

const NOT_OF_EXTERNAL_NAME = ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const

/** Another name for somewhere else has no address of its own. */
const externalName: Check<ServiceSpec> = (spec) => {
  if (!isExternalName(spec)) return FINE
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  return [
    ...NOT_OF_EXTERNAL_NAME.filter((field) => spec[field] !== undefined && spec[field]?.length !== 0).map((field) =>
      forbidden(`spec.${field}`, 'may not be set for ExternalName services'),
    ),
    ...(name === '' ? [required('spec.externalName')] : like(dnsSubdomain)(name, 'spec.externalName')),
  ]
}

const portRest = all<ServicePort>(
  (port, path) => portNumber(port.port ?? 0, `${path}.port`),
  need('protocol', oneOf(...PROTOCOLS)),
  at('targetPort', portNumberOrName),
  at('appProtocol', like(qualifiedName)),
)

const ports: Check<readonly ServicePort[]> = (list, path) => {
  const taken = new Set<string>()
  return list.flatMap((port, index) => {
    const field = `${path}[${index}]`
    const name = port.name ?? ''
    const missing = name === '' && list.length > 1 ? [required(`${field}.name`)] : FINE
    const wrong = name === '' ? missing : like(dnsLabel)(name, `${field}.name`)
    const twice = name !== '' && taken.has(name) ? [duplicate(`${field}.name`, name)] : FINE
    taken.add(name)
    return [...wrong, ...twice, ...portRest(port, field)]
  })
}

const LONGEST_AFFINITY = 86_400

const affinityTime: Check<number> = must(
  (seconds) => seconds > 0 && seconds <= LONGEST_AFFINITY,
  `must be greater than 0 and less than ${LONGEST_AFFINITY}`,
)

const affinity: Check<ServiceSpec> = ({ sessionAffinity, sessionAffinityConfig: config }) => {
  if (sessionAffinity !== 'ClientIP') return FINE
  const seconds = config?.clientIP?.timeoutSeconds
  const field = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
  return seconds === undefined ? FINE : affinityTime(seconds, field)
}

/** A problem of the address, else one of where it lies. */
const externalIP: Check<string> = (text, path) => ordinaryIP(text, path)

const noNodePorts: Check<ServiceSpec> = ({ type, ports: list = [] }) =>
  type === 'ClusterIP'
    ? list.flatMap(({ nodePort }, index) =>
        nodePort ? [forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")] : FINE,
      )
    : FINE

/** The same port twice, on the machines and then on the Service itself. */
const portsOnce: Check<ServiceSpec> = ({ ports: list = [] }) => {
  const nodePorts = new Set<string>()
  const own = new Set<string>()
  const onMachines = list.flatMap(({ protocol = '', nodePort }, index) => {
    if (!nodePort) return FINE
    const key = `${protocol} ${nodePort}`
    const twice = nodePorts.has(key)
    nodePorts.add(key)
    return twice ? [duplicate(`spec.ports[${index}].nodePort`, nodePort)] : FINE
  })
  const onService = list.flatMap(({ protocol = '' as never, port }, index) => {
    const key = `${protocol} ${port}`
    const twice = own.has(key)
    own.add(key)
    const shown = () => internalForm('ServicePort', { protocol, port })
    return twice ? [duplicate(`spec.ports[${index}]`, shown())] : FINE
  })
  return [...onMachines, ...onService]
}

const ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'"

/** Spaces around a range are let pass: they once came out of an annotation. */
const sourceRanges: Check<ServiceSpec> = (spec) => {
  const { loadBalancerSourceRanges: ranges = [] } = spec
  const field = 'spec.LoadBalancerSourceRanges'
  if (ranges.length === 0) return FINE
  return [
    ...(isLoadBalancer(spec) ? FINE : [forbidden(field, ONLY_BALANCED)]),
    ...each<string>((range, path) => addressRange(range.trim(), path))(ranges, field),
  ]
}

const balancerFields: Check<ServiceSpec> = (spec) => {
  const { allocateLoadBalancerNodePorts: allocate, loadBalancerClass: name } = spec
  const balanced = isLoadBalancer(spec)
  return [
    ...(allocate !== undefined && !balanced ? [forbidden('spec.allocateLoadBalancerNodePorts', ONLY_BALANCED)] : FINE),
    ...(name === undefined
      ? FINE
      : balanced
        ? like(qualifiedName)(name, 'spec.loadBalancerClass')
        : [forbidden('spec.loadBalancerClass', ONLY_BALANCED)]),
  ]
}

const POLICIES = ['Cluster', 'Local']

const externalPolicy: Check<ServiceSpec> = (spec) => {
  const { externalTrafficPolicy: policy = '', healthCheckNodePort: port = 0 } = spec
  const field = 'spec.externalTrafficPolicy'
  const ofPolicy = isExternal(spec)
    ? policy === ''
      ? [required(field)]
      : oneOf(...POLICIES)(policy, field)
    : policy === ''
      ? FINE
      : [invalid(field, policy, 'may only be set for externally-accessible services')]
  return [...ofPolicy, ...healthCheck(spec, port)]
}

function healthCheck(spec: ServiceSpec, port: number): readonly Problem[] {
  const field = 'spec.healthCheckNodePort'
  if (needsHealthCheckPort(spec)) return port === 0 ? [required(field)] : portNumber(port, field)
  const said = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  return port === 0 ? FINE : [invalid(field, port, said)]
}

const spec = all<ServiceSpec>(
  somePorts,
  notHeadless,
  externalName,
  (value) => ports(value.ports ?? [], 'spec.ports'),
  at('selector', labels),
  need('sessionAffinity', oneOf('ClientIP', 'None')),
  affinity,
  addressProblems,
  at('externalIPs', each(externalIP)),
  need('type', oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort')),
  noNodePorts,
  portsOnce,
  sourceRanges,
  balancerFields,
  externalPolicy,
  at('internalTrafficPolicy', oneOf(...POLICIES)),
  at('trafficDistribution', oneOf('PreferClose', 'PreferSameZone', 'PreferSameNode')),
)

const HINTS = 'service.kubernetes.io/topology-aware-hints'
const MODE = 'service.kubernetes.io/topology-mode'

/** One wish in an old annotation and a new one must be the same. */
function topology({ metadata: { annotations = {} } }: Service): readonly Problem[] {
  const hints = annotations[HINTS]
  const mode = annotations[MODE]
  return mode !== undefined && hints !== undefined && mode !== hints
    ? [invalid(`metadata.annotations[${MODE}]`, mode, `must match annotations[${HINTS}] when both are specified`)]
    : FINE
}

export const validateService = (service: Service): readonly Problem[] => [
  ...topology(service),
  ...spec(specOf(service), 'spec'),
]

const ingress: Check<LoadBalancerIngress> = ({ ip: address = '', ipMode, hostname = '' }, path) => [
  ...(address === '' ? FINE : ip(address, `${path}.ip`)),
  ...(ipMode === undefined
    ? address === ''
      ? FINE
      : [required(`${path}.ipMode`, 'must be specified when `ip` is set')]
    : address === ''
      ? [forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set')]
      : oneOf('Proxy', 'VIP')(ipMode, `${path}.ipMode`)),
  ...(hostname === '' ? FINE : like(dnsSubdomain)(hostname, `${path}.hostname`)),
  ...(familyOf(hostname) ? [invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address')] : FINE),
]

function statusProblems(service: Service): readonly Problem[] {
  const list = service.status?.loadBalancer?.ingress ?? []
  const field = 'status.loadBalancer.ingress'
  if (list.length > 0 && !isLoadBalancer(specOf(service))) {
    return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  return each(ingress)(list, field)
}

export function validateServiceUpdate(service: Service, old: Service, subresource: string): readonly Problem[] {
  if (subresource === 'status') return statusProblems(service)
  return [...familyChanges(specOf(service), specOf(old)), ...validateService(service)]
}
