/**
 * Manifests as they lie in files: each object with the place of every field of it, so that whatever the cluster says about a field can be
 * said about a line.
 */
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { isList, isMap as isTreeMap, type TreeMap } from '../../engine/std/tree.ts'
import { parseYaml, splitYaml, type YamlPart } from '../../engine/std/yaml.ts'
import type { Finding, Place } from './finding.ts'

export interface Manifest {
  readonly object: TreeMap
  readonly place: Place
  /** Where a field is, or the nearest thing around it that is there. */
  readonly placeOf: (path: readonly string[]) => Place
}

export interface ReadFile {
  readonly manifests: readonly Manifest[]
  readonly findings: readonly Finding[]
}

/** `spec.containers[0].image`, `metadata.labels[app.kubernetes.io/name]` in pieces. */
export function fieldPath(text: string): readonly string[] {
  const pieces: string[] = []
  for (const [, inBrackets, name] of text.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) pieces.push(inBrackets ?? name!)
  return pieces
}

type Node = unknown

/** The node of a field in a mapping, with its key; the item of a list. */
function stepInto(node: Node, name: string): { readonly key: Node; readonly value: Node } | undefined {
  if (isSeq(node)) {
    if (/^\d+$/.test(name)) return { key: node.items[Number(name)], value: node.items[Number(name)] }
    return node.items.map((item) => stepInto(item, name)).find((found) => found !== undefined)
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === name)
  return isPair(pair) ? { key: pair.key, value: pair.value } : undefined
}

const startOf = (node: Node): number | undefined => (node as { range?: readonly number[] } | null)?.range?.[0]

function deepest(root: Node, path: readonly string[]): Node {
  let [node, nearest] = [root, root]
  for (const name of path) {
    const found = stepInto(node, name)
    if (!found) return nearest
    nearest = startOf(found.key) === undefined ? nearest : found.key
    node = found.value
  }
  return nearest
}

function placesIn(part: YamlPart, file: string, from: readonly string[]): Manifest['placeOf'] {
  const lines = new LineCounter()
  const document = parseDocument(part.text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
    version: '1.1',
  })
  return (path) => {
    const start = startOf(deepest(document.contents, [...from, ...path])) ?? 0
    const { line, col } = lines.linePos(start)
    return { file, line: part.firstLine + line - 1, column: col }
  }
}

function manifestsOf(value: TreeMap, part: YamlPart, file: string, from: readonly string[] = []): readonly Manifest[] {
  const { kind, items } = value
  if (typeof kind === 'string' && kind.endsWith('List') && isList(items))
    return items.flatMap((item, index) =>
      isTreeMap(item) ? manifestsOf(item, part, file, [...from, 'items', String(index)]) : [],
    )
  const placeOf = placesIn(part, file, from)
  return [{ object: value, place: placeOf([]), placeOf }]
}

const MEANT = 'a manifest is a mapping with apiVersion, kind and metadata'

function readPart(part: YamlPart, file: string): ReadFile {
  const parsed = parseYaml(part.text)
  const at = (line: number): Place => ({ file, line: part.firstLine + Math.max(line, 1) - 1, column: 1 })
  const wrong = (line: number, message: string): ReadFile => ({
    manifests: [],
    findings: [{ severity: 'error', place: at(line), message }],
  })
  if (!parsed.ok)
    return wrong(parsed.problem.line, `this is not YAML that a cluster can read: ${parsed.problem.message}`)
  const { value } = parsed
  if (parsed.empty || value === null) return { manifests: [], findings: [] }
  if (!isTreeMap(value)) return wrong(1, `this is ${isList(value) ? 'a list' : `a ${typeof value}`}; ${MEANT}`)
  if (file.endsWith('.json') && !('kind' in value) && !('apiVersion' in value))
    return {
      manifests: [],
      findings: [{ severity: 'note', place: at(1), message: 'this JSON is no manifest; it was passed over' }],
    }
  return { manifests: manifestsOf(value, part, file), findings: [] }
}

export function readManifests(text: string, file: string): ReadFile {
  const parts = splitYaml(text).map((part) => readPart(part, file))
  return {
    manifests: parts.flatMap(({ manifests }) => manifests),
    findings: parts.flatMap(({ findings }) => findings),
  }
}
