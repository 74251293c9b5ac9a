/**
 * What `-f` names: files, directories, patterns, standard input. Each becomes objects with the place they came from, which every
 * message about them carries.
 *
 * Upstream: staging/src/k8s.io/cli-runtime/pkg/resource/visitor.go. Left out: URLs, for a simulation has no internet.
 */

import { goQuote } from '../std/go-text.ts'
import { goJsonOf } from '../std/go-value.ts'
import { isList, isMap, type TreeMap } from '../std/tree.ts'
import { parseYaml, splitYaml } from '../std/yaml.ts'
import type { Client, FileContent } from './client.ts'
import { cleanPath, listFiles, readFile } from './paths.ts'
import { isRefusal, type Refusal, refuse } from './refusal.ts'

export interface Manifest {
  readonly object: TreeMap
  /** `app/pod.yaml`, or STDIN. */
  readonly source: string
}

/** Objects that could be read, and what was wrong with the rest. */
export interface Manifests {
  readonly manifests: readonly Manifest[]
  readonly refusals: readonly Refusal[]
}

export const FILE_EXTENSIONS = ['.json', '.yaml', '.yml']

const textOf = (content: FileContent): string =>
  typeof content === 'string' ? content : content.map((byte) => String.fromCharCode(byte)).join('')

function expandPattern(client: Client, pattern: string): readonly string[] {
  const slash = pattern.lastIndexOf('/')
  const directory = slash < 0 ? '.' : pattern.slice(0, slash)
  const last = pattern.slice(slash + 1)
  const test = new RegExp(
    `^${last
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replace(/\*/g, '[^/]*')
      .replace(/\?/g, '[^/]')}$`,
  )
  const names = (listFiles(client, directory) ?? []).filter((name) => test.test(name))
  return names.map((name) => (slash < 0 ? name : `${directory}/${name}`))
}

function filesIn(client: Client, directory: string, recursive: boolean): readonly string[] {
  return (listFiles(client, directory) ?? []).flatMap((name) => {
    const path = cleanPath(`${directory}/${name}`)
    if (listFiles(client, path)) return recursive ? filesIn(client, path, true) : []
    return FILE_EXTENSIONS.some((extension) => path.endsWith(extension)) ? [path] : []
  })
}

/** The files that one `-f` stands for. */
function filesFor(client: Client, name: string, recursive: boolean): readonly string[] | Refusal {
  if (/^https?:\/\//.test(name)) return refuse(`unable to read URL ${goQuote(name)}: the simulation has no internet`)
  if (readFile(client, name) !== undefined) return [name]
  if (listFiles(client, name)) {
    const found = filesIn(client, name, recursive)
    return found.length > 0
      ? found
      : refuse(`error reading [${name}]: recognized file extensions are [${FILE_EXTENSIONS.join(' ')}]`)
  }
  const matches = /[*?[]/.test(name) ? expandPattern(client, name) : []
  if (matches.length === 0) return refuse(`the path ${goQuote(name)} does not exist`)
  return matches.flatMap((match) => (listFiles(client, match) ? filesIn(client, match, recursive) : [match]))
}

const LIST_KIND = /List$/

/** A `List` stands for what is in it. */
function unpacked(object: TreeMap, source: string): readonly Manifest[] {
  const { kind, items } = object
  if (typeof kind !== 'string' || !LIST_KIND.test(kind) || !isList(items)) return [{ object, source }]
  return items.flatMap((item) => (isMap(item) ? unpacked(item, source) : []))
}

/** How strictly a document has to be an object: `apply` looks at it before it is decoded. */
export type Mapper = (object: unknown, source: string) => Refusal | undefined

export function decodeProblem(object: unknown, source: string): Refusal | undefined {
  const shown = goJsonOf(object as TreeMap)
  if (!isMap(object))
    return refuse(
      `unable to decode ${goQuote(source)}: json: cannot unmarshal ${isList(object) ? 'array' : typeof object} into Go value of type ${isList(object) ? 'unstructured.detector' : 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'}`,
    )
  if (!object.kind) return refuse(`unable to decode ${goQuote(source)}: Object 'Kind' is missing in '${shown}'`)
  return undefined
}

/** Reads the documents of one stream. */
export function readStream(text: string, source: string, check: Mapper): Manifests {
  const manifests: Manifest[] = []
  const refusals: Refusal[] = []
  for (const part of splitYaml(text)) {
    const parsed = parseYaml(part.text)
    if (!parsed.ok) {
      const { line, message } = parsed.problem
      const where = line > 0 ? `line ${line}: ` : ''
      refusals.push(refuse(`error parsing ${source}: error converting YAML to JSON: yaml: ${where}${message}`))
      break
    }
    if (parsed.empty || parsed.value === null) continue
    const invalid = check(parsed.value, source)
    if (invalid) {
      refusals.push(invalid)
      break
    }
    const problem = decodeProblem(parsed.value, source)
    if (problem) refusals.push(problem)
    else manifests.push(...unpacked(parsed.value as TreeMap, source))
  }
  return { manifests, refusals }
}

export interface ManifestOptions {
  readonly recursive: boolean
  readonly check?: Mapper
}

/** All that the `-f` flags name, in order. A name that does not exist refuses everything. */
export function readManifests(client: Client, names: readonly string[], options: ManifestOptions): Manifests | Refusal {
  const check = options.check ?? (() => undefined)
  const all: Manifests[] = []
  const files: string[] = []
  for (const name of names) {
    const found = name === '-' ? ['-'] : filesFor(client, name, options.recursive)
    if (isRefusal(found)) return found
    files.push(...found)
  }
  for (const file of files) {
    const content = file === '-' ? (client.stdin ?? '') : readFile(client, file)!
    all.push(readStream(textOf(content), file === '-' ? 'STDIN' : file, check))
  }
  return { manifests: all.flatMap((one) => one.manifests), refusals: all.flatMap((one) => one.refusals) }
}
