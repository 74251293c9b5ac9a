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

export const validateNamespace = (namespace: Namespace): readonly Problem[] =>
  finalizersOf(namespace).flatMap(finalizerProblems)

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
  return subresource === 'finalize' ? validateNamespace(namespace) : FINE
}
