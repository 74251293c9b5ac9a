/**
 * `kubectl scale`: how many Pods a controller is to keep.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/scale, pkg/scale
 */
import { treeAt, withTreeAt } from '../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../command.ts'
import { ALL_FLAG, RECORD_FLAG, SELECTOR_FLAG } from '../flag-groups.ts'
import { DRY_RUN_FLAG, type DryRun, dryRunOf, dryRunSuffix, PRINT_FLAGS, printerFor } from '../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../refusal.ts'
import { ask, type Session } from '../session.ts'
import { FILENAME_FLAGS, findObjects, type Target, targetPath } from '../targets.ts'

/** Scales only when what is there is what was expected. */
function scaleChecked(
  { flags, session }: Invocation,
  target: Target,
  replicas: number,
  dryRun: DryRun,
): Refusal | undefined {
  const path = targetPath(target, 'scale')
  const scale = ask(session, { method: 'GET', path })
  if (isRefusal(scale)) return scale
  const current = Number(treeAt(scale, 'spec', 'replicas') ?? 0)
  const expected = flags.number('current-replicas')
  if (expected !== -1 && expected !== current) return refuse(`Expected replicas to be ${expected}, was ${current}`)
  const version = flags.text('resource-version')
  const actual = String(treeAt(scale, 'metadata', 'resourceVersion') ?? '')
  if (version && version !== actual) return refuse(`Expected resource version to be ${version}, was ${actual}`)
  const changed = ask(session, {
    method: 'PUT',
    path,
    query: { ...(dryRun === 'server' && { dryRun: 'All' }) },
    body: withTreeAt(scale, ['spec', 'replicas'], replicas),
  })
  return isRefusal(changed) ? changed : undefined
}

function scaleOne(invocation: Invocation, target: Target, replicas: number, dryRun: DryRun): Refusal | undefined {
  const { flags, session } = invocation
  if (dryRun === 'client') return undefined
  if (flags.number('current-replicas') !== -1 || flags.text('resource-version'))
    return scaleChecked(invocation, target, replicas, dryRun)
  const patched = ask(session, {
    method: 'PATCH',
    path: targetPath(target, 'scale'),
    query: { ...(dryRun === 'server' && { dryRun: 'All' }) },
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas } },
  })
  return isRefusal(patched) ? patched : undefined
}

interface Awaited {
  readonly paths: readonly string[]
  readonly until: number
}

const isScaled = (session: Session, path: string): boolean | Refusal => {
  const scale = ask(session, { method: 'GET', path })
  return isRefusal(scale) ? scale : treeAt(scale, 'spec', 'replicas') === treeAt(scale, 'status', 'replicas')
}

function waitOn({ session }: Invocation, { paths, until }: Awaited): Ending {
  const left: string[] = []
  for (const path of paths) {
    const scaled = isScaled(session, path)
    if (isRefusal(scaled)) return scaled
    if (!scaled) left.push(path)
  }
  if (left.length === 0) return undefined
  return session.client.now >= until
    ? refuse('timed out waiting for the condition')
    : goOn({ awaited: { paths: left, until } } as unknown as Progress)
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const replicas = flags.number('replicas')
  if (flags.on('all') && flags.text('selector')) return refuse('cannot set --all and --selector at the same time')
  if (replicas < 0) return refuse('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
  if (flags.number('current-replicas') < -1)
    return refuse('The --current-replicas must specify an integer of -1 or greater')
  const printer = printerFor(session, flags, { operation: `scaled${dryRunSuffix(dryRun)}` })
  if (isRefusal(printer)) return printer
  const found = findObjects(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: flags.text('selector'),
    all: flags.on('all'),
  })
  if (isRefusal(found)) return found
  if (flags.text('resource-version') && found.targets.length > 1)
    return refuse('cannot use --resource-version with multiple resources')
  if (found.targets.length === 0 && found.refusals.length === 0) return refuse('no objects passed to scale')
  const scaled: string[] = []
  for (const target of found.targets) {
    const refusal = scaleOne(invocation, target, replicas, dryRun) ?? printer.print(target.object)
    if (refusal) return refusal
    scaled.push(targetPath(target, 'scale'))
  }
  const all = severalRefusals(found.refusals)
  if (all || flags.number('timeout') === 0 || dryRun !== 'none') return all
  return waitOn(invocation, { paths: scaled, until: session.client.now + flags.number('timeout') })
}

export const scaleCommand: Command = {
  name: 'scale',
  usage: '[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  short: 'Set a new size for a deployment, replica set, or replication controller',
  group: 'Deploy Commands',
  help: 'Say how many Pods a deployment, replica set, replication controller or stateful set is to have.',
  examples: [
    'kubectl scale deployment web --replicas=3',
    'kubectl scale deployment web --current-replicas=3 --replicas=5',
  ],
  flags: {
    ...ALL_FLAG,
    'current-replicas': { kind: 'int', default: '-1', help: 'Only if it has this many now; -1 however many it has.' },
    ...DRY_RUN_FLAG,
    ...PRINT_FLAGS,
    ...FILENAME_FLAGS('A file, directory or - with the objects to scale.'),
    ...RECORD_FLAG,
    replicas: { kind: 'int', required: true, help: 'How many Pods there are to be.' },
    'resource-version': { kind: 'string', help: 'Only if the object still has this version.' },
    ...SELECTOR_FLAG,
    timeout: { kind: 'duration', default: '0s', help: 'How long to wait until it has that many; 0 not at all.' },
  },
  run,
  follow: (invocation, progress) => waitOn(invocation, (progress as { awaited: Awaited }).awaited),
}
