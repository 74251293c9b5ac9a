/** The shape of an admission plugin: when it is asked, and what it does to the exchange or says against it. */
import type { ResourceName } from '../../api/object.ts'
import type { Stage } from '../exchange.ts'

/** What happens to the object, whatever the verb: a PUT or an apply may create. */
export type AdmissionOperation = 'create' | 'update' | 'delete' | 'connect'

export interface Admission {
  readonly name: string
  readonly operations: readonly AdmissionOperation[]
  /** All when absent. */
  readonly resources?: readonly ResourceName[]
  /** Only the resource itself when absent. */
  readonly subresources?: readonly string[]
  readonly mutate?: Stage
  readonly validate?: Stage
}
