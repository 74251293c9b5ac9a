/**
 * A Pod that is given more or less while it runs: processor and memory of its containers, and nothing else.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidatePodResize)
 */
import { equalJson } from '../../../api/equal.ts'
import { withField } from '../../../api/filling.ts'
import type { Problem } from '../../../api/problem.ts'
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../../api/types.generated.ts'
import { FINE } from '../../../api/validate/check.ts'
import { forbidden, invalid } from '../../../api/validate/problems.ts'
import { qualityOfService } from './quality-of-service.ts'
import { podProblems } from './validate.ts'
import { MIRROR } from './validate-annotations.ts'

const NO_SPEC: PodSpec = { containers: [] }

type Amounts = Readonly<Record<string, string>>

/** Kinds of Pod that stay as large as they are. */
function never({ metadata, spec = NO_SPEC }: Pod): Problem | undefined {
  if (metadata.annotations?.[MIRROR] !== undefined) return forbidden('', 'static pods cannot be resized')
  return spec.os?.name === 'windows' ? forbidden('', 'windows pods cannot be resized') : undefined
}

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always'

const removed = (now: Amounts = {}, before: Amounts = {}): boolean =>
  Object.keys(before).some((name) => now[name] === undefined)

const removals = (
  now: ResourceRequirements = {},
  before: ResourceRequirements = {},
  path: string,
): readonly Problem[] => [
  ...(removed(now.requests, before.requests)
    ? [forbidden(`${path}.requests`, 'resource requests cannot be removed')]
    : FINE),
  ...(removed(now.limits, before.limits) ? [forbidden(`${path}.limits`, 'resource limits cannot be removed')] : FINE),
]

const RESIZABLE = ['cpu', 'memory']

/** The amounts with processor and memory put back to what they were. */
function amountsBefore(now: Amounts | undefined, before: Amounts | undefined): Amounts | undefined {
  if (!before) return undefined
  const others = Object.entries(now ?? {}).filter(([name]) => !RESIZABLE.includes(name))
  const restored = Object.entries(before).filter(([name]) => RESIZABLE.includes(name))
  return Object.fromEntries([...others, ...restored])
}

function restored(now: Container, before: Container | undefined): Container {
  let resources: ResourceRequirements = withField(
    now.resources ?? {},
    'limits',
    amountsBefore(now.resources?.limits, before?.resources?.limits),
  )
  resources = withField(resources, 'requests', amountsBefore(now.resources?.requests, before?.resources?.requests))
  const { claims: _claims, ...rest } = resources
  return { ...now, resources: before?.resources?.claims ? resources : rest }
}

const ONLY = 'only cpu and memory resources are mutable'

function otherChanges(spec: PodSpec, old: PodSpec): readonly Problem[] {
  const containers = spec.containers.flatMap((container, index) =>
    equalJson(restored(container, old.containers[index]), old.containers[index]) ? FINE : [forbidden('spec', ONLY)],
  )
  const init = (spec.initContainers ?? []).flatMap((container, index) => {
    const before = old.initContainers?.[index]
    if (isSidecar(container)) {
      const said = 'only cpu and memory resources for sidecar containers are mutable'
      return equalJson(restored(container, before), before) ? FINE : [forbidden('spec', said)]
    }
    return equalJson(container, before)
      ? FINE
      : [forbidden('spec', 'resources for non-sidecar init containers are immutable')]
  })
  return [...containers, ...init]
}

function anyChange(spec: PodSpec, old: PodSpec): readonly Problem[] {
  const containers = spec.containers.map((container, index) => restored(container, old.containers[index]))
  return equalJson(
    { ...spec, containers, initContainers: old.initContainers },
    { ...old, initContainers: old.initContainers },
  )
    ? FINE
    : [forbidden('spec', ONLY)]
}

const COUNTED = ['containers', 'initContainers'] as const

/** None may come or go. */
const otherCount = (spec: PodSpec, old: PodSpec): readonly Problem[] =>
  COUNTED.filter((list) => (spec[list]?.length ?? 0) !== (old[list]?.length ?? 0)).map((list) =>
    forbidden(`spec.${list}`, 'containers may not be added or removed on resize'),
  )

const RENAMED = 'containers may not be renamed or reordered on resize'

/** Containers are compared one by one, so they must be the same ones. */
function sameContainers(spec: PodSpec, old: PodSpec): readonly Problem[] {
  return COUNTED.flatMap((list) =>
    (spec[list] ?? []).flatMap(({ name }, index) =>
      old[list]?.[index]?.name === name ? FINE : [forbidden(`spec.${list}[${index}].name`, RENAMED)],
    ),
  )
}

function removalsOf(spec: PodSpec, old: PodSpec): readonly Problem[] {
  const sidecars = (old.initContainers ?? []).flatMap((container, index) =>
    isSidecar(container)
      ? removals(
          spec.initContainers?.[index]?.resources,
          container.resources,
          `spec.initContainers[${index}].resources`,
        )
      : FINE,
  )
  const containers = old.containers.flatMap((container, index) =>
    removals(spec.containers[index]?.resources, container.resources, `spec.containers[${index}].resources`),
  )
  return [...sidecars, ...containers]
}

export function validateResize(pod: Pod, old: Pod): readonly Problem[] {
  const refusal = never(old)
  if (refusal) return [refusal]
  const [spec, before] = [pod.spec ?? NO_SPEC, old.spec ?? NO_SPEC]
  const counted = otherCount(spec, before)
  if (counted.length > 0) return counted
  const renamed = sameContainers(spec, before)
  if (renamed.length > 0) return renamed
  const quality = qualityOfService(pod)
  const said = 'Pod QOS Class may not change as a result of resizing'
  const problems = [
    ...podProblems(pod),
    ...(quality === (old.status?.qosClass ?? qualityOfService(old))
      ? FINE
      : [invalid('spec', old.status?.qosClass, said)]),
    ...removalsOf(spec, before),
    ...otherChanges(spec, before),
  ]
  return problems.length > 0 ? problems : anyChange(spec, before)
}
