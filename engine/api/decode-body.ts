/**
 * What a request's body is: JSON at all, of which kind and version, and whether the door it came to takes that. Only then
 * is it decoded. What is wrong is the message of a 400.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/runtime/serializer/json/{json,meta}.go,
 * staging/src/k8s.io/apiserver/pkg/endpoints/handlers/{create,rest}.go
 * Left out: kinds of versions that upstream still knows but serves no more (`extensions/v1beta1`) are unknown here.
 */

import { utf8Bytes } from '../std/base64.ts'
import { type Duplicates, isExactNumber, parseJson } from '../std/json.ts'
import { decode, type FieldValidation } from './decode.ts'
import type { Draft } from './object.ts'
import type { TypeName } from './schema.ts'
import { joinGroupVersion, kindOfObject, splitGroupVersion } from './schema-table.ts'

/** What a door takes: its own kind when the body names none. */
export interface Expected {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly type: TypeName
}

/** A text as it came, or a value that never was one. */
export type Body = { readonly text: string } | { readonly value: unknown }

export type DecodedBody =
  | { readonly object: Draft; readonly strictErrors: readonly string[] }
  | { readonly problem: string }

interface Identity {
  readonly apiVersion: string
  readonly kind: string
}

const SCHEME = '"pkg/runtime/scheme.go:111"'

/** Kinds that every group and version has beside its own. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  Status: 'v1.Status',
  DeleteOptions: 'v1.DeleteOptions',
  CreateOptions: 'v1.CreateOptions',
  UpdateOptions: 'v1.UpdateOptions',
  PatchOptions: 'v1.PatchOptions',
  GetOptions: 'v1.GetOptions',
  ListOptions: 'v1.ListOptions',
  WatchEvent: 'v1.WatchEvent',
}

const SUMMARY_LENGTH = 30

const hexOf = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** The beginning of a body, as errors show it: readable if it looks like JSON, else in hexadecimal digits. */
export function summaryOf(text: string): string {
  if (text === '') return '<empty>'
  if (text.startsWith('{')) return text.length > SUMMARY_LENGTH ? `${text.slice(0, SUMMARY_LENGTH)} ...` : text
  const bytes = utf8Bytes(text.slice(0, SUMMARY_LENGTH + 1))
  const isLong = utf8Bytes(text.slice(0, SUMMARY_LENGTH + 1)).length > SUMMARY_LENGTH
  return `${hexOf(bytes.slice(0, SUMMARY_LENGTH))}${isLong ? ' ...' : ''}`
}

const unrecognized = ({ kind }: Expected, why: string, text: string): string =>
  `the object provided is unrecognized (must be of type ${kind}): ${why} (${summaryOf(text)})`

const cannotHandle = ({ apiVersion, kind }: Identity, expected: Expected, why: string): string =>
  `${kind} in version "${splitGroupVersion(apiVersion)[0]}" cannot be handled as a ${expected.kind}: ${why}`

const HEAD = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function wordFor(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (isExactNumber(value)) return 'number'
  const word = typeof value
  return word === 'boolean' ? 'bool' : word
}

/** Why kind and version cannot be read off this value. */
function headProblem(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (wordFor(value) !== 'object') return `json: cannot unmarshal ${wordFor(value)} into Go value of type ${HEAD}`
  for (const [name, inner] of Object.entries(value))
    if ((name === 'apiVersion' || name === 'kind') && inner !== null && typeof inner !== 'string')
      return `json: cannot unmarshal ${wordFor(inner)} into Go struct field .${name} of type string`
  return undefined
}

/** Kind and version of a body; what it does not say is the door's own. */
function identityOf(value: unknown, expected: Expected): Identity | { readonly problem: string } {
  const mistake = headProblem(value)
  if (mistake) return { problem: `couldn't get version/kind; json parse error: ${mistake}` }
  const { apiVersion, kind } = (value ?? {}) as { apiVersion?: string; kind?: string }
  if (apiVersion && apiVersion.split('/').length > 2)
    return { problem: `unexpected GroupVersion string: ${apiVersion}` }
  return { apiVersion: apiVersion || joinGroupVersion(expected.group, expected.version), kind: kind || expected.kind }
}

/** `v1.Pod` */
const goNameOf = ({ apiVersion, kind }: Identity): string => `${splitGroupVersion(apiVersion)[0]}.${kind}`

/** `core.Pod`: upstream's internal type. Both groups of Events have one. */
function internalName({ type, kind }: Expected): string {
  const group = type.slice(0, type.indexOf('.'))
  return `${group === 'events' ? 'core' : group}.${kind}`
}

/** Versions that nothing is served in any longer, but which upstream still knows. */
const FORMER: Readonly<Record<string, readonly string[]>> = {
  Scale: ['extensions/v1beta1', 'apps/v1beta1', 'apps/v1beta2', 'autoscaling/v1'],
}

const wasOnce = ({ apiVersion, kind }: Identity): boolean => FORMER[kind]?.includes(apiVersion) === true

/** Known though no resource holds it: the lists of kinds, and what every version has. */
const isRegistered = ({ apiVersion, kind }: Identity): boolean =>
  EVERYWHERE[kind] !== undefined ||
  (kind.endsWith('List') && kindOfObject(apiVersion, kind.slice(0, -'List'.length))?.verbs.includes('list') === true)

const otherVersion = (said: string, wanted: string): string =>
  `the API version in the data (${said}) does not match the expected API version (${wanted})`

/** Why this door does not take an object of that kind. */
function refusalOf(identity: Identity, expected: Expected): string | undefined {
  const { apiVersion, kind } = identity
  const wanted = joinGroupVersion(expected.group, expected.version)
  if (apiVersion === wanted && kind === expected.kind) return undefined
  const known = kindOfObject(apiVersion, kind)
  if (kind === expected.kind && wasOnce(identity)) return otherVersion(apiVersion, wanted)
  if (!known && !isRegistered(identity))
    return cannotHandle(
      identity,
      expected,
      `no kind "${kind}" is registered for version "${apiVersion}" in scheme ${SCHEME}`,
    )
  if (known && kind === expected.kind && known.group === expected.group) return otherVersion(apiVersion, wanted)
  const go = EVERYWHERE[kind] ?? goNameOf(identity)
  return cannotHandle(identity, expected, `converting (${go}) to (${internalName(expected)}): unknown conversion`)
}

interface Parsed {
  readonly value: unknown
  readonly text: () => string
  readonly duplicates?: Duplicates
}

function parse(body: Body, expected: Expected): Parsed | { readonly problem: string } {
  if ('value' in body) return { value: body.value, text: () => JSON.stringify(body.value) ?? '' }
  const parsed = parseJson(body.text)
  const why = 'problem' in parsed && `couldn't get version/kind; json parse error: ${parsed.problem}`
  return why ? { problem: unrecognized(expected, why, body.text) } : { ...(parsed as Parsed), text: () => body.text }
}

/** The object that a door's body stands for, or the message with which it is refused. */
export function decodeBody(body: Body, expected: Expected, mode: FieldValidation): DecodedBody {
  const parsed = parse(body, expected)
  if ('problem' in parsed) return parsed
  const identity = identityOf(parsed.value, expected)
  if ('problem' in identity) return { problem: unrecognized(expected, identity.problem, parsed.text()) }
  const refusal = refusalOf(identity, expected)
  if (refusal) return { problem: refusal }
  const { object, strictErrors, error } = decode(parsed.value, expected.type, mode, parsed.duplicates)
  if (error !== undefined) return { problem: cannotHandle(identity, expected, error) }
  return { object: named(object, identity), strictErrors }
}

/** With its kind and version; the very same when it had them. */
const named = (object: Draft, { apiVersion, kind }: Identity): Draft =>
  object.apiVersion === apiVersion && object.kind === kind ? object : { ...object, apiVersion, kind }
