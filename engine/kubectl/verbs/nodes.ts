/**
 * `kubectl cordon`, `uncordon`, `drain`: takes a node out of use and gives it back.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/drain, pkg/drain
 */
import { isMistake, parseSelector } from '../../api/selector.ts'
import { isList, type TreeMap, treeAt } from '../../std/tree.ts'
import { type Command, type Ending, goOn, type Invocation, type Progress } from '../command.ts'
import { objectNames } from '../complete-values.ts'
import { CHUNK_FLAG, SELECTOR_FLAG } from '../flag-groups.ts'
import { DRY_RUN_FLAG, type DryRun, dryRunOf, dryRunSuffix } from '../printers/output.ts'
import {
  isNotFound,
  isRefusal,
  messageOf,
  type Refusal,
  refuse,
  refuseBare,
  severalRefusals,
  usageRefusal,
} from '../refusal.ts'
import { ACCEPT_TYPED, ask, complain, type Session, say, warn } from '../session.ts'
import { CHUNK, findObjects, type Target, targetPath } from '../targets.ts'

const textAt = (object: TreeMap, ...path: string[]): string => {
  const value = treeAt(object, ...path)
  return typeof value === 'string' ? value : ''
}

function nodesMeant({ args, flags, path, session }: Invocation, verb: string): readonly Target[] | Refusal {
  const selector = flags.text('selector')
  if (args.length === 0 && !selector) return usageRefusal(path, `USAGE: ${verb} NODE [flags]`)
  if (args.length > 0 && selector) return usageRefusal(path, 'cannot specify both a node name and a --selector option')
  const found = selector
    ? findObjects(session, { args: ['nodes'], labelSelector: selector, limit: CHUNK })
    : findObjects(session, { args, defaultType: 'nodes' })
  if (isRefusal(found)) return found
  return found.refusals[0] ?? found.targets
}

/** Marks a node, unless it is so already. */
function mark({ session }: Invocation, node: Target, unschedulable: boolean, dryRun: DryRun): Refusal | undefined {
  const is = treeAt(node.object, 'spec', 'unschedulable') === true
  const word = unschedulable ? 'cordoned' : 'uncordoned'
  if (is === unschedulable) {
    say(session, `node/${node.name} already ${word}${dryRunSuffix(dryRun)}\n`)
    return undefined
  }
  if (dryRun !== 'client') {
    const patched = ask(session, {
      method: 'PATCH',
      path: targetPath(node),
      query: { ...(dryRun === 'server' && { dryRun: 'All' }) },
      accept: ACCEPT_TYPED,
      contentType: 'application/strategic-merge-patch+json',
      body: { spec: { unschedulable: unschedulable || null } },
    })
    if (isRefusal(patched))
      return refuse(`unable to ${unschedulable ? 'cordon' : 'uncordon'} node "${node.name}": ${messageOf(patched)}`)
  }
  say(session, `node/${node.name} ${word}${dryRunSuffix(dryRun)}\n`)
  return undefined
}

function runMark(invocation: Invocation, unschedulable: boolean): Ending {
  const dryRun = dryRunOf(invocation.session, invocation.flags)
  if (isRefusal(dryRun)) return dryRun
  const nodes = nodesMeant(invocation, unschedulable ? 'cordon' : 'uncordon')
  if (isRefusal(nodes)) return nodes
  return severalRefusals(nodes.map((node) => mark(invocation, node, unschedulable, dryRun)).filter(isRefusal))
}

const nodeNames = (invocation: Invocation): readonly string[] => objectNames(invocation, 'nodes')

export const cordonCommand: Command = {
  name: 'cordon',
  usage: 'NODE',
  short: 'Mark node as unschedulable',
  group: 'Cluster Management Commands',
  examples: ['kubectl cordon node-1'],
  flags: { ...DRY_RUN_FLAG, ...SELECTOR_FLAG },
  run: (invocation) => runMark(invocation, true),
  complete: nodeNames,
}

export const uncordonCommand: Command = {
  name: 'uncordon',
  usage: 'NODE',
  short: 'Mark node as schedulable',
  group: 'Cluster Management Commands',
  examples: ['kubectl uncordon node-1'],
  flags: { ...DRY_RUN_FLAG, ...SELECTOR_FLAG },
  run: (invocation) => runMark(invocation, false),
  complete: nodeNames,
}

// ---- drain -------------------------------------------------------------------------------------------

/** Whether a Pod goes, and what is said about it. */
interface Sorted {
  readonly go: boolean
  readonly warning?: string
  readonly error?: string
}

const KEEPS_LOCAL = 'Pods with local storage'

const controllerOf = (pod: TreeMap): TreeMap | undefined => {
  const owners = treeAt(pod, 'metadata', 'ownerReferences')
  return (isList(owners) ? (owners as readonly TreeMap[]) : []).find((owner) => owner.controller === true)
}

const isFinished = (pod: TreeMap): boolean => ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))

const hasEmptyDir = (pod: TreeMap): boolean => {
  const volumes = treeAt(pod, 'spec', 'volumes')
  return (isList(volumes) ? volumes : []).some((volume) => treeAt(volume, 'emptyDir') !== undefined)
}

function sortDaemon({ flags, session }: Invocation, pod: TreeMap, owner: TreeMap): Sorted {
  const set = ask(session, {
    method: 'GET',
    path: `/apis/apps/v1/namespaces/${textAt(pod, 'metadata', 'namespace')}/daemonsets/${String(owner.name)}`,
    accept: ACCEPT_TYPED,
  })
  if (isRefusal(set)) {
    if (isNotFound(set) && flags.on('force')) return { go: true, warning: messageOf(set) }
    return { go: false, error: messageOf(set) }
  }
  return flags.on('ignore-daemonsets')
    ? { go: false, warning: 'ignoring DaemonSet-managed Pods' }
    : { go: false, error: 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' }
}

/** The first reason for which a Pod stays, or a warning about its going. */
function sortPod(invocation: Invocation, pod: TreeMap): Sorted {
  const { flags } = invocation
  const deleted = treeAt(pod, 'metadata', 'deletionTimestamp') !== undefined
  if (deleted && flags.number('skip-wait-for-delete-timeout') > 0) return { go: false }
  const owner = controllerOf(pod)
  if (owner?.kind === 'DaemonSet' && !isFinished(pod)) return sortDaemon(invocation, pod, owner)
  if (treeAt(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined) return { go: false }
  const local = hasEmptyDir(pod) && !isFinished(pod)
  if (local && !flags.on('delete-emptydir-data'))
    return { go: false, error: `cannot delete ${KEEPS_LOCAL} (use --delete-emptydir-data to override)` }
  if (!owner && !isFinished(pod))
    return flags.on('force')
      ? { go: true, warning: 'deleting Pods that declare no controller' }
      : { go: false, error: 'cannot delete Pods that declare no controller (use --force to override)' }
  return { go: true }
}

const podName = (pod: TreeMap): string => `${textAt(pod, 'metadata', 'namespace')}/${textAt(pod, 'metadata', 'name')}`

interface Leaving {
  readonly pods: readonly TreeMap[]
  readonly warnings: string
  readonly errors: readonly string[]
}

const grouped = (entries: readonly (readonly [text: string, pod: string])[]): readonly string[] => {
  const texts = [...new Set(entries.map(([text]) => text))]
  return texts.map(
    (text) =>
      `${text}: ${entries
        .filter(([other]) => other === text)
        .map(([, pod]) => pod)
        .join(', ')}`,
  )
}

function podsLeaving(invocation: Invocation, node: Target): Leaving | Refusal {
  const { flags, session } = invocation
  const list = ask(session, {
    method: 'GET',
    path: '/api/v1/pods',
    query: {
      fieldSelector: `spec.nodeName=${node.name}`,
      labelSelector: flags.text('pod-selector') || undefined,
      limit: String(flags.number('chunk-size')),
    },
    accept: ACCEPT_TYPED,
  })
  if (isRefusal(list)) return list
  const pods = (list.items as readonly TreeMap[] | null) ?? []
  const sorted = pods.map((pod) => ({ pod, ...sortPod(invocation, pod) }))
  const entries = (part: 'warning' | 'error') =>
    sorted.flatMap((one) => (one[part] === undefined ? [] : [[one[part]!, podName(one.pod)] as const]))
  return {
    pods: sorted.filter(({ go }) => go).map(({ pod }) => pod),
    warnings: grouped(entries('warning')).join('; '),
    errors: grouped(entries('error')),
  }
}

/** Pods that were asked to go and are still there. */
interface Draining {
  readonly nodes: readonly string[]
  readonly evicted: readonly {
    readonly path: string
    readonly name: string
    readonly uid: string
    readonly asked: boolean
  }[]
  readonly until: number
}

function evict(
  { flags, session }: Invocation,
  path: string,
  name: string,
  namespace: string,
  dryRun: DryRun,
): TreeMap | Refusal {
  const grace = flags.number('grace-period')
  const deleteOptions = {
    ...(dryRun === 'server' && { dryRun: ['All'] }),
    ...(grace >= 0 && { gracePeriodSeconds: grace }),
  }
  if (flags.on('disable-eviction')) return ask(session, { method: 'DELETE', path, body: deleteOptions })
  return ask(session, {
    method: 'POST',
    path: `${path}/eviction`,
    contentType: 'application/json',
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions },
  })
}

const FOREVER = 7 * 24 * 3_600_000

function drainNode(
  invocation: Invocation,
  node: Target,
  dryRun: DryRun,
): Draining['evicted'] | { readonly problems: readonly string[] } | Refusal {
  const { flags, session } = invocation
  const leaving = podsLeaving(invocation, node)
  if (isRefusal(leaving)) return leaving
  if (leaving.errors.length > 0) return { problems: leaving.errors }
  if (leaving.warnings) warn(session, leaving.warnings)
  void flags
  return leaving.pods.map((pod) => {
    say(session, `evicting pod ${podName(pod)}${dryRunSuffix(dryRun)}\n`)
    const path = `/api/v1/namespaces/${textAt(pod, 'metadata', 'namespace')}/pods/${textAt(pod, 'metadata', 'name')}`
    return { path, name: textAt(pod, 'metadata', 'name'), uid: textAt(pod, 'metadata', 'uid'), asked: false }
  })
}

const namespaceIn = (path: string): string => path.split('/')[4]!

/** Asks those that were not yet asked, and sees who is gone. */
function goOnDraining(invocation: Invocation, draining: Draining, dryRun: DryRun): Ending {
  const { flags, session } = invocation
  const left: Draining['evicted'][number][] = []
  for (const one of draining.evicted) {
    const answer = one.asked ? undefined : evict(invocation, one.path, one.name, namespaceIn(one.path), dryRun)
    if (isRefusal(answer) && answer.by === 'server' && answer.status.reason === 'TooManyRequests') {
      complain(
        session,
        `error when evicting pods/"${one.name}" -n "${namespaceIn(one.path)}" (will retry after 5s): ${messageOf(answer)}\n`,
      )
      left.push(one)
      continue
    }
    if (isRefusal(answer) && !isNotFound(answer))
      return refuse(`error when evicting pods/"${one.name}" -n "${namespaceIn(one.path)}": ${messageOf(answer)}`)
    if (dryRun === 'server' || isGone(session, one)) {
      if (dryRun === 'none') say(session, `pod/${one.name} ${flags.on('disable-eviction') ? 'deleted' : 'evicted'}\n`)
    } else left.push({ ...one, asked: true })
  }
  if (left.length > 0 && session.client.now < draining.until)
    return goOn(
      { draining: { ...draining, evicted: left } } as unknown as Progress,
      left.some(({ asked }) => !asked) ? 5000 : 1000,
    )
  if (left.length > 0)
    return refuse(
      `unable to drain node "${draining.nodes[0]}" due to error: global timeout reached: ${flags.text('timeout')}`,
    )
  for (const node of draining.nodes) say(session, `node/${node} drained${dryRunSuffix(dryRun)}\n`)
  return undefined
}

function isGone(session: Session, { path, uid }: { readonly path: string; readonly uid: string }): boolean {
  const pod = ask(session, { method: 'GET', path, accept: ACCEPT_TYPED })
  return isRefusal(pod) ? isNotFound(pod) : textAt(pod, 'metadata', 'uid') !== uid
}

function complainOfPending(
  { session }: Invocation,
  node: string,
  problems: readonly string[],
  pending: readonly string[],
): Refusal {
  const shown = problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`
  complain(session, `error: unable to drain node "${node}" due to error: ${shown}, continuing command...\n`)
  complain(session, `There are pending nodes to be drained:\n${pending.map((name) => ` ${name}\n`).join('')}`)
  const texts = problems.map((problem) => refuse(problem))
  return texts.length === 1 ? refuseBare(problems[0]!) : severalRefusals(texts)!
}

function runDrain(invocation: Invocation): Ending {
  const { flags, session } = invocation
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const usage = flags.text('selector') && invocation.args.length > 0 ? nodesMeant(invocation, 'drain') : undefined
  if (isRefusal(usage)) return usage
  const selector = flags.text('pod-selector')
  if (selector && isMistake(parseSelector(selector)))
    return refuse('--pod-selector=<pod_selector> must be a valid label selector')
  const nodes = nodesMeant(invocation, 'drain')
  if (isRefusal(nodes)) return nodes
  for (const node of nodes) {
    const refusal = mark(invocation, node, true, dryRun)
    if (refusal) return refusal
  }
  const evicted: Draining['evicted'][number][] = []
  for (const node of nodes) {
    const leaving = drainNode(invocation, node, dryRun)
    if (isRefusal(leaving)) return leaving
    if ('problems' in leaving) return complainOfPending(invocation, node.name, leaving.problems, [node.name])
    evicted.push(...leaving)
  }
  const timeout = flags.number('timeout')
  const draining: Draining = {
    nodes: nodes.map(({ name }) => name),
    evicted: dryRun === 'client' ? [] : evicted,
    until: session.client.now + (timeout || FOREVER),
  }
  return goOnDraining(invocation, draining, dryRun)
}

export const drainCommand: Command = {
  name: 'drain',
  usage: 'NODE',
  short: 'Drain node in preparation for maintenance',
  group: 'Cluster Management Commands',
  help: 'Cordon a node and ask its Pods to leave, as their disruption budgets allow.',
  examples: ['kubectl drain node-1 --ignore-daemonsets'],
  flags: {
    ...CHUNK_FLAG,
    'delete-emptydir-data': { kind: 'bool', help: 'Go on although Pods lose what they keep in emptyDir volumes.' },
    'disable-eviction': { kind: 'bool', help: 'Delete instead of evict, past all budgets.' },
    ...DRY_RUN_FLAG,
    force: { kind: 'bool', help: 'Go on although Pods have no controller that would replace them.' },
    'grace-period': { kind: 'int', default: '-1', help: 'Seconds given to end; -1 as many as each Pod says.' },
    'ignore-daemonsets': { kind: 'bool', help: 'Leave Pods of DaemonSets where they are.' },
    'pod-selector': { kind: 'string', help: 'Only Pods with these labels.' },
    ...SELECTOR_FLAG,
    'skip-wait-for-delete-timeout': {
      kind: 'int',
      help: 'Do not wait for Pods that were deleted longer ago than this many seconds.',
    },
    timeout: { kind: 'duration', default: '0s', help: 'How long to wait; 0 as long as it takes.' },
  },
  run: runDrain,
  follow: (invocation, progress) => {
    const dryRun = dryRunOf(invocation.session, invocation.flags)
    return isRefusal(dryRun) ? dryRun : goOnDraining(invocation, (progress as { draining: Draining }).draining, dryRun)
  },
  complete: nodeNames,
}
