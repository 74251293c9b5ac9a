/** `--raw`: a path of the API asked for as it is, and its answer shown as it comes. */
import { goJsonOf } from '../../std/go-value.ts'
import type { Tree } from '../../std/tree.ts'
import type { Ending, Invocation } from '../command.ts'
import { isRefusal, refusedByServer } from '../refusal.ts'
import { type Question, say, send, statusOf } from '../session.ts'

const splitUrl = (url: string): readonly [string, Record<string, string>] => {
  const [path = '', query = ''] = url.split('?')
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => [
      decodeURIComponent(pair.split('=')[0]!),
      decodeURIComponent(pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : ''),
    ])
  return [path, Object.fromEntries(pairs)]
}

/** Paths outside of the resources are written with indentation by the server. */
const textOf = (body: unknown): string =>
  typeof body === 'string' ? body : `${goJsonOf(body as Tree, { keepOrder: true })}\n`

export function rawRequest({ session }: Invocation, method: Question['method'], url: string, body?: Tree): Ending {
  const [path, query] = splitUrl(url)
  const response = send(session, {
    method,
    path,
    query,
    accept: 'application/json, */*',
    ...(body !== undefined && { body, contentType: 'application/json' }),
  })
  if (isRefusal(response)) return response
  if (response.code >= 400) return refusedByServer(statusOf(response))
  say(session, textOf(response.body))
  return undefined
}

export const getRaw = (invocation: Invocation, url: string): Ending => rawRequest(invocation, 'GET', url)
