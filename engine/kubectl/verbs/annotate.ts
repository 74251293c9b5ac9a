/** `kubectl annotate`: sets and removes annotations. */
import { isMap, sortedKeysOf, type Tree, type TreeMap, withoutKey, withTreeAt } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { typeThenNames } from '../complete-values.ts'
import {
  ALL_FLAG,
  ALL_NAMESPACES_FLAG,
  changeFlags,
  FIELD_SELECTOR_FLAG,
  LOCAL_FLAG,
  RECORD_FLAG,
  SELECTOR_FLAG,
} from '../flag-groups.ts'
import { type Changes, parsePairs, splitPairs } from '../pairs.ts'
import { type DryRun, dryRunOf, dryRunSuffix, type Printer, printerFor } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../refusal.ts'
import { ask, say } from '../session.ts'
import { mergeDiff } from '../strategic-diff.ts'
import { FILENAME_FLAGS, planTargets, type Target, targetPath, visitObjects } from '../targets.ts'
import { managerOf } from './create/generator.ts'

const CHANGE_CAUSE = 'kubernetes.io/change-cause'

export const annotationsOf = (object: TreeMap): TreeMap => {
  const metadata = object.metadata
  return isMap(metadata) && isMap(metadata.annotations) ? metadata.annotations : {}
}

function overwriteProblem(object: TreeMap, set: Changes['set']): Refusal | undefined {
  const annotations = annotationsOf(object)
  const taken = Object.keys(set).filter(
    (key) => key !== CHANGE_CAUSE && key in annotations && annotations[key] !== set[key],
  )
  const texts = taken.map((key) => `'${key}' already has a value (${String(annotations[key])})`)
  return taken.length > 0
    ? refuse(`--overwrite is false but found the following declared annotation(s): ${texts.join('; ')}`)
    : undefined
}

function annotated(object: TreeMap, { set, remove }: Changes, version: string): TreeMap {
  const annotations: Record<string, Tree> = { ...annotationsOf(object), ...set }
  for (const key of remove) delete annotations[key]
  const changed = withTreeAt(object, ['metadata', 'annotations'], annotations) as TreeMap
  return version ? (withTreeAt(changed, ['metadata', 'resourceVersion'], version) as TreeMap) : changed
}

function listAnnotations({ session }: Invocation, target: Target, object: TreeMap, single: boolean): void {
  const annotations = annotationsOf(object)
  if (!single)
    say(session, `Listing annotations for ${target.resource.kind}.${target.resource.group}/${target.name}:\n`)
  for (const key of sortedKeysOf(annotations)) say(session, `${single ? '' : ' '}${key}=${String(annotations[key])}\n`)
}

function annotateOne(
  invocation: Invocation,
  target: Target,
  changes: Changes,
  dryRun: DryRun,
  single: boolean,
  printer: Printer,
): Refusal | undefined {
  const { flags, session } = invocation
  const version = flags.text('resource-version')
  const problem = flags.on('overwrite') ? undefined : overwriteProblem(target.object, changes.set)
  if (problem) return problem
  const object = annotated(target.object, changes, version)
  if (flags.on('list')) {
    listAnnotations(invocation, target, object, single)
    return undefined
  }
  if (dryRun === 'client' || flags.on('local')) return printer.print(object)
  const before = version
    ? { ...target.object, metadata: withoutKey(target.object.metadata as TreeMap, 'resourceVersion') }
    : target.object
  const patched = ask(session, {
    method: 'PATCH',
    path: targetPath(target),
    query: { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags) },
    contentType: 'application/merge-patch+json',
    body: mergeDiff(before, object),
  })
  return isRefusal(patched) ? patched : printer.print(patched)
}

function problemWith(
  { flags }: Invocation,
  resources: readonly string[],
  changes: Changes,
  dryRun: DryRun,
): Refusal | undefined {
  const hasFiles = flags.list('filename').length > 0 || flags.text('kustomize') !== ''
  if (flags.on('list') && flags.text('output')) return refuse('--list and --output may not be specified together')
  if (flags.on('all') && flags.text('selector')) return refuse('cannot set --all and --selector at the same time')
  if (flags.on('all') && flags.text('field-selector'))
    return refuse('cannot set --all and --field-selector at the same time')
  if (!flags.on('local') && resources.length === 0 && !hasFiles)
    return refuse('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  if (flags.on('local')) {
    if (dryRun === 'server')
      return refuse('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
    if (resources.length > 0)
      return refuse('can only use local files by -f rsrc.yaml or --filename=rsrc.json when --local=true is set')
    if (!hasFiles) return refuse('one or more files must be specified as -f rsrc.yaml or --filename=rsrc.json')
  }
  if (Object.keys(changes.set).length + changes.remove.length === 0 && !flags.on('list'))
    return refuse('at least one annotation update is required')
  const both = changes.remove.filter((key) => key in changes.set)
  return both.length > 0
    ? refuse(`can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`)
    : undefined
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const split = splitPairs(args, 'annotation')
  if (isRefusal(split)) return split
  const changes = parsePairs(split.pairs, 'annotation', true)
  if (isRefusal(changes)) return changes
  const problem = problemWith(invocation, split.resources, changes, dryRun)
  if (problem) return problem
  const printer = printerFor(session, flags, { operation: `annotated${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  const plan = planTargets(session, {
    args: split.resources,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: flags.text('selector'),
    fieldSelector: flags.text('field-selector'),
    all: flags.on('all'),
    allNamespaces: flags.on('all-namespaces'),
    local: flags.on('local'),
  })
  if (isRefusal(plan)) return plan
  const single = plan.is === 'targets' && plan.single
  if (flags.text('resource-version') && !single)
    return refuse('--resource-version may only be used with a single resource')
  const local = flags.on('local')
  return severalRefusals(
    visitObjects(session, plan, { local, latest: !local }, (target) =>
      annotateOne(invocation, target, changes, dryRun, single, printer),
    ),
  )
}

export const annotateCommand: Command = {
  name: 'annotate',
  usage: '[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the annotations on a resource',
  group: 'Settings Commands',
  examples: ['kubectl annotate pods web note=hello', 'kubectl annotate pods web note-'],
  flags: {
    ...ALL_FLAG,
    ...ALL_NAMESPACES_FLAG,
    ...changeFlags('kubectl-annotate'),
    ...FIELD_SELECTOR_FLAG,
    ...FILENAME_FLAGS('A file, directory or - with the objects to annotate.'),
    list: { kind: 'bool', help: 'Show the annotations.' },
    ...LOCAL_FLAG,
    overwrite: { kind: 'bool', help: 'Replace annotations that have another value.' },
    ...RECORD_FLAG,
    'resource-version': { kind: 'string', help: 'Only if the object still has this version.' },
    ...SELECTOR_FLAG,
  },
  run,
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}
