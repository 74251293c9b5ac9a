/**
 * Words made into arguments: parameters, command substitutions (already run, their output in order), arithmetic, then splitting
 * of what was not quoted, then file names.
 */
import { evaluate } from './arithmetic.ts'
import { absolutePath, isFileFailure, type ShellFiles } from './command.ts'
import { matchesPattern, patternSource, replacePattern, withoutPrefix, withoutSuffix } from './pattern.ts'
import type { Operation, Script, Word, WordPart } from './syntax.ts'

/** What expansion may look at and change. */
export interface Expansion {
  readonly get: (name: string) => string | undefined
  readonly set: (name: string, value: string) => void
  readonly positional: readonly string[]
  /** Output of the word's command substitutions, in the order in which they stand. */
  readonly outputs: string[]
  readonly files: ShellFiles
  readonly directory: string
}

export interface ExpansionProblem {
  readonly expansion: string
}

/** The scripts inside words, in the order in which `expandWords` uses their outputs. */
export const substitutionsIn = (words: readonly Word[]): readonly Script[] =>
  words.flatMap((word) => word.flatMap(substitutionsInPart))

function substitutionsInPart(part: WordPart): readonly Script[] {
  if (part.is === 'substitution') return [part.script]
  if (part.is === 'arithmetic') return substitutionsIn([part.text])
  if (part.is === 'parameter' && part.operation)
    return substitutionsIn([part.operation.word, ...(part.operation.second ? [part.operation.second] : [])])
  return []
}

/** A letter run with one quoting; `field` begins a new argument. */
interface Piece {
  readonly text: string
  readonly quoted: boolean
  readonly splits: boolean
}

const trimmedOutput = (text: string): string => text.replace(/\n+$/, '')

function plain(word: Word, expansion: Expansion): string {
  return word
    .map((part) =>
      piecesOf(part, expansion)
        .map((piece) => piece.text)
        .join(' '),
    )
    .join('')
}

/** The text of a word that is not split: an assignment, a redirect's target, a `case` subject. */
export const expandText = (word: Word, expansion: Expansion): string =>
  withHome(plain(word, expansion), word, expansion)

function withHome(text: string, word: Word, expansion: Expansion): string {
  const first = word[0]
  if (first?.is !== 'text' || first.quoted || !/^~(\/|$)/.test(first.text)) return text
  return (expansion.get('HOME') ?? '~') + text.slice(1)
}

function parameterText(name: string, expansion: Expansion): string | undefined {
  if (name === '@' || name === '*')
    return expansion.positional.length === 0 ? undefined : expansion.positional.join(' ')
  if (name === '#') return String(expansion.positional.length)
  if (/^[1-9]\d*$/.test(name)) return expansion.positional[Number(name) - 1]
  return expansion.get(name)
}

function operate(name: string, operation: Operation, expansion: Expansion): string {
  const value = parameterText(name, expansion)
  const word = plain(operation.word, expansion)
  const second = operation.second ? plain(operation.second, expansion) : ''
  const missing = value === undefined || (operation.colon && value === '')
  switch (operation.kind) {
    case '-':
      return missing ? word : value
    case '+':
      return missing ? '' : word
    case '=':
      if (missing) expansion.set(name, word)
      return missing ? word : value
    case '?':
      if (missing) throw { expansion: `${name}: ${word || 'parameter null or not set'}` } satisfies ExpansionProblem
      return value
    default:
      return transformed(value ?? '', operation, word, second, expansion)
  }
}

function transformed(value: string, operation: Operation, word: string, second: string, expansion: Expansion): string {
  switch (operation.kind) {
    case 'length':
      return String(value.length)
    case '#':
    case '##':
      return withoutPrefix(value, word, operation.kind === '##')
    case '%':
    case '%%':
      return withoutSuffix(value, word, operation.kind === '%%')
    case '/':
    case '//':
      return replacePattern(value, word, second, operation.kind === '//')
    case '^^':
      return value.toUpperCase()
    case ',,':
      return value.toLowerCase()
    default:
      return sliced(value, calculate(word, expansion), operation.second ? calculate(second, expansion) : undefined)
  }
}

function sliced(value: string, offset: number, length: number | undefined): string {
  const start = offset < 0 ? Math.max(0, value.length + offset) : offset
  if (length === undefined) return value.slice(start)
  return value.slice(start, length < 0 ? value.length + length : start + length)
}

function calculate(text: string, expansion: Expansion): number {
  const value = evaluate(text, { get: (name) => expansion.get(name) ?? '', set: expansion.set })
  if (typeof value === 'number') return value
  throw { expansion: value.arithmetic } satisfies ExpansionProblem
}

function piecesOf(part: WordPart, expansion: Expansion): readonly Piece[] {
  const { quoted } = part
  const piece = (text: string, splits: boolean): Piece => ({ text, quoted, splits: splits && !quoted })
  switch (part.is) {
    case 'text':
      return [piece(part.text, false)]
    case 'substitution':
      return [piece(trimmedOutput(expansion.outputs.shift() ?? ''), true)]
    case 'arithmetic':
      return [piece(String(calculate(plain(part.text, expansion), expansion)), true)]
    case 'parameter':
      if (part.name === '@' && !part.operation) return expansion.positional.map((text) => piece(text, true))
      return [
        piece(
          part.operation ? operate(part.name, part.operation, expansion) : (parameterText(part.name, expansion) ?? ''),
          true,
        ),
      ]
  }
}

/** An argument in the making: its letters, and which of them were quoted. */
interface Field {
  text: string
  quoted: boolean[]
  /** Something was there, if only `""`. */
  present: boolean
}

const newField = (): Field => ({ text: '', quoted: [], present: false })

function append(field: Field, text: string, quoted: boolean): void {
  field.text += text
  for (let i = 0; i < text.length; i++) field.quoted.push(quoted)
  if (text !== '' || quoted) field.present = true
}

function fieldsOf(word: Word, expansion: Expansion): Field[] {
  const fields = [newField()]
  for (const part of word) {
    const pieces = piecesOf(part, expansion)
    if (pieces.length === 0) continue
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) fields.push(newField())
      if (piece.splits) appendSplit(fields, piece.text)
      else append(fields.at(-1)!, piece.text, piece.quoted)
    }
  }
  return fields.filter((field) => field.present)
}

function appendSplit(fields: Field[], text: string): void {
  const parts = text.split(/[ \t\n]+/)
  for (const [index, part] of parts.entries()) {
    if (index > 0) fields.push(newField())
    append(fields.at(-1)!, part, false)
  }
}

const hasPattern = (field: Field): boolean =>
  [...field.text].some((letter, index) => '*?['.includes(letter) && !field.quoted[index])

/** The files a pattern names, in order; the pattern itself when there are none. */
function filesOf(field: Field, expansion: Expansion): readonly string[] {
  if (!hasPattern(field)) return [field.text]
  const parts = field.text.split('/')
  let found = [field.text.startsWith('/') ? '/' : '']
  let from = 0
  for (const [index, part] of parts.entries()) {
    const quoted = field.quoted.slice(from, from + part.length)
    from += part.length + 1
    if (index === 0 && part === '') continue
    found = found.flatMap((path) => matchesIn(path, part, quoted, expansion))
  }
  return found.length > 0 ? found : [field.text]
}

function matchesIn(path: string, part: string, quoted: readonly boolean[], expansion: Expansion): readonly string[] {
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`
  if (!/[*?[]/.test(part))
    return [prefix + part].filter((name) => expansion.files.stat(absolutePath(expansion.directory, name)))
  const names = expansion.files.list(absolutePath(expansion.directory, path || '.'))
  if (isFileFailure(names)) return []
  return names
    .filter((name) => (part.startsWith('.') || !name.startsWith('.')) && matchesPattern(name, part, quoted))
    .toSorted()
    .map((name) => prefix + name)
}

const BRACES = /^(.*?)\{([^{}]*,[^{}]*|-?\d+\.\.-?\d+)\}(.*)$/s

/** `a{b,c}d` and `{1..3}`, before anything else is expanded; only in words without quotes or expansions. */
function braceWords(word: Word): readonly Word[] {
  const [only, ...more] = word
  if (only?.is !== 'text' || only.quoted || more.length > 0) return [word]
  return braced(only.text).map((text) => [{ ...only, text }])
}

function braced(text: string): readonly string[] {
  const match = BRACES.exec(text)
  if (!match) return [text]
  const [, before = '', inside = '', after = ''] = match
  return choices(inside).flatMap((choice) => braced(`${before}${choice}${after}`))
}

function choices(inside: string): readonly string[] {
  const range = /^(-?\d+)\.\.(-?\d+)$/.exec(inside)
  if (!range) return inside.split(',')
  const [from, to] = [Number(range[1]), Number(range[2])]
  return Array.from({ length: Math.min(Math.abs(to - from) + 1, 10_000) }, (_, i) =>
    String(from + (to < from ? -i : i)),
  )
}

/** The arguments that words come to. */
export const expandWords = (words: readonly Word[], expansion: Expansion): readonly string[] =>
  words
    .flatMap(braceWords)
    .flatMap((word) =>
      fieldsOf(word, expansion).flatMap((field) => filesOf({ ...field, ...homed(field, word, expansion) }, expansion)),
    )

function homed(field: Field, word: Word, expansion: Expansion): Partial<Field> {
  const text = withHome(field.text, word, expansion)
  if (text === field.text) return {}
  return { text, quoted: Array.from({ length: text.length }, () => true) }
}

/** A pattern with its quoted letters standing for themselves, as a regular expression source. */
export function expandPattern(word: Word, expansion: Expansion): string {
  const [field = newField()] = [mergedField(word, expansion)]
  return `^${patternSource(field.text, field.quoted)}$`
}

function mergedField(word: Word, expansion: Expansion): Field {
  const field = newField()
  for (const part of word) for (const piece of piecesOf(part, expansion)) append(field, piece.text, piece.quoted)
  return field
}
