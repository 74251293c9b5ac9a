/**
 * Roles, of a namespace and of the whole cluster: what may be done.
 *
 * Upstream: pkg/registry/rbac/{role,clusterrole}
 */

import { type Column, defineKind } from '../../../api/kind.ts'
import { pathSegment } from '../../../api/meta-validation.ts'
import type { ClusterRole, Role } from '../../../api/types.generated.ts'
import { NAME } from '../../columns.ts'

const columns: readonly Column[] = [NAME, { name: 'Created At', type: 'date' }]

export const roleKind = defineKind<Role>({
  resource: 'roles.rbac.authorization.k8s.io',
  nameFormat: pathSegment,
  createsOnUpdate: true,
  columns,
  row: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null],
})

export const clusterRoleKind = defineKind<ClusterRole>({
  resource: 'clusterroles.rbac.authorization.k8s.io',
  nameFormat: pathSegment,
  createsOnUpdate: true,
  columns,
  row: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null],
})
