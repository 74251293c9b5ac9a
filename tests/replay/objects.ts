/**
 * Replays what a real API server made of objects: defaults, refusals, changes of created objects, rows of tables. Every request goes
 * through the HTTP door as a dry run, and the whole answer has to agree; what no two runs share (uids, times that the
 * server sets, generated suffixes, allocated addresses) is named in `normalise` below, and nothing else is forgiven.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonPatch, type Operation } from '../../engine/api/json-patch.ts'
import type { KubeObject } from '../../engine/api/object.ts'
import { kindOfObject, resourceNameOf } from '../../engine/api/schema-table.ts'
import { type Door, type HttpRequest, type HttpResponse, serveHttp } from '../../engine/apiserver/http/serve-http.ts'
import { indexRules } from '../../engine/apiserver/indexes.ts'
import { storedName } from '../../engine/apiserver/resources.ts'
import { type ApiServer, newApiServer } from '../../engine/apiserver/server.ts'
import { put } from '../../engine/etcd/store.ts'
import { drawing } from '../../engine/std/draw.ts'
import { EPOCH, parseUnix } from '../../engine/std/time.ts'
import type { Replay, ReplayedItem } from './replay.ts'

type Json = unknown
type Fields = Readonly<Record<string, Json>>

interface Item {
  readonly id: string
  readonly status: number
  readonly body?: Fields
  readonly also?: readonly Fields[]
}

interface DefaultsItem extends Item {
  readonly path: string
  readonly request: Fields
  readonly stored?: Fields
  readonly warnings?: readonly string[]
}

interface PatchedItem extends Item {
  readonly base: string
  readonly patch: readonly Operation[]
  readonly query?: string
  readonly stored_patch?: readonly Operation[]
  readonly answer?: Fields
  readonly subresource?: string
}

interface Base {
  readonly id: string
  readonly path?: string
  readonly request: Fields
  readonly stored?: Fields
}

interface TableItem {
  readonly id: string
  readonly kind: string
  readonly apiVersion?: string
  readonly at?: string
  readonly object?: KubeObject
  readonly columns?: readonly Fields[] | null
  readonly rows?: readonly { readonly cells: readonly Json[] }[]
}

const readLines = <T>(file: string): readonly T[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

const filesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => join(folder, name))
    : []

/** Runs of more than a thousand `x` were written down as their length. */
const LONG = /\$length:(\d+)/g

function expanded<T>(value: T): T {
  const text = JSON.stringify(value)
  return text.includes('$length:')
    ? (JSON.parse(text.replace(LONG, (_all, count) => 'x'.repeat(Number(count)))) as T)
    : value
}

/** JSON as the recorder wrote it; errors quote the first bytes. */
function written(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value !== 'object' || value === null) return ascii(JSON.stringify(value))
  const members = Object.entries(value).map(([key, inner]) => `${ascii(JSON.stringify(key))}: ${written(inner)}`)
  return `{${members.join(', ')}}`
}

const ascii = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII is what is meant
  text.replace(/[^\x00-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)

const ADMIN: Door = {
  user: { name: 'kubernetes-admin', uid: 'u0', groups: ['system:masters', 'system:authenticated'] },
  tokens: () => undefined,
}

const NOW = 3_600_000

const SERVICE_RANGE = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'kubernetes', uid: 'range', creationTimestamp: '2026-01-05T09:00:00Z', resourceVersion: '' },
  spec: { cidrs: ['10.96.0.0/16'] },
} as unknown as KubeObject

/** The classes that every cluster has. */
const PRIORITIES = [
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
].map(
  ([name, value]) =>
    ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      preemptionPolicy: 'PreemptLowerPriority',
    }) as unknown as KubeObject,
)

/** Where the recordings were made, each with the account that its Pods have. */
const NAMESPACES = ['kube-system', 'default', 'updates', 'tables'].flatMap((name) => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } },
]) as unknown as readonly KubeObject[]

const keyOf = ({ metadata }: KubeObject): string =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name

/** Puts an object where it would be, as if it had been created long ago. */
function withObject(server: ApiServer, object: KubeObject): ApiServer {
  const served = kindOfObject(object.apiVersion, object.kind)
  if (!served) throw new Error(`${object.apiVersion} ${object.kind} is not served`)
  const metadata = Object.assign({ uid: 'base', creationTimestamp: '2026-01-05T09:00:00Z' }, object.metadata)
  const resource = storedName(resourceNameOf(served))
  const [store] = put(server.store, indexRules, resource, keyOf(object), { ...object, metadata } as KubeObject)
  return { ...server, store }
}

const draw = drawing(7)

function ask(server: ApiServer, request: HttpRequest, now = NOW): HttpResponse {
  return serveHttp(server, request, ADMIN, { now, draw })[1]
}

const JSON_TYPE = 'application/json'
const PATCH_TYPE = 'application/json-patch+json'

const http = (method: string, path: string, body: string, type: string): HttpRequest => ({
  method,
  path,
  headers: { 'content-type': type, accept: JSON_TYPE },
  body,
})

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g
const TOKEN_VOLUME = /kube-api-access-[a-z0-9]{5}/g
/** Labels by which a Job knows its Pods. */
const OWN_UID = /(controller-uid":")[^"]*"/g
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]{5}'

/** Names that the server completed, also inside messages. */
function withoutSuffix(text: string, request: Fields): string {
  const prefix = (request.metadata as Fields | undefined)?.generateName
  const named = (request.metadata as Fields | undefined)?.name
  if (typeof prefix !== 'string' || prefix === '' || named) return text
  const quoted = JSON.stringify(prefix).slice(1, -1)
  const kept = quoted.slice(0, 58).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return text.replace(new RegExp(`${kept}${SUFFIX}`, 'g'), () => `${quoted}<suffix>`)
}

const ALLOCATED = ['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort']

/** Addresses and ports that the request did not name. */
function withoutAllocated(value: Json, asked: string, name = ''): Json {
  if (Array.isArray(value)) return value.map((item) => withoutAllocated(item, asked, name))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutAllocated(inner, asked, key)]))
  }
  return ALLOCATED.includes(name) && !asked.includes(JSON.stringify(value)) ? '<allocated>' : value
}

const SERVER_METADATA = ['uid', 'creationTimestamp', 'resourceVersion', 'managedFields']

function withoutServerMetadata(object: Fields): Fields {
  if (typeof object.metadata !== 'object' || object.kind === 'Status') return object
  const kept = Object.entries(object.metadata as Fields).filter(([name]) => !SERVER_METADATA.includes(name))
  return { ...object, metadata: Object.fromEntries(kept) }
}

/** What no two runs share, replaced by its name; `request` is what was asked, and says what is not the server's doing. */
function normalise(object: Fields, request: Fields): Fields {
  const asked = JSON.stringify(request)
  const stripped = withoutServerMetadata(object)
  const text = JSON.stringify(object.kind === 'Service' ? withoutAllocated(stripped, asked) : stripped)
    .replace(OWN_UID, '$1<uid>"')
    .replace(TOKEN_VOLUME, 'kube-api-access-<suffix>')
    .replace(TIME, (time) => (asked.includes(time) ? time : '<time>'))
  return JSON.parse(withoutSuffix(text, request)) as Fields
}

function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => [key, canonical(inner)])
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const textOf = (value: Json): string => JSON.stringify(canonical(value))

/** Where two values first part, in one line. */
/** How much the two begin with alike. */
function sharedStart(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

/** Long texts are shown from shortly before the place where they part. */
const excerpt = (text: string, same: number): string =>
  `${same > 120 ? '…' : ''}${text.slice(same > 120 ? same - 40 : 0).slice(0, 300)}`

function difference(expected: Json, actual: Json, path = ''): string | undefined {
  if (textOf(expected) === textOf(actual)) return undefined
  const bothMaps =
    typeof expected === 'object' &&
    typeof actual === 'object' &&
    expected !== null &&
    actual !== null &&
    Array.isArray(expected) === Array.isArray(actual)
  if (bothMaps) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const inner = difference((expected as Fields)[key], (actual as Fields)[key], `${path}.${key}`)
      if (inner) return inner
    }
  }
  const shown = (value: Json) => (value === undefined ? 'nothing' : JSON.stringify(value))
  const same = sharedStart(shown(expected), shown(actual))
  return `${path || '.'}: expected ${excerpt(shown(expected), same)}, got ${excerpt(shown(actual), same)}`
}

interface Cause {
  readonly field?: string
  readonly message?: string
  readonly reason?: string
}

const causesOf = (status: Fields): readonly Cause[] =>
  ((status.details as Fields | undefined)?.causes ?? []) as readonly Cause[]

/** The map that a cause came from: labels share their field, other maps have it before the key. */
const mapOf = ({ field = '' }: Cause): string =>
  /\[[^\]]*[^\]\d][^\]]*\]$/.test(field) ? field.slice(0, field.lastIndexOf('[')) : field

/** Causes out of one map stand next to each other in a random order: they are put in one. */
function withOrderedMaps(status: Fields): Fields {
  const causes = causesOf(status)
  if (causes.length < 2) return status
  const ordered: Cause[] = []
  for (let i = 0; i < causes.length; ) {
    let end = i + 1
    while (end < causes.length && mapOf(causes[end]!) === mapOf(causes[i]!)) end++
    ordered.push(...causes.slice(i, end).sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1)))
    i = end
  }
  return { ...status, message: '<of the causes>', details: { ...(status.details as Fields), causes: ordered } }
}

/** A refusal agrees with one of the bodies that were seen. */
function refusalDifference(item: Item, actual: Fields, request: Fields): string | undefined {
  const got = withOrderedMaps(normalise(actual, request))
  const seen = [item.body!, ...(item.also ?? [])].map((body) => withOrderedMaps(normalise(expanded(body), request)))
  return seen.some((body) => textOf(body) === textOf(got)) ? undefined : difference(seen[0], got)
}

/** Errors that are plain text carry no JSON. */
const bodyOf = ({ body }: HttpResponse): Fields => (typeof body === 'object' ? (body as Fields) : { text: body })

const replayed = (id: string, area: string, found: string | undefined): ReplayedItem =>
  found === undefined ? { id, area, agrees: true } : { id, area, agrees: false, difference: found }

/** An item that makes us throw does not agree. */
function guarded(id: string, area: string, compare: () => string | undefined): ReplayedItem {
  try {
    return replayed(id, area, compare())
  } catch (error) {
    return replayed(id, area, `threw ${String((error as Error).message)}`)
  }
}

const statusDifference = (expected: number, response: HttpResponse): string | undefined =>
  expected === response.code
    ? undefined
    : `status: expected ${expected}, got ${response.code} ${JSON.stringify(response.body).slice(0, 300)}`

const warningsOf = ({ headers }: HttpResponse): readonly string[] => {
  const value = headers.Warning
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

function compareDefaults(server: ApiServer, item: DefaultsItem): string | undefined {
  const request = expanded(item.request)
  const response = ask(server, http('POST', `${item.path}?dryRun=All`, written(request), JSON_TYPE))
  const wrongStatus = statusDifference(item.status, response)
  if (wrongStatus) return wrongStatus
  const wrongWarnings = difference(item.warnings ?? [], warningsOf(response), '.warnings')
  if (wrongWarnings) return wrongWarnings
  const body = bodyOf(response)
  if (!item.stored) return refusalDifference(item, body, request)
  return difference(normalise(expanded(item.stored), request), normalise(body, request))
}

function* replayDefaults(directory: string, server: ApiServer): Iterable<ReplayedItem> {
  for (const name of ['defaults.jsonl', 'defaults-2.jsonl']) {
    const file = join(directory, name)
    if (!existsSync(file)) continue
    for (const item of readLines<DefaultsItem>(file))
      yield guarded(item.id, 'defaults', () => compareDefaults(server, item))
  }
}

/** `apps/v1/Deployment/minimal` is of the kind `apps/v1/Deployment`. */
const kindOfId = (id: string): readonly [apiVersion: string, kind: string] => {
  const parts = id.split('/')
  const kindAt = /^v\d/.test(parts[0]!) ? 1 : 2
  return [parts.slice(0, kindAt).join('/'), parts[kindAt]!]
}

function collectionOf(id: string, request: Fields): string {
  const [apiVersion, kind] = kindOfId(id)
  const served = kindOfObject(apiVersion, kind)
  if (!served) throw new Error(`${apiVersion} ${kind} is not served`)
  const namespace = ((request.metadata as Fields | undefined)?.namespace as string | undefined) ?? 'default'
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return served.namespaced ? `${root}/namespaces/${namespace}/${served.plural}` : `${root}/${served.plural}`
}

const DRY_RUN = 'dryRun=All'

function compareCreated(server: ApiServer, item: PatchedItem, base: Base): string | undefined {
  const request = jsonPatch(base.request as never, expanded(item.patch)) as Fields
  const query = item.query ? `${DRY_RUN}&${item.query.replace(/^&/, '')}` : `${DRY_RUN}&fieldValidation=Warn`
  const path = `${collectionOf(base.id, base.request)}?${query}`
  const response = ask(server, http('POST', path, written(request), JSON_TYPE))
  const wrongStatus = statusDifference(item.status, response)
  if (wrongStatus) return wrongStatus
  if (item.body) return refusalDifference(item, bodyOf(response), request)
  const stored = jsonPatch(base.stored as never, expanded(item.stored_patch!)) as Fields
  return difference(normalise(stored, request), normalise(bodyOf(response), request))
}

const byId = (bases: readonly Base[]): ReadonlyMap<string, Base> => new Map(bases.map((base) => [base.id, base]))

/** Two requests made the real server break off: there is no answer to agree with. */
const isAnswered = ({ status }: Item): boolean => status !== 0

function* replayCreated(directory: string, server: ApiServer): Iterable<ReplayedItem> {
  const file = join(directory, 'bases.jsonl')
  if (!existsSync(file)) return
  const bases = byId(readLines<Base>(file))
  for (const area of ['validation', 'accepted'])
    for (const item of filesIn(join(directory, area)).flatMap((path) => readLines<PatchedItem>(path))) {
      const base = bases.get(item.base)
      if (!base || !isAnswered(item) || (item.stored_patch && !base.stored)) continue
      yield guarded(item.id, area, () => compareCreated(server, item, base))
    }
}

const changed = (base: Base, patch: readonly Operation[]): Fields =>
  jsonPatch(base.stored as never, expanded(patch)) as Fields

function compareUpdate(server: ApiServer, item: PatchedItem, base: Base): string | undefined {
  const object = base.stored as unknown as KubeObject
  const filled = withObject(server, object)
  const door = item.subresource ? `/${item.subresource}` : ''
  const path = `${base.path}/${object.metadata.name}${door}?${DRY_RUN}`
  const response = ask(filled, http('PATCH', path, written(expanded(item.patch)), PATCH_TYPE))
  const wrongStatus = statusDifference(item.status, response)
  if (wrongStatus) return wrongStatus
  const asked: Fields = { base: base.stored, patch: item.patch }
  if (item.body) return refusalDifference(item, bodyOf(response), asked)
  const expected = item.answer ?? changed(base, item.stored_patch!)
  return difference(normalise(expected, asked), normalise(bodyOf(response), asked))
}

function* replayUpdates(directory: string, server: ApiServer): Iterable<ReplayedItem> {
  const file = join(directory, 'update-bases.jsonl')
  if (!existsSync(file)) return
  const bases = byId(readLines<Base>(file))
  for (const item of filesIn(join(directory, 'updates')).flatMap((path) => readLines<PatchedItem>(path))) {
    const base = bases.get(item.base)
    if (!base?.stored || !isAnswered(item)) continue
    yield guarded(item.id, 'updates', () => compareUpdate(server, item, base))
  }
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

interface Table {
  readonly columnDefinitions: readonly Fields[]
  readonly rows: readonly { readonly cells: readonly Json[] }[]
}

const tableAt = (server: ApiServer, path: string, now: number): Table =>
  bodyOf(ask(server, { method: 'GET', path, headers: { accept: TABLE }, body: '' }, now)) as unknown as Table

function compareColumns(server: ApiServer, item: TableItem): string | undefined {
  const [apiVersion, kind] = kindOfId(item.kind ?? item.id.slice('columns '.length))
  const { columnDefinitions } = tableAt(server, collectionOf(`${apiVersion}/${kind}`, {}), NOW)
  const columns = columnDefinitions?.map(({ description: _said, ...column }) => column)
  return difference(item.columns, columns)
}

/** The recorder looked at its clock before it asked; the answer came within a moment. */
const MOMENT = 150

function compareRow(server: ApiServer, item: TableItem): string | undefined {
  const object = item.object!
  const filled = withObject(server, object)
  const path = `${collectionOf(item.id, object as unknown as Fields)}/${object.metadata.name}`
  const now = parseUnix(item.at!)! - EPOCH
  const [asked, answered] = [now, now + MOMENT].map((instant) =>
    tableAt(filled, path, instant).rows?.map(({ cells }) => cells),
  )
  const expected = item.rows!.map(({ cells }) => cells)
  return textOf(expected) === textOf(answered) ? undefined : difference(expected, asked)
}

/** Lists are of objects that were not written down, so there is nothing to list. */
function* replayTables(directory: string, server: ApiServer): Iterable<ReplayedItem> {
  const file = join(directory, 'tables.jsonl')
  if (!existsSync(file)) return
  for (const item of readLines<TableItem>(file)) {
    if (item.columns) yield guarded(item.id, 'tables', () => compareColumns(server, item))
    else if (item.object && item.rows) yield guarded(item.id, 'tables', () => compareRow(server, item))
  }
}

export const replayObjects: Replay = function* (directory) {
  const ready = [SERVICE_RANGE, ...PRIORITIES, ...NAMESPACES].reduce(withObject, newApiServer())
  yield* replayDefaults(directory, ready)
  yield* replayCreated(directory, ready)
  yield* replayUpdates(directory, ready)
  yield* replayTables(directory, ready)
}
