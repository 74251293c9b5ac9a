/**
 * Keys of a YAML mapping that come twice, as go-yaml reports them.
 *
 * Upstream: sigs.k8s.io/yaml (UnmarshalStrict), go.yaml.in/yaml/v2
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'

type Visit = (key: string, offset: number) => void

function visitNode(node: unknown, visit: Visit): void {
  if (isSeq(node)) for (const item of node.items) visitNode(item, visit)
  if (!isMap(node)) return
  const seen = new Set<unknown>()
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? key.value : undefined
    if (name !== undefined && seen.has(name)) visit(String(name), (key as Node).range?.[0] ?? 0)
    seen.add(name)
    visitNode(value, visit)
  }
}

/** `line 8: key "a" already set in map` */
export function repeatedKeys(text: string): readonly string[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent', version: '1.1' })
  const found: string[] = []
  visitNode(document.contents, (key, offset) => {
    found.push(`line ${lines.linePos(offset).line}: key ${JSON.stringify(key)} already set in map`)
  })
  return found
}

function dropRepeats(node: unknown): void {
  if (isSeq(node)) for (const item of node.items) dropRepeats(item)
  if (!isMap(node)) return
  const names = node.items.map(({ key }) => (isScalar(key) ? key.value : key))
  node.items = node.items.filter((_item, i) => !names.includes(names[i], i + 1))
  for (const { value } of node.items) dropRepeats(value)
}

/** The same text without the earlier ones of keys that come twice: the last one counts. */
export function withoutRepeats(text: string): string {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent', version: '1.1' })
  dropRepeats(document.contents)
  return document.toString({ directives: false, lineWidth: 0 })
}
