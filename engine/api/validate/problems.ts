/**
 * The ten ways in which the API says that a field is wrong, worded as upstream words them. Checks build their findings
 * with these and nothing else, so that every refusal reads the same.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go
 */
import { goJson, goQuote } from '../../std/go-text.ts'
import type { Problem } from '../problem.ts'

const after = (label: string, detail: string): string => (detail ? `${label}: ${detail}` : label)

/** A value as an error quotes it: numbers and booleans bare, strings in Go's quotes, everything else as JSON. */
export function printed(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return goQuote(value)
  return typeof value === 'object' ? goJson(value) : String(value)
}

export const required = (field: string, detail = ''): Problem => ({
  type: 'FieldValueRequired',
  field,
  message: after('Required value', detail),
})

export const invalid = (field: string, value: unknown, detail: string): Problem => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${printed(value)}: ${detail}`,
})

export const forbidden = (field: string, detail: string): Problem => ({
  type: 'FieldValueForbidden',
  field,
  message: after('Forbidden', detail),
})

export const notSupported = (field: string, value: unknown, supported: readonly string[]): Problem => ({
  type: 'FieldValueNotSupported',
  field,
  message: after(
    `Unsupported value: ${printed(value)}`,
    supported.length > 0 ? `supported values: ${supported.map(goQuote).join(', ')}` : '',
  ),
})

export const duplicate = (field: string, value: unknown, detail = ''): Problem => ({
  type: 'FieldValueDuplicate',
  field,
  message: after(`Duplicate value: ${printed(value)}`, detail),
})

export const notFound = (field: string, value: unknown, detail = ''): Problem => ({
  type: 'FieldValueNotFound',
  field,
  message: after(`Not found: ${printed(value)}`, detail),
})

export const tooLong = (field: string, most: number): Problem => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${most} bytes`,
})

/** A list that is called too long. */
export const tooLongList = (field: string, most: number): Problem => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: must have at most ${most} items`,
})

export const tooMany = (field: string, count: number, most: number): Problem => ({
  type: 'FieldValueTooMany',
  field,
  message: `Too many: ${count}: must have at most ${most} item${most === 1 ? '' : 's'}`,
})

export const internalProblem = (field: string, detail: string): Problem => ({
  type: 'InternalError',
  field,
  message: `Internal error: ${detail}`,
})
