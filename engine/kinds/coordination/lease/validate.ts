/** What a Lease may say. Upstream: pkg/apis/coordination/validation/validation.go */
import type { Problem } from '../../../api/problem.ts'
import type { Lease, LeaseSpec } from '../../../api/types.generated.ts'
import { all, at, must, notNegative } from '../../../api/validate/check.ts'

const spec = all<LeaseSpec>(
  at(
    'leaseDurationSeconds',
    must((seconds) => seconds > 0, 'must be greater than 0'),
  ),
  at('leaseTransitions', notNegative),
)

export const validateLease = (object: Lease): readonly Problem[] => spec(object.spec ?? {}, 'spec')
