/**
 * Replays conversations with a real API server against ours, in process, through the HTTP door. A conversation agrees when every
 * exchange of it does: status, headers, the whole body, and the events of its watches.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Form } from '../../engine/apiserver/http/accept.ts'
import { representEvent } from '../../engine/apiserver/http/represent-event.ts'
import { type Door, type HttpRequest, type HttpResponse, serveHttp } from '../../engine/apiserver/http/serve-http.ts'
import type { User } from '../../engine/apiserver/request.ts'
import { nextEvents, type Watch } from '../../engine/apiserver/watch.ts'
import type { ApiWorld, Surroundings } from './api-world.ts'
import { clusterWorld } from './cluster-world.ts'
import { matchPaths, matchValue, valueAtPath } from './match.ts'
import type { Replay, ReplayedItem } from './replay.ts'
import { type Bindings, newBindings, substituted } from './symbols.ts'

interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly accept?: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly as?:
    | string
    | {
        readonly token?: string
        readonly user?: string
        readonly groups?: readonly string[]
        readonly uid?: string
        readonly extra?: Readonly<Record<string, readonly string[]>>
      }
  readonly body?: unknown
  readonly raw?: string
  readonly yaml?: string
  readonly base64?: string
  readonly size?: { readonly before?: string; readonly fill?: string; readonly bytes: number; readonly after?: string }
}

interface RecordedResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly text?: string
  readonly only?: Readonly<Record<string, unknown>>
  readonly bytes?: string
}

interface Step {
  readonly request?: RecordedRequest
  readonly response?: RecordedResponse
  readonly watch?: string
  readonly events?: string
  readonly got?: readonly { readonly type: string; readonly object: Readonly<Record<string, unknown>> }[]
  readonly ended?: boolean
  readonly only?: readonly string[]
  readonly wait?: { readonly path: string; readonly for: Readonly<Record<string, unknown>> }
  readonly sleep?: number
  readonly close?: string
  readonly received?: unknown
}

interface Conversation {
  readonly id: string
  readonly namespaces?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly steps?: readonly Step[]
  readonly runs?: readonly (readonly Step[])[]
}

const ADMIN: User = { name: 'kubernetes-admin', uid: 'u0', groups: ['system:masters'] }

const USERS: Readonly<Record<string, User>> = {
  admin: ADMIN,
  alice: { name: 'alice', uid: 'u1', groups: ['dev'] },
  bob: { name: 'bob', uid: 'u2', groups: [''] },
}

const NOBODY: Door = { tokens: () => undefined }

interface OpenWatch {
  readonly watch: Watch
  readonly form: Form
  /** What came since the conversation last looked. */
  readonly told: readonly unknown[]
}

/** A conversation under way. */
interface Play {
  world: ApiWorld
  now: number
  continueToken: string
  /** The last response that carried an object: unnamed values of requests to come were taken from it. */
  lastObject: unknown
  /** Versions of the objects that came. */
  readonly versions: Set<number>
  readonly bindings: Bindings
  readonly watches: Map<string, OpenWatch>
}

const given = <T>(key: string, value: T | undefined): Record<string, T> => (value === undefined ? {} : { [key]: value })

function doorFor(as: RecordedRequest['as'], play: Play): readonly [Door, Record<string, string>] {
  if (as === 'anonymous') return [NOBODY, {}]
  if (as === undefined || typeof as === 'string') return [{ ...NOBODY, user: USERS[as ?? 'admin']! }, {}]
  if (as.token !== undefined) return [NOBODY, { authorization: `Bearer ${substituted(as.token, play.bindings)}` }]
  return [{ ...NOBODY, user: ADMIN }, {}]
}

function impersonation(as: RecordedRequest['as']): Record<string, string | readonly string[]> {
  if (typeof as !== 'object' || as.user === undefined) return {}
  const extra = Object.entries(as.extra ?? {}).map(([key, values]) => [`impersonate-extra-${key}`, values] as const)
  return {
    'impersonate-user': as.user,
    ...given('impersonate-group', as.groups),
    ...given('impersonate-uid', as.uid),
    ...Object.fromEntries(extra),
  }
}

function bodyText(request: RecordedRequest, play: Play): string {
  const { bindings } = play
  if (request.body !== undefined) return substituted(JSON.stringify(request.body), bindings)
  if (request.base64 !== undefined)
    return Buffer.from(request.base64, 'base64').toString(request.type?.includes('protobuf') ? 'latin1' : 'utf8')
  if (request.size) return sized(request.size)
  return substituted(request.raw ?? request.yaml ?? '', bindings)
}

function sized({ before = '', fill = 'a', bytes, after = '' }: NonNullable<RecordedRequest['size']>): string {
  const room = bytes - before.length - after.length
  return before + fill.repeat(Math.ceil(room / fill.length)).slice(0, room) + after
}

const lowered = (headers: RecordedRequest['headers'] = {}): Record<string, string | readonly string[]> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const SAVED: Readonly<Record<string, string>> = {
  uid: 'metadata.uid',
  rv: 'metadata.resourceVersion',
  ip: 'spec.clusterIP',
}

/**
 * The recorder saved values out of responses that are recorded in part only. A symbol that a request is the first to name
 * stands for that value of the last object that came.
 */
function bindSaved(request: RecordedRequest, play: Play): void {
  const { bindings, lastObject } = play
  for (const [symbol, kind] of JSON.stringify(request).matchAll(/\$(uid|rv|ip)\d+/g)) {
    if (bindings.values.has(symbol)) continue
    const value = (kind === 'rv' && versionByOrder(symbol, play)) || valueAtPath(lastObject, SAVED[kind!]!)
    if (typeof value === 'string') bindings.values.set(symbol, value)
  }
}

const numberOf = (symbol: string): number => Number(symbol.slice('$rv'.length))

/** Symbols of versions are numbered in their order: one between two known ones is known when as many versions lie between. */
function versionByOrder(symbol: string, { bindings, versions }: Play): string | undefined {
  const known = [...bindings.values].filter(([other]) => other.startsWith('$rv'))
  const at = numberOf(symbol)
  const below = Math.max(0, ...known.map(([other]) => numberOf(other)).filter((number) => number < at))
  const above = Math.min(...known.map(([other]) => numberOf(other)).filter((number) => number > at))
  if (above === Number.POSITIVE_INFINITY) return undefined
  const least = Number(bindings.values.get(`$rv${below}`) ?? 0)
  const most = Number(bindings.values.get(`$rv${above}`))
  const between = [...versions].filter((version) => version > least && version < most).sort((a, b) => a - b)
  return between.length === above - below - 1 ? String(between[at - below - 1]) : undefined
}

function httpRequest(request: RecordedRequest, play: Play, door: Record<string, string>): HttpRequest {
  bindSaved(request, play)
  const text = bodyText(request, play)
  const path = substituted(request.path, play.bindings).replaceAll('<continue>', play.continueToken)
  const type = request.type ?? (request.body === undefined ? undefined : 'application/json')
  const headers = {
    'user-agent': 'recorder',
    ...given('accept', request.accept),
    ...given('content-type', type),
    ...impersonation(request.as),
    ...door,
    ...lowered(request.headers),
  }
  return { method: request.method, path, headers, body: text }
}

const USUAL: Readonly<Record<string, unknown>> = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-cache, private',
}

const SERVER_HEADERS = ['Audit-Id', 'X-Kubernetes-Pf-Flowschema-Uid', 'X-Kubernetes-Pf-Prioritylevel-Uid']

function matchHeaders(expected: RecordedResponse, actual: HttpResponse, bindings: Bindings): string | undefined {
  const { absent = [], ...recorded } = (expected.headers ?? {}) as { absent?: readonly string[] } & Record<
    string,
    unknown
  >
  const bodiless = expected.status === 204
  const wanted: Record<string, unknown> = { ...(bodiless ? {} : USUAL), ...recorded }
  for (const name of SERVER_HEADERS)
    if (name in actual.headers === absent.includes(name))
      return `header ${name}: expected ${absent.includes(name) ? 'none' : 'one'}`
  for (const [name, value] of Object.entries(wanted)) {
    const found = actual.headers[name]
    if (value === null) {
      if (found !== undefined) return `header ${name}: expected none, got ${found}`
      continue
    }
    const comparable = Array.isArray(value) ? [found].flat() : found
    const difference = matchValue(value, comparable, bindings, `header ${name}`)
    if (difference) return difference
  }
  const more = Object.keys(actual.headers).find(
    (name) => !(name in wanted) && !SERVER_HEADERS.includes(name) && !(bodiless && name in USUAL),
  )
  return more === undefined ? undefined : `header ${more}: expected none, got ${actual.headers[more]}`
}

function matchResponse(expected: RecordedResponse, actual: HttpResponse, bindings: Bindings): string | undefined {
  if (expected.status !== actual.code)
    return `status: expected ${expected.status}, got ${actual.code} ${JSON.stringify(actual.body)?.slice(0, 300)}`
  const headers = matchHeaders(expected, actual, bindings)
  if (headers) return headers
  if (expected.only) return matchPaths(expected.only, actual.body, bindings)
  if (expected.text !== undefined) return matchValue(expected.text, actual.body, bindings)
  return expected.body === undefined ? undefined : matchValue(expected.body, actual.body, bindings)
}

const at = (play: Play) => ({ now: play.now, draw: play.world.draw })

function send(play: Play, request: RecordedRequest): HttpResponse {
  const [door, headers] = doorFor(request.as, play)
  const http = httpRequest(request, play, headers)
  const [server, response] = serveHttp(play.world.server, http, { ...door, tokens: play.world.tokens }, at(play))
  play.world = play.world.changed(server)
  passTime(play, LATENCY)
  const token = valueAtPath(response.body, 'metadata.continue')
  if (typeof token === 'string') play.continueToken = token
  if (valueAtPath(response.body, 'metadata.uid') !== undefined) {
    play.lastObject = response.body
    play.versions.add(Number(valueAtPath(response.body, 'metadata.resourceVersion')))
  }
  return response
}

/** Whatever a watch has to tell now, in the form it was asked for. */
function listening(play: Play, open: OpenWatch): OpenWatch {
  const [watch, events] = nextEvents(open.watch, play.world.server.store, play.now)
  const told = events.map((event) => representEvent(event, watch, open.form, play.now))
  return { ...open, watch, told: [...open.told, ...told] }
}

function listen(play: Play): void {
  for (const [name, open] of play.watches) play.watches.set(name, listening(play, open))
}

const watchOf = ({ watch }: HttpResponse): OpenWatch => ({ watch: watch!.watch, form: watch!.form, told: [] })

function exchange(play: Play, { request, response, watch: name }: Step): string | undefined {
  const actual = send(play, request!)
  if (!actual.watch) return matchResponse(response!, actual, play.bindings)
  if (name !== undefined) {
    play.watches.set(name, watchOf(actual))
    return matchResponse(response!, actual, play.bindings)
  }
  const { told } = listening(play, watchOf(actual))
  const body = (told.length === 1 ? told[0] : told) as HttpResponse['body']
  return matchResponse(response!, { ...actual, body }, play.bindings)
}

const LONGEST_WATCH = 10_000

/** The recorder listened until the server hung up. */
function untilEnded(play: Play, name: string): void {
  for (const end = play.now + LONGEST_WATCH; play.now < end && !play.watches.get(name)!.watch.ended; ) {
    passTime(play, 500)
    listen(play)
  }
}

function events(play: Play, step: Step): string | undefined {
  const name = step.events!
  if (!play.watches.has(name)) return `no watch ${name}`
  if (step.ended) untilEnded(play, name)
  const open = play.watches.get(name)!
  play.watches.set(name, { ...open, told: [] })
  return matchEvents(open, step, play.bindings)
}

function matchEvents({ told, watch }: OpenWatch, step: Step, bindings: Bindings): string | undefined {
  const got = step.got ?? []
  if (told.length !== got.length)
    return `events: expected ${got.length}, got ${told.length}: ${JSON.stringify(told).slice(0, 300)}`
  if ((step.ended ?? false) !== watch.ended) return `ended: expected ${step.ended ?? false}, got ${watch.ended}`
  for (const [i, expected] of got.entries()) {
    const event = told[i] as { readonly type: string; readonly object: unknown }
    if (event.type !== expected.type) return `event ${i}: expected ${expected.type}, got ${event.type}`
    const difference = step.only
      ? matchPaths(expected.object, event.object, bindings)
      : matchValue(expected.object, event.object, bindings)
    if (difference) return `event ${i}: ${difference}`
  }
  return undefined
}

function isReached(wanted: Readonly<Record<string, unknown>>, actual: HttpResponse): boolean {
  return Object.entries(wanted).every(([path, value]) => {
    if (path === 'status-code') return actual.code === value
    const found = valueAtPath(actual.body, path)
    if (value === '*') return found !== undefined && found !== null
    return value === null ? found === undefined || found === null : JSON.stringify(found) === JSON.stringify(value)
  })
}

/** How long an exchange took the recorder. */
const LATENCY = 12

/** As long as the recorder waited. */
const LONGEST_WAIT = 60_000
const LOOK_EVERY = 250

function wait(play: Play, { wait: wanted, response }: Step): string | undefined {
  const deadline = play.now + LONGEST_WAIT
  for (;;) {
    const actual = send(play, { method: 'GET', path: wanted!.path })
    if (isReached(wanted!.for, actual)) return matchResponse(response!, actual, play.bindings)
    if (play.now > deadline)
      return `waited in vain for ${JSON.stringify(wanted!.for)}, got ${JSON.stringify(actual.body)?.slice(0, 200)}`
    passTime(play, LOOK_EVERY)
  }
}

function passTime(play: Play, duration: number): void {
  play.now += duration
  play.world = play.world.advance(play.now)
}

function sleep(play: Play, { sleep: seconds }: Step): undefined {
  passTime(play, Math.round(seconds! * 1000))
}

function perform(play: Play, step: Step): string | undefined {
  if (step.wait) return wait(play, step)
  if (step.request) return exchange(play, step)
  if (step.events !== undefined) return events(play, step)
  if (step.sleep !== undefined) return sleep(play, step)
  if (step.close !== undefined) return void play.watches.delete(step.close)
  return `unknown step ${Object.keys(step).join()}`
}

export type MakeWorld = (surroundings: Surroundings) => ApiWorld

function playThrough(steps: readonly Step[], conversation: Conversation, makeWorld: MakeWorld): string | undefined {
  const { namespaces = ['sandbox'], labels = {} } = conversation
  const world = makeWorld({ namespaces, labels })
  const play: Play = {
    world,
    now: world.now,
    continueToken: '',
    lastObject: undefined,
    versions: new Set(),
    bindings: newBindings(),
    watches: new Map(),
  }
  for (const [i, step] of steps.entries()) {
    const difference = perform(play, step)
    listen(play)
    const about = step.request ? `${step.request.method} ${step.request.path}` : Object.keys(step)[0]
    if (difference) return `step ${i} (${about}): ${difference}`
  }
  return undefined
}

/** Where plays of one conversation differed, agreeing with one of them is enough. */
function difference(conversation: Conversation, makeWorld: MakeWorld): string | undefined {
  const plays = conversation.runs ?? [conversation.steps ?? []]
  const differences = plays.map((steps) => playThrough(steps, conversation, makeWorld))
  return differences.includes(undefined) ? undefined : differences[0]
}

const PROSE = ['openapi']

/** Replays conversations in worlds of one's own making: a whole cluster where controllers are to answer. */
export const replayApiIn = (makeWorld: MakeWorld): Replay =>
  function* (directory: string): Iterable<ReplayedItem> {
    const areas = readdirSync(directory, { withFileTypes: true }).filter(
      (entry) => !entry.name.includes('.') && !PROSE.includes(entry.name),
    )
    for (const { name: area } of areas)
      for (const file of readdirSync(join(directory, area))
        .filter((name) => name.endsWith('.json'))
        .sort()) {
        const conversation = JSON.parse(readFileSync(join(directory, area, file), 'utf8')) as Conversation
        const found = attempted(() => difference(conversation, makeWorld))
        yield { id: conversation.id, area, agrees: found === undefined, ...given('difference', found) }
      }
  }

/** What throws does not agree. */
function attempted(compare: () => string | undefined): string | undefined {
  try {
    return compare()
  } catch (error) {
    return `threw ${error instanceof Error ? error.stack?.split('\n').slice(0, 4).join(' ') : String(error)}`
  }
}

/** A control plane without nodes, as the recorder had it. */
export const replayApi: Replay = replayApiIn(clusterWorld)
