/**
 * `-o custom-columns=NAME:.metadata.name,…`: a table of one's own.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/get/customcolumn.go
 */
import { goValue } from '../../std/go-value.ts'
import { findResults, isProblem, type JsonPath, parseJsonPath, relaxedJsonPath } from '../../std/jsonpath.ts'
import type { TreeMap } from '../../std/tree.ts'
import { isRefusal, type Refusal, refuse } from '../refusal.ts'

export interface CustomColumn {
  readonly header: string
  readonly path: JsonPath
}

function pathFor(spec: string): JsonPath | Refusal {
  const relaxed = relaxedJsonPath(spec)
  if (isProblem(relaxed)) return refuse(relaxed.problem)
  const path = parseJsonPath(relaxed)
  return isProblem(path) ? refuse(path.problem) : path
}

/** The columns of a specification on the command line. */
export function parseColumns(spec: string): readonly CustomColumn[] | Refusal {
  if (spec === '') return refuse('custom-columns format specified but no custom columns given')
  const columns: CustomColumn[] = []
  for (const part of spec.split(',')) {
    const colon = part.indexOf(':')
    if (colon < 0) return refuse(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`)
    const path = pathFor(part.slice(colon + 1))
    if (isRefusal(path)) return path
    columns.push({ header: part.slice(0, colon), path })
  }
  return columns
}

/** The columns of a file: headers in the first line, paths in the second. */
export function parseColumnFile(text: string): readonly CustomColumn[] | Refusal {
  const [headers, paths] = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/))
  if (!headers)
    return refuse(
      'invalid template, missing header line. Expected format is one line of space separated headers, one line of space separated column specs.',
    )
  if (!paths)
    return refuse(
      'invalid template, missing spec line. Expected format is one line of space separated headers, one line of space separated column specs.',
    )
  if (headers.length !== paths.length)
    return refuse(`number of headers (${headers.length}) and field specifications (${paths.length}) don't match`)
  const columns: CustomColumn[] = []
  for (const [index, header] of headers.entries()) {
    const path = pathFor(paths[index]!)
    if (isRefusal(path)) return path
    columns.push({ header, path })
  }
  return columns
}

/** The cells of one object, or why they cannot be found. */
export function customCells(columns: readonly CustomColumn[], object: TreeMap): readonly string[] | Refusal {
  const cells: string[] = []
  for (const { path } of columns) {
    const found = findResults(path, object, { allowMissingKeys: true })
    if (isProblem(found)) return refuse(found.problem)
    const values = found.flat()
    cells.push(values.length === 0 ? '<none>' : values.map(goValue).join(','))
  }
  return cells
}
