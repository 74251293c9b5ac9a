/**
 * `kubectl diff`: what `apply` would change, as the program diff would show it. The server is asked to apply without keeping it.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/diff. Left out: KUBECTL_EXTERNAL_DIFF, --prune; the directories that are named
 * in the output are never written.
 */
import { unixTimestamp } from '../../std/time.ts'
import { isMap, type TreeMap, treeAt, withoutKey, withTreeAt } from '../../std/tree.ts'
import { unifiedDiff } from '../../std/unified-diff.ts'
import { formatYaml } from '../../std/yaml.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { pathOf } from '../discovery.ts'
import { SELECTOR_FLAG } from '../flag-groups.ts'
import { fallSilent, isNotFound, isRefusal, type Refusal, refuse, severalRefusals, usageRefusal } from '../refusal.ts'
import { ask, type Session, say } from '../session.ts'
import { FILENAME_FLAGS, getTarget, planTargets, type Target, targetPath } from '../targets.ts'
import { applyPatchFor, filenameProblem, withoutNote } from './apply.ts'
import { fieldManagerFlag } from './create/generator.ts'

interface Versions {
  readonly live: TreeMap | undefined
  readonly merged: TreeMap
}

function merged({ flags, session }: Invocation, target: Target, live: TreeMap | undefined): TreeMap | Refusal {
  const own = flags.text('field-manager')
  const manager = flags.on('server-side') && !flags.given('field-manager') ? 'kubectl' : own
  const query = { dryRun: 'All', fieldManager: manager }
  if (flags.on('server-side')) {
    const force = String(flags.on('force-conflicts'))
    return ask(session, {
      method: 'PATCH',
      path: targetPath(target),
      query: { ...query, force },
      contentType: 'application/apply-patch+yaml',
      body: target.object,
    })
  }
  if (!live)
    return ask(session, {
      method: 'POST',
      path: pathOf(target.resource, target.namespace || undefined),
      query,
      contentType: 'application/json',
      body: target.object,
    })
  const { patch, contentType } = applyPatchFor(target, live, withoutNote(target.object))
  if (Object.keys(patch).length === 0) return live
  const version = treeAt(live, 'metadata', 'resourceVersion') ?? ''
  return ask(session, {
    method: 'PATCH',
    path: targetPath(target),
    query,
    contentType,
    body: withTreeAt(patch, ['metadata', 'resourceVersion'], version) as TreeMap,
  })
}

const withoutManagers = (object: TreeMap): TreeMap => {
  const metadata = treeAt(object, 'metadata')
  return isMap(metadata) ? { ...object, metadata: withoutKey(metadata, 'managedFields') } : object
}

/** Values of Secrets become stars that still tell equal from different. */
function masked({ live, merged: next }: Versions): Versions {
  const from = live && isMap(live.data) ? live.data : {}
  const to = isMap(next.data) ? next.data : {}
  const mask = (own: TreeMap, other: TreeMap, word: string): TreeMap =>
    Object.fromEntries(
      Object.keys(own).map((key) => [key, key in other && other[key] !== own[key] ? `*** (${word})` : '***']),
    )
  const data = (object: TreeMap, values: TreeMap): TreeMap =>
    isMap(object.data) ? { ...object, data: values } : object
  return { live: live && data(live, mask(from, to, 'before')), merged: data(next, mask(to, from, 'after')) }
}

function versionsOf(invocation: Invocation, target: Target, learn: () => void): Versions | Refusal {
  const { flags, session } = invocation
  const found = getTarget(session, target)
  if (isRefusal(found) && !isNotFound(found)) return found
  const live = isRefusal(found) ? undefined : found
  if (live && !flags.on('server-side')) learn()
  const next = merged(invocation, target, live)
  if (isRefusal(next)) return next
  const bare = (object: TreeMap): TreeMap => (flags.on('show-managed-fields') ? object : withoutManagers(object))
  const versions = { live: live && bare(live), merged: bare(next) }
  return target.resource.kind === 'Secret' && !flags.on('show-secrets') ? masked(versions) : versions
}

const fileName = ({ resource, namespace, name }: Target): string =>
  `${resource.group ? `${resource.group}.` : ''}${resource.version}.${resource.kind}.${namespace}.${name}`

/** Texts end in a line break, which begins no line of its own. */
const body = (text: string): string => (text.endsWith('\n') ? text.slice(0, -1) : text)

function hunks(before: string, after: string): string {
  if (before !== '') return unifiedDiff(body(before), body(after))
  const lines = body(after).split('\n')
  return `@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`
}

const DIRECTORIES = ['LIVE-1', 'MERGED-1']

function diffText({ session }: Invocation, target: Target, { live, merged: next }: Versions): string {
  const isMaskedNothing = !live && target.resource.kind === 'Secret'
  const before = live ? formatYaml(live) : isMaskedNothing ? 'null\n' : ''
  const after = formatYaml(next)
  if (before === after) return ''
  const [from, to] = DIRECTORIES.map(
    (directory) => `${session.client.env.TMPDIR || '/tmp'}/${directory}/${fileName(target)}`,
  )
  const time = `${unixTimestamp(session.client.nowUnix).replace('T', ' ').slice(0, 19)}.000000000 +0000`
  return `diff -u -N ${from} ${to}\n--- ${from}\t${time}\n+++ ${to}\t${time}\n${hunks(before, after)}`
}

/** How lists of a kind are merged is asked of the server, once. */
function kindsOnce(session: Session): () => void {
  let known = false
  return () => {
    if (!known)
      ask(session, { method: 'GET', path: '/openapi/v3', query: { timeout: '32s' }, accept: 'application/json, */*' })
    known = true
  }
}

function problemWith(invocation: Invocation): Refusal | undefined {
  const { args, flags, path } = invocation
  if (args.length > 0) return usageRefusal(path, `Unexpected args: [${args.join(' ')}]`)
  if (flags.on('force-conflicts') && !flags.on('server-side'))
    return refuse('--force-conflicts only works with --server-side')
  return filenameProblem(invocation)
}

function run(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const problem = problemWith(invocation)
  if (problem) return problem
  const plan = planTargets(session, {
    args: [],
    filenames: flags.list('filename'),
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
  })
  if (isRefusal(plan)) return plan
  const targets = plan.is === 'targets' ? plan.targets : []
  const refusal = severalRefusals(plan.is === 'targets' ? plan.refusals : [])
  if (refusal) return refusal
  const texts: (readonly [string, string])[] = []
  const learn = kindsOnce(session)
  for (const target of targets) {
    const versions = versionsOf(invocation, target, learn)
    if (isRefusal(versions)) return versions
    texts.push([fileName(target), diffText(invocation, target, versions)])
  }
  const text = texts
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, part]) => part)
    .join('')
  say(session, text)
  return text === '' ? undefined : fallSilent(1)
}

export const diffCommand: Command = {
  name: 'diff',
  usage: '-f FILENAME',
  short: 'Diff the live version against a would-be applied version',
  group: 'Advanced Commands',
  help: 'Show what applying files would change. The exit code is 0 without differences, 1 with some, 2 when something went wrong.',
  examples: ['kubectl diff -f deployment.yaml'],
  exit: 2,
  flags: {
    concurrency: { kind: 'int', default: '1', help: 'How many objects to compare at a time.' },
    ...fieldManagerFlag('kubectl-client-side-apply'),
    ...FILENAME_FLAGS('The files to compare with what is there.'),
    'force-conflicts': { kind: 'bool', help: 'Take fields from other managers, with --server-side.' },
    prune: { kind: 'bool', help: 'Show what pruning would delete.', notModelled: 'pruning by comparison' },
    'prune-allowlist': { kind: 'stringArray', help: 'Kinds that pruning may delete: <group/version/kind>.' },
    ...SELECTOR_FLAG,
    'server-side': { kind: 'bool', help: 'Let the server apply.' },
    'show-managed-fields': { kind: 'bool', help: 'Compare metadata.managedFields as well.' },
    'show-secrets': { kind: 'bool', help: 'Show the values of Secrets.' },
  },
  run,
}
