/**
 * Reads the body of a request: which format it is in, and what is wrong with it before anyone looks at what it says.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/runtime/serializer/{json,yaml}, apiserver/pkg/endpoints/handlers/negotiation
 * Left out: CBOR.
 */
import type { Draft } from '../../api/object.ts'
import type { Status } from '../../api/status.ts'
import { utf8Bytes } from '../../std/base64.ts'
import { type Duplicates, isExactNumber, parseJson } from '../../std/json.ts'
import { parseYaml, splitYaml } from '../../std/yaml.ts'
import { badRequest, unsupportedMediaType } from '../refusals.ts'

export const JSON_TYPE = 'application/json'
export const YAML_TYPE = 'application/yaml'
export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf'

export const BODY_TYPES = [JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE]

export interface Body {
  readonly value: unknown
  readonly duplicates?: Duplicates
  /** Strict errors that the text itself showed: keys of YAML that came twice. */
  readonly mistakes?: readonly string[]
}

export type ReadBody = Body | { readonly refused: Status }

const MEDIA_TYPE = /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*(?:;.*)?$/

/** The media type without its parameters, in lower case; undefined if it is none. */
export const mediaType = (header: string): string | undefined => MEDIA_TYPE.exec(header)?.[1]?.toLowerCase()

/** What a protobuf body says; given by the door that can read it. */
export type ReadProtobuf = (bytes: readonly number[]) => { readonly value: unknown } | { readonly problem: string }

const hex = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')

const SHOWN_BYTES = 30

/** The beginning of a body, as errors show it. */
function summary(text: string): string {
  if (text === '') return '<empty>'
  const bytes = utf8Bytes(text)
  const more = bytes.length > SHOWN_BYTES ? ' ...' : ''
  return text.startsWith('{') ? `${text.slice(0, SHOWN_BYTES)}${more}` : `${hex(bytes.slice(0, SHOWN_BYTES))}${more}`
}

export const unrecognized = (kind: string, problem: string, text: string): Status =>
  badRequest(`the object provided is unrecognized (must be of type ${kind}): ${problem} (${summary(text)})`)

const GO_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** Go's word for a JSON value. */
export const goWord = (value: unknown): string => {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'number' || isExactNumber(value) ? 'number' : typeof value
}

const isObject = (value: unknown): value is Draft =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)

/** What upstream finds wrong when it looks for version and kind. */
function metaProblem(value: unknown): string | undefined {
  if (value === null) return undefined
  if (!isObject(value)) return `json: cannot unmarshal ${goWord(value)} into Go value of type ${GO_META}`
  for (const name of ['apiVersion', 'kind']) {
    const found = value[name]
    if (found !== undefined && found !== null && typeof found !== 'string')
      return `json: cannot unmarshal ${goWord(found)} into Go struct field .${name} of type string`
  }
  return undefined
}

export const noVersionKind = (problem: string): string => `couldn't get version/kind; json parse error: ${problem}`

/** The parsed text of a body, or Go's words about it. */
export type Parsed = Body | { readonly problem: string }

function parsedYaml(text: string): Parsed {
  const [first] = splitYaml(text)
  const result = parseYaml(first?.text ?? '')
  if (!result.ok) return { problem: yamlProblem(result.problem.line, result.problem.message) }
  return { value: result.value }
}

const yamlProblem = (line: number, message: string): string =>
  message.startsWith('yaml:') ? message : line > 1 ? `yaml: line ${line}: ${message}` : `yaml: ${message}`

/** JSON or YAML as a value. */
export function parseText(text: string, type: string): Parsed {
  if (type === YAML_TYPE) return parsedYaml(text)
  const parsed = parseJson(text)
  return 'problem' in parsed ? { problem: noVersionKind(parsed.problem) } : parsed
}

/** An object of `kind` is expected in the body. */
export function readBody(header: string, text: string, kind: string): ReadBody {
  const type = header === '' ? JSON_TYPE : mediaType(header)
  if (type === undefined || !BODY_TYPES.includes(type)) return { refused: unsupportedMediaType(BODY_TYPES) }
  const parsed = parseText(text, type)
  if ('problem' in parsed) return { refused: unrecognized(kind, parsed.problem, text) }
  const problem = metaProblem(parsed.value)
  if (problem) return { refused: unrecognized(kind, noVersionKind(problem), text) }
  return { ...parsed, value: parsed.value ?? {} }
}
