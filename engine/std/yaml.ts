/**
 * YAML the way Kubernetes reads and writes it: YAML 1.1, where bare `y`, `no` and `on` are booleans even as keys, and
 * output with sorted keys, lists that are not indented, and quotes exactly where a word would be read as something
 * else. What people see in `-o yaml` and what a manifest means both depend on these details.
 *
 * Upstream: sigs.k8s.io/yaml over go.yaml.in/yaml/v2 (resolve.go, emitterc.go).
 * Left out: keys longer than 128 letters are written like shorter ones; binary that is not text.
 */
import { type Document, isAlias, LineCounter, parseDocument, type ScalarTag, type Tags } from 'yaml'
import { strictBase64, utf8TextOf } from './bytes.ts'
import { goFloat, isGoInteger } from './go-value.ts'
import { isList, isMap, type Tree, type TreeMap } from './tree.ts'

const MEBIBYTE = 1024 * 1024
/** Larger manifests are refused before they are parsed. */
export const YAML_LIMIT = 8 * MEBIBYTE
/** More nodes than this after aliases are followed is a bomb, not a manifest. */
const NODE_LIMIT = 400_000

export interface YamlProblem {
  readonly line: number
  readonly message: string
}

export type YamlResult =
  | { readonly ok: true; readonly value: Tree; readonly empty: boolean }
  | { readonly ok: false; readonly problem: YamlProblem }

const exactInteger = (text: string, radix: number): number | bigint => {
  const digits = text
    .replace(/_/g, '')
    .replace(/^[+-]?0[box]?(?=\w)/i, '')
    .replace(/^[+-]/, '')
  const prefix = radix === 16 ? '0x' : radix === 8 ? '0o' : radix === 2 ? '0b' : ''
  const value = (text.startsWith('-') ? -1n : 1n) * BigInt(`${prefix}${digits || '0'}`)
  if (value >= 2n ** 64n || value < -(2n ** 63n)) return Number(value)
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

/** `!!binary`, which Kubernetes reads as the text it encodes. */
const binaryTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) => {
    const bytes = strictBase64(text.replace(/\s/g, ''))
    return 'corruptAt' in bytes ? text : (utf8TextOf(bytes) ?? text)
  },
}

const integerTag = (test: RegExp, radix: number): ScalarTag => ({
  tag: 'tag:yaml.org,2002:int',
  identify: (value) => typeof value === 'bigint',
  default: true,
  test,
  resolve: (text) => exactInteger(text, radix),
})

/** Go reads plain scalars in this order; sexagesimal numbers and dates stay text. */
const KUBERNETES_TAGS: readonly ScalarTag[] = [
  integerTag(/^[+-]?0b[01_]+$/, 2),
  integerTag(/^[+-]?0o[0-7_]+$/, 8),
  integerTag(/^[+-]?0[0-7_]+$/, 8),
  integerTag(/^[+-]?0x[0-9a-fA-F_]+$/, 16),
  integerTag(/^[+-]?[0-9][0-9_]*$/, 10),
]

const DROPPED_TAGS = new Set(['tag:yaml.org,2002:timestamp', 'tag:yaml.org,2002:int', 'tag:yaml.org,2002:binary'])

const customTags = (tags: Tags): Tags => [
  ...tags.filter((tag) => {
    if (typeof tag === 'string') return true
    if (DROPPED_TAGS.has(tag.tag)) return false
    return !('format' in tag && tag.format === 'TIME')
  }),
  binaryTag,
  ...KUBERNETES_TAGS,
]

/** The yaml package's names of what is wrong, in go-yaml's words. */
const MESSAGE: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  BAD_INDENT: 'did not find expected key',
  TAB_AS_INDENT: 'found character that cannot start any token',
  MISSING_CHAR: 'did not find expected node content',
  BAD_ALIAS: 'unknown anchor referenced',
  UNEXPECTED_TOKEN: 'did not find expected key',
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  BAD_SCALAR_START: 'found character that cannot start any token',
}

function problemOf(document: Document, text: string, lines: LineCounter): YamlProblem | undefined {
  const error = document.errors[0]
  if (!error) return undefined
  const { line, col } = lines.linePos(error.pos[0])
  if (error.code === 'DUPLICATE_KEY') return { line, message: `${duplicateKey(text, error.pos[0])} already set in map` }
  if (/flow (sequence|collection)/i.test(error.message) && /expected|end with/i.test(error.message))
    return { line, message: `did not find expected ${unclosedFlow(text)}` }
  if (error.code === 'TAB_AS_INDENT' && col === 1)
    return { line, message: 'found a tab character that violates indentation' }
  return { line: goLine(error.code, line), message: MESSAGE[error.code] ?? 'did not find expected node content' }
}

/** What should have closed the innermost bracket that is open at the end. */
function unclosedFlow(text: string): string {
  const open: string[] = []
  for (const letter of text) {
    if (letter === '[' || letter === '{') open.push(letter)
    if (letter === ']' || letter === '}') open.pop()
  }
  if (/[{[]\s*$/.test(text)) return 'node content'
  return open.at(-1) === '[' ? "',' or ']'" : "',' or '}'"
}

/** go-yaml counts from zero where its parser speaks, and from one where its scanner does. */
const goLine = (code: string, line: number): number =>
  (code === 'BAD_INDENT' || code === 'UNEXPECTED_TOKEN' ? line - 1 : line) || 1

const duplicateKey = (text: string, at: number): string =>
  `key ${JSON.stringify(/^[\w./-]+/.exec(text.slice(at))?.[0] ?? '')}`

const itemsOf = (node: unknown): readonly unknown[] =>
  ((node as { items?: readonly unknown[] } | null)?.items ?? []).flatMap((item) => {
    const pair = item as { key?: unknown; value?: unknown } | null
    return pair && typeof pair === 'object' && 'key' in pair ? [pair.key, pair.value] : [item]
  })

/** What is wrong with the aliases of a document: unknown, within themselves, or a bomb. */
function aliasProblem(document: Document): string | undefined {
  const sizes = new Map<unknown, number>()
  const inside = new Set<unknown>()
  let problem: string | undefined
  const sizeOf = (node: unknown): number => {
    if (problem) return 0
    if (!isAlias(node)) return sizeOfItems(node)
    const target = node.resolve(document)
    if (!target) problem = `unknown anchor '${node.source}' referenced`
    if (inside.has(target)) problem = `anchor '${node.source}' value contains itself`
    return problem ? 0 : (sizes.get(target) ?? sizeOf(target))
  }
  const sizeOfItems = (node: unknown): number => {
    inside.add(node)
    let size = 1
    for (const item of itemsOf(node)) size += sizeOf(item)
    if (size > NODE_LIMIT) problem ??= 'document contains excessive aliasing'
    inside.delete(node)
    sizes.set(node, size)
    return size
  }
  sizeOf(document.contents)
  return problem
}

const keyText = (key: unknown): string => {
  if (typeof key === 'number' && !Number.isInteger(key)) return goFloat(key)
  return key === null ? 'null' : String(key)
}

function toTree(value: unknown): Tree {
  if (value === undefined || value === null) return null
  if (value instanceof Map) {
    const map: Record<string, Tree> = {}
    for (const [key, item] of value) map[keyText(key)] = toTree(item)
    return map
  }
  if (Array.isArray(value)) return value.map(toTree)
  if (typeof value === 'number' && Object.is(value, -0)) return 0
  return value as Tree
}

/** One document, as JSON would say it. */
export function parseYaml(text: string): YamlResult {
  if (text.length > YAML_LIMIT)
    return refused(
      1,
      `document is ${Math.ceil(text.length / MEBIBYTE)} MiB long, the limit is ${YAML_LIMIT / MEBIBYTE} MiB`,
    )
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.1',
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
    merge: true,
    customTags,
  })
  const problem = problemOf(document, text, lines)
  if (problem && document.errors[0]?.code !== 'BAD_ALIAS') return { ok: false, problem }
  if (document.contents === null) return { ok: true, value: null, empty: true }
  const aliases = aliasProblem(document)
  if (aliases) return refused(0, aliases)
  return { ok: true, value: toTree(document.toJS({ mapAsMap: true, maxAliasCount: -1 })), empty: false }
}

const refused = (line: number, message: string): YamlResult => ({ ok: false, problem: { line, message } })

/** The places of a document's lines in a file: where each begins, counted from one. */
export interface YamlPart {
  readonly text: string
  readonly firstLine: number
}

/** Cuts a stream at its `---` lines, before anything is parsed, as the API machinery's reader does. */
export function splitYaml(text: string): readonly YamlPart[] {
  const parts: YamlPart[] = []
  let lines: string[] = []
  let firstLine = 1
  const all = text.split('\n')
  for (const [index, line] of all.entries()) {
    if (!line.startsWith('---')) {
      lines.push(line)
      continue
    }
    parts.push({ text: lines.join('\n'), firstLine })
    lines = []
    const rest = line.slice(3)
    if (rest.trim() !== '' && !rest.trimStart().startsWith('#')) lines.push(rest)
    firstLine = index + 2 - lines.length
  }
  parts.push({ text: lines.join('\n'), firstLine })
  return parts.filter((part) => part.text.trim() !== '')
}

// ---- writing -----------------------------------------------------------------------------------

const LINE_WIDTH = 80

const isLetter = (code: number): boolean =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code > 127 && /\p{L}/u.test(String.fromCodePoint(code)))

const isDigit = (code: number): boolean => code >= 48 && code <= 57

function numberAt(text: string, from: number): readonly [value: number, end: number] {
  let end = from
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return [end > from ? Number(text.slice(from, end)) : 0, end]
}

/** go-yaml's order of keys: letters after everything else, runs of digits by their value. */
export function compareYamlKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left === right) continue
    if (isLetter(left) && isLetter(right)) return left - right
    if (isLetter(left) || isLetter(right)) return isLetter(right) ? -1 : 1
    const [leftNumber, leftEnd] = numberAt(a, at)
    const [rightNumber, rightEnd] = numberAt(b, at)
    return leftNumber - rightNumber || leftEnd - rightEnd || left - right
  }
  return a.length - b.length
}

const WORDS = new Set(
  'y Y yes Yes YES n N no No NO true True TRUE false False FALSE on On ON off Off OFF ~ null Null NULL .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF .nan .NaN .NAN <<'.split(
    ' ',
  ),
)
const NUMBER =
  /^[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)$/
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?\s*(Z|[-+]\d\d?(:\d\d)?)?)?$/

const readsAsOther = (text: string): boolean =>
  text === '' || WORDS.has(text) || NUMBER.test(text) || BASE_60.test(text) || TIMESTAMP.test(text)

const PRINTABLE = /^[\n\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u
const FORBIDDEN_START = /^[#,[\]{}&*!|>'"%@`]|^(---|\.\.\.)|^[?:-](\s|$)/
const FORBIDDEN_INSIDE = /:(\s|$)|\s#/

interface Analysis {
  readonly plain: boolean
  readonly single: boolean
  readonly block: boolean
}

/** emitterc.go's analyze_scalar: in which styles a text may be written in a block. */
function analyze(text: string): Analysis {
  const special = !PRINTABLE.test(text)
  const spaceBreak = / \n/.test(text)
  const edge = /^[ \n]|[ \n]$/.test(text)
  const breaks = text.includes('\n')
  return {
    plain: !(special || spaceBreak || edge || breaks || FORBIDDEN_START.test(text) || FORBIDDEN_INSIDE.test(text)),
    single: !(special || spaceBreak || /\n /.test(text)),
    block: !(special || spaceBreak || text.endsWith(' ')),
  }
}

const ESCAPE: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escapeLetter(letter: string): string {
  const known = ESCAPE[letter]
  if (known) return known
  if (PRINTABLE.test(letter) && letter !== '\ufeff') return letter
  const code = letter.codePointAt(0)!
  if (code <= 0xff) return `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
  return code <= 0xffff
    ? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
    : `\\U${code.toString(16).toUpperCase().padStart(8, '0')}`
}

/** Where a scalar stands: the column of its first letter and the indentation of lines it is folded into. */
interface Place {
  readonly column: number
  readonly indent: number
  readonly key?: true
}

/** Breaks a long line at single blanks, after the eightieth column. */
function folded(letters: readonly string[], { column, indent, key }: Place, inner: boolean, double: boolean): string {
  if (key) return letters.join('')
  let out = ''
  let at = column
  let spaces = false
  for (const [index, letter] of letters.entries()) {
    if (letter !== ' ') {
      out += letter
      at += [...letter].length
      spaces = false
      continue
    }
    const next = letters[index + 1]
    const may = !spaces && at > LINE_WIDTH && (!inner || (index > 0 && index < letters.length - 1))
    if (may && (double || next !== ' ')) {
      out += `\n${' '.repeat(indent)}${double && next === ' ' ? '\\' : ''}`
      at = indent
    } else {
      out += ' '
      at++
    }
    spaces = true
  }
  return out
}

const doubleQuoted = (text: string, place: Place): string =>
  `"${folded([...text].map(escapeLetter), { ...place, column: place.column + 1 }, true, true)}"`

const singleQuoted = (text: string, place: Place): string =>
  `'${folded(
    [...text].map((letter) => (letter === "'" ? "''" : letter)),
    { ...place, column: place.column + 1 },
    true,
    false,
  )}'`

function literal(text: string, indent: number): string {
  const hint = /^[ \n]/.test(text) ? '2' : ''
  const chomp = !text.endsWith('\n') ? '-' : text.length === 1 || text.endsWith('\n\n') ? '+' : ''
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  return `|${hint}${chomp}\n${lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')}`
}

function textScalar(text: string, place: Place): string {
  const { plain, single, block } = analyze(text)
  if (text.includes('\n') && !place.key) return block ? literal(text, place.indent) : doubleQuoted(text, place)
  if (readsAsOther(text)) return doubleQuoted(text, place)
  if (plain) return folded([...text], place, false, false)
  return single ? singleQuoted(text, place) : doubleQuoted(text, place)
}

function scalar(value: Tree, place: Place): string {
  if (typeof value === 'string') return textScalar(value, place)
  if (typeof value === 'number') return isGoInteger(value) ? String(BigInt(value)) : goFloat(value)
  return String(value)
}

const isEmpty = (value: Tree): boolean =>
  isList(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0

const emptyText = (value: Tree): string => (isList(value) ? '[]' : '{}')

function mapLines(map: TreeMap, indent: number, out: string[], keepOrder: boolean): void {
  const keys = keepOrder ? Object.keys(map) : Object.keys(map).sort(compareYamlKeys)
  const pad = ' '.repeat(indent)
  for (const key of keys) {
    const value = map[key]!
    const name = `${pad}${textScalar(key, { column: indent, indent, key: true })}:`
    if (isEmpty(value)) out.push(`${name} ${emptyText(value)}`)
    else if (isMap(value)) {
      out.push(name)
      mapLines(value, indent + 2, out, keepOrder)
    } else if (isList(value)) {
      out.push(name)
      listLines(value, indent, out, keepOrder)
    } else out.push(`${name} ${scalar(value, { column: name.length + 1, indent: indent + 2 })}`)
  }
}

function listLines(list: readonly Tree[], indent: number, out: string[], keepOrder: boolean): void {
  const dash = `${' '.repeat(indent)}- `
  for (const value of list) {
    if (isEmpty(value)) out.push(dash + emptyText(value))
    else if (isMap(value) || isList(value)) {
      const inner: string[] = []
      if (isMap(value)) mapLines(value, indent + 2, inner, keepOrder)
      else listLines(value, indent + 2, inner, keepOrder)
      out.push(dash + inner[0]!.slice(indent + 2), ...inner.slice(1))
    } else out.push(dash + scalar(value, { column: indent + 2, indent: indent + 2 }))
  }
}

/** YAML of a value, as `-o yaml` prints it, ending in a line break. */
export function formatYaml(value: Tree, { keepOrder = false }: { readonly keepOrder?: boolean } = {}): string {
  const out: string[] = []
  if (isEmpty(value)) out.push(emptyText(value))
  else if (isMap(value)) mapLines(value, 0, out, keepOrder)
  else if (isList(value)) listLines(value, 0, out, keepOrder)
  else out.push(scalar(value, { column: 0, indent: 2 }))
  return `${out.join('\n')}\n`
}
