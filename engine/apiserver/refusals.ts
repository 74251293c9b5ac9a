/**
 * The ways in which the server refuses, each a Status in upstream's words. Stages build their refusals with these, so
 * that the same fault reads the same wherever it is found.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go
 */
import type { Problem } from '../api/problem.ts'
import { failure, type Status, type StatusDetails } from '../api/status.ts'

/** What a refusal is about: `pods`, or `deployments` of `apps`. */
export interface About {
  readonly group: string
  readonly plural: string
}

export interface AboutKind {
  readonly group: string
  readonly kind: string
}

const qualified = (name: string, group: string): string => (group ? `${name}.${group}` : name)

export const qualifiedResource = ({ plural, group }: About): string => qualified(plural, group)

const detailsOf = (name: string, group: string, kind: string): StatusDetails => ({
  ...(name && { name }),
  ...(group && { group }),
  ...(kind && { kind }),
})

const aboutOne = (about: About, name: string): StatusDetails => detailsOf(name, about.group, about.plural)

export const notFound = (about: About, name: string): Status =>
  failure(404, 'NotFound', `${qualifiedResource(about)} "${name}" not found`, aboutOne(about, name))

export const alreadyExists = (about: About, name: string): Status =>
  failure(409, 'AlreadyExists', `${qualifiedResource(about)} "${name}" already exists`, aboutOne(about, name))

export const conflict = (about: About, name: string, why: string): Status =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(about)} "${name}": ${why}`,
    aboutOne(about, name),
  )

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

export const forbidden = (about: About, name: string, why: string): Status => {
  const subject = qualifiedResource(about) + (name ? ` "${name}"` : '')
  return failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, aboutOne(about, name))
}

export const badRequest = (message: string): Status => failure(400, 'BadRequest', message)

/** A Go error that nobody foresaw: the text, the code, and no reason. */
export const unforeseen = (message: string): Status => failure(500, '', message)

export const internalError = (why: string): Status =>
  failure(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] })

/** `field: message`, each once, in brackets when there are several. */
export function problemsText(problems: readonly Problem[]): string {
  const said = [...new Set(problems.map(({ field, message }) => (field ? `${field}: ${message}` : message)))]
  return said.length === 1 ? said[0]! : `[${said.join(', ')}]`
}

export function invalid({ group, kind }: AboutKind, name: string, problems: readonly Problem[]): Status {
  const causes = problems.map(({ type, field, message }) => ({ reason: type, message, field }))
  const message = `${qualified(kind, group)} "${name}" is invalid: ${problemsText(problems)}`
  return failure(422, 'Invalid', message, { ...detailsOf(name, group, kind), causes })
}

export const gone = (message: string): Status => failure(410, 'Expired', message)

/** The URL leads nowhere, or the patch does not apply: the server says only which kind of fault it was. */
export const noSuchResource = (): Status =>
  failure(404, 'NotFound', 'the server could not find the requested resource', {})

export const methodNotAllowed = (): Status =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

export const rejected = (): Status =>
  failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

export const unsupportedMediaType = (accepted: readonly string[]): Status =>
  failure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )

export const futureVersion = (asked: string, current: number): Status =>
  failure(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })

export const unauthorized = (): Status => failure(401, 'Unauthorized', 'Unauthorized')
