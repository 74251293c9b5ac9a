/**
 * Columns of text, lined up the way Go's tabwriter does it: a cell is what a tab ends, and a column is a run of
 * lines that all have that cell. Every table and every description that kubectl prints is laid out by it.
 *
 * Upstream: text/tabwriter. Left out: alignment to the right, tabs as padding.
 */
export interface TableStyle {
  readonly minimum: number
  readonly padding: number
}

/** `kubectl get`: columns of at least six letters, three blanks between them. */
export const LIST_STYLE: TableStyle = { minimum: 6, padding: 3 }

/** `kubectl describe`: two blanks. */
export const DESCRIPTION_STYLE: TableStyle = { minimum: 0, padding: 2 }

const widthOf = (text: string): number => {
  let width = 0
  for (const _letter of text) width++
  return width
}

const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

interface Layout {
  readonly lines: readonly (readonly string[])[]
  readonly style: TableStyle
  readonly printed: string[]
}

function printLines({ lines, printed }: Layout, widths: readonly number[], from: number, to: number): void {
  for (let at = from; at < to; at++) {
    printed.push(
      lines[at]!.map((cell, index) => (index < widths.length ? padded(cell, widths[index]!) : cell)).join(''),
    )
  }
}

function columnWidth({ lines, style }: Layout, column: number, from: number, to: number): number {
  let width = style.minimum
  for (let at = from; at < to; at++) width = Math.max(width, widthOf(lines[at]![column]!) + style.padding)
  return width
}

/** Prints lines `from` to `to`, which agree in the columns that already have a width. */
function layOut(layout: Layout, widths: readonly number[], from: number, to: number): void {
  const column = widths.length
  const has = (at: number): boolean => column < layout.lines[at]!.length - 1
  let begin = from
  for (let at = from; at < to; at++) {
    if (!has(at)) continue
    printLines(layout, widths, begin, at)
    begin = at
    while (at < to && has(at)) at++
    layOut(layout, [...widths, columnWidth(layout, column, begin, at)], begin, at)
    begin = at
    at--
  }
  printLines(layout, widths, begin, to)
}

/** Text with tabs between cells, lined up. */
export function alignText(text: string, style: TableStyle): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const layout: Layout = { lines, style, printed: [] }
  layOut(layout, [], 0, lines.length)
  return layout.printed.join('\n')
}

/** Rows of cells, one line each. */
export const alignRows = (rows: readonly (readonly string[])[], style: TableStyle = LIST_STYLE): string =>
  rows.length === 0 ? '' : alignText(`${rows.map((row) => row.join('\t')).join('\n')}\n`, style)

/**
 * One row after another, where earlier rows have been printed already: columns never get narrower again.
 * Returns the text and the widths to remember.
 */
export function alignRemembering(
  rows: readonly (readonly string[])[],
  remembered: readonly number[],
  { minimum, padding }: TableStyle = LIST_STYLE,
): readonly [text: string, widths: readonly number[]] {
  const widths = [...remembered]
  for (const row of rows)
    for (let column = 0; column < row.length - 1; column++)
      widths[column] = Math.max(minimum, widths[column] ?? 0, widthOf(row[column]!) + padding)
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column < row.length - 1 ? padded(cell, widths[column]!) : cell)).join('')
  return [rows.map((row) => `${line(row)}\n`).join(''), widths]
}
