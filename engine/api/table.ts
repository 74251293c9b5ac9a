/**
 * Objects as a table: the server decides the columns and writes the cells, so that every client shows the same.
 *
 * Upstream: pkg/printers, staging/src/k8s.io/apiserver/pkg/registry/rest/table.go
 */
import type { Millis } from '../std/time.ts'
import type { AnyStrategy, Cell, Column } from './kind.ts'
import type { KubeObject } from './object.ts'

export interface ColumnDefinition {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

export type IncludeObject = 'Metadata' | 'Object' | 'None'

export interface TableRow {
  readonly cells: readonly Cell[]
  readonly object?: unknown
}

export interface Table {
  readonly kind: 'Table'
  readonly apiVersion: string
  readonly metadata: object
  readonly columnDefinitions: readonly ColumnDefinition[]
  readonly rows: readonly TableRow[]
}

/** What a column is about, in the words of the API's documentation; empty where it is not at hand. */
export type DescribeColumn = (column: string) => string

const PLAIN_COLUMNS: readonly Column[] = [
  { name: 'Name', type: 'string', format: 'name' },
  { name: 'Created At', type: 'date' },
]

const plainRow = ({ metadata }: KubeObject): readonly Cell[] => [metadata.name, metadata.creationTimestamp]

const definitionOf = (column: Column, describe: DescribeColumn): ColumnDefinition => ({
  name: column.name,
  type: column.type,
  format: column.format ?? '',
  description: describe(column.name),
  priority: column.wide ? 1 : 0,
})

export const columnsOf = (strategy: AnyStrategy, describe: DescribeColumn): readonly ColumnDefinition[] =>
  (strategy.columns ?? PLAIN_COLUMNS).map((column) => definitionOf(column, describe))

export const cellsOf = (strategy: AnyStrategy, object: KubeObject, nowUnix: Millis): readonly Cell[] =>
  strategy.row ? strategy.row(object as never, nowUnix) : plainRow(object)
