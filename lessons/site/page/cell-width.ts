/** How many cells of a terminal a text takes: two for Chinese, Japanese, Korean and emoji, none for marks that combine. */

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
const NONE = /\p{Mn}|\p{Me}|\u200b|\u200c|\u200d|\ufe0f/u

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals speak in them
const COLOURS = /\x1b\[[\d;]*m/g

export function widthOf(letter: string): number {
  if (letter.length === 1 && letter < '\u0300') return 1
  if (NONE.test(letter)) return 0
  return WIDE.test(letter) ? 2 : 1
}

export interface Cell {
  readonly row: number
  readonly column: number
}

/** Where the cursor stands after a text that begins at column 0, in a terminal so wide. A wide letter never straddles an edge. */
export function endOf(text: string, columns: number): Cell {
  let row = 0
  let column = 0
  for (const letter of text.replace(COLOURS, '')) {
    if (letter === '\n') {
      row++
      column = 0
      continue
    }
    const width = widthOf(letter)
    if (column + width > columns) {
      row++
      column = 0
    }
    column += width
  }
  return column === columns ? { row: row + 1, column: 0 } : { row, column }
}
