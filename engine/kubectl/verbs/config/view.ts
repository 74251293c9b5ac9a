/** `kubectl config view` and the lists. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/config */
import { alignRows } from '../../../std/table.ts'
import type { Tree, TreeMap } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { configTree, type Entries, fileAsBase64, type Kubeconfig } from '../../kubeconfig.ts'
import { absolutePath, baseDirectory, joinPath } from '../../paths.ts'
import { PRINT_FLAGS, printerFor } from '../../printers/output.ts'
import { isRefusal, type Refusal, refuse, severalRefusals, usageRefusal } from '../../refusal.ts'
import { say } from '../../session.ts'
import { configOf } from './change.ts'

const only = (entries: Entries, name: string): Entries => (name in entries ? { [name]: entries[name]! } : {})

/** What one context needs. */
function minified(config: Kubeconfig, name: string): Kubeconfig | Refusal {
  const context = config.contexts[name]
  if (name === '') return refuse('current-context must exist in order to minify')
  if (!context) return refuse(`cannot locate context ${name}`)
  return {
    ...config,
    currentContext: name,
    contexts: { [name]: context },
    clusters: only(config.clusters, String(context.cluster ?? '')),
    users: only(config.users, String(context.user ?? '')),
  }
}

const DATA = ['certificate-authority-data', 'client-certificate-data', 'client-key-data']
const SECRETS = ['password', 'token']

const mapEntries = (entries: Entries, change: (entry: TreeMap) => TreeMap): Entries =>
  Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, change(entry)]))

function concealed(entry: TreeMap): TreeMap {
  const hide = (key: string, value: Tree): Tree =>
    DATA.includes(key) ? 'DATA+OMITTED' : SECRETS.includes(key) ? 'REDACTED' : value
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, hide(key, value)]))
}

const FILES = ['certificate-authority', 'client-certificate', 'client-key']

/** The files that an entry names, taken into it. */
function embedded({ session }: Invocation, entry: TreeMap, origin: string): TreeMap | Refusal {
  const { client } = session
  let result = entry
  for (const key of FILES) {
    const path = entry[key]
    if (typeof path !== 'string' || path === '') continue
    const file = absolutePath(client, path.startsWith('/') ? path : joinPath(baseDirectory(origin), path))
    const content = client.files.read(file)
    if (content === undefined) return refuse(`open ${file}: no such file or directory`)
    const { [key]: _path, ...rest } = result
    result = { ...rest, [`${key}-data`]: fileAsBase64(content) }
  }
  return result
}

function flattened(invocation: Invocation, config: Kubeconfig): Kubeconfig | Refusal {
  const parts: Record<string, Entries> = {}
  for (const part of ['users', 'clusters'] as const) {
    const entries: Record<string, TreeMap> = {}
    for (const name of Object.keys(config[part]).sort()) {
      const entry = embedded(invocation, config[part][name]!, config.origins[`${part}/${name}`] ?? '')
      if (isRefusal(entry)) return entry
      entries[name] = entry
    }
    parts[part] = entries
  }
  return { ...config, ...parts }
}

function runView(invocation: Invocation): Ending {
  const { args, flags, path, session } = invocation
  if (args.length > 0) return usageRefusal(path, `unexpected arguments: [${args.join(' ')}]`)
  const printer = printerFor(session, flags, { keepOrder: true })
  if (isRefusal(printer)) return printer
  if (!flags.on('merge') && !flags.text('kubeconfig')) return refuse('if merge==false a precise file must be specified')
  const whole = configOf(invocation)
  if (isRefusal(whole)) return whole
  const chosen = flags.on('minify') ? minified(whole, flags.text('context') || whole.currentContext) : whole
  if (isRefusal(chosen)) return chosen
  const flat = flags.on('flatten') ? flattened(invocation, chosen) : chosen
  if (isRefusal(flat)) return flat
  const shown = flags.on('raw')
    ? flat
    : { ...flat, clusters: mapEntries(flat.clusters, concealed), users: mapEntries(flat.users, concealed) }
  return printer.print(configTree(shown))
}

export const viewConfig: Command = {
  name: 'view',
  usage: '[flags]',
  short: 'Display merged kubeconfig settings or a specified kubeconfig file',
  examples: ['kubectl config view', 'kubectl config view --minify'],
  flags: {
    ...PRINT_FLAGS,
    flatten: { kind: 'bool', help: 'Take the files that it names into it.' },
    merge: { kind: 'bool', default: 'true', alone: 'true', help: 'Read all files as one.' },
    minify: { kind: 'bool', help: 'Only what the present context needs.' },
    output: { kind: 'string', short: 'o', default: 'yaml', help: 'How to print.' },
    raw: { kind: 'bool', help: 'With secrets and data.' },
  },
  run: runView,
}

const contextRow = (config: Kubeconfig, name: string): readonly string[] => {
  const context = config.contexts[name]!
  return [
    name === config.currentContext ? '*' : '',
    name,
    String(context.cluster ?? ''),
    String(context.user ?? ''),
    String(context.namespace ?? ''),
  ]
}

function runGetContexts(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const output = flags.text('output')
  if (output !== '' && output !== 'name')
    return refuse(
      `--output ${output} is not available in kubectl config get-contexts; resetting to default output format`,
    )
  const config = configOf(invocation)
  if (isRefusal(config)) return config
  const wanted = args.length > 0 ? args : Object.keys(config.contexts)
  const names = wanted.filter((name) => name in config.contexts).toSorted()
  const refusals = wanted
    .filter((name) => !(name in config.contexts))
    .map((name) => refuse(`context ${name} not found`))
  if (output === 'name') say(session, names.map((name) => `${name}\n`).join(''))
  else {
    const headers = flags.on('no-headers') ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']]
    say(session, alignRows([...headers, ...names.map((name) => contextRow(config, name))]))
  }
  return severalRefusals(refusals)
}

export const getContexts: Command = {
  name: 'get-contexts',
  usage: '[(-o|--output=)name)]',
  short: 'Describe one or many contexts',
  examples: ['kubectl config get-contexts'],
  flags: {
    'no-headers': { kind: 'bool', help: 'Leave out the line of headers.' },
    output: { kind: 'string', short: 'o', help: 'How to print: name.' },
  },
  run: runGetContexts,
}

const listNames =
  (part: 'clusters' | 'users') =>
  (invocation: Invocation): Ending => {
    const config = configOf(invocation)
    if (isRefusal(config)) return config
    say(invocation.session, ['NAME', ...Object.keys(config[part]).sort()].map((name) => `${name}\n`).join(''))
    return undefined
  }

export const getClusters: Command = {
  name: 'get-clusters',
  usage: '',
  short: 'Display clusters defined in the kubeconfig',
  examples: ['kubectl config get-clusters'],
  flags: {},
  run: listNames('clusters'),
}

export const getUsers: Command = {
  name: 'get-users',
  usage: '',
  short: 'Display users defined in the kubeconfig',
  examples: ['kubectl config get-users'],
  flags: {},
  run: listNames('users'),
}

export const currentContext: Command = {
  name: 'current-context',
  usage: '',
  short: 'Display the current-context',
  examples: ['kubectl config current-context'],
  flags: {},
  run: (invocation) => {
    const config = configOf(invocation)
    if (isRefusal(config)) return config
    if (config.currentContext === '') return refuse('current-context is not set')
    say(invocation.session, `${config.currentContext}\n`)
    return undefined
  },
}
