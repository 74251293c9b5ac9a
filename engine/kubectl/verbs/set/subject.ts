/** `kubectl set subject`: adds users, groups and service accounts to a binding. */
import { isList, sameTree, type Tree, type TreeMap } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { ALL_FLAG, changeFlags, LOCAL_FLAG, SELECTOR_FLAG } from '../../flag-groups.ts'
import { dryRunOf, printerFor } from '../../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { FILENAME_FLAGS, namespaceOf, type Target } from '../../targets.ts'
import { groupSubject, userSubject } from '../create/role-binding.ts'
import { changeObjects, findTyped, LOCAL_ARGUMENTS } from './change.ts'

const uniqueSorted = (list: readonly string[]): readonly string[] => [...new Set(list)].sort()

const asSubject = (subject: TreeMap): TreeMap => subject

function subjectsOf({ flags, session }: Invocation): readonly TreeMap[] {
  const accounts = uniqueSorted(flags.list('serviceaccount')).map((text) => {
    const [namespace = '', name = ''] = text.split(':')
    return { kind: 'ServiceAccount', name, namespace: namespace || namespaceOf(session) }
  })
  return [
    ...uniqueSorted(flags.list('user')).map(userSubject),
    ...uniqueSorted(flags.list('group')).map(groupSubject),
    ...accounts,
  ].map(asSubject)
}

function problemWith({ flags }: Invocation, targets: readonly Target[]): Refusal | undefined {
  if (flags.on('all') && flags.text('selector')) return refuse('cannot set --all and --selector at the same time')
  const accounts = flags.list('serviceaccount')
  if (flags.list('user').length + flags.list('group').length + accounts.length === 0)
    return refuse('you must specify at least one value of user, group or serviceaccount')
  for (const account of accounts) {
    const [namespace, name, ...rest] = account.split(':')
    if (!name || rest.length > 0) return refuse('serviceaccount must be <namespace>:<name>')
    if (!namespace && targets.some(({ resource }) => resource.kind === 'ClusterRoleBinding'))
      return refuse('serviceaccount must be <namespace>:<name>, namespace must be specified')
  }
  return undefined
}

function withSubjects(object: TreeMap, added: readonly TreeMap[]): TreeMap | Refusal | undefined {
  if (!/RoleBinding$/.test(String(object.kind)))
    return refuse('setting subjects is only supported for RoleBinding/ClusterRoleBinding')
  const before = isList(object.subjects) ? object.subjects : []
  const fresh: readonly Tree[] = added.filter((subject) => !before.some((known) => sameTree(known, subject)))
  return fresh.length === 0 ? undefined : { ...object, subjects: [...before, ...fresh] }
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const printer = printerFor(session, flags)
  if (isRefusal(printer)) return printer
  if (flags.on('local') && args.length > 0) return refuse(LOCAL_ARGUMENTS)
  const found = findTyped(invocation, args)
  if (isRefusal(found)) return found
  const problem = problemWith(invocation, found.targets)
  if (problem) return problem
  const subjects = subjectsOf(invocation)
  const refusals = changeObjects(invocation, found.targets, (object) => withSubjects(object, subjects), {
    dryRun,
    operation: 'subjects updated',
    failure: 'failed to patch subjects to rolebinding: ',
  })
  return isRefusal(refusals) ? refusals : severalRefusals(refusals)
}

export const setSubject: Command = {
  name: 'subject',
  usage:
    '(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  examples: ['kubectl set subject rolebinding readers --user=noah'],
  flags: {
    ...ALL_FLAG,
    ...changeFlags('kubectl-set'),
    ...FILENAME_FLAGS('A file, directory or - with the bindings to change.'),
    group: { kind: 'stringArray', help: 'A group to bind; may be given several times.' },
    ...LOCAL_FLAG,
    ...SELECTOR_FLAG,
    serviceaccount: {
      kind: 'stringArray',
      help: 'A service account to bind, as namespace:name; may be given several times.',
    },
    user: { kind: 'stringArray', help: 'A user to bind; may be given several times.' },
  },
  run,
}
