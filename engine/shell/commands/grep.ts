/**
 * grep: lines that match a pattern.
 *
 * Upstream: GNU grep 3
 * Left out: back-references in basic patterns beyond what JavaScript has, `-P` beyond it, `-r` over links, colours, `-z`.
 */
import { absolutePath, type CommandHost, type Finished, isFileFailure } from '../command.ts'
import { type Arguments, joinLines, linesOf, type NamedText } from './arguments.ts'
import { filter } from './filter.ts'

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
}

/** A POSIX regular expression as JavaScript writes it. In a basic one `\+ \? \| \( \) \{ \}` are the operators. */
export function regularSource(pattern: string, extended: boolean): string {
  const classes = pattern.replace(/\[:(\w+):\]/g, (whole, name) => CLASSES[name] ?? whole)
  const words = classes.replace(/\\[<>]/g, '\\b')
  if (extended) return words
  return words
    .replace(/\\([+?|(){}])|([+?|(){}])/g, (_whole, operator, literal) => operator ?? `\\${literal}`)
    .replace(/^\*/, '\\*')
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function patternOf({ flags, values, operands }: Arguments): RegExp | string {
  const lines = (values.e ?? operands[0] ?? '').split('\n')
  const source = lines
    .map((line) => (flags.has('F') ? escaped(line) : regularSource(line, flags.has('E') || flags.has('P'))))
    .map((line) => (flags.has('w') ? `\\b(?:${line})\\b` : flags.has('x') ? `^(?:${line})$` : line))
    .join('|')
  try {
    return new RegExp(source, flags.has('i') ? 'gi' : 'g')
  } catch {
    return `grep: Invalid regular expression: ${lines.join('|')}`
  }
}

interface Hit {
  readonly line: string
  readonly number: number
  readonly hit: boolean
}

/** Matching lines with what `-A`, `-B` and `-C` ask for around them; undefined marks a gap. */
function around(lines: readonly Hit[], before: number, after: number): (Hit | undefined)[] {
  const shown: (Hit | undefined)[] = []
  let last = -1
  for (const [index, { hit }] of lines.entries()) {
    if (!hit) continue
    const from = Math.max(last + 1, index - before)
    if (shown.length > 0 && from > last + 1 && before + after > 0) shown.push(undefined)
    const to = Math.min(lines.length - 1, index + after)
    shown.push(...lines.slice(Math.max(from, last + 1), to + 1))
    last = Math.max(last, to)
  }
  return shown
}

function showLines(hits: readonly Hit[], name: string, pattern: RegExp, args: Arguments): string[] {
  const { flags, values } = args
  const prefix = (hit: Hit, mark: string) =>
    (name ? `${name}${mark}` : '') + (flags.has('n') ? `${hit.number}${mark}` : '')
  if (flags.has('o'))
    return hits
      .filter(({ hit }) => hit)
      .flatMap((hit) => (hit.line.match(pattern) ?? []).map((found) => prefix(hit, ':') + found))
  const lines = around(hits, Number(values.B ?? values.C ?? 0), Number(values.A ?? values.C ?? 0))
  return lines.map((hit) => (hit ? prefix(hit, hit.hit ? ':' : '-') + hit.line : '--'))
}

function searchText(
  text: NamedText,
  name: string,
  pattern: RegExp,
  args: Arguments,
): { lines: string[]; found: boolean } {
  const { flags, values } = args
  const matches = (line: string) => line.search(pattern) >= 0
  const all = linesOf(text.text).map((line, at) => ({ line, number: at + 1, hit: matches(line) !== flags.has('v') }))
  const most = Number(values.m ?? Number.POSITIVE_INFINITY)
  let seen = 0
  const hits = all.map((hit) => (hit.hit && ++seen > most ? { ...hit, hit: false } : hit))
  const count = Math.min(seen, most)
  const found = count > 0
  if (flags.has('q')) return { lines: [], found }
  if (flags.has('c')) return { lines: [`${name ? `${name}:` : ''}${count}`], found }
  if (flags.has('l')) return { lines: found ? [text.name] : [], found }
  if (flags.has('L')) return { lines: found ? [] : [text.name], found }
  return { lines: showLines(hits, name, pattern, args), found }
}

/** With `-r`, directories stand for the files below them. */
function below(host: CommandHost, path: string): NamedText[] {
  const absolute = absolutePath(host.directory, path)
  const names = host.files.list(absolute)
  if (!isFileFailure(names)) return names.flatMap((name) => below(host, path === '.' ? name : `${path}/${name}`))
  const text = host.files.read(absolute)
  return isFileFailure(text) ? [] : [{ name: path, text }]
}

function search(texts: readonly NamedText[], args: Arguments, host: CommandHost): Finished {
  const pattern = patternOf(args)
  if (typeof pattern === 'string') return { err: `${pattern}\n`, code: 2 }
  const recursive = args.flags.has('r') || args.flags.has('R')
  const paths = args.operands.slice(args.values.e === undefined ? 1 : 0)
  const all = recursive ? (paths.length > 0 ? paths : ['.']).flatMap((path) => below(host, path)) : texts
  const named = (args.flags.has('H') || all.length > 1 || recursive) && !args.flags.has('h')
  const results = all.map((text) => searchText(text, named ? text.name : '', pattern, args))
  return { out: joinLines(results.flatMap(({ lines }) => lines)), code: results.some(({ found }) => found) ? 0 : 1 }
}

export const grep = filter({
  about: 'Print lines that match PATTERN.',
  grammar: {
    flags: 'ivnclLoqwxEFPrRhHs',
    values: 'eABCm',
    long: {
      'ignore-case': 'i',
      'invert-match': 'v',
      'line-number': 'n',
      count: 'c',
      'files-with-matches': 'l',
      'only-matching': 'o',
      quiet: 'q',
      'word-regexp': 'w',
      'extended-regexp': 'E',
      'fixed-strings': 'F',
      'after-context': 'A',
      'before-context': 'B',
      context: 'C',
      'max-count': 'm',
      recursive: 'r',
      color: 's',
    },
  },
  leading: ({ values, flags, operands }) =>
    flags.has('r') || flags.has('R') ? operands.length : values.e === undefined ? 1 : 0,
  run: search,
})
