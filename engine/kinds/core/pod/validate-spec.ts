/**
 * What a Pod may be made of: its spec as a whole, alone or in the template of a workload.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidatePodSpec)
 */
import type { Problem } from '../../../api/problem.ts'
import type {
  HostAlias,
  PodDNSConfig,
  PodReadinessGate,
  PodResourceClaim,
  PodSchedulingGate,
  PodSpec,
} from '../../../api/types.generated.ts'
import { ip } from '../../../api/validate/addresses.ts'
import {
  all,
  at,
  between,
  type Check,
  each,
  FINE,
  filled,
  join,
  like,
  must,
  need,
  oneOf,
} from '../../../api/validate/check.ts'
import { dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore } from '../../../api/validate/formats.ts'
import { internalForm } from '../../../api/validate/internal-form.ts'
import { duplicate, forbidden, invalid, required, tooLong } from '../../../api/validate/problems.ts'
import { labelKey, labels } from '../../../api/validate/selectors.ts'
import { byteLength } from '../../../std/byte-length.ts'
import type { SpecContext } from './spec-context.ts'
import { affinity, spreadConstraints, tolerations } from './validate-affinity.ts'
import { containers, ephemeralContainers, hostNetworkPorts, initContainers } from './validate-container.ts'
import { overhead, podResources } from './validate-resources.ts'
import { podSecurityContext } from './validate-security.ts'
import { checkVolumes } from './validate-volumes.ts'
import { hostProcesses, operatingSystem } from './validate-windows.ts'

const MOST_NAMESERVERS = 3
const MOST_SEARCHES = 32
const MOST_SEARCH_BYTES = 2048

/** Who wants no DNS from the cluster must bring a server. */
function ownServer({ dnsPolicy, dnsConfig }: PodSpec, path: string): readonly Problem[] {
  if (dnsPolicy !== 'None') return FINE
  if (!dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  return (dnsConfig.nameservers ?? []).length > 0
    ? FINE
    : [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
}

/** A dot at the end means that the name is complete. */
const search: Check<string> = (name, path) =>
  name === '.' ? FINE : like(dnsSubdomainWithUnderscore)(name.replace(/\.$/, ''), path)

const searches = all<readonly string[]>(
  must((list) => list.length <= MOST_SEARCHES, `must not have more than ${MOST_SEARCHES} search paths`),
  must(
    (list) => byteLength(list.join(' ')) <= MOST_SEARCH_BYTES,
    `must not have more than ${MOST_SEARCH_BYTES} characters (including spaces) in the search list`,
  ),
  each(search),
)

const dnsConfig = all<PodDNSConfig>(
  at(
    'nameservers',
    all(
      must((list) => list.length <= MOST_NAMESERVERS, `must not have more than ${MOST_NAMESERVERS} nameservers`),
      each(ip),
    ),
  ),
  at('searches', searches),
  at(
    'options',
    each(({ name }, path) => (name ? FINE : [required(path, 'must not be empty')])),
  ),
)

function dns(spec: PodSpec, path: string): readonly Problem[] {
  const missing = ownServer(spec, path)
  return missing.length > 0 || !spec.dnsConfig ? missing : dnsConfig(spec.dnsConfig, path)
}

const readinessGate: Check<PodReadinessGate> = ({ conditionType = '' }, path) =>
  labelKey(conditionType, `${path}.conditionType`)

const schedulingGates: Check<readonly PodSchedulingGate[]> = (gates, path) => {
  const taken = new Set<string>()
  return gates.flatMap(({ name = '' }, index) => {
    const field = `${path}[${index}]`
    const twice = taken.has(name) ? [duplicate(field, name)] : FINE
    taken.add(name)
    return [...labelKey(name, field), ...twice]
  })
}

const hostAlias = all<HostAlias>(
  (value, path) => ip(value.ip ?? '', `${path}.ip`),
  at('hostnames', each(like(dnsSubdomain))),
)

const oneSource: Check<PodResourceClaim> = (claim, path) => {
  const { resourceClaimName: name, resourceClaimTemplateName: template } = claim
  const said = (detail: string) => [invalid(path, internalForm('PodResourceClaim', claim), detail)]
  if (name !== undefined && template !== undefined) {
    return said('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified')
  }
  return name === undefined && template === undefined
    ? said('must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')
    : FINE
}

const resourceClaims: Check<readonly PodResourceClaim[]> = (claims, path) => {
  const taken = new Set<string>()
  const rest = all<PodResourceClaim>(
    oneSource,
    at('resourceClaimName', like(dnsSubdomain)),
    at('resourceClaimTemplateName', like(dnsSubdomain)),
  )
  return claims.flatMap((claim, index) => {
    const field = `${path}[${index}]`
    const name = claim.name ?? ''
    const twice = taken.has(name)
    taken.add(name)
    const named = name === '' ? [required(`${field}.name`)] : like(dnsLabel)(name, `${field}.name`)
    return [...(twice && name !== '' ? [duplicate(`${field}.name`, name)] : named), ...rest(claim, field)]
  })
}

/** With its own user namespace a Pod cannot share the host's other namespaces. Upstream names two fields by their Go names. */
const HOST_NAMESPACES = [
  ['hostNetwork', 'hostNetwork'],
  ['hostPID', 'HostPID'],
  ['hostIPC', 'HostIPC'],
] as const

const ownUsers: Check<PodSpec> = (spec, path) =>
  spec.hostUsers === false
    ? HOST_NAMESPACES.filter(([name]) => spec[name]).map(([, shown]) =>
        forbidden(`${path}.${shown}`, 'when `hostUsers` is false'),
      )
    : FINE

const MOST_HOST_NAME = 64

const hostName: Check<PodSpec> = (spec, path) => {
  const { hostnameOverride: name } = spec
  if (name === undefined) return FINE
  const field = `${path}.hostnameOverride`
  return [
    ...(spec.setHostnameAsFQDN ? [forbidden(field, 'may not be specified when setHostnameAsFQDN is true')] : FINE),
    ...(spec.hostNetwork ? [forbidden(field, 'may not be specified when hostNetwork is true')] : FINE),
    ...(byteLength(name) > MOST_HOST_NAME ? [tooLong(field, MOST_HOST_NAME)] : FINE),
    ...like(dnsSubdomain)(name, field),
  ]
}

const MOST_SECONDS = 2147483647

/** Before the containers. */
const beforeContainers = all<PodSpec>((spec, path) =>
  spec.terminationGracePeriodSeconds === undefined ? [required(`${path}.terminationGracePeriodSeconds`)] : FINE,
)

/** Behind the containers, in upstream's order. */
const afterContainers = all<PodSpec>(
  need('restartPolicy', oneOf('Always', 'OnFailure', 'Never')),
  need('dnsPolicy', oneOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None')),
  at('nodeSelector', labels),
  (spec, path) =>
    spec.securityContext ? podSecurityContext(spec)(spec.securityContext, `${path}.securityContext`) : FINE,
  at('affinity', affinity),
  (spec, path) => dns(spec, `${path}.dnsConfig`),
  at('readinessGates', each(readinessGate)),
  at('schedulingGates', schedulingGates),
  at('topologySpreadConstraints', spreadConstraints),
  hostProcesses,
  ownUsers,
  filled('serviceAccountName', like(dnsSubdomain)),
  filled('nodeName', like(dnsSubdomain)),
  at('activeDeadlineSeconds', between(1, MOST_SECONDS)),
  filled('hostname', like(dnsLabel)),
  filled('subdomain', like(dnsLabel)),
  hostName,
  at('tolerations', tolerations),
  at('hostAliases', each(hostAlias)),
  filled('priorityClassName', like(dnsSubdomain)),
  at('runtimeClassName', like(dnsSubdomain)),
  at('preemptionPolicy', oneOf('PreemptLowerPriority', 'Never')),
  at('overhead', overhead),
  operatingSystem,
)

export interface PodSpecRules {
  readonly isPod: boolean
  /** Of the Pod itself; a template has none. */
  readonly podName?: string
}

function contextOf(spec: PodSpec, { isPod, podName }: PodSpecRules, volumes: SpecContext['volumes']): SpecContext {
  return {
    isPod,
    podName,
    spec,
    gracePeriod: spec.terminationGracePeriodSeconds,
    restartPolicy: spec.restartPolicy ?? '',
    hostUsers: spec.hostUsers !== false,
    volumes,
    claimNames: new Set((spec.resourceClaims ?? []).map(({ name }) => name).filter((name) => name)),
  }
}

export function podSpecProblems(spec: PodSpec, path: string, rules: PodSpecRules): readonly Problem[] {
  const [volumes, ofVolumes] = checkVolumes(spec, rules.podName, `${path}.volumes`)
  const context = contextOf(spec, rules, volumes)
  const lists: readonly (readonly Problem[])[] = [
    beforeContainers(spec, path),
    ofVolumes,
    resourceClaims(spec.resourceClaims ?? [], `${path}.resourceClaims`),
    containers(context, `${path}.containers`),
    initContainers(context, `${path}.initContainers`),
    ephemeralContainers(context, `${path}.ephemeralContainers`),
    podResources(spec, context.claimNames, `${path}.resources`),
    hostNetworkPorts(spec, rules.isPod, `${path}.containers`),
    afterContainers(spec, path),
  ]
  return lists.reduce(join, FINE)
}
