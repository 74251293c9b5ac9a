/**
 * How the API says no: a Status object with a code for programs, a reason for code and a message for people.
 * What may happen is such a value; what must not happen throws.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go
 */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

export type Reason =
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable'
  | ''

export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: { readonly continue?: string }
  readonly status: 'Failure' | 'Success'
  readonly message?: string
  readonly reason?: Reason
  readonly details?: StatusDetails
  readonly code?: number
}

export function failure(code: number, reason: Reason, message: string, details?: StatusDetails): Status {
  const said = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message } as const
  return { ...said, ...(reason && { reason }), ...(details && { details }), code }
}

export const isStatus = (value: unknown): value is Status =>
  typeof value === 'object' && value !== null && (value as Status).kind === 'Status' && 'status' in value

export const isFailure = (value: unknown): value is Status => isStatus(value) && value.status === 'Failure'
