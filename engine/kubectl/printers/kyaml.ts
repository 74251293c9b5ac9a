/**
 * KYAML: YAML that no indentation can break, for people who edit it by hand. Braces and brackets everywhere, strings always
 * quoted, keys only where they must be.
 *
 * Upstream: sigs.k8s.io/yaml/kyaml
 */
import { goNumber } from '../../std/go-value.ts'
import { isList, isMap, sortedKeysOf, type Tree, type TreeMap } from '../../std/tree.ts'

const ESCAPE: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\0': '\\0',
  '\u001b': '\\e',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the letters to escape
const UNSAFE = /["\\\u0000-\u001f\u007f-\u009f]/g

const escaped = (text: string): string =>
  text.replace(UNSAFE, (letter) => ESCAPE[letter] ?? `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)

/** A text of several lines, one below the other; a backslash protects leading blanks. */
function lines(text: string, indent: string): string {
  const parts = text.split('\n')
  const last = parts.pop()!
  const shown = (line: string): string => `${indent}  ${line.startsWith(' ') ? '\\' : ' '}${escaped(line)}`
  const ending = last === '' ? `${indent}  "` : `${shown(last)}"`
  return `"\\\n${parts.map((line) => `${shown(line)}\\n\\\n`).join('')}${ending}`
}

const quoted = (text: string, indent: string): string =>
  text.includes('\n') ? lines(text, indent) : `"${escaped(text)}"`

const PLAIN_KEY = /^[A-Za-z_][\w./-]*$/
const READS_AS_OTHER = /^(y|yes|n|no|on|off|true|false|null|inf|nan)$/i

const keyText = (key: string): string => (PLAIN_KEY.test(key) && !READS_AS_OTHER.test(key) ? key : `"${escaped(key)}"`)

const scalar = (value: Tree, indent: string): string => {
  if (typeof value === 'string') return quoted(value, indent)
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? goNumber(value) : String(value)
  return String(value)
}

const isHolder = (value: Tree): boolean => isList(value) || isMap(value)

function list(values: readonly Tree[], indent: string, keepOrder: boolean): string {
  if (values.length === 0) return '[]'
  if (values.every(isHolder)) return `[${values.map((value) => write(value, indent, keepOrder)).join(', ')}]`
  const inner = `${indent}  `
  return `[\n${values.map((value) => `${inner}${write(value, inner, keepOrder)},\n`).join('')}${indent}]`
}

function map(value: TreeMap, indent: string, keepOrder: boolean): string {
  const keys = keepOrder ? Object.keys(value) : sortedKeysOf(value)
  if (keys.length === 0) return '{}'
  const inner = `${indent}  `
  return `{\n${keys.map((key) => `${inner}${keyText(key)}: ${write(value[key]!, inner, keepOrder)},\n`).join('')}${indent}}`
}

function write(value: Tree, indent: string, keepOrder: boolean): string {
  if (isList(value)) return list(value, indent, keepOrder)
  return isMap(value) ? map(value, indent, keepOrder) : scalar(value, indent)
}

export const formatKyaml = (value: Tree, { keepOrder = false }: { readonly keepOrder?: boolean } = {}): string =>
  `---\n${write(value, '', keepOrder)}\n`
