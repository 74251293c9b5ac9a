/**
 * Field selectors: the few fields of each kind by which the server itself can filter (`status.phase=Running`), with
 * `=`, `==` and `!=` only. `\`, `,` and `=` in a value are escaped with a backslash.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/fields/selector.go
 */
export interface FieldRequirement {
  readonly field: string
  readonly equal: boolean
  readonly value: string
}

export type FieldSelector = readonly FieldRequirement[]

export interface FieldSelectorMistake {
  readonly mistake: string
}

/** Cuts at commas that are not escaped. */
function termsOf(text: string): readonly string[] {
  const terms: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === ',') {
      terms.push(text.slice(start, i))
      start = i + 1
    }
  }
  return [...terms, text.slice(start)]
}

const OPERATORS = ['!=', '==', '='] as const

type Term = readonly [field: string, operator: string, value: string]

/** A field selector is split at its first operator. */
function splitTerm(term: string): Term | undefined {
  for (let i = 0; i < term.length; i++) {
    const operator = OPERATORS.find((candidate) => term.startsWith(candidate, i))
    if (operator) return [term.slice(0, i), operator, term.slice(i + operator.length)]
  }
  return undefined
}

type Unescaped = { readonly value: string } | FieldSelectorMistake

const ESCAPABLE = '\\,='

function unescaped(text: string): Unescaped {
  let value = ''
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i)
    if (letter !== '\\') {
      if (ESCAPABLE.includes(letter)) return { mistake: `unescaped character in value: ${letter.charCodeAt(0)}` }
      value += letter
      continue
    }
    const next = text.charAt(++i)
    if (next === '' || !ESCAPABLE.includes(next)) return { mistake: `invalid escape sequence: \\${next}` }
    value += next
  }
  return { value }
}

/** Terms are read in sorted order, which shows in which mistake is reported. */
export function parseFieldSelector(text: string): FieldSelector | FieldSelectorMistake {
  const requirements: FieldRequirement[] = []
  for (const term of [...termsOf(text)].sort()) {
    if (term === '') continue
    const split = splitTerm(term)
    if (!split) return { mistake: `invalid selector: '${text}'; can't understand '${term}'` }
    const [field, operator, escaped] = split
    const result = unescaped(escaped)
    if ('mistake' in result) return { mistake: `invalid field selector: ${result.mistake}` }
    requirements.push({ field, equal: operator !== '!=', value: result.value })
  }
  return requirements
}

/** A field that the object has not is the empty text. */
export function matchesFields(selector: FieldSelector, read: (field: string) => string): boolean {
  for (const { field, equal, value } of selector) if ((read(field) === value) !== equal) return false
  return true
}
