/**
 * What a Namespace may say. Its finalizers are of its own kind, beside those that every object has.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidateNamespace)
 */
import type { Problem } from '../../../api/problem.ts'
import type { Namespace } from '../../../api/types.generated.ts'
import { FINE } from '../../../api/validate/check.ts'
import { qualifiedName } from '../../../api/validate/formats.ts'
import { invalid } from '../../../api/validate/problems.ts'

const STANDARD = ['kubernetes', 'orphan', 'foregroundDeletion']

const FIELD = 'spec.finalizers'

function finalizerProblems(finalizer: string): readonly Problem[] {
  const standard = finalizer.includes('/') || STANDARD.includes(finalizer)
  return [
    ...qualifiedName(finalizer).map((detail) => invalid(FIELD, finalizer, detail)),
    ...(standard
      ? FINE
      : [invalid(FIELD, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]),
  ]
}

const finalizersOf = ({ spec }: Namespace): readonly string[] => spec?.finalizers ?? []

const LEVELS = ['privileged', 'baseline', 'restricted']
const MODES = ['enforce', 'audit', 'warn']
const SECURITY = 'pod-security.kubernetes.io/'

/** How strict the room is with Pods is said in labels, so labels are checked for it. */
function securityProblems({ metadata: { labels = {} } }: Namespace): readonly Problem[] {
  return MODES.flatMap((mode) => {
    const level = labels[`${SECURITY}${mode}`]
    const version = labels[`${SECURITY}${mode}-version`]
    const field = `metadata.labels[${SECURITY}${mode}`
    return [
      ...(level === undefined || LEVELS.includes(level)
        ? FINE
        : [invalid(`${field}]`, level, `must be one of ${LEVELS.join(', ')}`)]),
      ...(version === undefined || /^(latest|v1\.(0|[1-9]\d*))$/.test(version)
        ? FINE
        : [invalid(`${field}-version]`, version, 'must be "latest" or "v1.x"')]),
    ]
  })
}

/** Pod Security has its say only about what is otherwise fine. */
export function validateNamespace(namespace: Namespace): readonly Problem[] {
  const problems = finalizersOf(namespace).flatMap(finalizerProblems)
  return problems.length > 0 ? problems : securityProblems(namespace)
}

/** A Namespace that is not being deleted is Active, and one that is, is Terminating. */
function phaseProblems({ metadata, status }: Namespace): readonly Problem[] {
  const wanted = metadata.deletionTimestamp ? 'Terminating' : 'Active'
  const { phase = '' as const } = status ?? {}
  if (phase === wanted) return FINE
  const said = metadata.deletionTimestamp
    ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
    : "may only be 'Active' if `deletionTimestamp` is empty"
  return [invalid('status.Phase', phase, said)]
}

export function validateNamespaceUpdate(
  namespace: Namespace,
  _old: Namespace,
  subresource: string,
): readonly Problem[] {
  if (subresource === 'status') return phaseProblems(namespace)
  return subresource === 'finalize' ? validateNamespace(namespace) : securityProblems(namespace)
}
