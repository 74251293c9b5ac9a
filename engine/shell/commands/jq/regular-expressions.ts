/**
 * test, match, split and what is built on them.
 *
 * Upstream: jq 1.6, with Oniguruma
 * Left out: the flags `x`, `l`, `n`, `p` and `s`, and what Oniguruma's expressions have beyond JavaScript's.
 */
import { isList, type Json, named, problem } from './json.ts'

type PlainFunction = (input: Json, args: readonly Json[]) => Json

function expressionOf(pattern: Json, flags: Json): RegExp {
  const letters = flags === null ? '' : (flags as string)
  const wrong = /[^gixslnp]/.exec(letters)
  if (wrong) throw problem(`${letters} is not a valid modifier string`)
  const inline = /^\(\?i\)/.exec(pattern as string)
  const ignoresCase = letters.includes('i') || inline !== null
  try {
    return new RegExp((pattern as string).slice(inline?.[0].length ?? 0), `dgu${ignoresCase ? 'i' : ''}`)
  } catch {
    throw problem(`Regex failure: ${String(pattern)} is no expression that is understood here`)
  }
}

interface Asked {
  readonly text: string
  readonly expression: RegExp
  readonly all: boolean
}

/** The pattern may come with its flags in one list. */
function asked(input: Json, [given = null, flagsGiven = null]: readonly Json[]): Asked {
  const [pattern = null, flags = null] = isList(given) ? given : [given, flagsGiven]
  if (typeof input !== 'string') throw problem(`${named(input)} cannot be matched, as it is not a string`)
  if (typeof pattern !== 'string') throw problem(`${named(pattern)} cannot be matched, as it is not a string`)
  if (flags !== null && typeof flags !== 'string') throw problem(`${named(flags)} is not a string`)
  return { text: input, expression: expressionOf(pattern, flags), all: flags?.includes('g') ?? false }
}

function found({ text, expression, all }: Asked): readonly RegExpExecArray[] {
  const matches = [...text.matchAll(expression)]
  return all ? matches : matches.slice(0, 1)
}

const captureOf = (match: RegExpExecArray, at: number, names: ReadonlyMap<number, string>): Json => {
  const string = match[at] ?? null
  const offset = match.indices?.[at]?.[0] ?? -1
  return { offset, length: string?.length ?? 0, string, name: names.get(at) ?? null }
}

/** Which group has which name, in the order of their opening brackets. */
function groupNames(source: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  let group = 0
  for (const [, bracket, name] of source.matchAll(/\\.|\[(?:\\.|[^\]])*\]|(\((?!\?)|\(\?<(?![=!])(\w+)>)/g))
    if (bracket !== undefined) {
      group++
      if (name !== undefined) names.set(group, name)
    }
  return names
}

function matchOf(match: RegExpExecArray, names: ReadonlyMap<number, string>): Json {
  const captures = match.slice(1).map((_text, at) => captureOf(match, at + 1, names))
  return { offset: match.index, length: match[0].length, string: match[0], captures }
}

const test: PlainFunction = (input, args) => found(asked(input, args)).length > 0

export const regularExpressionFunctions: Readonly<Record<string, PlainFunction>> = {
  'test/1': test,
  'test/2': test,
  '_match/2': (input, args) => {
    const question = asked(input, args)
    const names = groupNames(question.expression.source)
    return found(question).map((match) => matchOf(match, names))
  },
  'split/2': (input, args) => {
    const { text, expression } = asked(input, args)
    return text.split(new RegExp(expression.source, expression.flags.replace('d', '')))
  },
}
