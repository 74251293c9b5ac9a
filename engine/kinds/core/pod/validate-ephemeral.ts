/**
 * Containers that are put into a running Pod to look around: they may come, and then neither change nor go.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidatePodEphemeralContainersUpdate)
 */
import { equalJson } from '../../../api/equal.ts'
import type { Problem } from '../../../api/problem.ts'
import type { EphemeralContainer, Pod } from '../../../api/types.generated.ts'
import { FINE } from '../../../api/validate/check.ts'
import { internalForm } from '../../../api/validate/internal-form.ts'
import { forbidden } from '../../../api/validate/problems.ts'
import { goJson, goQuote } from '../../../std/go-text.ts'
import { unifiedDiff } from '../../../std/unified-diff.ts'
import { podProblems } from './validate.ts'
import { MIRROR } from './validate-annotations.ts'

const PATH = 'spec.ephemeralContainers'

const text = (container: EphemeralContainer): string => goJson(internalForm('EphemeralContainer', container), ' ')

function kept(old: EphemeralContainer, list: readonly EphemeralContainer[]): readonly Problem[] {
  const now = list.find(({ name }) => name === old.name)
  const named = `existing ephemeral containers ${goQuote(old.name)}`
  if (!now) return [forbidden(PATH, `${named} may not be removed\n`)]
  return equalJson(now, old)
    ? FINE
    : [forbidden(PATH, `${named} may not be changed\n${unifiedDiff(text(old), text(now))}`)]
}

export function validateEphemeralContainers(pod: Pod, old: Pod): readonly Problem[] {
  if (old.metadata.annotations?.[MIRROR] !== undefined) {
    return [forbidden('', 'static pods do not support ephemeral containers')]
  }
  const list = pod.spec?.ephemeralContainers ?? []
  return [...podProblems(pod), ...(old.spec?.ephemeralContainers ?? []).flatMap((container) => kept(container, list))]
}
