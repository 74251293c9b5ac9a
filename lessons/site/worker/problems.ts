/**
 * What is wrong with a manifest before it is applied, each with its place: the same strict decoding that the API server does, in the same
 * words.
 */
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { decode } from '../../../engine/api/decode.ts'
import { kindOfObject } from '../../../engine/api/schema-table.ts'
import { parseYaml, splitYaml, type YamlPart } from '../../../engine/std/yaml.ts'

export interface FileProblem {
  /** Counted from one. */
  readonly line: number
  readonly says: string
}

/** `spec.containers[0].image` → `spec`, `containers`, 0, `image` */
const stepsOf = (path: string): readonly (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, name]) => (index === undefined ? name! : Number(index)))

function childOf(node: unknown, step: string | number): unknown {
  if (isSeq(node))
    return typeof step === 'number'
      ? node.items[step]
      : node.items.length === 1
        ? childOf(node.items[0], step)
        : undefined
  if (!isMap(node)) return undefined
  return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
}

/** Where the deepest part of the path begins that the text has. */
function offsetOf(root: unknown, steps: readonly (string | number)[]): number {
  let offset = 0
  let node = root
  for (const step of steps) {
    const child = childOf(node, step)
    if (child === undefined) return offset
    const place = (isPair(child) ? child.key : child) as Node
    offset = place.range?.[0] ?? offset
    node = isPair(child) ? child.value : child
  }
  return offset
}

function lineOf({ text, firstLine }: YamlPart, path: string): number {
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter, logLevel: 'silent' })
  return firstLine - 1 + lineCounter.linePos(offsetOf(contents, stepsOf(path))).line
}

/** The path that one of the decoder's messages names. */
function pathIn(message: string): string {
  const strict = /^(?:unknown|duplicate) field "(.*)"$/.exec(message)
  return strict?.[1] ?? /Go struct field \w+\.(\S+) of type/.exec(message)?.[1] ?? 'kind'
}

function kindProblems(part: YamlPart, value: unknown): readonly FileProblem[] {
  const { apiVersion, kind } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown }
  const at = (path: string, says: string) => [{ line: lineOf(part, path), says }]
  if (typeof apiVersion !== 'string') return at('apiVersion', 'apiVersion not set')
  if (typeof kind !== 'string') return at('kind', 'kind not set')
  const served = kindOfObject(apiVersion, kind)
  if (!served) return at('kind', `no matches for kind "${kind}" in version "${apiVersion}"`)
  const { strictErrors, error } = decode(value, served.type, 'Warn')
  const messages = error === undefined ? strictErrors : [error]
  return messages.flatMap((message) => at(pathIn(message), message))
}

function partProblems(part: YamlPart): readonly FileProblem[] {
  const parsed = parseYaml(part.text)
  if (!parsed.ok) return [{ line: part.firstLine - 1 + Math.max(1, parsed.problem.line), says: parsed.problem.message }]
  return parsed.empty ? [] : kindProblems(part, parsed.value)
}

export const problemsOf = (text: string): readonly FileProblem[] => splitYaml(text).flatMap(partProblems)
