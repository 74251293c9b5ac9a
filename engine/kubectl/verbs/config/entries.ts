/** `kubectl config set-context` and its like: whole entries of a kubeconfig. Upstream: staging/src/k8s.io/kubectl/pkg/cmd/config */
import { goQuote } from '../../../std/go-text.ts'
import { isList, isMap, type Tree, type TreeMap } from '../../../std/tree.ts'
import type { Command, Ending, Invocation } from '../../command.ts'
import { helpText } from '../../help.ts'
import { fileAsBase64, type Kubeconfig } from '../../kubeconfig.ts'
import { absolutePath, readFile } from '../../paths.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import { complain, say } from '../../session.ts'
import { changeCurrent, changeEntry, configOf, defaultFile, type Part } from './change.ts'

/** Wrong arguments are answered with help. */
export function helpAndRefuse({ path, session }: Invocation, command: Command, message: string): Refusal {
  say(session, helpText(path, command))
  return refuse(message)
}

const unexpected = (invocation: Invocation, command: Command): Refusal =>
  helpAndRefuse(invocation, command, `Unexpected args: [${invocation.args.join(' ')}]`)

/** Fields that were given replace the old ones; an empty value takes a field away. */
function withFields(entry: TreeMap, { flags }: Invocation, names: readonly string[]): TreeMap {
  const result: Record<string, Tree> = { ...entry }
  for (const name of names) {
    if (!flags.given(name)) continue
    if (flags.text(name) === '') delete result[name]
    else result[name] = flags.text(name)
  }
  return result
}

// ---- contexts ------------------------------------------------------------------------------------------------

function runSetContext(invocation: Invocation): Ending {
  const { args, flags, session } = invocation
  const current = flags.on('current')
  if (current && args.length > 0) return refuse('you cannot specify both a context name and --current')
  if (!current && args.length !== 1) return unexpected(invocation, setContext)
  const config = configOf(invocation)
  if (isRefusal(config)) return config
  const name = current ? config.currentContext : args[0]!
  if (name === '') return refuse('no current context is set')
  const old = config.contexts[name]
  const refusal = changeEntry(
    invocation,
    config,
    'contexts',
    name,
    withFields(old ?? {}, invocation, ['cluster', 'user', 'namespace']),
  )
  if (!refusal) say(session, `Context ${goQuote(name)} ${old ? 'modified' : 'created'}.\n`)
  return refusal
}

export const setContext: Command = {
  name: 'set-context',
  usage: '[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  short: 'Set a context entry in kubeconfig',
  examples: ['kubectl config set-context --current --namespace=shop'],
  flags: {
    cluster: { kind: 'string', help: 'The cluster of the context.' },
    current: { kind: 'bool', help: 'Change the present context.' },
    namespace: { kind: 'string', short: 'n', help: 'The namespace of the context.' },
    user: { kind: 'string', help: 'The user of the context.' },
  },
  run: runSetContext,
}

function runUseContext(invocation: Invocation): Ending {
  const { args, session } = invocation
  if (args.length !== 1) return unexpected(invocation, useContext)
  const config = configOf(invocation)
  if (isRefusal(config)) return config
  if (!(args[0]! in config.contexts)) return refuse(`no context exists with the name: ${goQuote(args[0]!)}`)
  const refusal = changeCurrent(invocation, args[0]!)
  if (!refusal) say(session, `Switched to context ${goQuote(args[0]!)}.\n`)
  return refusal
}

function namesIn(invocation: Invocation, part: Part): readonly string[] {
  const config = configOf(invocation)
  return isRefusal(config) || invocation.args.length > 0 ? [] : Object.keys(config[part]).sort()
}

const contextNames = (invocation: Invocation): readonly string[] => namesIn(invocation, 'contexts')

export const useContext: Command = {
  name: 'use-context',
  aliases: ['use'],
  usage: 'CONTEXT_NAME',
  short: 'Set the current-context in a kubeconfig file',
  examples: ['kubectl config use-context staging'],
  flags: {},
  run: runUseContext,
  complete: contextNames,
}

function runRename(invocation: Invocation): Ending {
  const { args, session } = invocation
  if (args.length !== 2) return unexpected(invocation, renameContext)
  const [from, to] = args as [string, string]
  const config = configOf(invocation)
  if (isRefusal(config)) return config
  const file = defaultFile(invocation)
  const context = config.contexts[from]
  if (!context) return refuse(`cannot rename the context ${goQuote(from)}, it's not in ${file}`)
  if (to in config.contexts)
    return refuse(`cannot rename the context ${goQuote(from)}, the context ${goQuote(to)} already exists in ${file}`)
  const refusal =
    changeEntry(invocation, config, 'contexts', from, undefined) ??
    changeEntry(invocation, config, 'contexts', to, context) ??
    (config.currentContext === from ? changeCurrent(invocation, to) : undefined)
  if (!refusal) say(session, `Context ${goQuote(from)} renamed to ${goQuote(to)}.\n`)
  return refusal
}

export const renameContext: Command = {
  name: 'rename-context',
  usage: 'CONTEXT_NAME NEW_NAME',
  short: 'Rename a context from the kubeconfig file',
  examples: ['kubectl config rename-context old new'],
  flags: {},
  run: runRename,
  complete: contextNames,
}

// ---- deleting ------------------------------------------------------------------------------------------------

const WORDS: Readonly<Record<Part, string>> = { clusters: 'cluster', users: 'user', contexts: 'context' }

function runDelete(invocation: Invocation, part: Part, command: Command): Ending {
  const { args, path, session } = invocation
  const word = WORDS[part]
  if (args.length !== 1 && part === 'users')
    return refuse(`user to delete is required\nSee '${path} -h' for help and examples`)
  if (args.length !== 1) {
    say(session, helpText(path, command))
    return undefined
  }
  const name = args[0]!
  const config = configOf(invocation)
  if (isRefusal(config)) return config
  const file = defaultFile(invocation)
  if (!(name in config[part])) return refuse(`cannot delete ${word} ${name}, not in ${file}`)
  if (part === 'contexts' && name === config.currentContext)
    complain(
      session,
      'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
    )
  const refusal = changeEntry(invocation, config, part, name, undefined)
  if (!refusal) say(session, `deleted ${word} ${name} from ${file}\n`)
  return refusal
}

function deleter(part: Part): Command {
  const word = WORDS[part]
  const command: Command = {
    name: `delete-${word}`,
    usage: 'NAME',
    short: `Delete the specified ${word} from the kubeconfig`,
    examples: [`kubectl config delete-${word} old`],
    flags: {},
    run: (invocation) => runDelete(invocation, part, command),
    complete: (invocation) => namesIn(invocation, part),
  }
  return command
}

export const deleteCluster = deleter('clusters')
export const deleteContext = deleter('contexts')
export const deleteUser = deleter('users')

// ---- clusters and users --------------------------------------------------------------------------------------

/** A file is named by its whole path, or taken into the entry. */
function withFile(entry: TreeMap, { flags, session }: Invocation, name: string): TreeMap | Refusal {
  if (!flags.given(name)) return entry
  const path = flags.text(name)
  const { [name]: _path, [`${name}-data`]: _data, ...rest } = entry
  if (path === '') return rest
  if (!flags.on('embed-certs')) return { ...rest, [name]: absolutePath(session.client, path) }
  const content = readFile(session.client, path)
  if (content === undefined)
    return refuse(`could not stat ${name} file ${path}: stat ${path}: no such file or directory`)
  return { ...rest, [`${name}-data`]: fileAsBase64(content) }
}

function clusterAfter(invocation: Invocation, old: TreeMap): TreeMap | Refusal {
  const { flags } = invocation
  const authority = flags.text('certificate-authority')
  if (authority && flags.on('insecure-skip-tls-verify'))
    return refuse('you cannot specify a certificate authority and insecure mode at the same time')
  if (flags.on('embed-certs') && !authority) return refuse('you must specify a --certificate-authority to embed')
  const fields = withFields(old, invocation, ['server', 'tls-server-name', 'proxy-url'])
  const { 'insecure-skip-tls-verify': insecure, ...secure } = fields
  const skips = flags.given('insecure-skip-tls-verify')
    ? flags.on('insecure-skip-tls-verify')
    : insecure === true && !authority
  return withFile(
    { ...secure, ...(skips && { 'insecure-skip-tls-verify': true }) },
    invocation,
    'certificate-authority',
  )
}

const setter =
  (
    part: 'clusters' | 'users',
    word: string,
    change: (invocation: Invocation, old: TreeMap) => TreeMap | Refusal,
    command: () => Command,
  ) =>
  (invocation: Invocation): Ending => {
    const { args, session } = invocation
    if (args.length !== 1) return unexpected(invocation, command())
    const config: Kubeconfig | Refusal = configOf(invocation)
    if (isRefusal(config)) return config
    const entry = change(invocation, config[part][args[0]!] ?? {})
    if (isRefusal(entry)) return entry
    const refusal = changeEntry(invocation, config, part, args[0]!, entry)
    if (!refusal) say(session, `${word} ${goQuote(args[0]!)} set.\n`)
    return refusal
  }

const EMBED = { kind: 'bool', help: 'Take the files into the kubeconfig.' } as const

export const setCluster: Command = {
  name: 'set-cluster',
  usage:
    'NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]',
  short: 'Set a cluster entry in kubeconfig',
  examples: ['kubectl config set-cluster garden --server=https://203.0.113.7:6443'],
  flags: {
    'certificate-authority': { kind: 'string', help: 'The file with the authority that signs the server.' },
    'embed-certs': EMBED,
    'insecure-skip-tls-verify': { kind: 'bool', help: "Believe any server's certificate." },
    'proxy-url': { kind: 'string', help: 'The proxy to go through.' },
    server: { kind: 'string', help: 'The address of the server.' },
    'tls-server-name': { kind: 'string', help: 'The name that the certificate must have.' },
  },
  run: setter('clusters', 'Cluster', clusterAfter, () => setCluster),
}

/** `NAME=value` sets, `NAME-` takes away. */
function execEnv(old: readonly TreeMap[], changes: readonly string[]): readonly TreeMap[] | Refusal {
  let env = [...old]
  for (const change of changes) {
    const at = change.indexOf('=')
    const name = at > 0 ? change.slice(0, at) : change.slice(0, -1)
    if (at < 0 && !change.endsWith('-')) return refuse(`invalid exec-env format: ${change}`)
    env = env.filter((entry) => entry.name !== name)
    if (at > 0) env.push({ name, value: change.slice(at + 1) })
  }
  return env
}

function withExec(entry: TreeMap, { flags }: Invocation): TreeMap | Refusal {
  const given = [
    'exec-command',
    'exec-api-version',
    'exec-arg',
    'exec-env',
    'exec-interactive-mode',
    'exec-provide-cluster-info',
  ].filter((name) => flags.given(name))
  const old = isMap(entry.exec) ? entry.exec : undefined
  if (given.length === 0 || (!old && !flags.given('exec-command'))) return entry
  const env = execEnv(isList(old?.env) ? (old.env as readonly TreeMap[]) : [], flags.list('exec-env'))
  if (isRefusal(env)) return env
  const oldArgs = isList(old?.args) ? old.args : null
  const exec: TreeMap = {
    command: flags.given('exec-command') ? flags.text('exec-command') : (old?.command ?? ''),
    args: flags.given('exec-arg') ? flags.list('exec-arg') : oldArgs,
    env: env.length > 0 ? env : null,
    apiVersion: flags.given('exec-api-version') ? flags.text('exec-api-version') : (old?.apiVersion ?? ''),
    provideClusterInfo: flags.given('exec-provide-cluster-info')
      ? flags.on('exec-provide-cluster-info')
      : (old?.provideClusterInfo ?? false),
    interactiveMode: flags.given('exec-interactive-mode')
      ? flags.text('exec-interactive-mode')
      : (old?.interactiveMode ?? 'IfAvailable'),
  }
  return { ...entry, exec }
}

function withProvider(entry: TreeMap, { flags }: Invocation): TreeMap {
  if (!flags.given('auth-provider') && !flags.given('auth-provider-arg')) return entry
  const old = isMap(entry['auth-provider']) ? entry['auth-provider'] : undefined
  if (!old && !flags.text('auth-provider')) return entry
  const config: Record<string, Tree> = { ...(isMap(old?.config) ? old.config : {}) }
  for (const pair of flags.list('auth-provider-arg')) {
    const at = pair.indexOf('=')
    if (at > 0) config[pair.slice(0, at)] = pair.slice(at + 1)
    else delete config[pair.slice(0, -1)]
  }
  return { ...entry, 'auth-provider': { name: flags.text('auth-provider') || String(old?.name ?? ''), config } }
}

function credentialsProblem({ flags }: Invocation): Refusal | undefined {
  if (flags.on('embed-certs') && !flags.text('client-certificate') && !flags.text('client-key'))
    return refuse('you must specify a --client-certificate or --client-key to embed')
  if (flags.text('token') && flags.text('username'))
    return refuse(
      'you cannot specify more than one authentication method at the same time: --token, --username/--password',
    )
  return undefined
}

function userAfter(invocation: Invocation, old: TreeMap): TreeMap | Refusal {
  const { flags } = invocation
  const problem = credentialsProblem(invocation)
  if (problem) return problem
  let entry: TreeMap | Refusal = withFields(old, invocation, ['token', 'username', 'password'])
  if (flags.text('token')) {
    const { username: _username, password: _password, ...rest } = entry
    entry = rest
  } else if (flags.text('username') || flags.text('password')) {
    const { token: _token, tokenFile: _file, ...rest } = entry
    entry = rest
  }
  for (const name of ['client-certificate', 'client-key']) {
    entry = withFile(entry as TreeMap, invocation, name)
    if (isRefusal(entry)) return entry
  }
  return withExec(withProvider(entry as TreeMap, invocation), invocation)
}

const text = (help: string) => ({ kind: 'string', help }) as const

function runSetCredentials(invocation: Invocation): Ending {
  const wrong = invocation.flags.list('exec-env').find((pair) => !pair.includes('=') && !pair.endsWith('-'))
  if (wrong !== undefined) return helpAndRefuse(invocation, setCredentials, `invalid exec-env format: ${wrong}`)
  return setter('users', 'User', userAfter, () => setCredentials)(invocation)
}

export const setCredentials: Command = {
  name: 'set-credentials',
  usage:
    'NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]',
  short: 'Set a user entry in kubeconfig',
  examples: ['kubectl config set-credentials mia --token=secret'],
  flags: {
    'auth-provider': text('The provider of credentials.'),
    'auth-provider-arg': { kind: 'stringSlice', help: 'key=value pairs for the provider.' },
    'client-certificate': text('The file with the certificate.'),
    'client-key': text('The file with the key.'),
    'embed-certs': EMBED,
    'exec-api-version': text('The version of the API of the program.'),
    'exec-arg': { kind: 'stringSlice', help: 'Arguments of the program.' },
    'exec-command': text('The program that fetches credentials.'),
    'exec-env': { kind: 'stringArray', help: 'key=value variables of the program.' },
    'exec-interactive-mode': text('Whether the program may ask.'),
    'exec-provide-cluster-info': { kind: 'bool', help: 'Tell the program of the cluster.' },
    password: text('The password.'),
    token: text('The token.'),
    username: text('The name of the user.'),
  },
  run: runSetCredentials,
}
