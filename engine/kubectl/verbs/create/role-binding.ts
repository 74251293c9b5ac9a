/** `kubectl create rolebinding` and `kubectl create clusterrolebinding`. */
import type { Tree, TreeMap } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import type { Flags } from '../../flags.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import { generatorCommand } from './generator.ts'

const GROUP = 'rbac.authorization.k8s.io'

export function serviceAccountSubject(text: string): Tree | Refusal {
  const [namespace, name, ...rest] = text.split(':')
  if (!namespace || !name || rest.length > 0) return refuse('serviceaccount must be <namespace>:<name>')
  return { kind: 'ServiceAccount', name, namespace }
}

export const userSubject = (name: string): TreeMap => ({ kind: 'User', apiGroup: GROUP, name })
export const groupSubject = (name: string): TreeMap => ({ kind: 'Group', apiGroup: GROUP, name })

function subjectsOf(flags: Invocation['flags']): Tree[] | Refusal {
  const subjects: Tree[] = [...flags.list('user').map(userSubject), ...flags.list('group').map(groupSubject)]
  for (const text of flags.list('serviceaccount')) {
    const subject = serviceAccountSubject(text)
    if (isRefusal(subject)) return subject
    subjects.push(subject)
  }
  return subjects
}

const SUBJECT_FLAGS: Flags = {
  group: { kind: 'stringArray', help: 'A group to bind; may be given several times.' },
  serviceaccount: {
    kind: 'stringArray',
    help: 'A service account to bind, as namespace:name; may be given several times.',
  },
  user: { kind: 'stringArray', help: 'A user to bind; may be given several times.' },
}

function bindingOf(flags: Invocation['flags'], name: string, kind: string, role: string): TreeMap | Refusal {
  const subjects = subjectsOf(flags)
  return isRefusal(subjects)
    ? subjects
    : { metadata: { name }, subjects, roleRef: { apiGroup: GROUP, kind, name: role } }
}

export const createRoleBinding = generatorCommand({
  name: 'rolebinding',
  usage:
    'NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Create a role binding for a particular role or cluster role',
  examples: ['kubectl create rolebinding readers --role=reader --user=mia'],
  flags: {
    ...SUBJECT_FLAGS,
    clusterrole: { kind: 'string', help: 'The ClusterRole to bind.' },
    role: { kind: 'string', help: 'The Role to bind.' },
  },
  generator: {
    apiVersion: `${GROUP}/v1`,
    kind: 'RoleBinding',
    plural: 'rolebindings',
    namespaced: true,
    failure: 'failed to create rolebinding: ',
    object: ({ flags }, name) => {
      const [role, clusterRole] = [flags.text('role'), flags.text('clusterrole')]
      if (Boolean(role) === Boolean(clusterRole)) return refuse('exactly one of clusterrole or role must be specified')
      return role ? bindingOf(flags, name, 'Role', role) : bindingOf(flags, name, 'ClusterRole', clusterRole)
    },
  },
})

export const createClusterRoleBinding = generatorCommand({
  name: 'clusterrolebinding',
  usage:
    'NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Create a cluster role binding for a particular cluster role',
  examples: ['kubectl create clusterrolebinding admins --clusterrole=cluster-admin --group=dev'],
  flags: { ...SUBJECT_FLAGS, clusterrole: { kind: 'string', required: true, help: 'The ClusterRole to bind.' } },
  generator: {
    apiVersion: `${GROUP}/v1`,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
    failure: 'failed to create clusterrolebinding: ',
    object: ({ flags }, name) => bindingOf(flags, name, 'ClusterRole', flags.text('clusterrole')),
  },
})
