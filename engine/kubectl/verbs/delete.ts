/**
 * `kubectl delete`: asks for objects to end, and waits until they are gone.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/delete
 */
import { type TreeMap, treeAt } from '../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../command.ts'
import { typeThenNames } from '../complete-values.ts'
import { ALL_FLAG, ALL_NAMESPACES_FLAG, FIELD_SELECTOR_FLAG, SELECTOR_FLAG } from '../flag-groups.ts'
import { DRY_RUN_FLAG, type DryRun, dryRunOf, dryRunSuffix } from '../printers/output.ts'
import { isNotFound, isRefusal, type Refusal, refuse, severalRefusals, withContext } from '../refusal.ts'
import { ask, complain, say, type Session, warn } from '../session.ts'
import { FILENAME_FLAGS, getListing, itemsOf, type Plan, planTargets, type Target, targetOf, targetPath } from '../targets.ts'
import { cascadeProblem } from './apply.ts'
import { rawRequest } from './raw.ts'

const PROPAGATION: Readonly<Record<string, string>> = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan', true: 'Background', false: 'Orphan' }

/** Seconds to end in: -1 leaves it to the object. */
function graceOf({ flags }: Pick<Invocation, 'flags'>): number {
  if (flags.on('now')) return 1
  const grace = flags.number('grace-period')
  if (flags.on('force') && grace < 0) return 0
  return grace === 0 && !flags.on('force') ? 1 : grace
}

function problemWith({ flags }: Invocation): Refusal | undefined {
  const cascade = cascadeProblem(flags.text('cascade'))
  if (cascade) return cascade
  return flags.on('now') && flags.number('grace-period') >= 0 ? refuse('--now and --grace-period cannot be specified together') : undefined
}

function targetsOf(session: Session, plan: Plan): { readonly targets: readonly Target[]; readonly refusals: readonly Refusal[] } {
  if (plan.is === 'targets') return plan
  const targets: Target[] = []
  const refusals: Refusal[] = []
  for (const listing of plan.listings) {
    const list = getListing(session, listing)
    if (isRefusal(list)) refusals.push(list)
    else targets.push(...itemsOf(list, listing.resource).map((object) => targetOf(listing.resource, object)))
  }
  return { targets, refusals }
}

const kindText = ({ resource }: Target): string => (resource.group ? `${resource.kind.toLowerCase()}.${resource.group}` : resource.kind.toLowerCase())

function announce({ flags, session }: Invocation, target: Target, dryRun: DryRun): void {
  if (flags.text('output') === 'name') {
    say(session, `${kindText(target)}/${target.name}\n`)
    return
  }
  const operation = graceOf({ flags }) === 0 ? 'force deleted' : 'deleted'
  const from = target.namespace ? ` from ${target.namespace} namespace` : ''
  say(session, `${kindText(target)} "${target.name}" ${operation}${from}${dryRunSuffix(dryRun)}\n`)
}

function deleteOne(invocation: Invocation, target: Target, dryRun: DryRun): TreeMap | Refusal {
  const { flags, session } = invocation
  if (dryRun === 'client') return {}
  const grace = graceOf(invocation)
  const deleted = ask(session, {
    method: 'DELETE',
    path: targetPath(target),
    contentType: 'application/json',
    body: {
      ...(grace >= 0 && { gracePeriodSeconds: grace }),
      propagationPolicy: PROPAGATION[flags.text('cascade')]!,
      ...(dryRun === 'server' && { dryRun: ['All'] }),
    },
  })
  return isRefusal(deleted) && target.source ? withContext(deleted, `error when deleting "${target.source}": `) : deleted
}

/** What is still waited for. */
interface Awaited {
  readonly path: string
  readonly name: string
  readonly uid: string
}

interface Waiting {
  readonly awaited: readonly Awaited[]
  readonly until: number
}

const uidOf = (answer: TreeMap): string => {
  const uid = treeAt(answer, 'metadata', 'uid') ?? treeAt(answer, 'details', 'uid')
  return typeof uid === 'string' ? uid : ''
}

/** Objects that are still there with the same uid. */
function stillThere(session: Session, awaited: readonly Awaited[]): readonly Awaited[] | Refusal {
  const left: Awaited[] = []
  for (const one of awaited) {
    const object = ask(session, { method: 'GET', path: one.path })
    if (isRefusal(object) && !isNotFound(object)) return object
    if (isRefusal(object) || (one.uid && uidOf(object) !== one.uid)) continue
    left.push(one)
  }
  return left
}

function waitOn({ session }: Invocation, { awaited, until }: Waiting): Ending {
  const left = stillThere(session, awaited)
  if (isRefusal(left)) return left
  if (left.length === 0) return undefined
  if (session.client.now >= until) return severalRefusals(left.map(({ name }) => refuse(`timed out waiting for the condition on ${name}`)))
  return goOn({ waiting: { awaited: left, until } } as unknown as Progress, Math.min(1000, until - session.client.now))
}

const FOREVER = 7 * 24 * 3_600_000

/** Lists what would go and takes `y` for yes. */
function confirmed({ flags, session }: Invocation, targets: readonly Target[]): boolean {
  if (!flags.on('interactive') || targets.length === 0) return true
  say(session, `You are about to delete the following ${targets.length} resource(s):\n${targets.map((target) => `${kindText(target)}/${target.name}\n`).join('')}Do you want to continue? (y/N): `)
  const answer = typeof session.client.stdin === 'string' ? session.client.stdin.trim() : ''
  if (/^y(es)?$/i.test(answer.split('\n')[0] ?? '')) return true
  say(session, 'deletion is cancelled\n')
  return false
}

function warnFirst({ flags, session }: Invocation): void {
  const cascade = flags.text('cascade')
  if (cascade === 'true' || cascade === 'false')
    complain(session, `warning: --cascade=${cascade} is deprecated (boolean value) and can be replaced with --cascade=${cascade === 'true' ? 'background' : 'orphan'}.\n`)
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const problem = problemWith(invocation)
  if (problem) return problem
  if (flags.text('raw')) return rawRequest(invocation, 'DELETE', flags.text('raw'))
  warnFirst(invocation)
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const plan = planTargets(session, {
    args,
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: flags.text('selector'),
    fieldSelector: flags.text('field-selector'),
    all: flags.on('all'),
    allNamespaces: flags.on('all-namespaces'),
  })
  if (isRefusal(plan)) return plan
  if (graceOf(invocation) === 0)
    warn(session, 'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.')
  return deleteAll(invocation, plan, dryRun)
}

function deleteAll(invocation: Invocation, plan: Plan, dryRun: DryRun): Ending {
  const { flags, session } = invocation
  const { targets, refusals: found } = targetsOf(session, plan)
  const refusals: Refusal[] = [...found]
  if (!confirmed(invocation, targets)) return undefined
  const awaited: Awaited[] = []
  let count = 0
  for (const target of targets) {
    const answer = deleteOne(invocation, target, dryRun)
    if (isRefusal(answer)) {
      const ignored = flags.on('ignore-not-found') && isNotFound(answer)
      if (!ignored) refusals.push(answer)
      else count++
      if (ignored) awaited.push({ path: targetPath(target), name: `${target.resource.plural}/${target.name}`, uid: '' })
      continue
    }
    count++
    announce(invocation, target, dryRun)
    awaited.push({ path: targetPath(target), name: `${target.resource.plural}/${target.name}`, uid: uidOf(answer) })
  }
  if (refusals.length > 0) return severalRefusals(refusals)
  if (count === 0) {
    say(session, 'No resources found\n')
    return undefined
  }
  if (!flags.on('wait') || dryRun !== 'none') return undefined
  return waitOn(invocation, { awaited, until: session.client.now + (flags.number('timeout') || FOREVER) })
}

export const deleteCommand: Command = {
  name: 'delete',
  usage: '([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  group: 'Basic Commands (Intermediate)',
  help: 'Delete objects by name, file or label. Most go when what they run has ended; kubectl waits for that.',
  examples: ['kubectl delete pod web', 'kubectl delete -f app.yaml', 'kubectl delete pods -l app=web'],
  flags: {
    ...ALL_FLAG,
    ...ALL_NAMESPACES_FLAG,
    cascade: { kind: 'string', default: 'background', alone: 'background', help: 'What becomes of dependents: background, orphan or foreground.' },
    ...DRY_RUN_FLAG,
    ...FIELD_SELECTOR_FLAG,
    ...FILENAME_FLAGS('A file, directory or - that names the objects.'),
    force: { kind: 'bool', help: 'Take the object away at once, whatever it may still be running.' },
    'grace-period': { kind: 'int', default: '-1', help: 'Seconds given to end; -1 as many as the object says.' },
    'ignore-not-found': { kind: 'bool', help: 'Do not complain of objects that are not there.' },
    interactive: { kind: 'bool', short: 'i', help: 'Ask first.' },
    now: { kind: 'bool', help: 'Give one second to end.' },
    output: { kind: 'string', short: 'o', help: "With 'name', print only type and name." },
    raw: { kind: 'string', help: 'A path of the API to delete.' },
    ...SELECTOR_FLAG,
    timeout: { kind: 'duration', default: '0s', help: 'How long to wait; 0 as long as the object needs.' },
    wait: { kind: 'bool', default: 'true', help: 'Wait until it is gone.' },
  },
  run,
  follow: (invocation, progress) => waitOn(invocation, (progress as { waiting: Waiting }).waiting),
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}
