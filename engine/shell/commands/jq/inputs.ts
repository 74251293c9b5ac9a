/** JSON texts, one behind the other, as a stream of values; and complaints about what is none. */
import type { Json } from './json.ts'

/** A value, and how many lines had been read when it was complete. */
export interface Input {
  readonly value: Json
  readonly line: number
}

export interface InputProblem {
  readonly complaint: string
}

const BLANK = /\s*/y

/** A scalar goes up to the next mark or space. */
const SCALAR = /[^\s"[\]{},:]+/y

const STRING = /"(?:[^"\\]|\\.)*"/sy

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Where the value that begins here ends; undefined when it does not. */
function endOf(text: string, from: number): number | undefined {
  const first = text.charAt(from)
  if (first === '"') {
    const string = matchAt(STRING, text, from)
    return string === undefined ? undefined : from + string.length
  }
  if (first !== '{' && first !== '[') return from + (matchAt(SCALAR, text, from)?.length ?? 1)
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === '"') {
      const string = matchAt(STRING, text, at)
      if (string === undefined) return undefined
      at += string.length - 1
    } else if (letter === '{' || letter === '[') depth++
    else if ((letter === '}' || letter === ']') && --depth === 0) return at + 1
  }
  return undefined
}

/** Line and column as jq counts them: the column begins anew at each line. */
function place(text: string, at: number): string {
  const before = text.slice(0, at).split('\n')
  return `line ${before.length}, column ${before.at(-1)!.length}`
}

/** The first place in a text that cannot be part of any JSON. */
function wrongWord(text: string, from: number): number {
  for (let at = from; at < text.length; ) {
    const string = text.charAt(at) === '"' ? matchAt(STRING, text, at) : undefined
    const word = string ?? matchAt(SCALAR, text, at)
    if (word !== undefined && string === undefined && !/^(true|false|null|-?\d[\d.eE+-]*)$/.test(word))
      return at + word.length + 1
    at += word?.length ?? 1
  }
  return text.length
}

function parseOne(text: string, from: number, to: number): { readonly value: Json } | InputProblem {
  try {
    return { value: JSON.parse(text.slice(from, to)) as Json }
  } catch {
    return { complaint: `parse error: Invalid numeric literal at ${place(text, wrongWord(text, from))}` }
  }
}

const linesUpTo = (text: string, end: number): number => {
  const newline = text.indexOf('\n', end - 1)
  return text.slice(0, newline < 0 ? text.length : newline + 1).split('\n').length - 1
}

/** All values of a text; the last may be a complaint. */
export function readInputs(text: string): readonly (Input | InputProblem)[] {
  const inputs: (Input | InputProblem)[] = []
  for (let at = 0; ; ) {
    at += matchAt(BLANK, text, at)!.length
    if (at >= text.length) return inputs
    const end = endOf(text, at)
    if (end === undefined)
      return [...inputs, { complaint: `parse error: Unfinished JSON term at EOF at ${place(text, text.length)}` }]
    const parsed = parseOne(text, at, end)
    if ('complaint' in parsed) return [...inputs, parsed]
    inputs.push({ ...parsed, line: linesUpTo(text, end) })
    at = end
  }
}
