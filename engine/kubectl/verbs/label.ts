/** `kubectl label`: sets and removes labels. */
import { isMap, sortedKeysOf, type Tree, type TreeMap, withTreeAt } from '../../std/tree.ts'
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
import { type Changes, parseLabels, splitPairs } from '../pairs.ts'
import { type DryRun, dryRunOf, dryRunSuffix, printerFor } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../refusal.ts'
import { ask, say } from '../session.ts'
import { mergeDiff } from '../strategic-diff.ts'
import { FILENAME_FLAGS, planTargets, type Target, targetPath, visitObjects } from '../targets.ts'
import { managerOf } from './create/generator.ts'

export const labelsOf = (object: TreeMap): TreeMap => {
  const metadata = object.metadata
  return isMap(metadata) && isMap(metadata.labels) ? metadata.labels : {}
}

interface Labelled {
  readonly object: TreeMap
  readonly message: string
  readonly missing: readonly string[]
}

function overwriteProblem(object: TreeMap, set: Changes['set']): Refusal | undefined {
  const labels = labelsOf(object)
  const taken = Object.keys(set).filter((key) => key in labels && labels[key] !== set[key])
  return severalRefusals(
    taken.map((key) => refuse(`'${key}' already has a value (${String(labels[key])}), and --overwrite is false`)),
  )
}

function applyLabels(object: TreeMap, { set, remove }: Changes): Labelled {
  const before = labelsOf(object)
  const after: Record<string, Tree> = { ...before }
  const added = Object.keys(set).filter((key) => before[key] !== set[key])
  for (const key of Object.keys(set)) after[key] = set[key]!
  const removed = remove.filter((key) => key in before)
  for (const key of removed) delete after[key]
  const changed = added.length > 0 || removed.length > 0
  const message =
    added.length > 0 && removed.length > 0
      ? 'modified'
      : added.length > 0
        ? 'labeled'
        : removed.length > 0
          ? 'unlabeled'
          : 'not labeled'
  const result =
    changed || Object.keys(before).length > 0 ? (withTreeAt(object, ['metadata', 'labels'], after) as TreeMap) : object
  return { object: result, message, missing: remove.filter((key) => !(key in before)) }
}

function listLabels({ session }: Invocation, target: Target, single: boolean): void {
  const labels = labelsOf(target.object)
  if (!single) say(session, `Listing labels for ${target.resource.kind}.${target.resource.group}/${target.name}:\n`)
  for (const key of sortedKeysOf(labels)) say(session, `${single ? '' : ' '}${key}=${String(labels[key])}\n`)
}

function labelOne(
  invocation: Invocation,
  target: Target,
  changes: Changes,
  dryRun: DryRun,
  single: boolean,
): Refusal | undefined {
  const { flags, session } = invocation
  const here = dryRun === 'client' || flags.on('local') || flags.on('list')
  const version = flags.text('resource-version')
  const bare = version
    ? (withTreeAt(target.object, ['metadata', 'resourceVersion'], version) as TreeMap)
    : target.object
  const labelled = applyLabels(target.object, changes)
  if (!here) for (const key of labelled.missing) say(session, `label "${key}" not found.\n`)
  const problem = flags.on('overwrite') ? undefined : overwriteProblem(target.object, changes.set)
  if (problem) return problem
  if (flags.on('list')) {
    listLabels(invocation, { ...target, object: labelled.object }, single)
    return undefined
  }
  const shown = version
    ? (withTreeAt(labelled.object, ['metadata', 'resourceVersion'], version) as TreeMap)
    : labelled.object
  if (!here && labelled.message !== 'not labeled') {
    const before = version
      ? { ...bare, metadata: { ...(target.object.metadata as TreeMap), resourceVersion: '' } }
      : target.object
    const patched = ask(session, {
      method: 'PATCH',
      path: targetPath(target),
      query: { ...(dryRun === 'server' && { dryRun: 'All' }), ...managerOf(flags) },
      contentType: 'application/merge-patch+json',
      body: mergeDiff(before, shown),
    })
    if (isRefusal(patched)) return patched
  }
  const printer = printerFor(session, flags, { operation: `${labelled.message}${dryRunSuffix(dryRun)}` })
  return isRefusal(printer) ? printer : printer.print(shown)
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
  if (flags.on('local')) {
    if (dryRun === 'server')
      return refuse('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
    if (resources.length > 0)
      return refuse('can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set')
    if (!hasFiles) return refuse('one or more files must be specified as -f pod.yaml or --filename=pod.json')
  } else if (resources.length === 0 && !hasFiles)
    return refuse('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  const count = Object.keys(changes.set).length + changes.remove.length
  return count === 0 && !flags.on('list') ? refuse('at least one label update is required') : undefined
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const split = splitPairs(args, 'label')
  if (isRefusal(split)) return split
  const changes = parseLabels(split.pairs)
  if (isRefusal(changes)) return changes
  const problem = problemWith(invocation, split.resources, changes, dryRun)
  if (problem) return problem
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
      labelOne(invocation, target, changes, dryRun, single),
    ),
  )
}

export const labelCommand: Command = {
  name: 'label',
  usage: '[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  short: 'Update the labels on a resource',
  group: 'Settings Commands',
  examples: ['kubectl label pods web tier=front', 'kubectl label pods web tier-'],
  flags: {
    ...ALL_FLAG,
    ...ALL_NAMESPACES_FLAG,
    ...changeFlags('kubectl-label'),
    ...FIELD_SELECTOR_FLAG,
    ...FILENAME_FLAGS('A file, directory or - with the objects to label.'),
    list: { kind: 'bool', help: 'Show the labels.' },
    ...LOCAL_FLAG,
    overwrite: { kind: 'bool', help: 'Replace labels that have another value.' },
    ...RECORD_FLAG,
    'resource-version': { kind: 'string', help: 'Only if the object still has this version.' },
    ...SELECTOR_FLAG,
  },
  run,
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}
