/**
 * A ServiceAccount is who a program is. Every namespace has one called `default`, and a Pod that names none runs as that one.
 *
 * Upstream: pkg/registry/core/serviceaccount
 */
import { defineKind } from '../../../api/kind.ts'
import type { ServiceAccount } from '../../../api/types.generated.ts'
import { AGE, age, NAME } from '../../columns.ts'

export const serviceAccountKind = defineKind<ServiceAccount>({
  resource: 'serviceaccounts',
  columns: [NAME, AGE],
  row: ({ metadata }, nowUnix) => [metadata.name, age(metadata.creationTimestamp, nowUnix)],
})
