/**
 * The API server over HTTP, as kubectl and everybody else speaks to it. This door only translates: it reads method, path, query and
 * body into a request, and writes the response in the form that was asked for.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/server/config.go (the handler chain), endpoints/handlers
 * Left out: OPTIONS and CONNECT, compression, the streams of exec and port-forward.
 */
import type { Draft } from '../../api/object.ts'
import { failure, isStatus, type Status } from '../../api/status.ts'
import type { IncludeObject } from '../../api/table.ts'
import { randomUid } from '../../std/draw.ts'
import { formatYaml } from '../../std/yaml.ts'
import { handle } from '../handle.ts'
import { isAllowed } from '../rbac.ts'
import { badRequest, methodNotAllowed, noSuchResource } from '../refusals.ts'
import type { Request, Response, User } from '../request.ts'
import type { ApiServer, AtServer } from '../server.ts'
import { refusal } from '../stages/authorize.ts'
import type { Watch } from '../watch.ts'
import { type Form, JSON_FORM, negotiate } from './accept.ts'
import { authenticate } from './authenticate.ts'
import { JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE } from './body.ts'
import { endpoint, type PlainAnswer, pageNotFound } from './endpoints.ts'
import { requestFrom } from './http-request.ts'
import { impersonated } from './impersonate.ts'
import { writeProtobuf } from './protobuf.ts'
import { represent } from './represent.ts'
import { hasGroup, isTruncated, namespaceOfRoute, type Place, placeOf, type Route, routeOf, verbOf } from './route.ts'
import { first, parseUrl, type Query, type Url } from './url.ts'

export interface HttpRequest {
  readonly method: string
  /** With its query, as it was sent. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Text; of bytes that are none, one character for each. */
  readonly body: string
}

export interface HttpResponse {
  readonly code: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** A JSON value, or text; in protobuf, one character a byte. */
  readonly body: Draft | string | undefined
  /** The response goes on: these are the events to send, in this form. */
  readonly watch?: { readonly watch: Watch; readonly form: Form; readonly include: IncludeObject }
}

/** Who is behind a token; undefined if nobody is. */
export type Tokens = (token: string) => User | undefined

export interface Door {
  /** The user whom the connection itself identifies, by certificate or otherwise. */
  readonly user?: User
  readonly tokens: Tokens
}

type Served = readonly [ApiServer, HttpResponse]

export const header = ({ headers }: HttpRequest, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

const NO_CACHE = { 'Cache-Control': 'no-cache, private' }

const plainResponse = ({ code, body, contentType = 'application/json', headers }: PlainAnswer): HttpResponse => ({
  code,
  headers: { ...NO_CACHE, 'Content-Type': contentType, ...headers },
  body,
})

const retryAfter = (body: unknown): Readonly<Record<string, string>> => {
  const seconds = isStatus(body) ? body.details?.retryAfterSeconds : undefined
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) }
}

const warningHeader = (warnings: readonly string[]): Readonly<Record<string, readonly string[]>> =>
  warnings.length === 0 ? {} : { Warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`) }

/** The body as text: YAML, or protobuf in bytes; undefined for JSON, and for what has no protobuf form. */
function textIn(mediaType: string, body: Draft): string | undefined {
  if (mediaType === YAML_TYPE) return formatYaml(body as never)
  return mediaType === PROTOBUF_TYPE ? writeProtobuf(body) : undefined
}

/** In JSON, or in YAML or protobuf where that was asked for. */
function written(code: number, body: Draft, form: Form, warnings: readonly string[] = []): HttpResponse {
  const text = textIn(form.mediaType, body)
  const type = text === undefined ? JSON_TYPE : form.mediaType
  return {
    code,
    headers: { ...NO_CACHE, 'Content-Type': type, ...warningHeader(warnings), ...retryAfter(body) },
    body: text ?? body,
  }
}

const refused = (status: Status, form: Form = JSON_FORM): HttpResponse =>
  written(status.code ?? 500, status as unknown as Draft, form)

/** Versions of kinds that are on their way out. */
const DEPRECATED: Readonly<Record<string, string>> = {
  'v1 Endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  'v1 ComponentStatus': 'v1 ComponentStatus is deprecated in v1.19+',
}

const deprecation = ({ served }: Route): readonly string[] => {
  const text = served.group === '' ? DEPRECATED[`${served.version} ${served.kind}`] : undefined
  return text ? [text] : []
}

const includeOf = (query: Query): IncludeObject => (first(query, 'includeObject') ?? 'Metadata') as IncludeObject

function responded(response: Response, route: Route, url: Url, form: Form, at: AtServer): HttpResponse {
  const warnings = [...deprecation(route), ...(response.warnings ?? [])]
  const include = includeOf(url.query)
  if (typeof response.body === 'string') return logText(response.code, response.body)
  const canvas = { resource: route.resource, now: at.now, include, describe: describeNothing }
  const http = written(response.code, represent(response.body, form, canvas), form, warnings)
  return response.watch ? { ...http, body: undefined, watch: { watch: response.watch, form, include } } : http
}

/** A container's log is no object: it goes out as it is. */
const logText = (code: number, body: string): HttpResponse => ({
  code,
  headers: { ...NO_CACHE, 'Content-Type': 'text/plain' },
  body,
})

const describeNothing = (): string => ''

const INCLUDES = ['Metadata', 'Object', 'None', '']

const badInclude = (value: string): Status =>
  badRequest(`includeObject: Invalid value: "${value}": must be 'Metadata', 'Object', 'None', or empty`)

function serveRoute(server: ApiServer, request: Request, route: Route, url: Url, form: Form, at: AtServer): Served {
  const include = first(url.query, 'includeObject') ?? ''
  if (form.transform === 'Table' && !INCLUDES.includes(include)) return [server, refused(badInclude(include), form)]
  const [next, response] = handle(server, request, at)
  return [next, responded(response, route, url, form, at)]
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Whether there is something at a place is told only to those who may ask. */
function nowhere(server: ApiServer, user: User, method: string, place: Place, status: Status): HttpResponse {
  const asked = {
    user,
    verb: VERBS[method] ?? method.toLowerCase(),
    group: place.group,
    resource: place.plural,
    subresource: place.subresource ?? '',
    namespace: place.namespace ?? '',
    name: place.name ?? '',
  }
  return refused(isAllowed(server.store, asked) ? status : refusal(asked))
}

function serveResource(server: ApiServer, http: HttpRequest, url: Url, place: Place, user: User, at: AtServer): Served {
  const route = routeOf(place)
  if (!route)
    return [
      server,
      hasGroup(place.group)
        ? nowhere(server, user, http.method, place, noSuchResource())
        : plainResponse(pageNotFound()),
    ]
  const verb = verbOf(http.method, route, watches(url.query))
  if (!verb) return [server, nowhere(server, user, http.method, place, methodNotAllowed())]
  const form = negotiate(header(http, 'accept'))
  if (isStatus(form)) return [server, refused(form)]
  const request = requestFrom(http, url, route, verb, user, namespaceOfRoute(route))
  return serveRoute(server, request, route, url, form, at)
}

const watches = (query: Query): boolean => {
  const value = first(query, 'watch')
  return value !== undefined && value !== 'false' && value !== '0'
}

const truncated = (path: string): HttpResponse => ({
  code: 500,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: `Internal Server Error: ${JSON.stringify(path)}: failed to create RequestInfo: unable to determine kind and namespace from url, ${path}\n`,
})

const unreadable = (): HttpResponse => ({
  code: 400,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: '400 Bad Request',
})

/** Streams and logs are not counted as work in progress, and pass by the flow control. */
const LONG_RUNNING = ['attach', 'exec', 'log', 'portforward', 'proxy']

/** Which flow a request belonged to, by the uids of its schema and level. */
const flowHeaders = (at: AtServer): Readonly<Record<string, string>> => ({
  'X-Kubernetes-Pf-Flowschema-Uid': randomUid(at.draw, 'flow schema'),
  'X-Kubernetes-Pf-Prioritylevel-Uid': randomUid(at.draw, 'priority level'),
})

const withHeaders = ([server, response]: Served, headers: Readonly<Record<string, string>>): Served => [
  server,
  { ...response, headers: { ...response.headers, ...headers } },
]

const DURATION = /^([+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$|^0$/

/** What is found before anyone asks who is asking. */
function early(url: Url): HttpResponse | undefined {
  const timeout = first(url.query, 'timeout')
  if (timeout === undefined || timeout === '' || DURATION.test(timeout)) return undefined
  const problem = `invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(timeout)}`
  return refused(badRequest(problem))
}

/** In a group that is served, even what is not there is answered in the API's own form. */
const nothingAt = (path: string): HttpResponse => {
  const [, root, group = ''] = path.split('/')
  const known = root === 'api' || (root === 'apis' && group !== '' && hasGroup(group))
  return known ? refused(noSuchResource()) : plainResponse(pageNotFound())
}

/** What is no resource is guarded too, by its path. */
function pathRefusal(server: ApiServer, user: User, method: string, path: string): Status | undefined {
  const verb = method.toLowerCase()
  const asked = { user, verb, group: '', resource: '', subresource: '', namespace: '', name: '', path }
  if (isAllowed(server.store, asked)) return undefined
  return failure(403, 'Forbidden', `forbidden: User "${user.name}" cannot ${verb} path "${path}"`, {})
}

function beside(server: ApiServer, http: HttpRequest, url: Url, user: User, at: AtServer): HttpResponse {
  const refusalOfPath = pathRefusal(server, user, http.method, url.path)
  if (refusalOfPath) return refused(refusalOfPath)
  const answer = endpoint(url.path, url.query, header(http, 'accept'), at)
  return answer ? plainResponse(answer) : nothingAt(url.path)
}

function serveAs(server: ApiServer, http: HttpRequest, url: Url, user: User, at: AtServer): Served {
  const place = placeOf(url.path)
  if (!place) return withHeaders([server, beside(server, http, url, user, at)], flowHeaders(at))
  const served = serveResource(server, http, url, place, user, at)
  return LONG_RUNNING.includes(place.subresource ?? '') ? served : withHeaders(served, flowHeaders(at))
}

/** Answers one request. Who asks is found out from the door and the headers. */
export function serveHttp(server: ApiServer, http: HttpRequest, door: Door, at: AtServer): Served {
  const url = parseUrl(http.path)
  if (!url) return [server, unreadable()]
  const audit = { 'Audit-Id': randomUid(at.draw, 'audit', http.path, at.now) }
  const user = impersonated(server, http, authenticate(server, http, door, at))
  const found = isTruncated(url.path) ? truncated(url.path) : isStatus(user) ? refused(user) : early(url)
  if (found) return withHeaders([server, found], audit)
  return withHeaders(serveAs(server, http, url, user as User, at), audit)
}
