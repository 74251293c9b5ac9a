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
import { ask, complain, type Session, say, warn } from '../session.ts'
import { FILENAME_FLAGS, type Plan, planTargets, type Target, targetPath, visitObjects } from '../targets.ts'
import { newsOf, type ObjectPlace, placeOf } from '../watch-object.ts'
import { cascadeProblem } from './apply.ts'
import { rawRequest } from './raw.ts'

const PROPAGATION: Readonly<Record<string, string>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  true: 'Background',
  false: 'Orphan',
}

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
  return flags.on('now') && flags.number('grace-period') >= 0
    ? refuse('--now and --grace-period cannot be specified together')
    : undefined
}

const kindText = ({ resource }: Target): string =>
  resource.group ? `${resource.kind.toLowerCase()}.${resource.group}` : resource.kind.toLowerCase()

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
  return isRefusal(deleted) && target.source
    ? withContext(deleted, `error when deleting "${target.source}": `)
    : deleted
}

/** What is still waited for, one object after the other. */
interface Awaited {
  readonly path: string
  readonly name: string
  readonly uid: string
  readonly place: ObjectPlace
  /** It was there at the last look, and is followed since. */
  readonly followed?: true
}

interface Waiting {
  readonly awaited: readonly Awaited[]
  readonly until: number
}

const uidOf = (answer: TreeMap): string => {
  const uid = treeAt(answer, 'metadata', 'uid') ?? treeAt(answer, 'details', 'uid')
  return typeof uid === 'string' ? uid : ''
}

const awaitedFor = (target: Target, uid: string): Awaited => ({
  path: targetPath(target),
  name: `${target.resource.plural}/${target.name}`,
  uid,
  place: placeOf(target),
})

/** Whether it is gone; what to remember if not. Another object of the same name counts as gone. */
function lookFor(session: Session, one: Awaited): Awaited | Refusal | 'gone' {
  if (!one.followed) {
    const object = ask(session, { method: 'GET', path: one.path })
    if (isRefusal(object)) return isNotFound(object) ? 'gone' : object
    if (one.uid && uidOf(object) !== one.uid) return 'gone'
  }
  const news = newsOf(session, one.place)
  if (isRefusal(news)) return news
  const ended = news.events.some(
    ({ type, object }) => type === 'DELETED' || (one.uid !== '' && uidOf(object) !== one.uid),
  )
  const never = one.place.seen === '' && news.events.length === 0
  return ended || never ? 'gone' : { ...one, place: news.place, followed: true }
}

function waitOn({ session }: Invocation, { awaited, until }: Waiting): Ending {
  for (const [index, one] of awaited.entries()) {
    const seen = lookFor(session, one)
    if (seen === 'gone') continue
    if (isRefusal(seen)) return seen
    const left = [seen, ...awaited.slice(index + 1)]
    if (session.client.now >= until)
      return severalRefusals(left.map(({ name }) => refuse(`timed out waiting for the condition on ${name}`)))
    return goOn({ waiting: { awaited: left, until } } as unknown as Progress, Math.min(200, until - session.client.now))
  }
  return undefined
}

const FOREVER = 7 * 24 * 3_600_000

/** Lists what would go and takes `y` for yes. */
function confirmed({ flags, session }: Invocation, targets: readonly Target[]): boolean {
  if (!flags.on('interactive') || targets.length === 0) return true
  say(
    session,
    `You are about to delete the following ${targets.length} resource(s):\n${targets.map((target) => `${kindText(target)}/${target.name}\n`).join('')}Do you want to continue? (y/N): `,
  )
  const answer = typeof session.client.stdin === 'string' ? session.client.stdin.trim() : ''
  if (/^y(es)?$/i.test(answer.split('\n')[0] ?? '')) return true
  say(session, 'deletion is cancelled\n')
  return false
}

function warnFirst({ flags, session }: Invocation): void {
  const cascade = flags.text('cascade')
  if (cascade === 'true' || cascade === 'false')
    complain(
      session,
      `warning: --cascade=${cascade} is deprecated (boolean value) and can be replaced with --cascade=${cascade === 'true' ? 'background' : 'orphan'}.\n`,
    )
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
    warn(
      session,
      'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.',
    )
  return deleteAll(invocation, plan, dryRun)
}

/** With -i everything is found before anything is asked. */
function planned(invocation: Invocation, plan: Plan): Plan | undefined {
  if (!invocation.flags.on('interactive')) return plan
  const targets: Target[] = []
  const refusals = visitObjects(invocation.session, plan, { local: true }, (target) => void targets.push(target))
  return confirmed(invocation, targets)
    ? { is: 'targets', targets, refusals, single: targets.length === 1, fromFiles: true }
    : undefined
}

function deleteAll(invocation: Invocation, asked: Plan, dryRun: DryRun): Ending {
  const { flags, session } = invocation
  const plan = planned(invocation, asked)
  if (!plan) return undefined
  const awaited: Awaited[] = []
  const refusals = visitObjects(session, plan, { local: true }, (target) => {
    const answer = deleteOne(invocation, target, dryRun)
    const missing = isRefusal(answer) && flags.on('ignore-not-found') && isNotFound(answer)
    if (isRefusal(answer) && !missing) return answer
    awaited.push(awaitedFor(target, isRefusal(answer) ? '' : uidOf(answer)))
    if (!missing) announce(invocation, target, dryRun)
    return undefined
  })
  if (refusals.length > 0) return severalRefusals(refusals)
  if (awaited.length === 0) {
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
    cascade: {
      kind: 'string',
      default: 'background',
      alone: 'background',
      help: 'What becomes of dependents: background, orphan or foreground.',
    },
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
