/**
 * The doors that lead to something else than an object of the kind: a part of it, an action on it, or a question to the server.
 * `status`, `finalize`, `resize` and the like are not here, because they take and give the object itself.
 */
import type { Plan } from '../plans.ts'
import type { Request } from '../request.ts'
import { accessReviews } from './access-reviews.ts'
import { binding, bindings } from './binding.ts'
import type { Door } from './door.ts'
import { eviction } from './eviction.ts'
import { kubeletDoors } from './kubelet.ts'
import { scale } from './scale.ts'
import { selfSubjectReview } from './self-subject-review.ts'
import { serviceAccountToken, tokenReview } from './service-account-token.ts'

const DOORS: readonly Door[] = [
  binding,
  bindings,
  scale,
  eviction,
  serviceAccountToken,
  tokenReview,
  selfSubjectReview,
  ...accessReviews,
  ...kubeletDoors,
]

const isMeant = ({ resources, subresource }: Door, request: Request): boolean =>
  subresource === request.subresource && (!resources || resources.includes(request.resource))

const COMMON_DOORS: readonly (string | undefined)[] = ['status']

/** The plan of a request that goes to a special door; undefined for all others. */
export function doorFor(request: Request): Plan | undefined {
  if (COMMON_DOORS.includes(request.subresource)) return undefined
  return DOORS.find((door) => isMeant(door, request))?.plans[request.verb]
}
