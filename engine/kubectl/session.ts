/**
 * One run of kubectl: where its words go, which server it speaks to and as whom. Everything a command sends goes through
 * `ask`, which adds what every request carries and prints the server's warnings.
 */
import { isFailure, type Status } from '../api/status.ts'
import type { Tree, TreeMap } from '../std/tree.ts'
import { plainTree } from '../std/tree.ts'
import type { Client, HttpRequest, HttpResponse, RequestHeaders } from './client.ts'
import type { FlagValues } from './flags.ts'
import { type Connection, connectionOf } from './kubeconfig.ts'
import { isRefusal, type Refusal, refusedByServer } from './refusal.ts'

export interface Session {
  readonly client: Client
  /** `kubectl create configmap`, as the server is told. */
  readonly commandPath: string
  readonly flags: FlagValues
  /** Grows while the command runs; nobody else sees it. */
  readonly said: { out: string; err: string; warnings: number }
}

export const say = (session: Session, text: string): void => {
  session.said.out += text
}

export const complain = (session: Session, text: string): void => {
  session.said.err += text
}

export const warn = (session: Session, text: string): void => complain(session, `Warning: ${text}\n`)

export interface Question {
  readonly method: HttpRequest['method']
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly accept?: string
  readonly contentType?: string
  readonly body?: Tree
}

export const ACCEPT_TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'
/** What commands with typed clients ask for: upstream it is protobuf, which is only another spelling. */
export const ACCEPT_TYPED = 'application/json'

const VERSION = 'v1.36.3'

function headersOf(session: Session, question: Question, connection: Connection): RequestHeaders {
  return {
    accept: question.accept ?? 'application/json',
    ...(question.contentType && { 'content-type': question.contentType }),
    'kubectl-command': session.commandPath,
    'user-agent': `kubectl/${VERSION} (linux/amd64) kubernetes/0000000`,
    ...connection.impersonation,
  }
}

const queryOf = (query: Question['query']): Record<string, string> =>
  Object.fromEntries(Object.entries(query ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined))

/** The server's answer as it came, or why there is none. */
export function send(session: Session, question: Question): HttpResponse | Refusal {
  const connection = connectionOf(session.client, session.flags)
  if (isRefusal(connection)) return connection
  const response = session.client.send({
    method: question.method,
    path: question.path,
    query: queryOf(question.query),
    headers: headersOf(session, question, connection),
    server: connection.server,
    credentials: connection.credentials,
    ...(question.body !== undefined && { body: plainTree(question.body) }),
  })
  if (response.code === 0) return unreachable(connection, question, String(response.body))
  for (const text of new Set(response.warnings)) {
    if (session.said.err.includes(`Warning: ${text}\n`)) continue
    session.said.warnings++
    warn(session, text)
  }
  return response
}

/** `?a=b&c=d` as Go writes it: keys in order, blanks as `+`. */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  const encode = (text: string): string =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+')
  const pairs = Object.keys(query)
    .sort()
    .map((key) => `${encode(key)}=${encode(query[key]!)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function unreachable({ server }: Connection, { method, path, query }: Question, reason: string): Refusal {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  const verb = method[0] + method.slice(1).toLowerCase()
  const message = `${verb} "${server}${path}${encodeQuery(queryOf(query))}": ${reason}`
  return { refused: true, by: 'network', server: host, message, isRefused: reason.includes('connection refused') }
}

/** The object in the answer. A refusal of the server becomes ours. */
export function ask(session: Session, question: Question): TreeMap | Refusal {
  const response = send(session, question)
  if (isRefusal(response)) return response
  if (response.code < 400 && typeof response.body === 'object') return response.body as TreeMap
  if (response.code < 400) return {} as TreeMap
  return refusedByServer(statusOf(response))
}

/** What an answer means that is no Status. */
const WITHOUT_STATUS: Readonly<Record<number, readonly [reason: Status['reason'], message: string]>> = {
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
}

export function statusOf(response: HttpResponse): Status {
  if (isFailure(response.body)) return response.body
  const { code } = response
  const [reason, words] = WITHOUT_STATUS[code] ?? []
  const message =
    words ?? (typeof response.body === 'string' && response.body !== '' ? response.body.trim() : 'unknown')
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, ...(reason && { reason }), code }
}
