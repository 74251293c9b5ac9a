/**
 * `kubectl describe`: everything about an object that is worth reading, with the Events about it.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/describe
 */
import type { TreeMap } from '../../std/tree.ts'
import type { Command, Ending, Invocation } from '../command.ts'
import { typeThenNames } from '../complete-values.ts'
import { DESCRIBERS } from '../describe/describers.ts'
import { describeGeneric } from '../describe/generic.ts'
import { aligned } from '../describe/text.ts'
import { resourceFor, resourceName } from '../discovery.ts'
import { ALL_NAMESPACES_FLAG, CHUNK_FLAG, SELECTOR_FLAG } from '../flag-groups.ts'
import { isNotFound, isRefusal, messageOf, type Refusal, refuse, severalRefusals } from '../refusal.ts'
import { ACCEPT_TYPED, ask, complain, say } from '../session.ts'
import {
  FILENAME_FLAGS,
  type Found,
  findObjects,
  getListing,
  itemsOf,
  nameAt,
  namespaceOf,
  type Target,
  targetOf,
  targetPath,
} from '../targets.ts'

const chunkOf = ({ flags }: Invocation): string | undefined =>
  flags.number('chunk-size') === 0 ? undefined : String(flags.number('chunk-size'))

/** Events are shown of a single object only, unless they are asked for. */
function describeOne(invocation: Invocation, target: Target, alone: boolean): string | Refusal {
  const { flags, session } = invocation
  const describe = DESCRIBERS[resourceName(target.resource)]
  const object = ask(session, { method: 'GET', path: targetPath(target), ...(describe && { accept: ACCEPT_TYPED }) })
  if (isRefusal(object)) return object
  const text = (describe ?? describeGeneric)({
    session,
    object: { apiVersion: target.object.apiVersion ?? 'v1', kind: target.resource.kind, ...object } as TreeMap,
    nowUnix: session.client.nowUnix,
    showEvents: flags.given('show-events') ? flags.on('show-events') : alone,
    chunk: chunkOf(invocation),
  })
  return isRefusal(text) ? text : aligned(text)
}

function printAll(invocation: Invocation, { targets, refusals }: Pick<Found, 'targets' | 'refusals'>): Ending {
  const { session } = invocation
  const all: Refusal[] = [...refusals]
  const alone = targets.length === 1 && refusals.length === 0
  let printed = 0
  for (const target of targets) {
    const text = describeOne(invocation, target, alone)
    if (isRefusal(text)) note(all, text)
    else say(session, `${printed++ > 0 ? '\n\n' : ''}${text}`)
  }
  if (targets.length === 0 && all.length === 0) complain(session, nothingFound(invocation))
  return severalRefusals(all)
}

/** The same refusal is said once. */
function note(all: Refusal[], refusal: Refusal): void {
  if (!all.some((one) => messageOf(one) === messageOf(refusal))) all.push(refusal)
}

const nothingFound = ({ flags, session }: Invocation): string =>
  flags.on('all-namespaces') ? 'No resources found\n' : `No resources found in ${namespaceOf(session)} namespace.\n`

/** What begins with the name, when nothing has it. */
function byPrefix(invocation: Invocation, refusal: Refusal): Ending {
  const { args, session } = invocation
  const [type, prefix] = args
  const resource = resourceFor(session, type!)
  if (isRefusal(resource)) return refusal
  const namespace = resource.namespaced ? namespaceOf(session) : undefined
  const list = getListing(
    session,
    { resource, namespace, labelSelector: '', fieldSelector: '' },
    {},
    chunkOf(invocation),
  )
  if (isRefusal(list)) return list
  const found = itemsOf(list, resource).filter((object) => nameAt(object).startsWith(prefix!))
  if (found.length === 0) return refusal
  for (const object of found) {
    const text = describeOne(invocation, targetOf(resource, object), false)
    if (isRefusal(text)) return text
    say(session, `${text}\n`)
  }
  return undefined
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const filenames = flags.list('filename')
  if (args.length === 0 && filenames.length === 0 && !flags.text('kustomize'))
    return refuse(
      'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
    )
  const found = findObjects(session, {
    args,
    filenames,
    kustomize: flags.text('kustomize'),
    recursive: flags.on('recursive'),
    labelSelector: flags.text('selector'),
    allNamespaces: flags.on('all-namespaces'),
    typeMeansAll: true,
    limit: chunkOf(invocation),
  })
  if (isRefusal(found)) return found
  const [first] = found.refusals
  if (first && isNotFound(first) && args.length === 2 && found.targets.length === 0) return byPrefix(invocation, first)
  return printAll(invocation, found)
}

export const describeCommand: Command = {
  name: 'describe',
  usage: '(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  short: 'Show details of a specific resource or group of resources',
  group: 'Troubleshooting and Debugging Commands',
  help: 'Print what an object is, how it is doing, and what has lately happened to it.',
  examples: ['kubectl describe node node-1', 'kubectl describe pod/web', 'kubectl describe pods -l app=web'],
  flags: {
    ...ALL_NAMESPACES_FLAG,
    ...CHUNK_FLAG,
    ...FILENAME_FLAGS('Files, directories or addresses that name the objects.'),
    ...SELECTOR_FLAG,
    'show-events': { kind: 'bool', default: 'true', help: 'Show the Events about the object.' },
  },
  run,
  complete: (invocation, prefix) => typeThenNames(invocation, prefix).words,
}
