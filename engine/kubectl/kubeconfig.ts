/**
 * The kubeconfig: which clusters there are, who one may be there, and the contexts that pair the two. Several files are
 * read as one, the first to name something wins, and every connection begins with the answer to "where, and as whom?".
 *
 * Upstream: staging/src/k8s.io/client-go/tools/clientcmd. Left out: credentials that a program or a provider would
 * fetch (`exec`, `auth-provider`) are passed on by the user's name only.
 */
import { base64OfText, encodeBase64 } from '../std/base64.ts'
import { goQuote } from '../std/go-text.ts'
import { isList, isMap, type Tree, type TreeMap, treeAt } from '../std/tree.ts'
import { parseYaml } from '../std/yaml.ts'
import type { Client, Credentials } from './client.ts'
import type { FlagValues } from './flags.ts'
import { absolutePath, baseDirectory, joinPath } from './paths.ts'
import { isRefusal, type Refusal, refuse, refuseAfterAsking, refuseBare } from './refusal.ts'

export type Entries = Readonly<Record<string, TreeMap>>

export interface Kubeconfig {
  readonly clusters: Entries
  readonly users: Entries
  readonly contexts: Entries
  readonly currentContext: string
  /** Which file each entry came from: `users/mia`. */
  readonly origins: Readonly<Record<string, string>>
}

export const EMPTY_CONFIG: Kubeconfig = { clusters: {}, users: {}, contexts: {}, currentContext: '', origins: {} }

/** Fields in the order of the Go structs, which is how they are printed in JSON. */
const FIELDS = {
  cluster:
    'server tls-server-name insecure-skip-tls-verify certificate-authority certificate-authority-data proxy-url disable-compression extensions',
  user: 'client-certificate client-certificate-data client-key client-key-data token tokenFile as as-uid as-groups as-user-extra username password auth-provider exec extensions',
  context: 'cluster user namespace extensions',
  exec: 'command args env apiVersion installHint provideClusterInfo interactiveMode',
} as const

/** Fields that are written even when they are empty. */
const ALWAYS: Readonly<Record<'cluster' | 'user' | 'context', TreeMap>> = {
  cluster: { server: '' },
  user: {},
  context: { cluster: '', user: '' },
}

function ordered(map: TreeMap, fields: string): TreeMap {
  const known = fields.split(' ').filter((field) => field in map)
  return Object.fromEntries(known.map((field) => [field, map[field]!]))
}

const inOrder = (part: 'cluster' | 'user' | 'context', map: TreeMap): TreeMap => {
  const result = ordered({ ...ALWAYS[part], ...map }, FIELDS[part])
  return isMap(result.exec) ? { ...result, exec: ordered(result.exec, FIELDS.exec) } : result
}

const entriesOf = (list: Tree | undefined, part: 'cluster' | 'user' | 'context'): Entries => {
  const entries: Record<string, TreeMap> = {}
  for (const item of isList(list) ? list : []) {
    const name = treeAt(item, 'name')
    const value = treeAt(item, part)
    if (typeof name === 'string') entries[name] ??= isMap(value) ? value : {}
  }
  return entries
}

export function configFromTree(tree: Tree, file: string): Kubeconfig {
  const parts = {
    clusters: entriesOf(treeAt(tree, 'clusters'), 'cluster'),
    users: entriesOf(treeAt(tree, 'users'), 'user'),
    contexts: entriesOf(treeAt(tree, 'contexts'), 'context'),
  }
  const origins = Object.entries(parts).flatMap(([part, entries]) =>
    Object.keys(entries).map((name) => [`${part}/${name}`, file]),
  )
  const current = treeAt(tree, 'current-context')
  return { ...parts, currentContext: typeof current === 'string' ? current : '', origins: Object.fromEntries(origins) }
}

const listOf = (entries: Entries, part: 'cluster' | 'user' | 'context'): Tree => {
  const names = Object.keys(entries).sort()
  return names.length === 0 ? null : names.map((name) => ({ name, [part]: inOrder(part, entries[name]!) }))
}

/** The form that is written and printed, in the order of the Go struct. */
export const configTree = (config: Kubeconfig): TreeMap => ({
  kind: 'Config',
  apiVersion: 'v1',
  clusters: listOf(config.clusters, 'cluster'),
  users: listOf(config.users, 'user'),
  contexts: listOf(config.contexts, 'context'),
  'current-context': config.currentContext,
})

const merged = (first: Kubeconfig, second: Kubeconfig): Kubeconfig => ({
  clusters: { ...second.clusters, ...first.clusters },
  users: { ...second.users, ...first.users },
  contexts: { ...second.contexts, ...first.contexts },
  currentContext: first.currentContext || second.currentContext,
  origins: { ...second.origins, ...first.origins },
})

/** The files that are read, in order; the first is the one that new entries go to when none exists. */
export function configFiles(client: Client, flags: FlagValues): readonly string[] {
  if (flags.text('kubeconfig')) return [flags.text('kubeconfig')]
  const named = (client.env.KUBECONFIG ?? '').split(':').filter((file) => file !== '')
  return named.length > 0 ? named : [`${client.env.HOME ?? ''}/.kube/config`]
}

export function readConfigFile(client: Client, file: string): Kubeconfig | Refusal | undefined {
  const content = client.files.read(absolutePath(client, file))
  if (content === undefined) return undefined
  const parsed = parseYaml(typeof content === 'string' ? content : '')
  if (!parsed.ok)
    return refuse(
      `error loading config file ${goQuote(file)}: yaml: line ${parsed.problem.line}: ${parsed.problem.message}`,
    )
  for (const part of ['clusters', 'contexts', 'users']) {
    const value = treeAt(parsed.value, part)
    if (typeof value === 'string')
      return refuse(
        `error loading config file ${goQuote(file)}: json: cannot unmarshal string into Go struct field Config.${part} of type []v1.Named${part[0]!.toUpperCase()}${part.slice(1, -1)}`,
      )
  }
  return configFromTree(parsed.value, file)
}

/** All files as one, without what flags override. */
export function loadConfig(client: Client, flags: FlagValues): Kubeconfig | Refusal {
  let config = EMPTY_CONFIG
  for (const file of configFiles(client, flags)) {
    const next = readConfigFile(client, file)
    if (next === undefined && flags.text('kubeconfig')) return refuse(`stat ${file}: no such file or directory`)
    if (isRefusal(next)) return next
    if (next) config = merged(config, next)
  }
  return config
}

export interface Connection {
  readonly server: string
  readonly namespace: string
  readonly credentials: Credentials
  readonly impersonation: Readonly<Record<string, string | readonly string[]>>
}

interface Chosen {
  readonly context: TreeMap
  readonly cluster: TreeMap
  readonly user: TreeMap
  readonly userName: string
  readonly clusterName: string
}

const textOf = (map: TreeMap, field: string): string => {
  const value = map[field]
  return typeof value === 'string' ? value : ''
}

function choose(config: Kubeconfig, flags: FlagValues): Chosen | Refusal {
  const contextName = flags.text('context') || config.currentContext
  const context = config.contexts[contextName]
  if (!context && flags.text('context'))
    return refuseBare(`Error in configuration: context was not found for specified context: ${contextName}`)
  const clusterName = flags.text('cluster') || textOf(context ?? {}, 'cluster')
  const userName = flags.text('user') || textOf(context ?? {}, 'user')
  const cluster = config.clusters[clusterName]
  if (!cluster && flags.text('cluster') && !flags.text('server'))
    return refuse(`no server found for cluster ${goQuote(clusterName)}`)
  const user = config.users[userName]
  if (!user && flags.text('user')) return refuse(`auth info ${goQuote(userName)} does not exist`)
  return { context: context ?? {}, cluster: cluster ?? {}, user: user ?? {}, userName, clusterName }
}

/** The files that a connection needs must be readable. */
function unreadable(client: Client, config: Kubeconfig, chosen: Chosen, flags: FlagValues): string[] {
  const problems: string[] = []
  const check = (
    label: string,
    name: string,
    entry: TreeMap,
    field: string,
    origin: string,
    shownName: string,
  ): void => {
    const path = flags.text(field) || textOf(entry, field)
    if (!path) return
    const resolved = flags.text(field) ? path : joinPath(baseDirectory(config.origins[origin] ?? ''), path)
    if (client.files.read(absolutePath(client, resolved)) === undefined)
      problems.push(
        `unable to read ${label} ${resolved} for ${shownName} due to open ${resolved}: no such file or directory`,
      )
    void name
  }
  const { user, cluster, userName, clusterName } = chosen
  check('client-cert', userName, user, 'client-certificate', `users/${userName}`, userName)
  check('client-key', userName, user, 'client-key', `users/${userName}`, userName)
  check('certificate-authority', clusterName, cluster, 'certificate-authority', `clusters/${clusterName}`, clusterName)
  return problems
}

function impersonationOf(flags: FlagValues, user: TreeMap): Connection['impersonation'] {
  const as = flags.text('as') || textOf(user, 'as')
  const groups = flags.list('as-group')
  const headers: Record<string, string | readonly string[]> = {}
  if (as) headers['impersonate-user'] = as
  if (groups.length > 0) headers['impersonate-group'] = groups
  if (flags.text('as-uid')) headers['impersonate-uid'] = flags.text('as-uid')
  for (const extra of flags.list('as-user-extra')) {
    const [key, value = ''] = extra.split('=')
    headers[`impersonate-extra-${key}`] = value
  }
  return headers
}

function credentialsOf(flags: FlagValues, chosen: Chosen): Credentials {
  const { user, userName } = chosen
  const pick = (flag: string, field: string): string => flags.text(flag) || textOf(user, field)
  const token = pick('token', 'token')
  const username = pick('username', 'username')
  const password = pick('password', 'password')
  const clientCertificate = textOf(user, 'client-certificate-data') || pick('client-certificate', 'client-certificate')
  return {
    user: userName,
    ...(token && { token }),
    ...(username && { username }),
    ...(password && { password }),
    ...(clientCertificate && { clientCertificate }),
  }
}

const identifies = (user: TreeMap, credentials: Credentials): boolean =>
  Boolean(
    credentials.token ||
      credentials.username ||
      credentials.clientCertificate ||
      user.exec ||
      user['auth-provider'] ||
      user.tokenFile,
  )

/** Where to, and as whom. */
export function connectionOf(client: Client, flags: FlagValues): Connection | Refusal {
  const config = loadConfig(client, flags)
  if (isRefusal(config)) return config
  const timeout = flags.text('request-timeout')
  if (!/^(\d+|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$/.test(timeout))
    return refuse(
      'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
    )
  const chosen = choose(config, flags)
  if (isRefusal(chosen)) return chosen
  const problems = unreadable(client, config, chosen, flags)
  const [first] = problems
  if (problems.length === 1) return problemOfOne(first!)
  if (problems.length > 1)
    return refuseBare(`Error in configuration: \n${problems.map((text) => `* ${text}`).join('\n')}`)
  const server = flags.text('server') || textOf(chosen.cluster, 'server') || 'http://localhost:8080'
  const credentials = credentialsOf(flags, chosen)
  if (server.startsWith('https:') && !identifies(chosen.user, credentials))
    return refuseAfterAsking('Please enter Username: ')
  const impersonation = impersonationOf(flags, chosen.user)
  const namespace = flags.text('namespace') || textOf(chosen.context, 'namespace') || 'default'
  if (impersonation['impersonate-user'] === undefined && Object.keys(impersonation).length > 0)
    return refuse(`requesting uid, groups or user-extra for ${chosen.userName} without impersonating a user`)
  return { server, namespace, credentials, impersonation }
}

const problemOfOne = (text: string): Refusal =>
  text.includes('certificate-authority') ? refuse(text) : refuseBare(`Error in configuration: ${text}`)

/** The contents of a file as `…-data` fields carry them. */
export const fileAsBase64 = (content: string | readonly number[]): string =>
  typeof content === 'string' ? base64OfText(content) : encodeBase64(content)
