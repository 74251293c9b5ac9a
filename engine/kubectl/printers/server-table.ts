/**
 * Tables as the API server sends them, printed: which columns are shown, and what kubectl adds of its own (namespaces, kinds,
 * labels). The server decides what a Pod's row says; kubectl only lines it up.
 *
 * Upstream: staging/src/k8s.io/cli-runtime/pkg/printers/tableprinter.go
 */
import { goValue } from '../../std/go-value.ts'
import { humanDuration } from '../../std/human-duration.ts'
import { alignRemembering, alignRows } from '../../std/table.ts'
import { type Millis, parseUnix } from '../../std/time.ts'
import { isList, isMap, sortedKeysOf, type Tree, type TreeMap, treeAt } from '../../std/tree.ts'

export interface TableOptions {
  readonly wide: boolean
  readonly noHeaders: boolean
  readonly withNamespace: boolean
  /** `deployment.apps`, put before each name. */
  readonly kind: string
  readonly showLabels: boolean
  readonly labelColumns: readonly string[]
}

export interface Columns {
  readonly headers: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

interface Definition {
  readonly name: string
  readonly format: string
  readonly priority: number
}

const definitionsOf = (table: TreeMap): readonly Definition[] =>
  (isList(table.columnDefinitions) ? table.columnDefinitions : []).map((column) => ({
    name: String(treeAt(column, 'name')),
    format: String(treeAt(column, 'format') ?? ''),
    priority: Number(treeAt(column, 'priority') ?? 0),
  }))

/** Letters that could drive a terminal are shown, not sent. */
const harmless = (text: string): string => text.replaceAll('\u001b', '^[').replace(/\r/g, '\\r')

function cellText(cell: Tree | undefined): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return goValue(cell)
  const end = cell.search(/[\f\n\r]/)
  return harmless(end < 0 ? cell : `${cell.slice(0, end)}...`)
}

export function labelsText(labels: unknown): string {
  const map = isMap(labels) ? labels : {}
  const pairs = sortedKeysOf(map).map((key) => `${key}=${String(map[key])}`)
  return pairs.length === 0 ? '<none>' : pairs.join(',')
}

const labelCell = (labels: unknown, label: string): string => {
  const value = isMap(labels) ? labels[label] : undefined
  return value === undefined ? '<none>' : String(value)
}

export const isTable = (object: unknown): object is TreeMap => isMap(object) && object.kind === 'Table'

export const tableRows = (table: TreeMap): readonly TreeMap[] =>
  isList(table.rows) ? (table.rows as readonly TreeMap[]) : []

function rowCells(
  row: TreeMap,
  shown: readonly number[],
  names: readonly number[],
  options: TableOptions,
): readonly string[] {
  const cells = isList(row.cells) ? row.cells : []
  const metadata = treeAt(row, 'object', 'metadata')
  const labels = treeAt(metadata, 'labels')
  const own = shown.map((index) =>
    options.kind && names.includes(index) ? `${options.kind}/${cellText(cells[index])}` : cellText(cells[index]),
  )
  return [
    ...(options.withNamespace ? [String(treeAt(metadata, 'namespace') ?? '')] : []),
    ...own,
    ...options.labelColumns.map((label) => labelCell(labels, label)),
    ...(options.showLabels ? [labelsText(labels)] : []),
  ]
}

const labelHeader = (label: string): string => label.slice(label.lastIndexOf('/') + 1).toUpperCase()

/** Headers and cells of a server's table. */
export function tableColumns(table: TreeMap, options: TableOptions): Columns {
  const definitions = definitionsOf(table)
  const indexes = definitions.map((_definition, index) => index)
  const shown = indexes.filter((index) => options.wide || definitions[index]!.priority === 0)
  const names = indexes.filter(
    (index) => definitions[index]!.format === 'name' || definitions[index]!.name.toLowerCase() === 'name',
  )
  const headers = [
    ...(options.withNamespace ? ['NAMESPACE'] : []),
    ...shown.map((index) => definitions[index]!.name.toUpperCase()),
    ...options.labelColumns.map(labelHeader),
    ...(options.showLabels ? ['LABELS'] : []),
  ]
  return { headers, rows: tableRows(table).map((row) => rowCells(row, shown, names, options)) }
}

/** The table kubectl makes when the server sends plain objects: a name and an age. */
export function plainColumns(objects: readonly TreeMap[], options: TableOptions, nowUnix: Millis): Columns {
  const table: TreeMap = {
    kind: 'Table',
    columnDefinitions: [{ name: 'Name', format: 'name' }, { name: 'Age' }],
    rows: objects.map((object) => ({
      cells: [
        String(treeAt(object, 'metadata', 'name') ?? ''),
        ageText(treeAt(object, 'metadata', 'creationTimestamp'), nowUnix),
      ],
      object,
    })),
  }
  return tableColumns(table, options)
}

export function ageText(timestamp: unknown, nowUnix: Millis): string {
  const created = typeof timestamp === 'string' ? parseUnix(timestamp) : undefined
  return created === undefined ? '<unknown>' : humanDuration(nowUnix - created)
}

export const tableText = ({ headers, rows }: Columns, noHeaders: boolean): string =>
  alignRows(noHeaders ? rows : [headers, ...rows])

/** For rows that come one by one: columns keep the width they once had. */
export const rememberingText = (
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): readonly [string, readonly number[]] => alignRemembering(rows, widths)
