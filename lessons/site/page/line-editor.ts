/**
 * The line that is being typed, as a value: what it says, where the cursor is, what was typed before and what was cut. Keys turn it into
 * the next one; nothing here knows of a screen.
 */

export interface Line {
  readonly text: string
  /** Counted in UTF-16 units, never inside a pair. */
  readonly cursor: number
  /** What ctrl-k, ctrl-u and ctrl-w took away last. */
  readonly cut: string
  readonly before: readonly string[]
  /** Where in `before` one is; its length when at the line itself. */
  readonly at: number
  /** What was being typed when one began to look at older lines. */
  readonly draft: string
  /** Looking for an older line with ctrl-r. */
  readonly search: { readonly wanted: string; readonly found: number } | undefined
}

export const newLine = (before: readonly string[] = []): Line => ({
  text: '',
  cursor: 0,
  cut: '',
  before,
  at: before.length,
  draft: '',
  search: undefined,
})

const withText = (line: Line, text: string, cursor = text.length): Line => ({ ...line, text, cursor })

export const insert = (line: Line, text: string): Line =>
  withText(line, line.text.slice(0, line.cursor) + text + line.text.slice(line.cursor), line.cursor + text.length)

/** Replaces what stands between `from` and the cursor. */
export const replaceFrom = (line: Line, from: number, text: string): Line =>
  withText(line, line.text.slice(0, from) + text + line.text.slice(line.cursor), from + text.length)

/** The line is run; it is remembered unless it is empty or the same again. */
export function entered({ text, before }: Line): Line {
  const lines = text.split('\n').filter((one) => one.trim() !== '')
  const remembered = lines.length === 0 || lines.at(-1) === before.at(-1) ? before : [...before, ...lines]
  return newLine(remembered)
}

const leftOf = ({ text, cursor }: Line): number => cursor - ([...text.slice(0, cursor)].at(-1)?.length ?? 0)
const rightOf = ({ text, cursor }: Line): number => cursor + ([...text.slice(cursor)][0]?.length ?? 0)

const wordLeft = ({ text, cursor }: Line): number =>
  text.slice(0, cursor).replace(/[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u, '').length
const shellWordLeft = ({ text, cursor }: Line): number => text.slice(0, cursor).replace(/\S*\s*$/, '').length
const wordRight = ({ text, cursor }: Line): number =>
  cursor + (/^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(text.slice(cursor))?.[0].length ?? 0)

function cutBetween(line: Line, from: number, to: number): Line {
  const cut = line.text.slice(from, to)
  return cut === '' ? line : { ...withText(line, line.text.slice(0, from) + line.text.slice(to), from), cut }
}

const moved = (line: Line, cursor: number): Line => ({ ...line, cursor })

const erased = (line: Line, from: number, to: number): Line =>
  withText(line, line.text.slice(0, from) + line.text.slice(to), from)

function older(line: Line): Line {
  if (line.at === 0) return line
  const draft = line.at === line.before.length ? line.text : line.draft
  return { ...withText(line, line.before[line.at - 1]!), at: line.at - 1, draft }
}

function newer(line: Line): Line {
  if (line.at === line.before.length) return line
  return { ...withText(line, line.before[line.at + 1] ?? line.draft), at: line.at + 1 }
}

function searched(line: Line, wanted: string, from: number): Line {
  const found = wanted === '' ? -1 : line.before.findLastIndex((text, index) => index <= from && text.includes(wanted))
  if (found < 0) return { ...line, search: { wanted, found: line.search?.found ?? line.before.length } }
  const text = line.before[found]!
  return { ...withText(line, text, text.indexOf(wanted)), at: found, search: { wanted, found } }
}

const searchOlder = (line: Line): Line =>
  line.search
    ? searched(line, line.search.wanted, line.search.found - 1)
    : { ...line, search: { wanted: '', found: line.before.length } }

const KEYS: Readonly<Record<string, (line: Line) => Line>> = {
  'ctrl-a': (line) => moved(line, 0),
  'ctrl-b': (line) => moved(line, leftOf(line)),
  'ctrl-d': (line) => erased(line, line.cursor, rightOf(line)),
  'ctrl-e': (line) => moved(line, line.text.length),
  'ctrl-f': (line) => moved(line, rightOf(line)),
  'ctrl-h': (line) => erased(line, leftOf(line), line.cursor),
  'ctrl-k': (line) => cutBetween(line, line.cursor, line.text.length),
  'ctrl-n': newer,
  'ctrl-p': older,
  'ctrl-r': searchOlder,
  'ctrl-u': (line) => cutBetween(line, 0, line.cursor),
  'ctrl-w': (line) => cutBetween(line, shellWordLeft(line), line.cursor),
  'ctrl-y': (line) => insert(line, line.cut),
  'alt-b': (line) => moved(line, wordLeft(line)),
  'alt-d': (line) => cutBetween(line, line.cursor, wordRight(line)),
  'alt-f': (line) => moved(line, wordRight(line)),
  'alt-backspace': (line) => cutBetween(line, wordLeft(line), line.cursor),
  backspace: (line) => erased(line, leftOf(line), line.cursor),
  delete: (line) => erased(line, line.cursor, rightOf(line)),
  down: newer,
  end: (line) => moved(line, line.text.length),
  home: (line) => moved(line, 0),
  left: (line) => moved(line, leftOf(line)),
  right: (line) => moved(line, rightOf(line)),
  up: older,
}

const leaveSearch = (line: Line): Line => (line.search ? { ...line, search: undefined } : line)

/** A key that moves or changes the line; the very same line when it means nothing. */
export function pressed(line: Line, key: string): Line {
  const { search } = line
  if (search && key === 'backspace') return searched(line, search.wanted.slice(0, -1), line.before.length - 1)
  if (search && (key === 'ctrl-g' || key === 'escape'))
    return { ...withText(leaveSearch(line), line.draft), at: line.before.length }
  const change = KEYS[key]
  return change ? change(key === 'ctrl-r' ? line : leaveSearch(line)) : leaveSearch(line)
}

/** Text that was typed or pasted. While searching, it is what is looked for. */
export function typed(line: Line, text: string): Line {
  if (!line.search) return insert(line, text)
  return searched(line, line.search.wanted + text, line.before.length - 1)
}

/** What stands in place of the prompt while searching. */
export const searchPrompt = ({ search }: Line): string | undefined =>
  search && `(reverse-i-search)\`${search.wanted}': `

/** The longest beginning that all words share. */
export function commonBeginning(words: readonly string[]): string {
  let common = words[0] ?? ''
  for (const word of words) while (!word.startsWith(common)) common = common.slice(0, -1)
  return common
}
