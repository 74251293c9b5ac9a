/**
 * Keys of a YAML mapping that come twice, as go-yaml reports them.
 *
 * Upstream: sigs.k8s.io/yaml (UnmarshalStrict), go.yaml.in/yaml/v2
 */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml'

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
