/** `kubectl apply view-last-applied`, `set-last-applied`, `edit-last-applied`: the note that apply leaves on each object. */
import { goJsonOf } from '../../../std/go-value.ts'
import { isMap, type TreeMap, treeAt, withoutKey, withTreeAt } from '../../../std/tree.ts'
import { formatYaml } from '../../../std/yaml.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { typeThenNames } from '../../complete-values.ts'
import { ALL_FLAG, changeFlags, SELECTOR_FLAG } from '../../flag-groups.ts'
import { dryRunOf, dryRunSuffix, printerFor } from '../../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { ask, say } from '../../session.ts'
import { mergeDiff } from '../../strategic-diff.ts'
import { FILENAME_FLAGS, findObjects, getTarget, type Target, targetPath } from '../../targets.ts'
import { LAST_APPLIED } from '../create/generator.ts'

const noteOf = (object: TreeMap): string | undefined => {
  const text = treeAt(object, 'metadata', 'annotations', LAST_APPLIED)
  return typeof text === 'string' ? text : undefined
}

const missingNote = (name: string): Refusal =>
  refuse(`no last-applied-configuration annotation found on resource: ${name}`)

function view(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const output = flags.text('output')
  const found = findObjects(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: flags.text('selector'),
    all: flags.on('all'),
    typeMeansAll: flags.on('all'),
    latest: true,
  })
  if (isRefusal(found)) return found
  const texts: string[] = []
  for (const { object, name } of found.targets) {
    const note = noteOf(object)
    if (note === undefined) return missingNote(name)
    texts.push(note)
  }
  if (found.refusals.length > 0) return severalRefusals(found.refusals)
  for (const [index, text] of texts.entries()) {
    const value = JSON.parse(text) as TreeMap
    if (output === 'json') say(session, `${goJsonOf(value, { indent: '  ', keepOrder: true })}\n`)
    else if (output === 'yaml') say(session, (index > 0 ? '---\n' : '') + formatYaml(value))
    else
      return refuse(
        `Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json\nSee 'kubectl apply view-last-applied -h' for help and examples`,
      )
  }
  return undefined
}

export const viewLastApplied: Command = {
  name: 'view-last-applied',
  usage: '(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  short: 'View the latest last-applied-configuration annotations of a resource/object',
  examples: ['kubectl apply view-last-applied deployment/web'],
  flags: {
    ...ALL_FLAG,
    ...FILENAME_FLAGS('A file, directory or - that names the objects.'),
    output: { kind: 'string', short: 'o', default: 'yaml', help: 'How to print: json or yaml.' },
    ...SELECTOR_FLAG,
  },
  run: view,
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}

function setNote(
  invocation: Invocation,
  target: Target,
  printed: (object: TreeMap) => Refusal | undefined,
): Refusal | undefined {
  const { flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const live = getTarget(session, target)
  if (isRefusal(live)) return live
  if (noteOf(live) === undefined && !flags.on('create-annotation'))
    return refuse(
      `no last-applied-configuration annotation found on resource: ${target.name}, to create the annotation, run the command with --create-annotation`,
    )
  const metadata = target.object.metadata as TreeMap
  const annotations = isMap(metadata.annotations) ? withoutKey(metadata.annotations, LAST_APPLIED) : {}
  const text = `${goJsonOf({ ...target.object, metadata: { ...metadata, annotations } })}\n`
  const patch = mergeDiff(live, withTreeAt(live, ['metadata', 'annotations', LAST_APPLIED], text) as TreeMap)
  if (Object.keys(patch).length === 0 || dryRun === 'client') return printed(live)
  const patched = ask(session, {
    method: 'PATCH',
    path: targetPath(target),
    query: { ...(dryRun === 'server' && { dryRun: 'All' }) },
    contentType: 'application/merge-patch+json',
    body: patch,
  })
  return isRefusal(patched) ? patched : printed(patched)
}

function set(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const found = findObjects(session, { args, filenames: flags.list('filename') })
  if (isRefusal(found)) return found
  const printer = printerFor(session, flags, { operation: `configured${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  const refusals = found.targets.map((target) => setNote(invocation, target, printer.print)).filter(isRefusal)
  return severalRefusals([...refusals, ...found.refusals])
}

export const setLastApplied: Command = {
  name: 'set-last-applied',
  usage: '-f FILENAME',
  short: 'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  examples: ['kubectl apply set-last-applied -f deployment.yaml'],
  flags: {
    ...changeFlags('kubectl-client-side-apply'),
    'create-annotation': { kind: 'bool', help: 'Make the annotation where there is none.' },
    filename: { kind: 'stringSlice', short: 'f', help: 'A file, directory or - with the objects.' },
  },
  run: set,
}

export const editLastApplied: Command = {
  name: 'edit-last-applied',
  usage: '(RESOURCE/NAME | -f FILENAME)',
  short: 'Edit latest last-applied-configuration annotations of a resource/object',
  examples: ['kubectl apply edit-last-applied deployment/web'],
  flags: {
    ...changeFlags('kubectl-client-side-apply'),
    ...FILENAME_FLAGS('A file, directory or - that names the objects.'),
    validate: { kind: 'string', default: 'strict', alone: 'strict', help: 'How to treat unknown and doubled fields.' },
    'windows-line-endings': { kind: 'bool', help: 'End lines as Windows does.' },
  },
  run: ({ args, flags, session }) => {
    const found = findObjects(session, { args, filenames: flags.list('filename'), latest: true })
    if (isRefusal(found)) return found
    return found.refusals[0] ?? refuse('edit-last-applied is not modelled: use set-last-applied with a file')
  },
}
