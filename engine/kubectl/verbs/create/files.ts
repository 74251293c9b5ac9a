/**
 * Data from files, directories, env files and literals, as ConfigMaps and Secrets take it.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/create/create_configmap.go, pkg/util/hash, pkg/cmd/util/env_file.go
 */
import { base64OfText, encodeBase64, utf8Bytes } from '../../../std/base64.ts'
import { goQuote } from '../../../std/go-text.ts'
import { sha256 } from '../../../std/sha256.ts'
import type { Client, FileContent } from '../../client.ts'
import type { Flags, FlagValues } from '../../flags.ts'
import { baseName, joinPath, listFiles, readFile } from '../../paths.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'

export const DATA_FLAGS: Flags = {
  'append-hash': { kind: 'bool', help: 'Put a hash of the content behind the name.' },
  'from-env-file': { kind: 'stringSlice', help: 'A file of key=value lines, each of which becomes a key.' },
  'from-file': { kind: 'stringSlice', help: 'A file, key=file, or a directory whose files become keys.' },
  'from-literal': { kind: 'stringArray', help: 'A key=value pair; may be given several times.' },
}

export interface Entry {
  readonly key: string
  readonly content: FileContent
}

const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/

export const CONFIG_KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/

const ENV_NAME_RULE =
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"

/** Why a key may not be one; undefined if it may. */
export function configKeyProblem(key: string): string | undefined {
  if (key.length > 253) return 'must be no more than 253 characters'
  if (!CONFIG_KEY.test(key)) return CONFIG_KEY_RULE
  if (key === '.') return "must not be '.'"
  if (key === '..') return "must not be '..'"
  return key.startsWith('..') ? "must not start with '..'" : undefined
}

export const envNameProblem = (name: string): string | undefined =>
  ENV_NAME.test(name)
    ? name === '.' || name === '..'
      ? `must not be '${name}'`
      : name.startsWith('..')
        ? "must not start with '..'"
        : undefined
    : ENV_NAME_RULE

function literal(source: string): Entry | Refusal {
  const at = source.indexOf('=')
  if (at <= 0) return refuse(`invalid literal source ${source}, expected key=value`)
  const value = source.slice(at + 1)
  const bare = value.length > 1 && /^(".*"|'.*')$/s.test(value) && value[0] === value.at(-1) ? value : value
  return { key: source.slice(0, at), content: bare }
}

/** `key=path`, or a path that gives its own name. */
function splitSource(source: string): readonly [key: string, path: string] | Refusal {
  const parts = source.split('=')
  if (parts.length === 1) return [baseName(source), source]
  if (parts.length > 2) return refuse("key names or file paths cannot contain '='")
  const [key = '', path = ''] = parts
  if (key === '') return refuse(`key name for file path ${path} missing`)
  return path === '' ? refuse(`file path for key name ${key} missing`) : [key, path]
}

const contentOf = (client: Client, path: string): FileContent | undefined =>
  path === '/dev/stdin' ? client.stdin : readFile(client, path)

function file(client: Client, source: string): readonly Entry[] | Refusal {
  const split = splitSource(source)
  if (isRefusal(split)) return split
  const [key, path] = split
  const names = listFiles(client, path)
  if (names) {
    if (source.includes('=')) return refuse('cannot give a key name for a directory path')
    return names
      .map((name): Entry => ({ key: name, content: readFile(client, joinPath(path, name)) ?? '' }))
      .filter(({ key: name }) => readFile(client, joinPath(path, name)) !== undefined)
  }
  const content = contentOf(client, path)
  return content === undefined ? refuse(`error reading ${path}: no such file or directory`) : [{ key, content }]
}

function envLine(line: string, env: Client['env']): Entry | Refusal | undefined {
  const text = line.replace(/\r$/, '').trimStart()
  if (text === '' || text.startsWith('#')) return undefined
  const at = text.indexOf('=')
  const key = at < 0 ? text : text.slice(0, at)
  const problem = envNameProblem(key)
  if (problem) return refuse(`${goQuote(key)} is not a valid key name: ${problem}`)
  return { key, content: at < 0 ? (env[key] ?? '') : text.slice(at + 1) }
}

/** The lines of bytes, for a message about the one that is no text. */
const firstBadLine = (bytes: readonly number[]): readonly number[] => {
  const end = bytes.indexOf(10)
  return end < 0 ? bytes : bytes.slice(0, end)
}

export function envFile(client: Client, path: string): readonly Entry[] | Refusal {
  if (listFiles(client, path)) return refuse('env config file cannot be a directory')
  const content = contentOf(client, path)
  if (content === undefined) return refuse(`error reading ${path}: no such file or directory`)
  if (typeof content !== 'string')
    return refuse(`env file ${path} contains invalid utf8 bytes at line 1: [${firstBadLine(content).join(' ')}]`)
  const entries: Entry[] = []
  for (const line of content.replace(/^\ufeff/, '').split('\n')) {
    const entry = envLine(line, client.env)
    if (isRefusal(entry)) return entry
    if (entry) entries.push(entry)
  }
  return entries
}

/** All that the flags name, in upstream's order: literals, files, env files. */
export function entriesFrom(client: Client, flags: FlagValues): readonly Entry[] | Refusal {
  const entries: Entry[] = []
  const sources = [
    ...flags.list('from-literal').map((source) => () => asList(literal(source))),
    ...flags.list('from-file').map((source) => () => file(client, source)),
    ...flags.list('from-env-file').map((source) => () => envFile(client, source)),
  ]
  for (const read of sources) {
    const found = read()
    if (isRefusal(found)) return found
    entries.push(...found)
  }
  return entries
}

const asList = (entry: Entry | Refusal): readonly Entry[] | Refusal => (isRefusal(entry) ? entry : [entry])

export const base64Of = (content: FileContent): string =>
  typeof content === 'string' ? base64OfText(content) : encodeBase64(content)

export const bytesOf = (content: FileContent): readonly number[] =>
  typeof content === 'string' ? utf8Bytes(content) : content

const HASH_LETTERS: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' }

/** Ten letters that stand for a content, none of which could spell a word. */
export const contentHash = (json: string): string =>
  [...sha256(json).slice(0, 10)].map((letter) => HASH_LETTERS[letter] ?? letter).join('')
