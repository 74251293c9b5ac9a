/** `kubectl create configmap`. */
import { goQuote } from '../../../std/go-text.ts'
import { goJsonOf } from '../../../std/go-value.ts'
import type { Tree, TreeMap } from '../../../std/tree.ts'
import type { Invocation } from '../../command.ts'
import { isRefusal, type Refusal, refuse } from '../../refusal.ts'
import { base64Of, configKeyProblem, contentHash, DATA_FLAGS, type Entry, entriesFrom } from './files.ts'
import { generatorCommand } from './generator.ts'

function problemWith(entries: readonly Entry[], name: string): Refusal | undefined {
  const seen = new Map<string, Entry>()
  for (const entry of entries) {
    const { key } = entry
    const problem = configKeyProblem(key)
    if (problem) return refuse(`${goQuote(key)} is not a valid key name for a ConfigMap: ${problem}`)
    const part = typeof entry.content === 'string' ? 'Data' : 'BinaryData'
    const known = seen.get(key)
    const where = known && typeof known.content !== 'string' ? 'BinaryData' : known ? 'Data' : part
    if (known)
      return refuse(
        `cannot add key ${goQuote(key)}, another key by that name already exists in ${where} for ConfigMap ${goQuote(name)}`,
      )
    seen.set(key, entry)
  }
  return undefined
}

export function configMapHash(name: string, data: TreeMap, binaryData: TreeMap): string {
  const hasBinary = Object.keys(binaryData).length > 0
  const shown: Tree = Object.keys(data).length > 0 ? data : hasBinary ? {} : null
  return contentHash(goJsonOf({ ...(hasBinary && { binaryData }), data: shown ?? '', kind: 'ConfigMap', name }))
}

function configMapOf({ session, flags }: Invocation, name: string): TreeMap | Refusal {
  if (
    flags.list('from-env-file').length > 0 &&
    (flags.list('from-file').length > 0 || flags.list('from-literal').length > 0)
  )
    return refuse('from-env-file cannot be combined with from-file or from-literal')
  const entries = entriesFrom(session.client, flags)
  if (isRefusal(entries)) return entries
  const problem = problemWith(entries, name)
  if (problem) return problem
  const data = Object.fromEntries(
    entries.flatMap(({ key, content }) => (typeof content === 'string' ? [[key, content]] : [])),
  )
  const binaryData = Object.fromEntries(
    entries.flatMap(({ key, content }) => (typeof content === 'string' ? [] : [[key, base64Of(content)]])),
  )
  const full = flags.on('append-hash') ? `${name}-${configMapHash(name, data, binaryData)}` : name
  return { metadata: { name: full }, data, binaryData }
}

export const createConfigMap = generatorCommand({
  name: 'configmap',
  aliases: ['cm'],
  usage: 'NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  short: 'Create a config map from a local file, directory or literal value',
  examples: [
    'kubectl create configmap settings --from-literal=mode=dark',
    'kubectl create configmap pages --from-file=pages/',
  ],
  flags: DATA_FLAGS,
  generator: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    namespaced: true,
    failure: 'failed to create configmap: ',
    object: configMapOf,
  },
})
