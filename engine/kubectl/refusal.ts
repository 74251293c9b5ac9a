/**
 * How kubectl says that it could not: a refusal is a value that travels up to the one place where it is printed. The
 * words in front (`error:`, `Error from server (NotFound):`, `The Pod "x" is invalid:`) depend on who refused.
 *
 * Upstream: staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go
 */
import type { Status, StatusCause } from '../api/status.ts'
import { goQuote } from '../std/go-text.ts'

export type Refusal = { readonly refused: true; readonly exit?: number } & (
  | { readonly by: 'kubectl'; readonly message: string; readonly bare?: true; readonly asked?: string }
  | { readonly by: 'server'; readonly status: Status; readonly message: string }
  | { readonly by: 'network'; readonly server: string; readonly message: string; readonly isRefused: boolean }
  | { readonly by: 'several'; readonly refusals: readonly Refusal[] }
  | { readonly by: 'silence' }
)

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && (value as { refused?: unknown }).refused === true

export const refuse = (message: string, exit = 1): Refusal => ({ refused: true, by: 'kubectl', message, exit })

/** A message that is printed as it is, without `error:` in front. */
export const refuseBare = (message: string, exit = 1): Refusal => ({
  refused: true,
  by: 'kubectl',
  message,
  exit,
  bare: true,
})

/** A question that nobody answers, because standard input is empty. */
export const refuseAfterAsking = (asked: string): Refusal => ({
  refused: true,
  by: 'kubectl',
  message: 'EOF',
  exit: 1,
  asked,
})

/** Ends with an exit code; everything has been said. */
export const fallSilent = (exit = 1): Refusal => ({ refused: true, by: 'silence', exit })

export const refusedByServer = (status: Status, message = status.message ?? ''): Refusal => ({
  refused: true,
  by: 'server',
  status,
  message,
})

/** One refusal as it is; none as undefined; several together. */
export function severalRefusals(refusals: readonly Refusal[]): Refusal | undefined {
  return refusals.length < 2 ? refusals[0] : { refused: true, by: 'several', refusals, exit: 1 }
}

/** What went wrong on the way, each in a line of its own and none with `error:` in front. */
export const aggregate = (refusals: readonly Refusal[]): Refusal | undefined =>
  refusals.length === 0 ? undefined : { refused: true, by: 'several', refusals, exit: 1 }

export const usageRefusal = (commandPath: string, message: string): Refusal =>
  refuse(`${message}\nSee '${commandPath} -h' for help and examples`)

/** The same refusal with words in front of its message. */
export function withContext(refusal: Refusal, context: string): Refusal {
  if (refusal.by === 'kubectl' || refusal.by === 'server') return { ...refusal, message: context + refusal.message }
  return refusal
}

export const isNotFound = (refusal: Refusal): boolean => refusal.by === 'server' && refusal.status.reason === 'NotFound'
const causeText = ({ field, message }: StatusCause): string => `${field}: ${message}`

/** `The Pod "x" is invalid: spec.containers: Required value`, or one line for each cause. */
function invalidText(status: Status): string {
  const { kind, name, causes = [] } = status.details ?? {}
  const subject = kind || name ? `The ${kind ?? ''} ${goQuote(name ?? '')} is invalid` : 'The request is invalid'
  if (!status.details) return `${subject}: ${status.message ?? ''}`
  if (causes.length === 0) return kind || name ? subject : `${subject}: ${status.message ?? ''}`
  const texts = [...new Set(causes.map(causeText))]
  return texts.length === 1 ? `${subject}: ${texts[0]}` : `${subject}: \n${texts.map((text) => `* ${text}`).join('\n')}`
}

function serverText(status: Status, message: string): string {
  if (status.reason === 'Unauthorized') return `error: You must be logged in to the server (${message})`
  return status.reason ? `Error from server (${status.reason}): ${message}` : `Error from server: ${message}`
}

const networkText = (refusal: Refusal & { by: 'network' }): string =>
  refusal.isRefused
    ? `The connection to the server ${refusal.server} was refused - did you specify the right host or port?`
    : `Unable to connect to the server: ${refusal.message}`

/** The message alone, as it stands in a list of several or inside another message. */
export function messageOf(refusal: Refusal): string {
  if (refusal.by === 'server') return refusal.message
  if (refusal.by === 'kubectl') return refusal.message
  if (refusal.by === 'network') return refusal.message
  return refusal.by === 'several' ? refusal.refusals.map(messageOf).join(', ') : ''
}

/** What is printed, ending in a line break. */
export function refusalText(refusal: Refusal): string {
  switch (refusal.by) {
    case 'silence':
      return ''
    case 'server':
      return `${refusal.status.reason === 'Invalid' ? invalidText(refusal.status) : serverText(refusal.status, refusal.message)}\n`
    case 'network':
      return `${networkText(refusal)}\n`
    case 'several':
      return refusal.refusals.map((one) => (one.by === 'kubectl' ? `${one.message}\n` : listedText(one))).join('')
    case 'kubectl': {
      const prefix = refusal.bare || refusal.message.startsWith('error: ') ? '' : 'error: '
      const text = prefix + refusal.message
      return text.endsWith('\n') ? text : `${text}\n`
    }
  }
}

const listedText = (refusal: Refusal): string =>
  refusal.by === 'server' ? `${serverText(refusal.status, refusal.message)}\n` : refusalText(refusal)

export const exitCodeOf = (refusal: Refusal): number => refusal.exit ?? 1
