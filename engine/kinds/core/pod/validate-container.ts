/**
 * One container of a Pod, of whatever sort.
 *
 * Upstream: pkg/apis/core/validation/validation.go (validateContainerCommon, validateContainers, validateInitContainers)
 */
import type { Problem } from '../../../api/problem.ts'
import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  ContainerRestartRule,
  PodSpec,
} from '../../../api/types.generated.ts'
import { all, at, type Check, each, FINE, filled, join, like, need, oneOf } from '../../../api/validate/check.ts'
import { dnsLabel, portName } from '../../../api/validate/formats.ts'
import { PROTOCOLS, portNumber } from '../../../api/validate/ports.ts'
import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooLongList,
} from '../../../api/validate/problems.ts'
import type { SpecContext } from './spec-context.ts'
import { environment, environmentFrom } from './validate-env.ts'
import { hooksAndProbes, noHooksNorProbes } from './validate-handlers.ts'
import { volumeDevices, volumeMounts } from './validate-mounts.ts'
import { containerResources } from './validate-resources.ts'
import { securityContext } from './validate-security.ts'
import { PULL_POLICIES } from './validate-volume-sources.ts'

const portNumbers = all<ContainerPort>(
  need('containerPort', portNumber),
  filled('hostPort', portNumber),
  need('protocol', oneOf(...PROTOCOLS)),
)

/** A name that is wrong does not take the place of a right one. */
const ports: Check<readonly ContainerPort[]> = (list, path) => {
  const taken = new Set<string>()
  return list.flatMap((port, index) => {
    const field = `${path}[${index}]`
    const name = port.name ?? ''
    const wrong = name === '' ? FINE : like(portName)(name, `${field}.name`)
    const twice = wrong.length === 0 && taken.has(name) ? [duplicate(`${field}.name`, name)] : FINE
    if (wrong.length === 0 && name !== '') taken.add(name)
    return [...wrong, ...twice, ...portNumbers(port, field)]
  })
}

const RESIZABLE = ['cpu', 'memory']
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer']

const said = (value: string | undefined, supported: readonly string[], path: string): readonly Problem[] => {
  if (!value) return [required(path)]
  return supported.includes(value) ? FINE : [notSupported(path, value, supported)]
}

/** Upstream complains about the list. */
const resizePolicy =
  ({ restartPolicy: ofPod }: SpecContext): Check<readonly ContainerResizePolicy[]> =>
  (list, path) => {
    const taken = new Set<string>()
    return list.flatMap(({ resourceName = '', restartPolicy = '' }, index) => {
      const twice = taken.has(resourceName) ? [duplicate(`${path}[${index}]`, resourceName)] : FINE
      taken.add(resourceName)
      const never = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
      return [
        ...twice,
        ...said(resourceName, RESIZABLE, path),
        ...said(restartPolicy, RESIZE_POLICIES, path),
        ...(ofPod === 'Never' && restartPolicy !== 'NotRequired' ? [invalid(path, restartPolicy, never)] : FINE),
      ]
    })
  }

/** What every sort of container must say, in upstream's order. */
const common = (context: SpecContext): Check<Container> =>
  all<Container>(
    need('name', like(dnsLabel)),
    need('image'),
    need('terminationMessagePolicy', oneOf('File', 'FallbackToLogsOnError')),
    at('ports', ports),
    at('env', environment(context)),
    at('envFrom', environmentFrom),
    (container, path) => volumeMounts(context, container)(container.volumeMounts ?? [], `${path}.volumeMounts`),
    (container, path) => volumeDevices(context, container)(container.volumeDevices ?? [], `${path}.volumeDevices`),
    need('imagePullPolicy', oneOf(...PULL_POLICIES)),
    at('resources', containerResources(context.claimNames)),
    at('resizePolicy', resizePolicy(context)),
    at('securityContext', securityContext(context.hostUsers)),
  )

const MOST_RULES = 20
const MOST_EXIT_CODES = 255

const exitCodes: Check<NonNullable<ContainerRestartRule['exitCodes']>> = ({ operator, values = [] }, path) => [
  ...oneOf('In', 'NotIn')(operator ?? '', `${path}.operator`),
  ...(values.length > MOST_EXIT_CODES ? [tooLongList(`${path}.values`, MOST_EXIT_CODES)] : FINE),
]

const restartRule: Check<ContainerRestartRule> = ({ action, exitCodes: codes }, path) => [
  ...oneOf('Restart', 'RestartAllContainers')(action ?? '', `${path}.action`),
  ...(codes ? exitCodes(codes, `${path}.exitCodes`) : [required(`${path}.exitCodes`, 'must be specified')]),
]

const restartRules: Check<Container> = ({ restartPolicy, restartPolicyRules: rules = [] }, path) => {
  if (rules.length === 0) return FINE
  if (restartPolicy === undefined)
    return [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
  const many = rules.length > MOST_RULES ? [tooLongList(`${path}.restartPolicyRules`, MOST_RULES)] : FINE
  return [...many, ...each(restartRule)(rules, `${path}.restartPolicyRules`)]
}

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']

/** A container may restart by rules of its own. */
const ownRestart: Check<Container> = all<Container>(at('restartPolicy', oneOf(...RESTART_POLICIES)), restartRules)

/** Two containers that stay cannot have one port of the host. */
function hostPortsOnce(containers: readonly Container[], path: string): readonly Problem[] {
  const taken = new Set<string>()
  return containers.flatMap((container, index) =>
    (container.ports ?? []).flatMap(({ hostPort, hostIP = '', protocol = '' }, portIndex) => {
      if (!hostPort) return FINE
      const key = `${protocol}/${hostIP}/${hostPort}`
      const twice = taken.has(key)
      taken.add(key)
      return twice ? [duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, key)] : FINE
    }),
  )
}

export function containers(context: SpecContext, path: string): readonly Problem[] {
  const list = context.spec.containers ?? []
  if (list.length === 0) return [required(path)]
  const taken = new Set<string>()
  const check = common(context)
  const stays = all<Container>(hooksAndProbes(context), ownRestart)
  const problems = list.flatMap((container, index) => {
    const field = `${path}[${index}]`
    const twice = taken.has(container.name) ? [duplicate(`${field}.name`, container.name)] : FINE
    taken.add(container.name)
    return [...check(container, field), ...twice, ...stays(container, field)]
  })
  return join(problems, hostPortsOnce(list, path))
}

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always'

export function initContainers(context: SpecContext, path: string): readonly Problem[] {
  const list = context.spec.initContainers ?? []
  if (list.length === 0) return FINE
  const taken = new Set((context.spec.containers ?? []).map(({ name }) => name))
  const check = common(context)
  const stays = hooksAndProbes(context)
  return list.flatMap((container, index) => {
    const field = `${path}[${index}]`
    const { name } = container
    const twice = taken.has(name) ? [duplicate(`${field}.name`, name)] : FINE
    if (name) taken.add(name)
    return [
      ...check(container, field),
      ...ownRestart(container, field),
      ...twice,
      ...hostPortsOnce([container], path),
      ...(isSidecar(container) ? stays : noHooksNorProbes)(container, field),
    ]
  })
}

/** What a container that was put in to look around may not say. */
const NOT_OF_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
]

const NOT_EPHEMERAL = 'cannot be set for an Ephemeral Container'

const isSaid = (value: unknown): boolean =>
  value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0)

function onlyToLook(container: Container, path: string): readonly Problem[] {
  const fields = NOT_OF_EPHEMERAL.filter((name) => isSaid(container[name as keyof Container]))
  const mounts = (container.volumeMounts ?? []).flatMap((mount, index) =>
    (['subPath', 'subPathExpr'] as const)
      .filter((name) => mount[name])
      .map((name) => forbidden(`${path}.volumeMounts[${index}].${name}`, NOT_EPHEMERAL)),
  )
  return [...fields.map((name) => forbidden(`${path}.${name}`, NOT_EPHEMERAL)), ...mounts]
}

export function ephemeralContainers(context: SpecContext, path: string): readonly Problem[] {
  const list = (context.spec.ephemeralContainers ?? []) as readonly (Container & { targetContainerName?: string })[]
  if (list.length === 0) return FINE
  const others = new Set(
    [...(context.spec.containers ?? []), ...(context.spec.initContainers ?? [])].map(({ name }) => name),
  )
  const taken = new Set(others)
  const check = common(context)
  return list.flatMap((container, index) => {
    const field = `${path}[${index}]`
    const { name, targetContainerName: target } = container
    const twice = taken.has(name) ? [duplicate(`${field}.name`, name)] : FINE
    taken.add(name)
    return [
      ...check(container, field),
      ...trimmedImage(container, field),
      ...twice,
      ...(target && !others.has(target) ? [notFound(`${field}.targetContainerName`, target)] : FINE),
      ...onlyToLook(container, field),
    ]
  })
}

/** Templates may have spaces around an image's name: some programs write them there as a mark. Pods may not. */
export const trimmedImage: Check<Container> = ({ image = '' }, path) =>
  image.trim() === image ? FINE : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]

/** On the host's network the port of a container is the port of the host. */
export function hostNetworkPorts({ hostNetwork, containers: list }: PodSpec, isPod: boolean, path: string) {
  if (!hostNetwork) return FINE
  return (list ?? []).flatMap((container, index) =>
    (container.ports ?? []).flatMap(({ hostPort = 0, containerPort = 0 }, portIndex) =>
      (isPod || hostPort !== 0) && hostPort !== containerPort
        ? [
            invalid(
              `${path}[${index}].ports[${portIndex}].hostPort`,
              hostPort,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ]
        : FINE,
    ),
  )
}
