/**
 * What is wrong with a field, in upstream's words. A list of problems becomes the causes of a 422.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go
 */
export type ProblemType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueForbidden'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotFound'
  | 'InternalError'

export interface Problem {
  readonly type: ProblemType
  /** `spec.containers[0].image` */
  readonly field: string
  /** The whole text behind the field: `Invalid value: "x": must be …`. */
  readonly message: string
}
