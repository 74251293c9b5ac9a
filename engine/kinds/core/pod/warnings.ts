/**
 * What is allowed in a Pod and still not wise: volumes of plugins that are gone, ports said twice, fractions of bytes. The template of
 * a workload is warned about in the same words.
 *
 * Upstream: pkg/api/pod/warnings.go
 * Left out: warnings about node labels of old names, empty selectors of spread constraints and overlapping paths other
 * than those of projected volumes.
 */

import { isWholeAmount } from '../../../api/amounts.ts'
import type {
  Container,
  ContainerPort,
  Pod,
  PodSpec,
  ProjectedVolumeSource,
  Volume,
  VolumeProjection,
} from '../../../api/types.generated.ts'
import { goQuote } from '../../../std/go-text.ts'

type Warnings = readonly string[]

const NONE: Warnings = []

/** Volumes of plugins that are gone, in upstream's order, with the names that upstream gives them. */
const GONE: readonly (readonly [name: keyof Volume, shown: string, since: string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

/** Kinds of storage that nothing serves any more. */
export const goneSources = (source: Readonly<Record<string, unknown>>, path: string): Warnings =>
  GONE.filter(([name]) => source[name] !== undefined).map(([, shown, since]) => `${path}.${shown}: ${since}`)

const goneVolumes = (volumes: readonly Volume[], path: string): Warnings =>
  volumes.flatMap((volume, index) => goneSources({ ...volume }, `${path}[${index}]`))

interface Placed {
  readonly path: string
  readonly said: string
}

const named = (what: string, name: string | undefined): string => `${what} ${goQuote(name ?? '')}`

/** The files of one source of a projected volume, in the order in which upstream writes them. */
function placedBy(source: VolumeProjection): readonly Placed[] {
  const { secret, configMap, downwardAPI, serviceAccountToken } = source
  const items = (list: readonly { readonly path: string }[] | undefined, said: string): readonly Placed[] =>
    (list ?? []).map(({ path }) => ({ path, said }))
  return [
    ...items(secret?.items, named('Secret', secret?.name)),
    ...items(configMap?.items, named('ConfigMap', configMap?.name)),
    ...items(downwardAPI?.items, 'DownwardAPI'),
    ...(serviceAccountToken ? [{ path: serviceAccountToken.path, said: 'ServiceAccountToken' }] : []),
  ]
}

const overlaps = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)

function overlapping(volume: string, { sources }: ProjectedVolumeSource): Warnings {
  const before: Placed[] = []
  return (sources ?? []).flatMap((source) => {
    const placed = placedBy(source)
    const warnings = placed.flatMap(({ path, said }) =>
      before
        .filter((other) => overlaps(path, other.path))
        .map(
          (other) =>
            `${named('volume', volume)} (Projected): overlapping paths: ${goQuote(path)} (${said}) with ${goQuote(other.path)} (${other.said})`,
        ),
    )
    before.push(...placed)
    return warnings
  })
}

const isEmptySource = (source: VolumeProjection): boolean => Object.keys(source).length === 0

function projected(volumes: readonly Volume[]): Warnings {
  return volumes.flatMap(({ name, projected: value }) => {
    if (!value) return NONE
    const empty = value.sources?.some(isEmptySource)
    return [
      ...(empty ? [`${named('volume', name)} (Projected) has no sources provided`] : NONE),
      ...overlapping(name, value),
    ]
  })
}

const BYTES = ['memory', 'ephemeral-storage']

const fractional = (amounts: Readonly<Record<string, string>> | undefined, path: string): Warnings =>
  Object.entries(amounts ?? {})
    .filter(([name, amount]) => BYTES.includes(name) && !isWholeAmount(amount))
    .map(
      ([name, amount]) => `${path}[${name}]: fractional byte value ${goQuote(amount)} is invalid, must be an integer`,
    )

/** `{Name: HostPort:0 …}`: Go's own way of printing a struct. */
const portText = ({ name = '', hostPort = 0, containerPort, protocol, hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`

const addressWithoutPort = ({ ports = [] }: Container, path: string): Warnings =>
  ports.flatMap((port, index) =>
    port.hostIP && !port.hostPort ? [`${path}.ports[${index}]: hostIP set without hostPort: ${portText(port)}`] : NONE,
  )

function hiddenVariables({ env = [] }: Container, path: string): Warnings {
  const seen = new Set<string>()
  return env.flatMap(({ name }, index) => {
    const again = seen.has(name)
    seen.add(name)
    const hidden = `hides previous definition of ${goQuote(name)}, which may be dropped when using apply`
    return again ? [`${path}.env[${index}]: ${hidden}`] : NONE
  })
}

const ofContainer = (container: Container, path: string): Warnings => [
  ...fractional(container.resources?.limits, `${path}.resources.limits`),
  ...fractional(container.resources?.requests, `${path}.resources.requests`),
  ...hiddenVariables(container, path),
  ...addressWithoutPort(container, path),
]

interface SeenPorts {
  readonly byNumber: Map<string, string>
  readonly byName: Map<string, string>
}

const portKey = ({ containerPort, protocol, hostPort, hostIP }: ContainerPort): string =>
  `${protocol} ${containerPort} ${hostPort ?? 0} ${hostIP ?? ''}`

/** A port is found by name and by number: the first that says it is the one that is meant. */
function portAgain(port: ContainerPort, path: string, { byNumber, byName }: SeenPorts): Warnings {
  const same = byNumber.get(portKey(port))
  const sameName = port.name ? byName.get(port.name) : undefined
  if (same === undefined) byNumber.set(portKey(port), path)
  if (port.name && sameName === undefined) byName.set(port.name, path)
  return [
    ...(same ? [`${path}: duplicate port definition with ${same}`] : NONE),
    ...(sameName
      ? [
          `${path}: duplicate port name ${goQuote(port.name!)} with ${sameName}, services and probes that select ports by name will use ${sameName}`,
        ]
      : NONE),
  ]
}

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const

const eachContainer = (
  spec: PodSpec,
  path: string,
  visit: (container: Container, path: string) => Warnings,
): Warnings =>
  LISTS.flatMap((list) =>
    ((spec[list] ?? []) as readonly Container[]).flatMap((container, index) =>
      visit(container, `${path}.${list}[${index}]`),
    ),
  )

function portsAgain(spec: PodSpec, path: string): Warnings {
  const seen = { byNumber: new Map<string, string>(), byName: new Map<string, string>() }
  return eachContainer(spec, path, ({ ports = [] }, at) =>
    ports.flatMap((port, index) => portAgain(port, `${at}.ports[${index}]`, seen)),
  )
}

function secretsAgain({ imagePullSecrets = [] }: PodSpec, path: string): Warnings {
  return imagePullSecrets.flatMap(({ name }, index) =>
    name ? NONE : [`${path}.imagePullSecrets[${index}].name: invalid empty name ""`],
  )
}

const negativeGrace = ({ terminationGracePeriodSeconds: seconds = 0 }: PodSpec, path: string): Warnings =>
  seconds < 0
    ? [`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
    : NONE

function specWarnings(spec: PodSpec, path: string): Warnings {
  const volumes = spec.volumes ?? []
  return [
    ...goneVolumes(volumes, `${path}.volumes`),
    ...projected(volumes),
    ...secretsAgain(spec, path),
    ...fractional(spec.overhead, `${path}.overhead`),
    ...eachContainer(spec, path, ofContainer),
    ...portsAgain(spec, path),
    ...negativeGrace(spec, path),
  ]
}

/** Templates are warned about once, however many Pods come of them. */
const known = new WeakMap<PodSpec, Map<string, Warnings>>()

export function podSpecWarnings(spec: PodSpec | undefined, path: string): Warnings {
  if (!spec) return NONE
  let byPath = known.get(spec)
  if (!byPath) known.set(spec, (byPath = new Map()))
  let warnings = byPath.get(path)
  if (!warnings) byPath.set(path, (warnings = specWarnings(spec, path)))
  return warnings
}

/** An update says again what is new about the spec, so an untouched one is passed over. */
export const podWarnings = (pod: Pod, old: Pod | undefined): Warnings =>
  old && old.spec === pod.spec ? NONE : podSpecWarnings(pod.spec, 'spec')
