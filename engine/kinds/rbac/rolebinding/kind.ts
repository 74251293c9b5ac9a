/**
 * Bindings, of a namespace and of the whole cluster: who has a role.
 *
 * Upstream: pkg/registry/rbac/{rolebinding,clusterrolebinding}, pkg/apis/rbac/v1/defaults.go
 */
import { every, type Fill, filling } from '../../../api/filling.ts'
import { type Column, defineKind, type KindStrategy } from '../../../api/kind.ts'
import { pathSegment } from '../../../api/meta-validation.ts'
import type { ClusterRoleBinding, RoleBinding, Subject } from '../../../api/types.generated.ts'
import { AGE, age, NAME, text, wide } from '../../columns.ts'

const GROUP = 'rbac.authorization.k8s.io'
const PEOPLE = ['User', 'Group']

/** An empty group counts as none. */
const inGroup = <T extends { readonly apiGroup?: string }>(one: T): T =>
  one.apiGroup ? one : { ...one, apiGroup: GROUP }

const subject: Fill<Subject> = (one) => (PEOPLE.includes(one.kind) ? inGroup(one) : one)

const fill = filling<RoleBinding>({}, { roleRef: inGroup, subjects: every(subject) })

const columns: readonly Column[] = [NAME, text('Role'), AGE, ...['Users', 'Groups', 'ServiceAccounts'].map(wide)]

const named = (subjects: readonly Subject[], kind: string): readonly Subject[] =>
  subjects.filter((one) => one.kind === kind)

const binding = <T extends RoleBinding | ClusterRoleBinding>(resource: string): KindStrategy<T> =>
  defineKind<T>({
    resource,
    nameFormat: pathSegment,
    createsOnUpdate: true,
    defaults: fill as unknown as Fill<T>,
    columns,
    row: ({ metadata, roleRef, subjects = [] }, nowUnix) => [
      metadata.name,
      `${roleRef.kind}/${roleRef.name}`,
      age(metadata.creationTimestamp, nowUnix),
      ...PEOPLE.map((kind) =>
        named(subjects, kind)
          .map(({ name }) => name)
          .join(', '),
      ),
      named(subjects, 'ServiceAccount')
        .map(({ namespace, name }) => `${namespace ?? ''}/${name}`)
        .join(', '),
    ],
  })

export const roleBindingKind = binding<RoleBinding>('rolebindings.rbac.authorization.k8s.io')
export const clusterRoleBindingKind = binding<ClusterRoleBinding>('clusterrolebindings.rbac.authorization.k8s.io')
