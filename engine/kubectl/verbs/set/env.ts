/** `kubectl set env`: sets, removes, takes over and lists environment variables of containers. */

import { decodeBase64, textOfUtf8 } from '../../../std/base64.ts'
import { goQuote } from '../../../std/go-text.ts'
import { isList, isMap, sortedKeysOf, type Tree, type TreeMap, treeAt } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { ALL_FLAG, changeFlags, LOCAL_FLAG, SELECTOR_FLAG } from '../../flag-groups.ts'
import { type DryRun, dryRunOf, printerFor } from '../../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals } from '../../refusal.ts'
import { ACCEPT_TYPED, ask, say, warn } from '../../session.ts'
import { FILENAME_FLAGS, findObjects, namespaceOf, type Target } from '../../targets.ts'
import { envNameProblem } from '../create/files.ts'
import {
  changeObjects,
  containersOf,
  findTyped,
  matchesName,
  podSpecPath,
  withContainers,
  withPodSpec,
} from './change.ts'

const isEnvArgument = (word: string): boolean => word.includes('=') || word.endsWith('-')

/** Resources come before variables. */
function splitArguments(
  args: readonly string[],
): readonly [resources: readonly string[], env: readonly string[]] | Refusal {
  const at = args.findIndex(isEnvArgument)
  if (at < 0) return [args, []]
  if (args.slice(at).some((word) => !isEnvArgument(word)))
    return refuse(`all resources must be specified before environment changes: ${args.join(' ')}`)
  return [args.slice(0, at), args.slice(at)]
}

interface EnvChanges {
  readonly set: readonly TreeMap[]
  readonly remove: readonly string[]
}

function stdinPairs(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => /^[^#=]+=/.test(line.trim()))
    .map((line) => line.trim())
}

function parseEnv(words: readonly string[], stdin: string): EnvChanges | Refusal {
  const set: TreeMap[] = []
  const remove: string[] = []
  const known = new Set<string>()
  const all = words.flatMap((word) => (word === '-' ? stdinPairs(stdin) : [word]))
  for (const word of all) {
    const equals = word.indexOf('=')
    if (equals < 0 && word.endsWith('-')) {
      remove.push(word.slice(0, -1))
      continue
    }
    if (equals < 0) return refuse(`unknown environment variable: ${word}`)
    const name = word.slice(0, equals)
    const problem = envNameProblem(name)
    if (problem) return refuse(`${goQuote(name)} is not a valid key name: ${problem}`)
    if (!known.has(name)) set.push({ name, value: word.slice(equals + 1) })
    known.add(name)
  }
  return remove.some((name) => known.has(name))
    ? refuse('can not both modify and remove the same environment variable in the same command')
    : { set, remove }
}

const SOURCES: Readonly<Record<string, 'configMapKeyRef' | 'secretKeyRef'>> = {
  ConfigMap: 'configMapKeyRef',
  Secret: 'secretKeyRef',
}

/** Variables for the keys of a ConfigMap or Secret. */
function envFrom(invocation: Invocation): readonly TreeMap[] | Refusal {
  const { flags, session } = invocation
  const local = flags.on('local')
  const found = findObjects(session, {
    args: local ? [] : [flags.text('from')],
    filenames: flags.list('filename'),
    local,
    latest: !local,
  })
  if (isRefusal(found)) return found
  if (found.refusals[0]) return found.refusals[0]
  const env: TreeMap[] = []
  for (const { object, name } of found.targets) {
    const source = SOURCES[String(object.kind)]
    if (!source) return refuse('unsupported resource specified in --from')
    const data = isMap(object.data) ? object.data : {}
    const keys = flags.list('keys')
    for (const key of sortedKeysOf(data).filter((one) => keys.length === 0 || keys.includes(one))) {
      const variable = key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase()
      if (variable !== key) warn(session, `key ${key} transferred to ${variable}`)
      env.push({ name: variable, valueFrom: { [source]: { name, key } } })
    }
  }
  return env
}

const envOf = (container: TreeMap): readonly TreeMap[] =>
  isList(container.env) ? (container.env as readonly TreeMap[]) : []

function updatedEnv(existing: readonly TreeMap[], { set, remove }: EnvChanges): readonly TreeMap[] {
  const kept = existing.filter(({ name }) => !remove.includes(String(name)))
  const replaced = kept.map((variable) => set.find(({ name }) => name === variable.name) ?? variable)
  const added = set.filter(
    ({ name }) => !existing.some((variable) => variable.name === name) && !remove.includes(String(name)),
  )
  return [...replaced, ...added]
}

function overwriteProblem(existing: readonly TreeMap[], { set }: EnvChanges): Refusal | undefined {
  const taken = set.flatMap(({ name, value }) => {
    const known = existing.find((variable) => variable.name === name)
    return known && known.value !== value
      ? [refuse(`'${String(name)}' already has a value (${String(known.value ?? '')}), and --overwrite is false`)]
      : []
  })
  return severalRefusals(taken)
}

function referenceText(from: Tree): string {
  const ref = (kind: string): string => String(treeAt(from, kind, 'name'))
  if (treeAt(from, 'configMapKeyRef'))
    return `configmap ${ref('configMapKeyRef')}, key ${String(treeAt(from, 'configMapKeyRef', 'key'))}`
  if (treeAt(from, 'secretKeyRef'))
    return `secret ${ref('secretKeyRef')}, key ${String(treeAt(from, 'secretKeyRef', 'key'))}`
  if (treeAt(from, 'fieldRef')) return `field path ${String(treeAt(from, 'fieldRef', 'fieldPath'))}`
  const container = treeAt(from, 'resourceFieldRef', 'containerName')
  const prefix = typeof container === 'string' && container ? `${container}/` : ''
  return `resource field ${prefix}${String(treeAt(from, 'resourceFieldRef', 'resource'))}`
}

function resolved({ session }: Invocation, from: Tree): string | Refusal {
  for (const [kind, plural] of [
    ['configMapKeyRef', 'configmaps'],
    ['secretKeyRef', 'secrets'],
  ] as const) {
    const name = treeAt(from, kind, 'name')
    if (typeof name !== 'string') continue
    const object = ask(session, {
      method: 'GET',
      path: `/api/v1/namespaces/${namespaceOf(session)}/${plural}/${name}`,
      accept: ACCEPT_TYPED,
    })
    if (isRefusal(object)) return object
    const value = treeAt(object, 'data', String(treeAt(from, kind, 'key')))
    return typeof value !== 'string'
      ? refuse('key not found')
      : plural === 'secrets'
        ? textOfUtf8(decodeBase64(value))
        : value
  }
  return refuse('the reference is not resolved')
}

function listContainer(invocation: Invocation, target: Target, container: TreeMap, env: readonly TreeMap[]): void {
  const { flags, session } = invocation
  say(session, `# ${target.resource.kind} ${target.name}, container ${String(container.name)}\n`)
  for (const variable of env) {
    const from = variable.valueFrom
    if (!isMap(from)) {
      say(session, `${String(variable.name)}=${String(variable.value ?? '')}\n`)
      continue
    }
    const value = flags.on('resolve') ? resolved(invocation, from) : undefined
    const known = typeof value === 'string'
    say(
      session,
      known ? `${String(variable.name)}=${value}\n` : `# ${String(variable.name)} from ${referenceText(from)}\n`,
    )
  }
}

function listEnv(invocation: Invocation, targets: readonly Target[], changes: EnvChanges): Ending {
  const pattern = invocation.flags.text('containers')
  for (const target of targets) {
    const path = podSpecPath(target.object)
    const spec = path ? treeAt(target.object, ...path) : undefined
    if (!isMap(spec)) continue
    for (const list of ['containers', 'initContainers'] as const)
      for (const container of containersOf(spec, list))
        if (matchesName(String(container.name), pattern))
          listContainer(invocation, target, container, updatedEnv(envOf(container), changes))
  }
  return undefined
}

function changeEnv(invocation: Invocation, object: TreeMap, changes: EnvChanges): TreeMap | Refusal | undefined {
  const { flags, session } = invocation
  const pattern = flags.text('containers')
  return withPodSpec(object, (spec) => {
    const changed = withContainers(spec, pattern, (container) => {
      const problem = flags.on('overwrite') ? undefined : overwriteProblem(envOf(container), changes)
      return problem ?? { ...container, env: updatedEnv(envOf(container), changes) }
    })
    if (changed === undefined)
      warn(
        session,
        `${String(object.kind)}/${String(treeAt(object, 'metadata', 'name'))} does not have any containers matching ${goQuote(pattern)}`,
      )
    return changed ?? spec
  })
}

function problemWith({ flags }: Invocation, resources: readonly string[], dryRun: DryRun): Refusal | undefined {
  if (flags.on('local') && dryRun === 'server')
    return refuse('cannot specify --local and --dry-run=server - did you mean --dry-run=client?')
  if (flags.list('filename').length === 0 && resources.length === 0)
    return refuse('one or more resources must be specified as <resource> <name> or <resource>/<name>')
  if (flags.on('list') && flags.text('output')) return refuse('--list and --output may not be specified together')
  return flags.list('keys').length > 0 && !flags.text('from')
    ? refuse('when specifying --keys, a configmap or secret must be provided with --from')
    : undefined
}

function changesOf(invocation: Invocation, words: readonly string[]): EnvChanges | Refusal {
  const { flags, session } = invocation
  const stdin = typeof session.client.stdin === 'string' ? session.client.stdin : ''
  const parsed = parseEnv([...flags.list('env'), ...words], stdin)
  if (isRefusal(parsed)) return parsed
  const from = flags.text('from') ? envFrom(invocation) : []
  if (isRefusal(from)) return from
  const prefix = flags.text('prefix')
  return {
    set: [...parsed.set, ...from].map((variable) => ({ ...variable, name: prefix + String(variable.name) })),
    remove: parsed.remove,
  }
}

function run(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  if (flags.on('all') && flags.text('selector')) return refuse('cannot set --all and --selector at the same time')
  const split = splitArguments(args)
  if (isRefusal(split)) return split
  const [resources, words] = split
  const dryRun = dryRunOf(session, flags)
  if (isRefusal(dryRun)) return dryRun
  const printer = printerFor(session, flags)
  if (isRefusal(printer)) return printer
  const problem = problemWith(invocation, resources, dryRun)
  if (problem) return problem
  const changes = changesOf(invocation, words)
  if (isRefusal(changes)) return changes
  const found = findTyped(invocation, resources)
  if (isRefusal(found)) return found
  if (flags.on('list')) return listEnv(invocation, found.targets, changes)
  const refusals = changeObjects(invocation, found.targets, (object) => changeEnv(invocation, object, changes), {
    dryRun,
    operation: 'env updated',
    failure: 'failed to patch env update to pod template: ',
  })
  return isRefusal(refusals) ? refusals : severalRefusals(refusals)
}

export const setEnv: Command = {
  name: 'env',
  usage: 'RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  short: 'Update environment variables on a pod template',
  examples: [
    'kubectl set env deployment/web MODE=fast',
    'kubectl set env deployment/web --list',
    'kubectl set env deployment/web MODE-',
  ],
  flags: {
    ...ALL_FLAG,
    ...changeFlags('kubectl-set'),
    containers: {
      kind: 'string',
      short: 'c',
      default: '*',
      help: 'The containers to change; stars stand for any letters.',
    },
    env: { kind: 'stringArray', short: 'e', help: 'A variable key=value; - reads more of them from standard input.' },
    ...FILENAME_FLAGS('A file, directory or - with the objects to change.'),
    from: { kind: 'string', help: 'A ConfigMap or Secret whose keys become variables.' },
    keys: { kind: 'stringSlice', help: 'Only these keys of --from.' },
    list: { kind: 'bool', help: 'Show the variables instead of changing any.' },
    ...LOCAL_FLAG,
    overwrite: { kind: 'bool', default: 'true', help: 'Replace variables that have another value.' },
    prefix: { kind: 'string', help: 'What to put before the names.' },
    resolve: { kind: 'bool', help: 'Show values of ConfigMaps and Secrets, not where they come from.' },
    ...SELECTOR_FLAG,
  },
  run,
}
