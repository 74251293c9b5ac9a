/**
 * Makes the server's own request of an HTTP request. What cannot be read is not refused here but noted, and said to those who may ask.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers
 */
import type { Draft } from '../../api/object.ts'
import { failure, type Status } from '../../api/status.ts'
import { isExactNumber, parseJson } from '../../std/json.ts'
import { badRequest } from '../refusals.ts'
import type { Options, PatchType, Request, User, Verb } from '../request.ts'
import { JSON_TYPE, mediaType, PROTOBUF_TYPE, type ReadBody, readBody, readYaml, YAML_TYPE } from './body.ts'
import { deleteOptions, type ReadOptions, readOptions, writeOptions } from './options.ts'
import { readProtobuf } from './protobuf.ts'
import { repeatedKeys } from './repeated-keys.ts'
import type { Route } from './route.ts'
import { type HttpRequest, header } from './serve-http.ts'
import type { Query, Url } from './url.ts'

type Part = Partial<Pick<Request, 'body' | 'text' | 'mistakes' | 'options' | 'patchType' | 'unreadable'>>

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

const unsupportedPatch = (): Status => failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})

const word = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : isExactNumber(value) ? 'number' : typeof value

const isObject = (value: unknown): value is Draft => word(value) === 'object' && value !== null

const GO_MAP = 'map[string]interface {}'

/** How each kind of patch says that it cannot be read. */
const WORDS: Readonly<Record<'json' | 'merge' | 'strategic', (problem: string) => string>> = {
  json: (problem) => problem,
  merge: (problem) => `error decoding patch: ${problem}`,
  strategic: (problem) => problem,
}

function jsonPatchBody(value: unknown): Part {
  if (value === null) return { body: [] }
  if (!Array.isArray(value))
    return { unreadable: badRequest(`json: cannot unmarshal ${word(value)} into Go value of type jsonpatch.Patch`) }
  return { body: value }
}

function mapPatchBody(value: unknown, type: 'merge' | 'strategic'): Part {
  if (value === null) return type === 'merge' ? { unreadable: badRequest('Invalid JSON Patch') } : { body: {} }
  if (isObject(value)) return { body: value }
  return {
    unreadable: badRequest(WORDS[type](`json: cannot unmarshal ${word(value)} into Go value of type ${GO_MAP}`)),
  }
}

function patchBody(text: string, type: 'json' | 'merge' | 'strategic'): Part {
  const parsed = parseJson(text)
  if ('problem' in parsed) return { unreadable: badRequest(WORDS[type](parsed.problem)) }
  return type === 'json' ? jsonPatchBody(parsed.value) : mapPatchBody(parsed.value, type)
}

/** The body of an apply is YAML, of which JSON is a part. */
function applyBody(text: string): Part {
  const read = readYaml(text)
  if ('problem' in read)
    return { unreadable: badRequest(`error decoding YAML: error converting YAML to JSON: ${read.problem}`) }
  const value = read.value ?? {}
  if (!isObject(value))
    return {
      unreadable: badRequest(
        `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${word(value)} into Go value of type ${GO_MAP}`,
      ),
    }
  return { body: value, mistakes: repeatedKeys(text) }
}

const optioned = (read: ReadOptions): { readonly options: Options } | { readonly unreadable: Status } =>
  'refused' in read ? { unreadable: read.refused } : read

function patchPart(http: HttpRequest, query: Query): Part {
  const patchType = PATCH_TYPES[mediaType(header(http, 'content-type') ?? '') ?? '']
  if (!patchType) return { unreadable: unsupportedPatch() }
  const options = optioned(writeOptions(query, 'patch', patchType))
  if ('unreadable' in options) return { ...options, patchType }
  return { patchType, ...options, ...(patchType === 'apply' ? applyBody(http.body) : patchBody(http.body, patchType)) }
}

const bodied = (read: ReadBody): Part => {
  if ('refused' in read) return { unreadable: read.refused }
  return 'text' in read ? read : { body: read.value as Draft, mistakes: read.mistakes }
}

function writePart(http: HttpRequest, query: Query, verb: Verb, route: Route): Part {
  const options = optioned(writeOptions(query, verb, undefined))
  if ('unreadable' in options) return options
  const kind = route.subresourceKind?.kind ?? route.served.kind
  return { ...options, ...bodied(readBody(header(http, 'content-type') ?? '', http.body, kind)) }
}

const INTEGERS: readonly string[] = ['gracePeriodSeconds']

function parsedDeleteBody(type: string | undefined, body: string): ReturnType<typeof readYaml> {
  if (type === PROTOBUF_TYPE) return readProtobuf(body)
  return type === YAML_TYPE ? readYaml(body) : parseJson(body)
}

function deleteBody(http: HttpRequest): { readonly value?: Draft } | { readonly unreadable: Status } {
  if (http.body === '') return {}
  const parsed = parsedDeleteBody(mediaType(header(http, 'content-type') ?? JSON_TYPE), http.body)
  if ('problem' in parsed)
    return { unreadable: badRequest(`couldn't get version/kind; json parse error: ${parsed.problem}`) }
  const value = (parsed.value ?? {}) as Draft
  return wrongDeleteBody(value) ?? { value }
}

function wrongDeleteBody(value: Draft): { readonly unreadable: Status } | undefined {
  const { kind, apiVersion } = value
  if (kind !== undefined && kind !== 'DeleteOptions')
    return {
      unreadable: badRequest(
        `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
      ),
    }
  const wrong = INTEGERS.find((name) => value[name] !== undefined && typeof value[name] !== 'number')
  if (!wrong) return undefined
  const what = `json: cannot unmarshal ${word(value[wrong])} into Go struct field DeleteOptions.${wrong} of type int64`
  return { unreadable: badRequest(what) }
}

function deletePart(http: HttpRequest, query: Query): Part {
  const body = deleteBody(http)
  if ('unreadable' in body) return body
  return optioned(deleteOptions(query, body.value))
}

/** Doors that lead to a kubelet take what they are asked from the query. */
const TO_KUBELET: readonly string[] = ['log', 'exec', 'attach', 'portforward']

const LISTS: readonly string[] = ['command', 'ports']

const parametersOf = (query: Query): Draft =>
  Object.fromEntries([...query].map(([name, values]) => [name, LISTS.includes(name) ? values : values[0]]))

function partFor(http: HttpRequest, url: Url, verb: Verb, route: Route): Part {
  if (TO_KUBELET.includes(route.subresource ?? '') && http.body === '') return { body: parametersOf(url.query) }
  if (verb === 'patch') return patchPart(http, url.query)
  if (verb === 'create' || verb === 'update') return writePart(http, url.query, verb, route)
  if (verb === 'delete' || verb === 'deletecollection') return deletePart(http, url.query)
  return optioned(readOptions(url.query))
}

export function requestFrom(
  http: HttpRequest,
  url: Url,
  route: Route,
  verb: Verb,
  user: User,
  namespace: string | undefined,
): Request {
  const userAgent = header(http, 'user-agent')
  return {
    verb,
    resource: route.resource.name,
    version: route.served.version,
    ...(route.subresource !== undefined && { subresource: route.subresource }),
    ...(namespace !== undefined && { namespace }),
    ...(route.name !== undefined && { name: route.name }),
    user,
    ...(userAgent !== undefined && { userAgent }),
    ...partFor(http, url, verb, route),
  }
}
