/**
 * sed: edits lines as they pass. Addresses by number, `$`, pattern and range; s, d, p, q, y, i, a, c, =, n, and -n, -E, -i.
 *
 * Upstream: GNU sed 4
 * Left out: branches and labels, the hold space (h, H, g, G, x), N, D, P, w, r, e.
 */
import { absolutePath, afterInput, type Command, type CommandHost, type Finished } from '../command.ts'
import { type Arguments, joinLines, linesOf, readArguments, readFiles, usage } from './arguments.ts'
import { regularSource } from './grep.ts'

type Address =
  | { readonly line: number }
  | { readonly last: true }
  | { readonly pattern: RegExp }
  | { readonly step: readonly [number, number] }

interface Edit {
  readonly from?: Address
  readonly to?: Address | { readonly more: number }
  readonly negated: boolean
  readonly verb: string
  readonly pattern?: RegExp
  readonly text: string
  readonly flags: string
}

interface Cursor {
  readonly text: string
  at: number
  readonly extended: boolean
}

/** Thrown while a script is read. */
const problem = (text: string): { readonly sed: string } => ({ sed: text })

/** Text up to a delimiter that is not escaped. */
function until(cursor: Cursor, delimiter: string): string {
  let text = ''
  for (; cursor.at < cursor.text.length; cursor.at++) {
    const letter = cursor.text.charAt(cursor.at)
    if (letter === delimiter) {
      cursor.at++
      return text
    }
    if (letter === '\\' && cursor.text.charAt(cursor.at + 1) === delimiter) {
      text += delimiter
      cursor.at++
    } else if (letter === '\\') text += letter + cursor.text.charAt(++cursor.at)
    else text += letter
  }
  throw problem(`char ${cursor.at}: unterminated \`s' command`)
}

function pattern(source: string, cursor: Cursor, flags: string): RegExp {
  try {
    return new RegExp(regularSource(source, cursor.extended), flags)
  } catch {
    throw problem(`char ${cursor.at}: Invalid preceding regular expression`)
  }
}

function readAddress(cursor: Cursor): Address | undefined {
  const rest = cursor.text.slice(cursor.at)
  const number = /^(\d+)(?:~(\d+))?/.exec(rest)
  if (number) {
    cursor.at += number[0].length
    return number[2] === undefined ? { line: Number(number[1]) } : { step: [Number(number[1]), Number(number[2])] }
  }
  if (rest.startsWith('$')) {
    cursor.at++
    return { last: true }
  }
  if (!rest.startsWith('/')) return undefined
  cursor.at++
  const source = until(cursor, '/')
  const ignoresCase = cursor.text.charAt(cursor.at) === 'I'
  if (ignoresCase) cursor.at++
  return { pattern: pattern(source, cursor, ignoresCase ? 'i' : '') }
}

function skip(cursor: Cursor, letters: RegExp): void {
  while (cursor.at < cursor.text.length && letters.test(cursor.text.charAt(cursor.at))) cursor.at++
}

function readEnd(cursor: Cursor): Edit['to'] {
  if (cursor.text.charAt(cursor.at) !== ',') return undefined
  cursor.at++
  const more = /^\+(\d+)/.exec(cursor.text.slice(cursor.at))
  if (!more) return readAddress(cursor)
  cursor.at += more[0].length
  return { more: Number(more[1]) }
}

/** The rest of the line, as i, a and c take it. */
function restOfLine(cursor: Cursor): string {
  const end = cursor.text.indexOf('\n', cursor.at)
  const text = cursor.text.slice(cursor.at, end < 0 ? undefined : end)
  cursor.at = end < 0 ? cursor.text.length : end
  return text.replace(/^\\?\s*/, '')
}

function readBody(cursor: Cursor, verb: string): Pick<Edit, 'pattern' | 'text' | 'flags'> {
  if (verb === 's' || verb === 'y') {
    const delimiter = cursor.text.charAt(cursor.at++)
    const source = until(cursor, delimiter)
    const text = until(cursor, delimiter)
    const flags = /^[gpiI\d]*/.exec(cursor.text.slice(cursor.at))![0]
    cursor.at += flags.length
    if (verb === 'y') return { text: `${source}\0${text}`, flags: '' }
    return { pattern: pattern(source, cursor, `g${/[iI]/.test(flags) ? 'i' : ''}`), text, flags }
  }
  if ('iac'.includes(verb)) return { text: restOfLine(cursor), flags: '' }
  if ('dpq=n'.includes(verb)) return { text: '', flags: '' }
  throw problem(`char ${cursor.at}: unknown command: \`${verb}'`)
}

function parse(text: string, extended: boolean): readonly Edit[] {
  const cursor: Cursor = { text, at: 0, extended }
  const edits: Edit[] = []
  for (skip(cursor, /[\s;]/); cursor.at < text.length; skip(cursor, /[\s;]/)) {
    const from = readAddress(cursor)
    const to = from && readEnd(cursor)
    skip(cursor, /\s/)
    const negated = text.charAt(cursor.at) === '!'
    if (negated) cursor.at++
    const verb = text.charAt(cursor.at++)
    edits.push({ ...(from && { from }), ...(to && { to }), negated, verb, ...readBody(cursor, verb) })
  }
  return edits
}

interface Place {
  readonly number: number
  readonly isLast: boolean
}

function at(address: Address, line: string, { number, isLast }: Place): boolean {
  if ('line' in address) return number === address.line
  if ('last' in address) return isLast
  if ('step' in address) return number >= address.step[0] && (number - address.step[0]) % (address.step[1] || 1) === 0
  return address.pattern.test(line)
}

/** Ranges that are open, by the index of their edit: the line at which they end, or what ends them. */
type Open = Map<number, number | Address>

function selects(edit: Edit, index: number, line: string, place: Place, open: Open): boolean {
  if (!edit.from) return true
  if (!edit.to) return at(edit.from, line, place)
  const end = open.get(index)
  if (end === undefined) {
    if (!at(edit.from, line, place)) return false
    if ('more' in edit.to) open.set(index, place.number + edit.to.more)
    else if (!('line' in edit.to)) open.set(index, edit.to)
    else if (edit.to.line > place.number) open.set(index, edit.to.line)
    return true
  }
  if (typeof end === 'number' ? place.number >= end : at(end, line, place)) open.delete(index)
  return true
}

const replacement = (text: string, found: readonly string[]): string =>
  text.replace(/\\(\d)|\\n|\\t|\\&|&|\\(.)/g, (whole, group, letter) => {
    if (group !== undefined) return found[Number(group)] ?? ''
    return whole === '&' ? found[0]! : whole === '\\n' ? '\n' : whole === '\\t' ? '\t' : whole === '\\&' ? '&' : letter
  })

function substitute({ pattern, text, flags }: Edit, line: string): string {
  const nth = Number(/\d+/.exec(flags)?.[0] ?? 1)
  let count = 0
  return line.replace(pattern!, (...groups) => {
    count++
    const wanted = flags.includes('g') ? count >= nth : count === nth
    const found = groups
      .filter((part) => typeof part === 'string' || part === undefined)
      .slice(0, -1)
      .map((part) => part ?? '')
    return wanted ? replacement(text, found as string[]) : (groups[0] as string)
  })
}

function translate({ text }: Edit, line: string): string {
  const [from = '', to = ''] = text.split('\0')
  return [...line].map((letter) => (from.includes(letter) ? to.charAt(from.indexOf(letter)) : letter)).join('')
}

interface Passing {
  line: string
  readonly out: string[]
  readonly after: string[]
  deleted: boolean
  quits: boolean
}

function apply(edit: Edit, passing: Passing, place: Place): void {
  const before = passing.line
  if (edit.verb === 's') passing.line = substitute(edit, passing.line)
  if (edit.verb === 'y') passing.line = translate(edit, passing.line)
  if (edit.verb === 'p' || (edit.flags.includes('p') && passing.line !== before)) passing.out.push(passing.line)
  if (edit.verb === '=') passing.out.push(String(place.number))
  if (edit.verb === 'i') passing.out.push(edit.text)
  if (edit.verb === 'a') passing.after.push(edit.text)
  if (edit.verb === 'c') passing.out.push(edit.text)
  if (edit.verb === 'd' || edit.verb === 'c') passing.deleted = true
  if (edit.verb === 'q') passing.quits = true
}

function edit(text: string, edits: readonly Edit[], quiet: boolean): string {
  const lines = linesOf(text)
  const open: Open = new Map()
  const out: string[] = []
  for (const [index, line] of lines.entries()) {
    const place = { number: index + 1, isLast: index === lines.length - 1 }
    const passing: Passing = { line, out, after: [], deleted: false, quits: false }
    for (const [number, one] of edits.entries()) {
      if (selects(one, number, passing.line, place, open) !== one.negated) apply(one, passing, place)
      if (passing.deleted || passing.quits) break
    }
    if (!passing.deleted && !quiet) out.push(passing.line)
    out.push(...passing.after)
    if (passing.quits) break
  }
  return joinLines(out)
}

const GRAMMAR = {
  flags: 'nErs',
  values: 'e',
  long: { quiet: 'n', silent: 'n', 'regexp-extended': 'E', expression: 'e', 'in-place': 'i' },
} as const

/** `-i` takes its value only when it is written together with it, so it is a flag here. */
const argumentsOf = (host: CommandHost): Arguments | string =>
  readArguments(host.argv, { ...GRAMMAR, flags: `${GRAMMAR.flags}i` })

const filesOf = ({ operands, values }: Arguments): readonly string[] => operands.slice(values.e === undefined ? 1 : 0)

function run(input: string, host: CommandHost): Finished {
  const args = argumentsOf(host)
  if (typeof args === 'string') return usage(args, 1)
  const script = args.values.e ?? args.operands[0]
  if (script === undefined) return usage('Usage: sed [-nE] [-i] SCRIPT [FILE]...', 1)
  try {
    const edits = parse(script, args.flags.has('E') || args.flags.has('r'))
    const { texts, err } = readFiles(host, filesOf(args), input)
    const done = texts.map(({ name, text }) => ({ name, text: edit(text, edits, args.flags.has('n')) }))
    if (!args.flags.has('i')) return { out: done.map(({ text }) => text).join(''), err, code: err ? 2 : 0 }
    for (const { name, text } of done) host.files.write(absolutePath(host.directory, name), text)
    return { err, code: err ? 2 : 0 }
  } catch (thrown) {
    const { sed } = thrown as { readonly sed?: string }
    if (sed === undefined) throw thrown
    return usage(`sed: -e expression #1, ${sed}`, 1)
  }
}

export const sed = afterInput(
  (host) => {
    const args = argumentsOf(host)
    return (
      typeof args !== 'string' &&
      args.operands.length + Object.keys(args.values).length > 0 &&
      filesOf(args).length === 0
    )
  },
  run,
  'Edit lines as they pass: sed s/a/b/, sed -n 2,5p, sed /x/d.',
) as Command
