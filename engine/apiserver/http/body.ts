/**
 * Reads the body of a request: which format it is in, and what is wrong with it before anyone looks at what it says.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/runtime/serializer/{json,yaml}, apiserver/pkg/endpoints/handlers/negotiation
 * Left out: CBOR; a value that comes twice under one key of YAML is told only for keys, not for merged maps.
 */
import { summaryOf } from '../../api/decode-body.ts'
import { isMap } from '../../api/merge-patch.ts'
import { splitGroupVersion } from '../../api/schema-table.ts'
import type { Status } from '../../api/status.ts'
import { parseYaml, splitYaml } from '../../std/yaml.ts'
import { badRequest, unsupportedMediaType } from '../refusals.ts'
import { readProtobuf, summaryOfBytes } from './protobuf.ts'
import { repeatedKeys, withoutRepeats } from './repeated-keys.ts'

export const JSON_TYPE = 'application/json'
export const YAML_TYPE = 'application/yaml'
export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf'

export const BODY_TYPES = [JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE]

/** JSON as it came, or the value of something else with what was found wrong while reading it. */
export type ReadBody =
  | { readonly text: string }
  | { readonly value: unknown; readonly mistakes: readonly string[] }
  | { readonly refused: Status }

const MEDIA_TYPE = /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*(?:;.*)?$/

/** The media type without its parameters, in lower case; undefined if it is none. */
export const mediaType = (header: string): string | undefined => MEDIA_TYPE.exec(header)?.[1]?.toLowerCase()

/** go-yaml names the first line only where its parser, not its scanner, gave up. */
function yamlProblem(line: number, message: string): string {
  if (message.startsWith('yaml:')) return message
  return line > 1 || message.startsWith('did not find') ? `yaml: line ${line}: ${message}` : `yaml: ${message}`
}

/** YAML becomes JSON before it is decoded, with its keys in order. */
function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, inKeyOrder(value[key])]),
  )
}

const REPEATED = /already set in map/

/** The first document of a text, or Go's words about it. */
export function readYaml(text: string): { readonly value: unknown } | { readonly problem: string } {
  const document = splitYaml(text)[0]?.text ?? ''
  const strict = parseYaml(document)
  const result = !strict.ok && REPEATED.test(strict.problem.message) ? parseYaml(withoutRepeats(document)) : strict
  if (!result.ok) return { problem: yamlProblem(result.problem.line, result.problem.message) }
  return { value: inKeyOrder(result.value) }
}

function yamlBody(text: string, kind: string): ReadBody {
  const read = readYaml(text)
  if ('value' in read) return { value: read.value, mistakes: repeatedKeys(text) }
  const message = `the object provided is unrecognized (must be of type ${kind}): ${read.problem} (${summaryOf(text)})`
  return { refused: badRequest(message) }
}

/** A body of bytes, one character a byte. */
function protobufBody(bytes: string, kind: string): ReadBody {
  const read = readProtobuf(bytes)
  if ('value' in read) return { value: read.value, mistakes: [] }
  const message = read.kind
    ? `${read.kind} in version "${splitGroupVersion(read.apiVersion ?? '')[0]}" cannot be handled as a ${kind}: ${read.problem}`
    : `the object provided is unrecognized (must be of type ${kind}): ${read.problem} (${summaryOfBytes(bytes)})`
  return { refused: badRequest(message) }
}

/** A body in which an object of `kind` is expected. */
export function readBody(header: string, body: string, kind: string): ReadBody {
  const type = header === '' ? JSON_TYPE : mediaType(header)
  if (type === undefined || !BODY_TYPES.includes(type)) return { refused: unsupportedMediaType(BODY_TYPES) }
  if (type === PROTOBUF_TYPE) return protobufBody(body, kind)
  return type === YAML_TYPE ? yamlBody(body, kind) : { text: body }
}
