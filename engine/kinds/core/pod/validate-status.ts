/**
 * What may be observed of a Pod: what has ended for good does not begin again, and addresses are addresses.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidatePodStatusUpdate)
 * Left out: the health of allocated devices, users of containers.
 */
import type { Problem } from '../../../api/problem.ts'
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../../../api/types.generated.ts'
import { familyOf, ip, isDualStack } from '../../../api/validate/addresses.ts'
import { FINE, like } from '../../../api/validate/check.ts'
import { dnsSubdomain } from '../../../api/validate/formats.ts'
import { unchanged } from '../../../api/validate/immutable.ts'
import { duplicate, forbidden, invalid } from '../../../api/validate/problems.ts'
import { labelKey } from '../../../api/validate/selectors.ts'

const OWN_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized']

const conditions = ({ conditions: list = [] }: PodStatus): readonly Problem[] =>
  list.flatMap(({ type }, index) =>
    OWN_CONDITIONS.includes(type) ? FINE : labelKey(type, `status.conditions[${index}].Type`),
  )

function nominated({ nominatedNodeName: now = '' }: PodStatus, { nominatedNodeName: before = '' }: PodStatus) {
  return now === '' || now === before ? FINE : like(dnsSubdomain)(now, 'status.nominatedNodeName')
}

type MayRestart = (status: ContainerStatus) => boolean

const hasFailed = ({ state }: ContainerStatus): boolean => (state?.terminated?.exitCode ?? 0) !== 0

function mayRestart({ restartPolicy }: PodSpec): MayRestart {
  if (restartPolicy === 'Always') return () => true
  return (status) => restartPolicy === 'OnFailure' && hasFailed(status)
}

function transitions(
  now: readonly ContainerStatus[] | undefined,
  before: readonly ContainerStatus[] | undefined,
  path: string,
  may: MayRestart,
): readonly Problem[] {
  return (before ?? []).flatMap((old, index) => {
    if (!old.state?.terminated || may(old)) return FINE
    const again = now?.find(({ name }) => name === old.name)
    return again && !again.state?.terminated
      ? [forbidden(`${path}[${index}].state`, 'may not be transitioned to non-terminated state')]
      : FINE
  })
}

/** Sidecars and containers with rules of their own may begin again whatever the Pod says. */
function mayContainerRestart(spec: PodSpec, list: 'containers' | 'initContainers'): MayRestart {
  const may = mayRestart(spec)
  const own = new Set(
    (spec[list] ?? []).filter(({ restartPolicy }) => restartPolicy !== undefined).map(({ name }) => name),
  )
  return (status) => own.has(status.name) || may(status)
}

function endings(now: PodStatus, before: PodStatus, spec: PodSpec): readonly Problem[] {
  return [
    ...transitions(
      now.containerStatuses,
      before.containerStatuses,
      'status.containerStatuses',
      mayContainerRestart(spec, 'containers'),
    ),
    ...transitions(
      now.initContainerStatuses,
      before.initContainerStatuses,
      'status.initContainerStatuses',
      mayContainerRestart(spec, 'initContainers'),
    ),
    ...transitions(
      now.ephemeralContainerStatuses,
      before.ephemeralContainerStatuses,
      'status.ephemeralContainerStatuses',
      () => false,
    ),
  ]
}

function claims({ resourceClaimStatuses: list = [] }: PodStatus, { resourceClaims = [] }: PodSpec): readonly Problem[] {
  const taken = new Set<string>()
  return list.flatMap(({ name, resourceClaimName }, index) => {
    const field = `status.resourceClaimStatuses[${index}].name`
    const twice = taken.has(name)
    taken.add(name)
    return [
      ...(resourceClaims.some((claim) => claim.name === name)
        ? FINE
        : [invalid(field, name, 'must match the name of an entry in `spec.resourceClaims`')]),
      ...(twice ? [duplicate(field, name)] : FINE),
      ...(resourceClaimName === undefined ? FINE : like(dnsSubdomain)(resourceClaimName, field)),
    ]
  })
}

interface Address {
  readonly ip?: string
}

/** One of each family, none twice. */
function addresses(list: readonly Address[], path: string): readonly Problem[] {
  const texts = list.map((address) => address.ip ?? '')
  const wrong = texts.flatMap((text, index) => ip(text, `${path}[${index}]`))
  if (texts.length < 2) return wrong
  const shown = list.map((address) => ({ IP: address.ip ?? '' }))
  const said = 'may specify no more than one IP for each IP family'
  return [
    ...wrong,
    ...(isDualStack(texts, familyOf) && texts.length === 2 ? FINE : [invalid(path, shown, said)]),
    ...texts.flatMap((text, index) =>
      texts.indexOf(text) < index ? [duplicate(`${path}[${index}]`, shown[index])] : FINE,
    ),
  ]
}

const hostAddress = ({ hostIP = '', hostIPs = [] }: PodStatus): readonly Problem[] =>
  hostIPs.length > 0 && hostIPs[0]!.ip !== hostIP
    ? [invalid('status.hostIPs[0].ip', hostIPs[0]!.ip, 'must be equal to `hostIP`')]
    : FINE

const noAllocated = ({ ephemeralContainerStatuses: list = [] }: PodStatus): readonly Problem[] =>
  list.flatMap(({ allocatedResourcesStatus }, index) =>
    allocatedResourcesStatus?.length
      ? [
          forbidden(
            `status.ephemeralContainerStatuses[${index}].allocatedResourcesStatus`,
            'must not be specified in container status',
          ),
        ]
      : FINE,
  )

export function validatePodStatus(pod: Pod, old: Pod): readonly Problem[] {
  const [now, before] = [pod.status ?? {}, old.status ?? {}]
  if (now === before) return FINE
  const spec = old.spec ?? { containers: [] }
  return [
    ...conditions(now),
    ...nominated(now, before),
    ...unchanged('status.qosClass', now.qosClass, before.qosClass),
    ...endings(now, before, spec),
    ...claims(now, spec),
    ...addresses(now.podIPs ?? [], 'status.podIPs'),
    ...hostAddress(now),
    ...addresses(now.hostIPs ?? [], 'status.hostIPs'),
    ...noAllocated(now),
  ]
}
