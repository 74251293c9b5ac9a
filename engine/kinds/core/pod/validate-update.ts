/**
 * What of a Pod may still change: its images, its deadline, more tolerations, and while it is held at a gate also where it wants to go.
 * Everything else is refused with the difference, as the server sees it.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidatePodUpdate)
 */
import { equalJson } from '../../../api/equal.ts'
import { withField } from '../../../api/filling.ts'
import type { Problem } from '../../../api/problem.ts'
import type {
  Affinity,
  Container,
  NodeAffinity,
  NodeSelectorTerm,
  Pod,
  PodSchedulingGate,
  PodSpec,
  Toleration,
} from '../../../api/types.generated.ts'
import { between, FINE } from '../../../api/validate/check.ts'
import { internalForm } from '../../../api/validate/internal-form.ts'
import { forbidden, invalid, required } from '../../../api/validate/problems.ts'
import { goJson } from '../../../std/go-text.ts'
import { unifiedDiff } from '../../../std/unified-diff.ts'
import { internalPodSpec } from './internal-spec.ts'
import { podProblems } from './validate.ts'
import { tolerations } from './validate-affinity.ts'
import { APP_ARMOR, MIRROR, podAnnotations } from './validate-annotations.ts'
import { validateEphemeralContainers } from './validate-ephemeral.ts'
import { validateResize } from './validate-resize.ts'
import { validatePodStatus } from './validate-status.ts'

const NO_SPEC: PodSpec = { containers: [] }

type Annotations = Readonly<Record<string, string>>

/** The kubelet and AppArmor read these once, at the beginning. */
function annotationChanges(now: Annotations, before: Annotations): readonly Problem[] {
  const said = (key: string, what: string): readonly Problem[] => {
    const field = `metadata.annotations[${key}]`
    if (key.startsWith(APP_ARMOR)) return [forbidden(field, `may not ${what} AppArmor annotations`)]
    return key === MIRROR ? [forbidden(field, `may not ${what} mirror pod annotation`)] : FINE
  }
  const changed = Object.keys(before).filter((key) => now[key] !== before[key])
  const added = Object.keys(now).filter((key) => before[key] === undefined)
  return [...changed.flatMap((key) => said(key, 'remove or update')), ...added.flatMap((key) => said(key, 'add'))]
}

export function annotationUpdateProblems(pod: Pod, old: Pod): readonly Problem[] {
  const now = pod.metadata.annotations ?? {}
  if (pod.metadata.annotations === old.metadata.annotations) return FINE
  return [
    ...annotationChanges(now, old.metadata.annotations ?? {}),
    ...podAnnotations(now, pod.spec ?? NO_SPEC, 'metadata.annotations'),
  ]
}

const imageProblems = (list: readonly Container[], path: string): readonly Problem[] =>
  list.flatMap(({ image = '' }, index) => [
    ...(image === '' ? [required(`${path}[${index}].image`)] : FINE),
    ...(image.trim() === image
      ? FINE
      : [invalid(`${path}[${index}].image`, image, 'must not have leading or trailing whitespace')]),
  ])

interface ListChange {
  readonly problems: readonly Problem[]
  /** Nothing more can be said about containers that came or went. */
  readonly stop: boolean
}

function containerChanges(
  now: readonly Container[] | undefined,
  before: readonly Container[] | undefined,
  path: string,
): ListChange {
  const [list, old] = [now ?? [], before ?? []]
  return list.length === old.length
    ? { problems: imageProblems(list, path), stop: false }
    : { problems: [forbidden(path, 'pod updates may not add or remove containers')], stop: true }
}

const MOST_SECONDS = 2147483647

/** A deadline may be set, and brought nearer. */
function deadlineChanges(now: number | undefined, before: number | undefined): ListChange {
  const field = 'spec.activeDeadlineSeconds'
  if (now === undefined) {
    const said = 'must not update from a positive integer to nil value'
    return { problems: before === undefined ? FINE : [invalid(field, undefined, said)], stop: false }
  }
  const wrong = between(0, MOST_SECONDS)(now, field)
  if (wrong.length > 0) return { problems: wrong, stop: true }
  const later = before !== undefined && before < now
  return later
    ? { problems: [invalid(field, now, 'must be less than or equal to previous value')], stop: true }
    : { problems: FINE, stop: false }
}

const withoutSeconds = ({ tolerationSeconds: _seconds, ...rest }: Toleration): object => rest

function tolerationChanges(now: readonly Toleration[], before: readonly Toleration[]): readonly Problem[] {
  const kept = before.every((old) =>
    now.some((toleration) => equalJson(withoutSeconds(old), withoutSeconds(toleration))),
  )
  return kept
    ? tolerations(now, 'spec.tolerations')
    : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}

const gateChanges = (now: readonly PodSchedulingGate[], before: readonly PodSchedulingGate[]): readonly Problem[] =>
  now.flatMap(({ name = '' }, index) =>
    before.some((old) => (old.name ?? '') === name)
      ? FINE
      : [
          forbidden(
            `spec.schedulingGates[${index}].name`,
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  )

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

const withImages = (now: readonly Container[] | undefined, before: readonly Container[] | undefined) =>
  now?.map((container, index) => withField(container, 'image', before?.[index]?.image))

/** The new spec with all that may change put back: what is left of the difference is forbidden. */
function withoutAllowedChanges(spec: PodSpec, old: PodSpec): PodSpec {
  const forgiven =
    (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1
      ? old.terminationGracePeriodSeconds
      : spec.terminationGracePeriodSeconds
  let munged: PodSpec = { ...spec, containers: withImages(spec.containers, old.containers) ?? [] }
  munged = withField(munged, 'initContainers', withImages(spec.initContainers, old.initContainers))
  munged = withField(munged, 'activeDeadlineSeconds', old.activeDeadlineSeconds)
  munged = withField(munged, 'schedulingGates', old.schedulingGates)
  munged = withField(munged, 'tolerations', old.tolerations)
  return withField(munged, 'terminationGracePeriodSeconds', forgiven)
}

interface Munged {
  readonly spec: PodSpec
  readonly problems: readonly Problem[]
}

/** Held at a gate, a Pod may become choosier about labels of nodes. */
function gatedSelector(spec: PodSpec, old: PodSpec): Munged {
  const [now, before] = [spec.nodeSelector, old.nodeSelector]
  if (equalJson(now ?? {}, before ?? {})) return { spec, problems: FINE }
  const kept = Object.entries(before ?? {}).every(([key, value]) => now?.[key] === value)
  const said = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return {
    spec: withField(spec, 'nodeSelector', before),
    problems: kept ? FINE : [invalid('spec.nodeSelector', now, said)],
  }
}

const startsWith = (now: readonly unknown[] | undefined, before: readonly unknown[] | undefined): boolean =>
  equalJson((now ?? []).slice(0, (before ?? []).length), before ?? [])

function onlyAdds(now: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const wasEmpty = !before.matchExpressions?.length && !before.matchFields?.length
  if (wasEmpty) return !now.matchExpressions?.length && !now.matchFields?.length
  return startsWith(now.matchExpressions, before.matchExpressions) && startsWith(now.matchFields, before.matchFields)
}

const TERMS = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'

function termChanges(now: NodeAffinity | undefined, before: NodeAffinity | undefined): readonly Problem[] {
  const required = before?.requiredDuringSchedulingIgnoredDuringExecution
  const old = required?.nodeSelectorTerms ?? []
  const terms = now?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (old.length === 0) return FINE
  const printed = (term: NodeSelectorTerm) => internalForm('NodeSelectorTerm', term)
  if (old.length !== (terms ?? []).length) {
    const said = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    return [invalid(TERMS, terms?.map(printed), said)]
  }
  return old.flatMap((term, index) =>
    onlyAdds(terms![index]!, term)
      ? FINE
      : [
          invalid(
            `${TERMS}[${index}]`,
            printed(terms![index]!),
            'only additions are allowed (no mutations or deletions)',
          ),
        ],
  )
}

const isEmpty = (value: object | undefined): boolean => value === undefined || Object.keys(value).length === 0

function gatedAffinity(spec: PodSpec, old: PodSpec): Munged {
  const [now, before] = [spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity]
  if (equalJson(now, before)) return { spec, problems: FINE }
  const munged: Affinity = withField(spec.affinity ?? {}, 'nodeAffinity', before)
  const gone = isEmpty(munged) && old.affinity === undefined
  return { spec: withField(spec, 'affinity', gone ? undefined : munged), problems: termChanges(now, before) }
}

const specText = (spec: PodSpec): string => goJson(internalPodSpec(spec), ' ')

function leftDifference(spec: PodSpec, old: PodSpec): readonly Problem[] {
  const munged = withoutAllowedChanges(spec, old)
  const gated = (old.schedulingGates ?? []).length > 0
  const selected = gated ? gatedSelector(munged, old) : { spec: munged, problems: FINE }
  const placed = gated ? gatedAffinity(selected.spec, old) : { spec: selected.spec, problems: FINE }
  const problems = [...selected.problems, ...placed.problems]
  if (equalJson(placed.spec, old)) return problems
  const difference = unifiedDiff(specText(old), specText(placed.spec))
  return [...problems, forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}\n${difference}`)]
}

function specChanges(spec: PodSpec, old: PodSpec): readonly Problem[] {
  const steps = [
    () => containerChanges(spec.containers, old.containers, 'spec.containers'),
    () => containerChanges(spec.initContainers, old.initContainers, 'spec.initContainers'),
    () => deadlineChanges(spec.activeDeadlineSeconds, old.activeDeadlineSeconds),
  ]
  let problems: readonly Problem[] = FINE
  for (const step of steps) {
    const { problems: found, stop } = step()
    problems = [...problems, ...found]
    if (stop) return problems
  }
  return [
    ...problems,
    ...tolerationChanges(spec.tolerations ?? [], old.tolerations ?? []),
    ...gateChanges(spec.schedulingGates ?? [], old.schedulingGates ?? []),
    ...(equalJson(spec, old) ? FINE : leftDifference(spec, old)),
  ]
}

function validateMain(pod: Pod, old: Pod): readonly Problem[] {
  const annotations = annotationUpdateProblems(pod, old)
  if (pod.spec === old.spec) return annotations
  return [...podProblems(pod), ...annotations, ...specChanges(pod.spec ?? NO_SPEC, old.spec ?? NO_SPEC)]
}

const DOORS: Readonly<Record<string, (pod: Pod, old: Pod) => readonly Problem[]>> = {
  status: (pod, old) => [...annotationUpdateProblems(pod, old), ...validatePodStatus(pod, old)],
  ephemeralcontainers: validateEphemeralContainers,
  resize: validateResize,
}

export const validatePodUpdate = (pod: Pod, old: Pod, subresource: string): readonly Problem[] =>
  (DOORS[subresource] ?? validateMain)(pod, old)
