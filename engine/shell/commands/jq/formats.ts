/** `@base64` and its like: a value as text for some other program to read. */
import { encodeBase64, textOfBase64, utf8Bytes } from '../../../std/base64.ts'
import { isList, type Json, named, problem, textOf, write } from './json.ts'

const escaping =
  (words: Readonly<Record<string, string>>) =>
  (value: Json): string =>
    textOf(value).replace(/[&<>'"]/g, (letter) => words[letter]!)

const HTML = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&quot;' }

function row(value: Json, format: string, separator: string, quote: (text: string) => string): string {
  if (!isList(value)) throw problem(`${named(value)} cannot be ${format}-formatted, only array`)
  const cell = (item: Json): string => {
    if (typeof item === 'object' && item !== null) throw problem(`${named(item)} is not valid in a csv row`)
    return typeof item === 'string' ? quote(item) : item === null ? '' : write(item)
  }
  return value.map(cell).join(separator)
}

const TABS: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' }

const shellWord = (value: Json): string => {
  if (typeof value === 'object' && value !== null) throw problem(`${named(value)} can not be escaped for shell`)
  return typeof value === 'string' ? `'${value.replaceAll("'", "'\\''")}'` : write(value)
}

const FORMATS: Readonly<Record<string, (value: Json) => string>> = {
  text: textOf,
  json: (value) => write(value),
  csv: (value) => row(value, 'csv', ',', (text) => `"${text.replaceAll('"', '""')}"`),
  tsv: (value) => row(value, 'tsv', '\t', (text) => text.replace(/[\t\n\r\\]/g, (letter) => TABS[letter]!)),
  html: escaping(HTML),
  uri: (value) =>
    encodeURIComponent(textOf(value)).replace(
      /[!'()*]/g,
      (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
  sh: (value) => (isList(value) ? value.map(shellWord).join(' ') : shellWord(value)),
  base64: (value) => encodeBase64(utf8Bytes(textOf(value))),
  base64d: (value) => textOfBase64(textOf(value)),
}

export function applyFormat(name: string, value: Json): string {
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (!format) throw problem(`${name} is not a valid format`)
  return format(value)
}
