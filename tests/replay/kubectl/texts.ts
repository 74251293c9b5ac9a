/**
 * Comparing what was printed. Where the recording marks something as chance (`~` for a digit of an age, a time or a version;
 * `{s1.}`, `{uid2...}` for what is drawn) only its form must agree, and one mark stands for one value through a session. Columns
 * may then move, so cells are compared instead of bytes.
 */
export function firstDifference(stream: string, wanted: string, found: string): string | undefined {
  if (wanted === found) return undefined
  const [a, b] = [wanted.split('\n'), found.split('\n')]
  const at = a.findIndex((line, index) => line !== b[index])
  const index = at < 0 ? a.length : at
  return `${stream} line ${index + 1}: ${JSON.stringify(b[index] ?? '(ends)')} instead of ${JSON.stringify(a[index] ?? '(ends)')}`
}

export type Tokens = Map<string, string>

const FORMS: Readonly<Record<string, string>> = {
  s: '[a-z0-9]{4,10}(?:-[a-z0-9]{5})?',
  uid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  ip: '10\\.\\d+\\.\\d+\\.\\d+',
  np: '3[0-2]\\d{3}',
  ev: '[0-9a-f]{10,20}',
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const MARK = /\{(s|uid|ip|np|ev)(\d+)\.*\}|(?:~+[smhdy])+|~+|Ddd, ~~ Mmm|node-[123]\b|\b10\.244\.\d+\.\d+\b/g

/** A pattern for one cell, and which marks its groups stand for. */
function patternOf(cell: string, tokens: Tokens): { readonly pattern: RegExp; readonly marks: readonly string[] } {
  const marks: string[] = []
  let [source, end] = ['', 0]
  for (const match of cell.matchAll(MARK)) {
    const [text, kind, number] = match
    source += escaped(cell.slice(end, match.index))
    end = match.index + text.length
    if (kind !== undefined) {
      const mark = `${kind}${number}`
      const known = tokens.get(mark)
      source += known === undefined ? `(${FORMS[kind]})` : `(${escaped(known)})`
      marks.push(mark)
    } else if (text.startsWith('Ddd')) source += '[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2}'
    else if (text.startsWith('node-')) source += 'node-[123]'
    else if (text.startsWith('10.244.')) source += '10\\.244\\.\\d+\\.\\d+'
    else source += /[smhdy]$/.test(text) ? '(?:(?:\\d+[smhdy])+|<invalid>|<unknown>)' : '\\d+'
  }
  return { pattern: new RegExp(`^${source}${escaped(cell.slice(end))}$`), marks }
}

const cellsOf = (line: string): readonly string[] => {
  const indent = /^\s*/.exec(line)![0].length
  return [`${indent}`, ...line.trim().split(/\s{2,}|\t/)]
}

const isExact = (text: string): boolean => text.search(MARK) < 0

function lineAgrees(wanted: string, found: string, tokens: Tokens): boolean {
  if (wanted === found) return true
  const [a, b] = [cellsOf(wanted), cellsOf(found)]
  if (a.length !== b.length) return false
  return a.every((cell, index) => {
    const { pattern, marks } = patternOf(cell, tokens)
    const match = pattern.exec(b[index]!)
    for (const [at, mark] of marks.entries()) if (match?.[at + 1] !== undefined) tokens.set(mark, match[at + 1]!)
    return match !== null
  })
}

/** Versions that the recording did not mark. */
const unversioned = (text: string): string => text.replace(/(Resource Version: +)\d+/g, '$1(some)')

/** As `firstDifference`, with marks. */
export function firstMarkedDifference(
  stream: string,
  wantedText: string,
  foundText: string,
  tokens: Tokens,
): string | undefined {
  const [wanted, found] = [unversioned(wantedText), unversioned(foundText)]
  if (isExact(wanted)) return firstDifference(stream, wanted, found)
  const [a, b] = [wanted.split('\n'), found.split('\n')]
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [line, other] = [a[index], b[index]]
    if (line === undefined || other === undefined || !lineAgrees(line, other, tokens))
      return `${stream} line ${index + 1}: ${JSON.stringify(other ?? '(ends)')} instead of ${JSON.stringify(line ?? '(ends)')}`
  }
  return undefined
}
