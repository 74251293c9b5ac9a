/** The shape of a door: a subresource, or a resource that is not stored, and what each verb does there. */
import type { ResourceName } from '../../api/object.ts'
import type { Plan } from '../plans.ts'
import type { Verb } from '../request.ts'

export interface Door {
  /** Of these resources; of any when absent. */
  readonly resources?: readonly ResourceName[]
  /** Absent for a resource that is not stored. */
  readonly subresource?: string
  readonly plans: Readonly<Partial<Record<Verb, Plan>>>
}
