/**
 * The 422 that says all that is wrong with an object, for those who find out before validation does: allocators of addresses
 * and ports.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go (NewInvalid)
 */
import type { Problem } from './problem.ts'
import { failure, type Status } from './status.ts'

const said = ({ field, message }: Problem): string => `${field}: ${message}`

/** One problem stands alone, several in brackets; the same words only once. */
function allSaid(problems: readonly Problem[]): string {
  const texts = [...new Set(problems.map(said))]
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
}

export function invalidStatus(kind: string, name: string, problems: readonly Problem[], group = ''): Status {
  const causes = problems.map(({ type, field, message }) => ({ reason: type, message, field }))
  const qualified = group ? `${kind}.${group}` : kind
  const message = `${qualified} "${name}" is invalid: ${allSaid(problems)}`
  return failure(422, 'Invalid', message, { name, ...(group && { group }), kind, causes })
}
