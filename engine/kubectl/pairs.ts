/**
 * `pods web tier=front old-`: resources first, then what to set and what to remove.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go
 */
import { goQuote } from '../std/go-text.ts'
import { isRefusal, type Refusal, refuse } from './refusal.ts'

export interface SplitArguments {
  readonly resources: readonly string[]
  readonly pairs: readonly string[]
}

/** Cuts the arguments where the pairs begin; after that no resource may follow. */
export function splitPairs(args: readonly string[], what: string): SplitArguments | Refusal {
  const resources: string[] = []
  const pairs: string[] = []
  for (const arg of args) {
    const isPair = arg.includes('=') ? arg.indexOf('=') > 0 : arg.endsWith('-')
    if (pairs.length === 0 && !isPair) resources.push(arg)
    else if (isPair) pairs.push(arg)
    else return refuse(`all resources must be specified before ${what} changes: ${arg}`)
  }
  return { resources, pairs }
}

export interface Changes {
  readonly set: Readonly<Record<string, string>>
  readonly remove: readonly string[]
}

/** `key=value` sets, `key-` removes. */
export function parsePairs(pairs: readonly string[], what: string, supportsRemove: boolean): Changes | Refusal {
  const set: Record<string, string> = {}
  const remove: string[] = []
  const invalid: string[] = []
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals > 0) set[pair.slice(0, equals)] = pair.slice(equals + 1)
    else if (supportsRemove && pair.endsWith('-') && pair !== '-' && equals < 0) remove.push(pair.slice(0, -1))
    else invalid.push(pair)
  }
  return invalid.length > 0 ? refuse(`invalid ${what} format: ${invalid.join(', ')}`) : { set, remove }
}

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

/** Why a text may not be the value of a label. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return 'must be no more than 63 bytes'
  return LABEL_VALUE.test(value)
    ? undefined
    : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
}

/** Labels are stricter than annotations: one `=`, and a value that may be a label's. */
export function parseLabels(pairs: readonly string[]): Changes | Refusal {
  for (const pair of pairs) {
    if (!pair.includes('=')) continue
    const parts = pair.split('=')
    if (parts.length !== 2) return refuse(`invalid label spec: ${pair}`)
    const problem = labelValueProblem(parts[1]!)
    if (problem) return refuse(`invalid label value: ${goQuote(pair)}: ${problem}`)
  }
  const changes = parsePairs(pairs, 'label', true)
  if (isRefusal(changes)) return changes
  return changes.remove.some((key) => key in changes.set)
    ? refuse('can not both modify and remove a label in the same command')
    : changes
}
