/** `kubectl create secret`: generic, docker-registry, tls. Left out: a TLS pair is not checked to belong together. */
import { base64OfText } from '../../../std/base64.ts'
import { goQuote } from '../../../std/go-text.ts'
import { goJsonOf } from '../../../std/go-value.ts'
import type { TreeMap } from '../../../std/tree.ts'
import type { Command, Invocation } from '../../command.ts'
import { readFile } from '../../paths.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import { base64Of, configKeyProblem, contentHash, DATA_FLAGS, type Entry, entriesFrom } from './files.ts'
import { type Generator, generatorCommand } from './generator.ts'

const SECRET: Omit<Generator, 'object'> = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  failure: 'failed to create secret ',
}

const hashOf = (name: string, type: string, data: TreeMap): string =>
  contentHash(goJsonOf({ data: Object.keys(data).length > 0 ? data : {}, kind: 'Secret', name, type }))

const secretNamed = (invocation: Invocation, name: string, type: string, data: TreeMap): TreeMap => ({
  metadata: { name: invocation.flags.on('append-hash') ? `${name}-${hashOf(name, type, data)}` : name },
  data,
  type,
})

function problemWith(entries: readonly Entry[]): Refusal | undefined {
  const seen = new Set<string>()
  for (const { key } of entries) {
    const problem = configKeyProblem(key)
    if (problem) return refuse(`${goQuote(key)} is not valid key name for a Secret ${problem}`)
    if (seen.has(key)) return refuse(`cannot add key ${key}, another key by that name already exists`)
    seen.add(key)
  }
  return undefined
}

const dataOf = (entries: readonly Entry[]): TreeMap =>
  Object.fromEntries(entries.map(({ key, content }) => [key, base64Of(content)]))

function genericOf(invocation: Invocation, name: string): TreeMap | Refusal {
  const { session, flags } = invocation
  if (
    flags.list('from-env-file').length > 0 &&
    (flags.list('from-file').length > 0 || flags.list('from-literal').length > 0)
  )
    return refuse('from-env-file cannot be combined with from-file or from-literal')
  const entries = entriesFrom(session.client, flags)
  if (isRefusal(entries)) return entries
  return problemWith(entries) ?? secretNamed(invocation, name, flags.text('type'), dataOf(entries))
}

const APPEND_HASH = { 'append-hash': DATA_FLAGS['append-hash']! }

const createGeneric = generatorCommand({
  name: 'generic',
  usage: 'NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  short: 'Create a secret from a local file, directory, or literal value',
  examples: ['kubectl create secret generic login --from-literal=word=open'],
  flags: { ...DATA_FLAGS, type: { kind: 'string', help: 'The type of the Secret.' } },
  generator: { ...SECRET, object: genericOf },
})

const DOCKER_CONFIG = '.dockerconfigjson'

function dockerConfigOf(flags: Invocation['flags']): string {
  const [username, password, email] = ['docker-username', 'docker-password', 'docker-email'].map((flag) =>
    flags.text(flag),
  )
  const entry = {
    username: username!,
    password: password!,
    ...(email && { email }),
    auth: base64OfText(`${username}:${password}`),
  }
  return goJsonOf({ auths: { [flags.text('docker-server')]: entry } }, { keepOrder: true })
}

function dockerOf(invocation: Invocation, name: string): TreeMap | Refusal {
  const { session, flags } = invocation
  const files = flags.list('from-file')
  const given = flags.text('docker-username') && flags.text('docker-password') && flags.text('docker-server')
  if (files.length === 0 && !given)
    return refuse(
      'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
    )
  if (files.length === 0)
    return secretNamed(invocation, name, 'kubernetes.io/dockerconfigjson', {
      [DOCKER_CONFIG]: base64OfText(dockerConfigOf(flags)),
    })
  const entries: Entry[] = []
  for (const source of files) {
    const path = source.includes('=') ? source.slice(source.indexOf('=') + 1) : source
    const content = readFile(session.client, path)
    if (content === undefined) return refuse(`error reading ${path}: no such file or directory`)
    entries.push({ key: source.includes('=') ? source.slice(0, source.indexOf('=')) : DOCKER_CONFIG, content })
  }
  return problemWith(entries) ?? secretNamed(invocation, name, 'kubernetes.io/dockerconfigjson', dataOf(entries))
}

const createDockerRegistry = generatorCommand({
  name: 'docker-registry',
  usage:
    'NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]',
  short: 'Create a secret for use with a Docker registry',
  examples: [
    'kubectl create secret docker-registry mine --docker-server=registry.example --docker-username=mia --docker-password=open',
  ],
  flags: {
    ...APPEND_HASH,
    'docker-email': { kind: 'string', help: 'The e-mail address at the registry.' },
    'docker-password': { kind: 'string', help: 'The password at the registry.' },
    'docker-server': { kind: 'string', default: 'https://index.docker.io/v1/', help: 'Where the registry is.' },
    'docker-username': { kind: 'string', help: 'The user name at the registry.' },
    'from-file': { kind: 'stringSlice', help: 'A docker configuration file to take as it is.' },
  },
  generator: { ...SECRET, object: dockerOf },
})

const PEM = /-----BEGIN ([A-Z ]+)-----/

/** What the first block of a PEM file is, in the words of crypto/tls. */
function pemProblem(cert: string, key: string): string | undefined {
  const found = PEM.exec(cert)?.[1]
  if (!found) return 'tls: failed to find any PEM data in certificate input'
  if (found.endsWith('PRIVATE KEY'))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  if (found !== 'CERTIFICATE')
    return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${found}]`
  const private_ = PEM.exec(key)?.[1]
  if (!private_) return 'tls: failed to find any PEM data in key input'
  return private_ === 'CERTIFICATE'
    ? 'tls: found a certificate rather than a key in the PEM for the private key'
    : undefined
}

function tlsOf(invocation: Invocation, name: string): TreeMap | Refusal {
  const { session, flags } = invocation
  const [cert, key] = [flags.text('cert'), flags.text('key')]
  if (!cert || !key) return refuse('key and cert must be specified')
  const contents: string[] = []
  for (const path of [cert, key]) {
    const content = readFile(session.client, path)
    if (content === undefined) return refuse(`Cannot read file ${path}, open ${path}: no such file or directory`)
    contents.push(typeof content === 'string' ? content : '')
  }
  const problem = pemProblem(contents[0]!, contents[1]!)
  if (problem) return refuse(problem)
  const data = { 'tls.crt': base64OfText(contents[0]!), 'tls.key': base64OfText(contents[1]!) }
  return secretNamed(invocation, name, 'kubernetes.io/tls', data)
}

const createTls = generatorCommand({
  name: 'tls',
  usage: 'NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]',
  short: 'Create a TLS secret',
  examples: ['kubectl create secret tls web --cert=web.crt --key=web.key'],
  flags: {
    ...APPEND_HASH,
    cert: { kind: 'string', help: 'The file with the certificate, as PEM.' },
    key: { kind: 'string', help: 'The file with the private key that belongs to it.' },
  },
  generator: { ...SECRET, object: tlsOf },
})

export const createSecret: Command = {
  name: 'secret',
  usage: '(docker-registry | generic | tls)',
  short: 'Create a secret using a specified subcommand',
  help: 'Create a Secret: generic holds anything, docker-registry a login for images, tls a certificate and its key.',
  flags: {},
  commands: [createDockerRegistry, createGeneric, createTls],
}
