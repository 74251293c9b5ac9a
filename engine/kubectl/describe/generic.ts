/**
 * A description that fits every kind: its fields, with words taken apart and the noise of the server left out. Custom
 * resources have no other.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/describe/describe.go (genericDescriber)
 */

import { goValue } from '../../std/go-value.ts'
import { isList, isMap, sortedKeysOf, type Tree, type TreeMap, treeAt } from '../../std/tree.ts'
import { type Describe, eventsAbout } from './describer.ts'
import { annotationsText, eventLines, field, labelLines, textAt } from './text.ts'

const ACRONYMS = new Set(['API', 'URL', 'UID', 'OSB', 'GUID'])
const SKIPPED = new Set([
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
])

/** `clusterIP` → `Cluster IP`, `apiVersion` → `API Version`. */
export function labelFor(name: string): string {
  if (/^[^a-zA-Z]*$/.test(name)) return name
  const parts = name.match(/[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+|[A-Z]/g) ?? [name]
  const words = parts.map((part) => {
    if (ACRONYMS.has(part.toUpperCase())) return part.toUpperCase()
    return part.charAt(0).toUpperCase() + part.slice(1)
  })
  return words.join(' ')
}

const pad = (level: number): string => '  '.repeat(level)

function listText(title: string, items: readonly Tree[], level: number, path: string): string {
  const rows = items.map((item) =>
    isMap(item) ? contentText(item, level + 1, path) : `${pad(level + 1)}${goValue(item)}\n`,
  )
  return `${pad(level)}${title}:\n${rows.join('')}`
}

function valueText(name: string, value: Tree, level: number, path: string): string {
  const title = labelFor(name)
  if (isMap(value)) return `${pad(level)}${title}:\n${contentText(value, level + 1, path)}`
  return isList(value) ? listText(title, value, level, path) : `${pad(level)}${title}:\t${goValue(value)}\n`
}

function contentText(content: TreeMap, level: number, path: string): string {
  return sortedKeysOf(content)
    .filter((key) => !SKIPPED.has(`${path}.${key}`))
    .map((key) => valueText(key, content[key]!, level, `${path}.${key}`))
    .join('')
}

export const describeGeneric: Describe = (request) => {
  const { object, nowUnix } = request
  const namespace = textAt(object, 'metadata', 'namespace')
  return [
    field('Name', textAt(object, 'metadata', 'name')),
    field('Namespace', namespace),
    labelLines('Labels', treeAt(object, 'metadata', 'labels')),
    annotationsText('Annotations', treeAt(object, 'metadata', 'annotations')),
    contentText(object, 0, ''),
    eventLines(eventsAbout(request), nowUnix),
  ].join('')
}
