/** What the commands of `rollout` share: which objects they are about, and the flags that say so. */
import type { TreeMap } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import { typeThenNames } from '../../complete-values.ts'
import type { Resource } from '../../discovery.ts'
import { SELECTOR_FLAG } from '../../flag-groups.ts'
import type { Flags } from '../../flags.ts'
import { type Refusal, refuse } from '../../refusal.ts'
import { complain } from '../../session.ts'
import { FILENAME_FLAGS, type Found, findObjects, namespaceOf } from '../../targets.ts'

export const ROLLOUT_FLAGS: Flags = {
  ...FILENAME_FLAGS('Files, directories or addresses that name the objects.'),
  ...SELECTOR_FLAG,
}

/** What typed clients outside of the generators accept. */
export const ACCEPT_ANY = 'application/json, */*'

export function missingResource({ args, flags }: Invocation): Refusal | undefined {
  const named = args.length > 0 || flags.list('filename').length > 0 || flags.text('kustomize') !== ''
  return named ? undefined : refuse('required resource not specified')
}

export const findRollouts = ({ args, flags, session }: Invocation): Found | Refusal =>
  findObjects(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: flags.text('selector'),
    typeMeansAll: true,
    latest: true,
    question: { accept: ACCEPT_ANY },
  })

export const sayNothingFound = ({ session }: Invocation): void =>
  complain(session, `No resources found in ${namespaceOf(session)} namespace.\n`)

/** `Deployment.apps` */
export const groupKind = ({ kind, group }: Resource): string => (group ? `${kind}.${group}` : kind)

export const completeRollout =
  (kinds: readonly string[]) =>
  (invocation: Invocation, prefix: string): readonly string[] =>
    invocation.args.length === 0 && !prefix.includes('/')
      ? kinds.filter((kind) => kind.startsWith(prefix))
      : typeThenNames(invocation, prefix).words

export const withKindOf = (object: TreeMap, resource: Resource): TreeMap => ({
  apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version,
  kind: resource.kind,
  ...object,
})
