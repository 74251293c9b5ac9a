/**
 * What a Pod may be, and what a template of Pods may be. Specs are looked at once: ten thousand Pods of one template share what was
 * found in the first.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidatePodCreate, ValidatePodTemplateSpec)
 */
import { annotationProblems } from '../../../api/meta-validation.ts'
import type { Problem } from '../../../api/problem.ts'
import type { Pod, PodSpec, PodTemplateSpec } from '../../../api/types.generated.ts'
import { type Check, FINE, join, remembered } from '../../../api/validate/check.ts'
import { forbidden } from '../../../api/validate/problems.ts'
import { labels } from '../../../api/validate/selectors.ts'
import { annotationsMatchFields, podAnnotations } from './validate-annotations.ts'
import { trimmedImage } from './validate-container.ts'
import { podSpecProblems } from './validate-spec.ts'

export { validatePodUpdate } from './validate-update.ts'

const NO_SPEC: PodSpec = { containers: [] }

const tokenWithoutAccount: Check<PodSpec> = (spec, path) =>
  spec.serviceAccountName
    ? FINE
    : (spec.volumes ?? []).flatMap(({ projected }, index) =>
        (projected?.sources ?? []).flatMap(({ serviceAccountToken }, source) =>
          serviceAccountToken
            ? [
                forbidden(
                  `${path}.volumes[${index}].projected.sources[${source}].serviceAccountToken`,
                  'must not be specified when serviceAccountName is not set',
                ),
              ]
            : FINE,
        ),
      )

function ofSpec(spec: PodSpec, podName: string | undefined): readonly Problem[] {
  const images = (['containers', 'initContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, index) => trimmedImage(container, `spec.${list}[${index}]`)),
  )
  return [
    ...podSpecProblems(spec, 'spec', { isPod: true, ...(podName && { podName }) }),
    ...tokenWithoutAccount(spec, 'spec'),
    ...images,
  ]
}

const shared = remembered((spec: PodSpec) => ofSpec(spec, undefined))

/** Only claims that are made for the Pod take its name. */
const isNamed = ({ volumes = [] }: PodSpec): boolean => volumes.some(({ ephemeral }) => ephemeral !== undefined)

const specOf = (pod: Pod): readonly Problem[] => {
  const spec = pod.spec ?? NO_SPEC
  return isNamed(spec) ? ofSpec(spec, pod.metadata.name) : shared(spec)
}

/** Metadata's annotations and the spec; creating asks for more, updating for other things. */
export const podProblems = (pod: Pod): readonly Problem[] =>
  join(podAnnotations(pod.metadata.annotations ?? {}, pod.spec ?? NO_SPEC, 'metadata.annotations'), specOf(pod))

const onlyLater: Check<PodSpec> = (spec, path) => [
  ...(spec.ephemeralContainers?.length ? [forbidden(`${path}.ephemeralContainers`, 'cannot be set on create')] : FINE),
  ...(spec.nodeName && spec.schedulingGates?.length
    ? [forbidden(`${path}.nodeName`, 'cannot be set until all schedulingGates have been cleared')]
    : FINE),
]

export function validatePod(pod: Pod): readonly Problem[] {
  const spec = pod.spec ?? NO_SPEC
  const atBirth = join(onlyLater(spec, 'spec'), annotationsMatchFields(pod.metadata.annotations, spec, 'spec'))
  return join(podProblems(pod), atBirth)
}

function templateProblems({ metadata, spec = NO_SPEC }: PodTemplateSpec, path: string): readonly Problem[] {
  const { annotations = {} } = metadata ?? {}
  return [
    ...labels(metadata?.labels ?? {}, `${path}.labels`),
    ...annotationProblems(annotations, `${path}.annotations`),
    ...podAnnotations(annotations, spec, `${path}.annotations`),
    ...podSpecProblems(spec, `${path}.spec`, { isPod: false }),
    ...annotationsMatchFields(annotations, spec, `${path}.spec`),
    ...(spec.ephemeralContainers?.length
      ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : FINE),
  ]
}

/** Workloads keep their template at one of few places, so what was found is remembered for each place. */
const byPlace = new Map<string, (template: PodTemplateSpec) => readonly Problem[]>()

export function podTemplate(template: PodTemplateSpec, path: string): readonly Problem[] {
  let check = byPlace.get(path)
  if (!check) byPlace.set(path, (check = remembered((value: PodTemplateSpec) => templateProblems(value, path))))
  return check(template)
}
