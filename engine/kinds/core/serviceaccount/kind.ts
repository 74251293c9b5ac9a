/**
 * A ServiceAccount is who a program is. Every namespace has one called `default`, and a Pod that names none runs as that one.
 *
 * Upstream: pkg/registry/core/serviceaccount
 */
import { every, filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { ServiceAccount } from '../../../api/types.generated.ts'
import { AGE, age, NAME } from '../../columns.ts'

/** Of the Secrets that it may use only the names are kept. */
const namesOnly = filling<ServiceAccount>(
  {},
  {
    secrets: every((secret) => (Object.keys(secret).length === 1 ? secret : secret.name ? { name: secret.name } : {})),
  },
)

export const serviceAccountKind = defineKind<ServiceAccount>({
  resource: 'serviceaccounts',
  prepareCreate: namesOnly,
  prepareUpdate: namesOnly,
  columns: [NAME, AGE],
  row: ({ metadata }, nowUnix) => [metadata.name, age(metadata.creationTimestamp, nowUnix)],
})
