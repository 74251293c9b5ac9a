/**
 * Values as Go's fmt and encoding/json print them. kubectl shows them wherever a template prints a map or a number, and
 * when a JSONPath goes wrong, where the whole object follows the message.
 *
 * Left out: widths and flags of fmt's verbs other than those that `formatGo` names.
 */
import { goQuote } from './go-text.ts'
import { isList, isMap, sortedKeysOf, type Tree } from './tree.ts'

const MAX_INTEGER = 2 ** 63

/** Whether Go would have read this number as an int64. */
export const isGoInteger = (value: unknown): boolean =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < MAX_INTEGER)

function exponentForm(value: number): string {
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const size = exponent.slice(1).padStart(2, '0')
  return `${digits}e${exponent[0]}${size}`
}

/** strconv.FormatFloat(value, 'g', -1, 64) where exponents begin at 10^`limit`. */
export function goFloat(value: number, limit = 21): string {
  if (value === 0 || !Number.isFinite(value))
    return value === 0 ? '0' : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const exponent = Number(value.toExponential().split('e')[1])
  return exponent < -4 || exponent >= limit ? exponentForm(value) : String(value)
}

export const goNumber = (value: number | bigint): string =>
  isGoInteger(value) ? BigInt(value).toString() : goFloat(value as number)

/** fmt's %v. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return goNumber(value)
  if (isList(value)) return `[${value.map(goValue).join(' ')}]`
  if (isMap(value))
    return `map[${sortedKeysOf(value)
      .map((key) => `${key}:${goValue(value[key])}`)
      .join(' ')}]`
  return String(value)
}

/** fmt's %#v of what JSON was read into. */
export function goSyntax(value: Tree): string {
  if (value === null) return 'interface {}(nil)'
  if (typeof value === 'string') return goQuote(value)
  if (typeof value === 'number' || typeof value === 'bigint') return goNumber(value)
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (!isMap(value)) return String(value)
  const entries = sortedKeysOf(value).map((key) => `${goQuote(key)}:${goSyntax(value[key]!)}`)
  return `map[string]interface {}{${entries.join(', ')}}`
}

const HTML = /[<>&\u2028\u2029]/g
const unicodeEscape = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A string as encoding/json writes it, with `<`, `>` and `&` escaped. */
export const goJsonString = (text: string): string => JSON.stringify(text).replace(HTML, unicodeEscape)

const jsonNumber = (value: number | bigint): string =>
  typeof value === 'bigint' ? value.toString() : String(value).replace(/e-(\d)$/, 'e-0$1')

export interface JsonStyle {
  readonly indent?: string
  /** Keys as they stand, for objects of a Go type; else sorted, as those of a map. */
  readonly keepOrder?: boolean
}

/** encoding/json of a tree. Unlike JSON.stringify it keeps exact integers and never reorders keys that look like numbers. */
export const goJsonOf = (value: Tree, style: JsonStyle = {}): string => jsonAt(value, style, style.indent ? '\n' : '')

function jsonAt(value: Tree, style: JsonStyle, newline: string): string {
  if (typeof value === 'string') return goJsonString(value)
  if (typeof value === 'number' || typeof value === 'bigint') return jsonNumber(value)
  const inner = newline && newline + style.indent
  if (isList(value))
    return jsonBlock(
      '[',
      value.map((item) => jsonAt(item, style, inner)),
      ']',
      newline,
      inner,
    )
  if (!isMap(value)) return String(value)
  const keys = style.keepOrder ? Object.keys(value) : sortedKeysOf(value)
  const colon = newline ? ': ' : ':'
  const entries = keys.map((key) => goJsonString(key) + colon + jsonAt(value[key]!, style, inner))
  return jsonBlock('{', entries, '}', newline, inner)
}

const jsonBlock = (open: string, items: string[], close: string, newline: string, inner: string): string =>
  items.length === 0 ? open + close : open + inner + items.join(`,${inner}`) + newline + close

/** fmt.Sprintf with the verbs v, s, d, q, t, f, x and the width or precision before them. */
export function formatGo(format: string, args: readonly unknown[]): string {
  let next = 0
  const text = format.replace(/%(-?)(0?)(\d*)(?:\.(\d+))?([a-zA-Z%])/g, (_all, left, zero, width, precision, verb) => {
    if (verb === '%') return '%'
    if (next >= args.length) return `%!${verb}(MISSING)`
    const printed = formatVerb(verb, args[next++], precision === undefined ? undefined : Number(precision))
    const size = Number(width || 0)
    return left ? printed.padEnd(size) : printed.padStart(size, zero || ' ')
  })
  if (next >= args.length) return text
  return `${text}%!(EXTRA ${args
    .slice(next)
    .map((arg) => `${goType(arg)}=${goValue(arg)}`)
    .join(', ')})`
}

export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number' || typeof value === 'bigint') return isGoInteger(value) ? 'int64' : 'float64'
  return isList(value) ? '[]interface {}' : 'map[string]interface {}'
}

function formatVerb(verb: string, value: unknown, precision: number | undefined): string {
  const wrong = `%!${verb}(${goType(value)}=${goValue(value)})`
  if (verb === 'v' || verb === 's') {
    if (verb === 's' && typeof value !== 'string' && typeof value !== 'object') return wrong
    return precision === undefined ? goValue(value) : goValue(value).slice(0, precision)
  }
  if (verb === 'q') return typeof value === 'string' ? goQuote(value) : wrong
  if (verb === 'd') return isGoInteger(value) ? goValue(value) : wrong
  if (verb === 't') return typeof value === 'boolean' ? String(value) : wrong
  if (verb === 'x') return isGoInteger(value) ? BigInt(value as number).toString(16) : wrong
  if (verb === 'f') return typeof value === 'number' ? value.toFixed(precision ?? 6) : wrong
  return wrong
}
