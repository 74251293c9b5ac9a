/**
 * The small filters that people put behind a pipe: head, tail, wc, sort, uniq, cut, tr, rev, tac, nl, paste, column.
 *
 * Upstream: GNU coreutils 9
 * Left out: `tail -f`, sorting by locale, byte counts of `head` and `tail` above what `-c N` says.
 */
import { byteLength } from '../../std/byte-length.ts'
import type { Command } from '../command.ts'
import { joinLines, linesOf, type NamedText } from './arguments.ts'
import { filter } from './filter.ts'

const allText = (texts: readonly NamedText[]): string => texts.map(({ text }) => text).join('')

const allLines = (texts: readonly NamedText[]): string[] => texts.flatMap(({ text }) => linesOf(text))

/** Under a heading each, when there are several files. */
const perFile = (texts: readonly NamedText[], quiet: boolean, show: (text: string) => string): string =>
  texts
    .map(({ name, text }, index) =>
      texts.length > 1 && !quiet ? `${index > 0 ? '\n' : ''}==> ${name} <==\n${show(text)}` : show(text),
    )
    .join('')

/** `head -5` is `head -n 5`. */
const withCount = (argv: readonly string[]): string[] =>
  argv.flatMap((arg, index) => (index > 0 && /^-\d+$/.test(arg) ? ['-n', arg.slice(1)] : [arg]))

const counted = (command: Command): Command => ({
  ...command,
  run: (state, input, host) => command.run(state, input, { ...host, argv: withCount(host.argv) }),
})

export const head = counted(
  filter({
    about: 'Print the first 10 lines of each FILE, or as many as -n says.',
    grammar: { flags: 'qv', values: 'nc', long: { lines: 'n', bytes: 'c', quiet: 'q' } },
    run: (texts, { values, flags }) => ({
      out: perFile(texts, flags.has('q'), (text) =>
        values.c === undefined
          ? joinLines(linesOf(text).slice(0, Number(values.n ?? 10)))
          : text.slice(0, Number(values.c)),
      ),
    }),
  }),
)

const lastLines = (text: string, count: string): string =>
  joinLines(
    count.startsWith('+')
      ? linesOf(text).slice(Number(count) - 1)
      : linesOf(text).slice(-Number(count) || Number.POSITIVE_INFINITY),
  )

export const tail = counted(
  filter({
    about: 'Print the last 10 lines of each FILE, or as many as -n says; -n +N begins at line N.',
    grammar: { flags: 'qv', values: 'nc', long: { lines: 'n', bytes: 'c', quiet: 'q' } },
    run: (texts, { values, flags }) => ({
      out: perFile(texts, flags.has('q'), (text) =>
        values.c === undefined ? lastLines(text, values.n ?? '10') : text.slice(-Number(values.c)),
      ),
    }),
  }),
)

export const tac = filter({
  about: 'Print lines in reverse order.',
  grammar: {},
  run: (texts) => ({ out: joinLines(allLines(texts).reverse()) }),
})

export const rev = filter({
  about: 'Reverse each line.',
  grammar: {},
  run: (texts) => ({ out: joinLines(allLines(texts).map((line) => [...line].reverse().join(''))) }),
})

export const nl = filter({
  about: 'Number lines that are not empty; -b a numbers all.',
  grammar: { values: 'b' },
  run: (texts, { values }) => {
    let number = 0
    const numbered = (line: string) =>
      line === '' && values.b !== 'a' ? '       ' : `${String(++number).padStart(6)}\t${line}`
    return { out: joinLines(allLines(texts).map(numbered)) }
  },
})

const COUNTS = {
  l: (text: string) => text.split('\n').length - 1,
  w: (text: string) => text.split(/\s+/).filter(Boolean).length,
  m: (text: string) => [...text].length,
  c: (text: string) => byteLength(text),
} as const

export const wc = filter({
  about: 'Count lines, words and bytes.',
  grammar: { flags: 'lwcm', long: { lines: 'l', words: 'w', bytes: 'c', chars: 'm' } },
  run: (texts, { flags, operands }) => {
    const kinds = (['l', 'w', 'm', 'c'] as const).filter((kind) => (flags.size === 0 ? kind !== 'm' : flags.has(kind)))
    const rows = texts.map(({ name, text }) => ({ name, counts: kinds.map((kind) => COUNTS[kind](text)) }))
    const total = {
      name: 'total',
      counts: kinds.map((_kind, at) => rows.reduce((sum, { counts }) => sum + counts[at]!, 0)),
    }
    const all = rows.length > 1 ? [...rows, total] : rows
    const width =
      kinds.length === 1 && rows.length === 1 ? 0 : operands.length === 0 ? 7 : String(Math.max(...total.counts)).length
    const line = (counts: readonly number[], name: string) =>
      counts.map((count) => String(count).padStart(width)).join(' ') + (operands.length > 0 ? ` ${name}` : '')
    return { out: joinLines(all.map(({ name, counts }) => line(counts, name))) }
  },
})

/** `-k 2,3nr`: from which field to which, and how. */
interface SortKey {
  readonly from: number
  readonly to: number
  readonly flags: string
}

function sortKeyOf(text: string): SortKey {
  const [, from = '1', fromFlags = '', to = '', toFlags = ''] =
    /^(\d+)(?:\.\d+)?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(text) ?? []
  return { from: Number(from), to: to === '' ? Number.POSITIVE_INFINITY : Number(to), flags: fromFlags + toFlags }
}

const fieldsOf = (line: string, separator: string | undefined): string[] =>
  separator === undefined ? line.trim().split(/\s+/) : line.split(separator)

const compareTexts = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

const leadingNumber = (text: string): number => Number.parseFloat(text.trim()) || 0

const HUMAN: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

const humanNumber = (text: string): number =>
  leadingNumber(text) * (HUMAN[/[KMGT]/i.exec(text)?.[0].toUpperCase() ?? ''] ?? 1)

function compareVersions(left: string, right: string): number {
  const parts = left.match(/\d+|\D+/g) ?? []
  const others = right.match(/\d+|\D+/g) ?? []
  for (let i = 0; i < Math.max(parts.length, others.length); i++) {
    const [part = '', other = ''] = [parts[i], others[i]]
    const order = /^\d/.test(part) && /^\d/.test(other) ? Number(part) - Number(other) : compareTexts(part, other)
    if (order !== 0) return order
  }
  return 0
}

function compareBy(flags: string, left: string, right: string): number {
  const sign = flags.includes('r') ? -1 : 1
  if (flags.includes('n')) return sign * (leadingNumber(left) - leadingNumber(right))
  if (flags.includes('h')) return sign * (humanNumber(left) - humanNumber(right))
  if (flags.includes('V')) return sign * compareVersions(left, right)
  if (flags.includes('f')) return sign * compareTexts(left.toLowerCase(), right.toLowerCase())
  return sign * compareTexts(left, right)
}

export const sort = filter({
  about: 'Sort lines.',
  grammar: {
    flags: 'rnufhVsb',
    values: 'kto',
    long: {
      reverse: 'r',
      'numeric-sort': 'n',
      unique: 'u',
      key: 'k',
      'field-separator': 't',
      'version-sort': 'V',
      'human-numeric-sort': 'h',
    },
  },
  run: (texts, { flags, values }) => {
    const global = [...flags].join('')
    const key = values.k === undefined ? undefined : sortKeyOf(values.k)
    const part = (line: string) =>
      key
        ? fieldsOf(line, values.t)
            .slice(key.from - 1, key.to)
            .join(values.t ?? ' ')
        : line
    const how = key?.flags || global
    const last =
      flags.has('s') || flags.has('u')
        ? () => 0
        : (a: string, b: string) => compareBy(global.replace(/[^r]/g, ''), a, b)
    const sorted = allLines(texts).toSorted((a, b) => compareBy(how, part(a), part(b)) || last(a, b))
    const same = (a: string, b: string | undefined) => b !== undefined && compareBy(how, part(a), part(b)) === 0
    return { out: joinLines(flags.has('u') ? sorted.filter((line, at) => !same(line, sorted[at - 1])) : sorted) }
  },
})

export const uniq = filter({
  about: 'Print each run of equal lines once.',
  grammar: { flags: 'cdui', long: { count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i' } },
  run: (texts, { flags }) => {
    const runs: { line: string; count: number }[] = []
    const same = (a: string, b: string) => (flags.has('i') ? a.toLowerCase() === b.toLowerCase() : a === b)
    for (const line of allLines(texts)) {
      const last = runs.at(-1)
      if (last && same(last.line, line)) last.count++
      else runs.push({ line, count: 1 })
    }
    const kept = runs.filter(({ count }) => (!flags.has('d') || count > 1) && (!flags.has('u') || count === 1))
    return {
      out: joinLines(kept.map(({ line, count }) => (flags.has('c') ? `${String(count).padStart(7)} ${line}` : line))),
    }
  },
})

/** `1,3-5,7-` as a test of a position, counted from 1. */
function positions(list: string): (position: number) => boolean {
  const ranges = list.split(',').map((range) => {
    const [from = '', to] = range.split('-')
    return [
      from === '' ? 1 : Number(from),
      to === undefined ? Number(from) : to === '' ? Number.POSITIVE_INFINITY : Number(to),
    ] as const
  })
  return (position) => ranges.some(([from, to]) => position >= from && position <= to)
}

export const cut = filter({
  about: 'Print parts of lines: fields (-f, with -d DELIMITER) or characters (-c).',
  grammar: {
    flags: 's',
    values: 'dfcb',
    long: { delimiter: 'd', fields: 'f', characters: 'c', bytes: 'b', 'output-delimiter': 'o' },
  },
  run: (texts, { values, flags }) => {
    const list = values.f ?? values.c ?? values.b
    if (list === undefined) return { err: 'cut: you must specify a list of bytes, characters, or fields\n', code: 1 }
    const wanted = positions(list)
    const delimiter = values.d ?? '\t'
    const pick = (line: string) => {
      if (values.f === undefined) return [...line].filter((_letter, at) => wanted(at + 1)).join('')
      const fields = line.split(delimiter)
      return fields.length === 1 ? line : fields.filter((_field, at) => wanted(at + 1)).join(delimiter)
    }
    const lines = allLines(texts).filter((line) => !flags.has('s') || line.includes(delimiter))
    return { out: joinLines(lines.map(pick)) }
  },
})

const CLASSES: Readonly<Record<string, string>> = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digit: '0123456789',
  space: ' \t\n\r\v\f',
  punct: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
}

/** `a-z`, `[:upper:]`, `\n` as the letters they stand for. */
function lettersOf(set: string): string[] {
  const plain = set
    .replace(
      /\[:(\w+):\]/g,
      (_whole, name) =>
        CLASSES[name] ??
        (name === 'alpha' ? CLASSES.upper! + CLASSES.lower! : CLASSES.upper! + CLASSES.lower! + CLASSES.digit!),
    )
    .replace(/\\([nrt\\])/g, (_whole, letter) => ({ n: '\n', r: '\r', t: '\t', '\\': '\\' })[letter as 'n'])
  const letters: string[] = []
  for (let i = 0; i < plain.length; i++) {
    if (plain[i + 1] !== '-' || i + 2 >= plain.length) letters.push(plain[i]!)
    else {
      for (let code = plain.charCodeAt(i); code <= plain.charCodeAt(i + 2); code++)
        letters.push(String.fromCharCode(code))
      i += 2
    }
  }
  return letters
}

const translate = (text: string, flags: ReadonlySet<string>, first: string, second: string | undefined): string => {
  const from = lettersOf(first)
  const to = second === undefined ? [] : lettersOf(second)
  const inSet = (letter: string) => from.includes(letter) !== flags.has('c')
  const changed = [...text].flatMap((letter) => {
    if (!inSet(letter)) return [letter]
    if (flags.has('d')) return []
    if (to.length === 0) return [letter]
    return [flags.has('c') ? to.at(-1)! : to[Math.min(from.indexOf(letter), to.length - 1)]!]
  })
  if (!flags.has('s')) return changed.join('')
  const squeezed = new Set(to.length > 0 ? to : from)
  return changed.filter((letter, at) => letter !== changed[at - 1] || !squeezed.has(letter)).join('')
}

/** It reads standard input only: its operands are sets, never files. */
export const tr = filter({
  about: 'Translate (SET1 SET2), delete (-d SET1) or squeeze (-s) characters of standard input.',
  grammar: { flags: 'dsc', long: { delete: 'd', 'squeeze-repeats': 's', complement: 'c' } },
  leading: ({ operands }) => Math.max(operands.length, 1),
  run: (texts, { flags, operands: [first = '', second] }) => ({ out: translate(allText(texts), flags, first, second) }),
})

export const paste = filter({
  about: 'Join lines of files side by side; -s one file after another, -d DELIMITER.',
  grammar: { flags: 's', values: 'd', long: { serial: 's', delimiters: 'd' } },
  run: (texts, { flags, values }) => {
    const delimiter = (values.d ?? '\t').replace('\\n', '\n').replace('\\t', '\t')
    const columns = texts.map(({ text }) => linesOf(text))
    if (flags.has('s')) return { out: joinLines(columns.map((lines) => lines.join(delimiter))) }
    const rows = Array.from({ length: Math.max(0, ...columns.map((lines) => lines.length)) }, (_, at) =>
      columns.map((lines) => lines[at] ?? '').join(delimiter),
    )
    return { out: joinLines(rows) }
  },
})

export const column = filter({
  about: 'Line up columns (-t), separated by blanks or by -s SEPARATOR.',
  grammar: { flags: 't', values: 's' },
  run: (texts, { values }) => {
    const rows = allLines(texts).map((line) => fieldsOf(line, values.s))
    const widths = rows.reduce<number[]>(
      (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)).concat(widest.slice(row.length)),
      [],
    )
    const line = (row: readonly string[]) =>
      row.map((cell, at) => (at < row.length - 1 ? cell.padEnd(widths[at]! + 2) : cell)).join('')
    return { out: joinLines(rows.map(line)) }
  },
})

export const cat = filter({
  about: 'Print files, or standard input.',
  grammar: { flags: 'nAevbs', long: { number: 'n', 'show-all': 'A' } },
  run: (texts, { flags }) => {
    if (!flags.has('n')) return { out: allText(texts) }
    return { out: joinLines(allLines(texts).map((line, at) => `${String(at + 1).padStart(6)}\t${line}`)) }
  },
})
