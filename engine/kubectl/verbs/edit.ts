/**
 * `kubectl edit`: the object in an editor, and what was changed there sent as a patch. The editor is another program at the same
 * terminal: this command ends for the moment with the wish to run it, and goes on when it has ended.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/util/editor. Left out: opening the editor again after a mistake.
 */
import { kindOfObject } from '../../api/schema-table.ts'
import { goJsonOf } from '../../std/go-value.ts'
import { isMap, sameTree, type TreeMap, treeAt, withoutKey } from '../../std/tree.ts'
import { formatYaml, parseYaml } from '../../std/yaml.ts'
import type { Command, EndedProgram, Ending, Invocation, Progress } from '../command.ts'
import { typeThenNames } from '../complete-values.ts'
import { SUBRESOURCE_FLAG } from '../flag-groups.ts'
import { absolutePath, readFile } from '../paths.ts'
import { PRINT_FLAGS, printerFor } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, refuseBare, severalRefusals } from '../refusal.ts'
import { ask, say } from '../session.ts'
import { mergeDiff, twoWayPatch } from '../strategic-diff.ts'
import { FILENAME_FLAGS, findObjects, type Target, targetPath } from '../targets.ts'
import { fieldManagerFlag, managerOf, SAVE_CONFIG_FLAG, VALIDATE_FLAG } from './create/generator.ts'

interface Editing {
  readonly targets: readonly Target[]
  readonly file: string
}

const HEADER =
  '# Edit the object below and save it. Lines with # in front are left out; an empty file ends without a change.\n#\n'

const editorOf = ({ env }: Invocation['session']['client']): string => env.KUBE_EDITOR || env.EDITOR || 'vi'

const shownObject = ({ flags }: Invocation, object: TreeMap): TreeMap => {
  const metadata = treeAt(object, 'metadata')
  return isMap(metadata) && !flags.on('show-managed-fields')
    ? { ...object, metadata: withoutKey(metadata, 'managedFields') }
    : object
}

function documentOf(invocation: Invocation, targets: readonly Target[]): string {
  const objects = targets.map(({ object }) => shownObject(invocation, object))
  const shown: TreeMap =
    objects.length === 1 ? objects[0]! : { apiVersion: 'v1', items: objects, kind: 'List', metadata: {} }
  return invocation.flags.text('output') === 'json'
    ? `${HEADER}${goJsonOf(shown, { indent: '    ' })}\n`
    : HEADER + formatYaml(shown)
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const found = findObjects(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    typeMeansAll: true,
    latest: true,
  })
  if (isRefusal(found)) return found
  const refusal = severalRefusals(found.refusals)
  if (refusal) return refusal
  if (!['', 'yaml', 'json'].includes(flags.text('output'))) return refuse(`The flag 'output' must be one of yaml|json`)
  if (found.targets.length === 0) return refuseBare('edit cancelled, no objects found')
  const file = `/tmp/kubectl-edit-${found.targets[0]!.name}.yaml`
  session.client.files.write(absolutePath(session.client, file), documentOf(invocation, found.targets))
  return {
    goesOn: { targets: found.targets, file } as unknown as Progress,
    lookAgainAfter: 1000,
    runs: [...editorOf(session.client).split(' '), file],
  }
}

/** The objects as they were saved. */
function editedObjects(text: string, count: number): readonly TreeMap[] | Refusal {
  const parsed = parseYaml(text)
  if (!parsed.ok)
    return refuse(`The edited file had a syntax error: yaml: line ${parsed.problem.line}: ${parsed.problem.message}`)
  if (!isMap(parsed.value)) return []
  if (count === 1) return [parsed.value]
  const items = treeAt(parsed.value, 'items')
  return Array.isArray(items) ? (items as readonly TreeMap[]) : []
}

function sendEdit(invocation: Invocation, target: Target, edited: TreeMap): Refusal | undefined {
  const { flags, session } = invocation
  const before = shownObject(invocation, target.object)
  if (edited.kind !== before.kind || treeAt(edited, 'metadata', 'name') !== target.name)
    return refuse('At least one of apiVersion, kind and name was changed')
  const type = kindOfObject(String(edited.apiVersion), String(edited.kind))?.type
  const patch = type ? twoWayPatch(before, edited, type) : mergeDiff(before, edited)
  const patched = ask(session, {
    method: 'PATCH',
    path: targetPath(target, flags.text('subresource') || undefined),
    query: managerOf(flags),
    contentType: type ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json',
    body: patch,
  })
  if (isRefusal(patched)) return patched
  if (flags.on('output-patch')) say(session, `Patch: ${goJsonOf(patch)}\n`)
  const printer = printerFor(session, flags, { operation: 'edited' })
  return isRefusal(printer) ? printer : printer.print(patched)
}

function follow(invocation: Invocation, progress: Progress, ended?: EndedProgram): Ending {
  const { session } = invocation
  const { targets, file } = progress as unknown as Editing
  if (!ended) return { goesOn: progress, lookAgainAfter: 1000 }
  if (ended.code !== 0) return refuse(`there was a problem with the editor ${JSON.stringify(editorOf(session.client))}`)
  const text = readFile(session.client, file)
  session.client.files.remove(absolutePath(session.client, file))
  const edited = editedObjects(typeof text === 'string' ? text : '', targets.length)
  if (isRefusal(edited)) return edited
  const changed = targets.flatMap((target, index) => {
    const object = edited[index]
    return object && !sameTree(object, shownObject(invocation, target.object)) ? [[target, object] as const] : []
  })
  if (changed.length === 0) {
    say(session, 'Edit cancelled, no changes made.\n')
    return undefined
  }
  return severalRefusals(
    changed.map(([target, object]) => sendEdit(invocation, target, object)).filter((refusal) => refusal !== undefined),
  )
}

export const editCommand: Command = {
  name: 'edit',
  usage: '(RESOURCE/NAME | -f FILENAME)',
  short: 'Edit a resource on the server',
  group: 'Basic Commands (Intermediate)',
  help: 'Open an object in the editor that KUBE_EDITOR or EDITOR names, and send what was changed.',
  examples: ['kubectl edit deployment/web', "KUBE_EDITOR='nano' kubectl edit service/web"],
  flags: {
    ...PRINT_FLAGS,
    ...fieldManagerFlag('kubectl-edit'),
    ...FILENAME_FLAGS('Files that name the objects to edit.'),
    'output-patch': { kind: 'bool', help: 'Show the patch as well.' },
    ...SAVE_CONFIG_FLAG,
    ...SUBRESOURCE_FLAG,
    ...VALIDATE_FLAG,
    'windows-line-endings': { kind: 'bool', help: 'End lines as Windows does.' },
  },
  run,
  follow,
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}
