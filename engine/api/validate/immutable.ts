/**
 * What may not change once it is there.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go (ValidateImmutableField)
 */
import { equalJson } from '../equal.ts'
import type { Problem } from '../problem.ts'
import { FINE } from './check.ts'
import { forbidden, invalid } from './problems.ts'

export const unchanged = (field: string, value: unknown, old: unknown): readonly Problem[] =>
  equalJson(value, old) ? FINE : [invalid(field, value, 'field is immutable')]

interface Freezable {
  readonly immutable?: boolean
}

/** ConfigMaps and Secrets that were declared immutable keep their data, and stay immutable. */
export function frozen<T extends Freezable>(object: T, old: T, ...fields: (keyof T & string)[]): readonly Problem[] {
  if (!old.immutable) return FINE
  const changed = fields.filter((field) => !equalJson(object[field], old[field]))
  const thawed = object.immutable ? [] : ['immutable']
  return [...thawed, ...changed].map((field) => forbidden(field, 'field is immutable when `immutable` is set'))
}
