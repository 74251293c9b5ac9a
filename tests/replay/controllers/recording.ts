/**
 * One scenario of the recordings of real controllers, read: the symbols are put back to the real names, uids and addresses,
 * times become instants of a world, and each line says which object it wrote and what that object then was.
 */
import { readFileSync } from 'node:fs'
import { mergePatch } from '../../../engine/api/merge-patch.ts'
import { type Key, type KubeObject, keyFor, keyOf, type ResourceName } from '../../../engine/api/object.ts'
import { allServed, resourceNameOf } from '../../../engine/api/schema-table.ts'
import { templateHash } from '../../../engine/kinds/apps/deployment/hash.ts'
import { CERTIFICATE } from '../../../engine/kinds/core/serviceaccount/controller.ts'
import { EPOCH, type Millis, unixTimestamp } from '../../../engine/std/time.ts'
import { withLeases } from './leases.ts'
import { presetObjects } from './preset.ts'

/** What the recorder kept to itself. */
const withCertificate = (text: string): string => text.replaceAll('"<cert>"', JSON.stringify(CERTIFICATE))

const RANGE = /"10\.244\.\d+\.0\/24"/g

/** The cluster was not a new one: its nodes' address ranges are symbols, given anew in the order in which they come. */
function withFirstRanges(lines: readonly RawLine[], text: string, taken: number): string {
  const found = new Map<string, string>()
  for (const { diff } of lines)
    for (const [range] of JSON.stringify(diff ?? {}).matchAll(RANGE))
      if (!found.has(range)) found.set(range, JSON.stringify(`10.244.${taken + found.size}.0/24`))
  return text.replace(RANGE, (range) => found.get(range) ?? range)
}

/** A template that holds a time or a name which stands for another has another hash than the one that was recorded. */
const NORMALISED = /"\d{4}-\d\d-\d\dT[^"]*"|"demo/

/** Such hashes are symbols: each is replaced by the hash of the template as it stands here. */
function withHashes(text: string, lines: readonly RawLine[]): string {
  let result = text
  for (const { ev, kind, who, diff } of lines) {
    if (ev !== 'ADDED' || kind !== 'ReplicaSet' || who !== 'deployment-controller') continue
    const { template } = diff!.spec as { template: { metadata: { labels: Record<string, string> } } }
    const { 'pod-template-hash': recorded, ...labels } = template.metadata.labels
    if (!recorded || !NORMALISED.test(JSON.stringify(template))) continue
    const here = templateHash({ ...template, metadata: { ...template.metadata, labels } }, undefined)
    result = result.replaceAll(recorded, here)
  }
  return result
}

interface RawLine {
  readonly t: number
  readonly do?: Readonly<Record<string, unknown>>
  readonly answer?: unknown
  readonly who?: string
  readonly call?: string
  readonly rv?: number
  readonly ev?: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kind?: string
  readonly name?: string
  readonly ns?: string
  readonly is?: Readonly<Record<string, unknown>>
  readonly diff?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly noop?: true
  readonly part?: string
}

interface RawRun {
  readonly symbols: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly log?: readonly RawLine[]
}

export interface Preset {
  readonly nodes: readonly NodeSpec[]
  readonly namespaces: readonly string[]
}

export interface NodeSpec {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly unknown[]
  readonly capacity?: Readonly<Record<string, string | null>>
  readonly annotations?: Readonly<Record<string, string>>
}

interface RawScenario {
  readonly id: string
  readonly preset: Preset
  readonly script: readonly Readonly<Record<string, unknown>>[]
  readonly runs: readonly RawRun[]
}

/** A write that committed. */
export interface WriteLine {
  readonly is: 'write'
  readonly at: Millis
  readonly who: string
  readonly call: string
  readonly resource: ResourceName
  readonly key: Key
  readonly after: KubeObject | undefined
  /** What the object was just before it was removed. */
  readonly last: KubeObject
}

export interface EventLine {
  readonly is: 'event'
  /** The Event itself: later lines of the same count it up. */
  readonly name: string
  readonly at: Millis
  readonly who: string
  readonly on: string
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly source: string
  readonly count: number
}

export interface RefusalLine {
  readonly is: 'refusal'
  readonly at: Millis
  readonly who: string
  readonly call: string
  readonly code: number
  readonly reason: string
  readonly message: string
}

/** Somebody does something after it has been quiet for a while, or not. */
export interface StepLine {
  readonly is: 'step'
  readonly at: Millis
  readonly quiet: boolean
  readonly does: Readonly<Record<string, unknown>>
}

export type Line = WriteLine | EventLine | RefusalLine | StepLine

export interface Recording {
  readonly id: string
  readonly preset: Preset
  readonly lines: readonly Line[]
  /** Whether the script ends by waiting until nothing happens. */
  readonly endsQuiet: boolean
}

// ---- symbols and times ----

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Puts the real values back. A symbol ends where no digit follows, so `~1` is not found in `~10`. */
function unsymbolized(text: string, symbols: RawRun['symbols']): string {
  const real = new Map(Object.values(symbols ?? {}).flatMap((table) => Object.entries(table)))
  if (real.size === 0) return text
  const names = [...real.keys()].sort((a, b) => b.length - a.length).map(escaped)
  return text.replace(new RegExp(`(?:${names.join('|')})(?!\\d)`, 'g'), (symbol) => real.get(symbol)!)
}

const TIME = /"T([+-]\d+)(?:\.(\d+))?"/g

/** `T+3` is the third second after the one in which the run began, which is taken to be the world's first. */
const withTimes = (text: string): string =>
  text.replace(TIME, (_, second: string, fraction?: string) => {
    const whole = unixTimestamp(EPOCH + Number(second) * 1000)
    return JSON.stringify(fraction === undefined ? whole : whole.replace('Z', `.${fraction}Z`))
  })

const SECONDS = /"T\+(\d+)"/g

/**
 * How far into its second the run began. What was written carries no second that was yet to come, and if it was written
 * at once, none that was over; the middle of what that leaves is taken.
 */
function startOf(lines: readonly RawLine[]): Millis {
  let earliest = 0
  let latest = 999
  for (const { t, ev, diff } of lines) {
    const told = [...JSON.stringify(diff ?? {}).matchAll(SECONDS)].map(([, second]) => Number(second) * 1000)
    const ahead = told.map((second) => second - Math.round(t * 1000)).filter((millis) => millis < 1000)
    if (ahead.length === 0) continue
    earliest = Math.max(earliest, ...ahead)
    if (ev === 'ADDED') latest = Math.min(latest, Math.max(...ahead) + 1000)
  }
  return latest > earliest ? Math.round((earliest + latest) / 2) : earliest
}

// ---- lines ----

const RESOURCES: ReadonlyMap<string, { readonly resource: ResourceName; readonly namespaced: boolean }> = new Map(
  allServed().map((served) => [served.kind, { resource: resourceNameOf(served), namespaced: served.namespaced }]),
)

/** Kinds of one name in two groups: the older one is what is recorded. */
const OWN: Readonly<Record<string, ResourceName>> = { Event: 'events' }

function placeOf(line: RawLine): readonly [ResourceName, Key] {
  const known = RESOURCES.get(line.kind!)
  const resource = OWN[line.kind!] ?? known?.resource ?? (line.call?.split(' ')[1] ?? line.kind!).split('/')[0]!
  const namespaced = known?.namespaced ?? line.ns !== undefined
  return [resource, keyFor(namespaced ? (line.ns ?? 'demo') : undefined, line.name!)]
}

type Versions = Map<string, KubeObject>

function writeOf(line: RawLine, at: Millis, versions: Versions): WriteLine {
  const [resource, key] = placeOf(line)
  const id = `${resource} ${key}`
  const before = versions.get(id)
  const last = (line.ev === 'ADDED' ? line.diff : before && mergePatch(before, line.diff ?? {})) as KubeObject
  if (line.ev === 'DELETED') versions.delete(id)
  else versions.set(id, last)
  const after = line.ev === 'DELETED' ? undefined : last
  return { is: 'write', at, who: line.who ?? '', call: line.call ?? '', resource, key, after, last }
}

function eventOf({ is, who, name }: RawLine, at: Millis): EventLine {
  const told = is as { on: string; type: string; reason: string; message: string; source: string; count?: number }
  const { on, type, reason, message, source } = told
  return {
    is: 'event',
    name: name ?? '',
    at,
    who: who ?? '',
    on,
    type,
    reason,
    message,
    source,
    count: told.count ?? 1,
  }
}

function lineOf(line: RawLine, at: Millis, versions: Versions): Line | undefined {
  if (line.kind === 'Event') return line.ev === 'DELETED' ? undefined : eventOf(line, at)
  if (line.ev) return writeOf(line, at, versions)
  const { who = '', call = '', code, reason = '', message = '' } = line
  return code === undefined ? undefined : { is: 'refusal', at, who, call, code, reason, message }
}

/** So long must nothing happen before it counts as quiet. */
const QUIET: Millis = 1000

/** A script that ends with a pause of so many seconds leaves enough time for everything that is not waiting for a time itself. */
const LONG_PAUSE = 2

/** The script ends by waiting until nothing happens any more, or long enough. */
function endsQuiet(script: RawScenario['script']): boolean {
  const last = script.at(-1) ?? {}
  return 'settle' in last || 'down' in last || Number(last.wait ?? 0) >= LONG_PAUSE
}

export function readRecording(path: string): Recording {
  const text = readFileSync(path, 'utf8')
  const raw = JSON.parse(text) as RawScenario
  const run = raw.runs[0]!
  const start = startOf(run.log!)
  const ranged = withFirstRanges(run.log!, JSON.stringify(run.log), raw.preset.nodes.length)
  const real = withTimes(withCertificate(unsymbolized(ranged, run.symbols)))
  const log = JSON.parse(withHashes(real, JSON.parse(real))) as readonly RawLine[]
  const versions: Versions = new Map(
    presetObjects(raw.preset).map(([resource, object]) => [`${resource} ${keyOf(object)}`, object]),
  )
  const lines = log.flatMap((line, i): readonly Line[] => {
    const at = Math.round(line.t * 1000) + start
    const quiet = (line.t - (log[i - 1]?.t ?? line.t)) * 1000 >= QUIET
    if (line.do) return [{ is: 'step', at, quiet, does: line.do }]
    const read = lineOf(line, at, versions)
    return read ? [read] : []
  })
  return { id: raw.id, preset: raw.preset, lines: withLeases(lines, raw.preset), endsQuiet: endsQuiet(raw.script) }
}
