/** `test`, `[ ]` and `[[ ]]`: questions about strings, numbers and files. */
import { absolutePath, type ShellFiles } from './command.ts'
import { type Expansion, expandPattern, expandText } from './expand.ts'
import type { Word } from './syntax.ts'

export interface TestScope {
  readonly files: ShellFiles
  readonly directory: string
}

type Binary = (left: string, right: string) => boolean

const NUMERIC: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '-eq': (left, right) => left === right,
  '-ne': (left, right) => left !== right,
  '-lt': (left, right) => left < right,
  '-le': (left, right) => left <= right,
  '-gt': (left, right) => left > right,
  '-ge': (left, right) => left >= right,
}

const TEXTUAL: Readonly<Record<string, Binary>> = {
  '=': (left, right) => left === right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
}

const UNARY: Readonly<Record<string, (value: string, scope: TestScope) => boolean>> = {
  '-z': (value) => value === '',
  '-n': (value) => value !== '',
  '-e': (value, scope) => statOf(value, scope) !== undefined,
  '-f': (value, scope) => statOf(value, scope)?.kind === 'file',
  '-d': (value, scope) => statOf(value, scope)?.kind === 'directory',
  '-s': (value, scope) => (statOf(value, scope)?.size ?? 0) > 0,
  '-r': (value, scope) => statOf(value, scope) !== undefined,
  '-w': (value, scope) => statOf(value, scope) !== undefined,
  '-x': (value, scope) => ((statOf(value, scope)?.mode ?? 0) & 0o111) !== 0,
  '-L': (value, scope) => statOf(value, scope)?.kind === 'link',
}

const statOf = (path: string, { files, directory }: TestScope) => files.stat(absolutePath(directory, path))

interface Cursor {
  readonly words: readonly string[]
  at: number
  readonly scope: TestScope
  readonly compare: (left: string, operator: string, right: number) => boolean | undefined
}

/** Throws a sentence when the expression is none. */
function or(cursor: Cursor): boolean {
  let value = and(cursor)
  while (['-o', '||'].includes(cursor.words[cursor.at] ?? '')) {
    cursor.at++
    const right = and(cursor)
    value = value || right
  }
  return value
}

function and(cursor: Cursor): boolean {
  let value = not(cursor)
  while (['-a', '&&'].includes(cursor.words[cursor.at] ?? '')) {
    cursor.at++
    const right = not(cursor)
    value = value && right
  }
  return value
}

function not(cursor: Cursor): boolean {
  const word = cursor.words[cursor.at]
  if (word === '!') {
    cursor.at++
    return !not(cursor)
  }
  if (word === '(') {
    cursor.at++
    const value = or(cursor)
    cursor.at++
    return value
  }
  return primary(cursor)
}

const isBinary = (operator: string | undefined): operator is string =>
  operator !== undefined && (operator in NUMERIC || operator in TEXTUAL || operator === '=~')

function primary(cursor: Cursor): boolean {
  const { words, scope } = cursor
  const [left = '', operator] = words.slice(cursor.at, cursor.at + 2)
  if (isBinary(operator) && words.length > cursor.at + 2) return binary(cursor, left, operator)
  const unary = UNARY[left]
  if (unary && words.length > cursor.at + 1) {
    cursor.at += 2
    return unary(words[cursor.at - 1]!, scope)
  }
  cursor.at++
  return left !== ''
}

function binary(cursor: Cursor, left: string, operator: string): boolean {
  const at = cursor.at + 2
  const right = cursor.words[at]!
  cursor.at += 3
  const special = cursor.compare(left, operator, at)
  if (special !== undefined) return special
  const numeric = NUMERIC[operator]
  if (!numeric) return TEXTUAL[operator]!(left, right)
  for (const value of [left, right]) if (!/^\s*[-+]?\d+\s*$/.test(value)) throw `${value}: integer expression expected`
  return numeric(Number(left), Number(right))
}

/** `test` and `[`: the answer, or what is wrong. */
export function testArguments(words: readonly string[], scope: TestScope): boolean | string {
  if (words.length === 0) return false
  const cursor: Cursor = { words, at: 0, scope, compare: () => undefined }
  try {
    const value = or(cursor)
    return cursor.at < words.length ? `${words[cursor.at]}: binary operator expected` : value
  } catch (thrown) {
    if (typeof thrown === 'string') return thrown
    throw thrown
  }
}

/** `[[ ]]`: its right sides are patterns, and `=~` is a regular expression. */
export function testWords(words: readonly Word[], expansion: Expansion): boolean {
  const outputs = [...expansion.outputs]
  const texts = words.map((word) => expandText(word, expansion))
  const compare = (left: string, operator: string, right: number) => {
    if (operator === '=~') return new RegExp(texts[right]!).test(left)
    if (operator !== '==' && operator !== '=' && operator !== '!=') return undefined
    const matches = new RegExp(expandPattern(words[right]!, { ...expansion, outputs })).test(left)
    return operator === '!=' ? !matches : matches
  }
  const cursor: Cursor = { words: texts, at: 0, scope: expansion, compare }
  try {
    return texts.length > 0 && or(cursor)
  } catch (thrown) {
    throw typeof thrown === 'string' ? { expansion: thrown } : thrown
  }
}
