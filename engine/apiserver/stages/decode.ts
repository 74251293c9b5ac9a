/**
 * Makes an object of what was sent. Code of the cluster sends objects; everybody else sends what they like, and is told what of it the
 * type does not know.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch}.go, pkg/runtime/serializer
 */
import { complete } from '../../api/complete.ts'
import { decode as decodeValue, type FieldValidation } from '../../api/decode.ts'
import { decodeBody } from '../../api/decode-body.ts'
import type { Draft, KubeObject } from '../../api/object.ts'
import type { Status } from '../../api/status.ts'
import { invalid as invalidField } from '../../api/validate/problems.ts'
import { getObject } from '../../etcd/store.ts'
import { goJson } from '../../std/go-text.ts'
import { goValue } from '../../std/go-value.ts'
import { type Exchange, type Stage, warned } from '../exchange.ts'
import { badRequest, invalid } from '../refusals.ts'
import { apiVersionOf, storedName } from '../resources.ts'

const validationOf = ({ request }: Exchange): FieldValidation => request.options?.fieldValidation ?? 'Warn'

/** What strict decoding found: refused, told, or passed over. */
function withMistakes(exchange: Exchange, object: Draft, mistakes: readonly string[]): Exchange | Status {
  const validation = validationOf(exchange)
  if (validation === 'Strict' && mistakes.length > 0) return badRequest(strictMessage(exchange, mistakes))
  const decoded = { ...exchange, object: object as unknown as KubeObject }
  return validation === 'Ignore' ? decoded : warned(decoded, mistakes)
}

const YAML_LINE = /^line \d+: /

/** Keys that come twice in YAML are told under a heading of their own. */
function strictMessage({ served }: Exchange, mistakes: readonly string[]): string {
  const said = mistakes.map((mistake) => (YAML_LINE.test(mistake) ? `yaml: unmarshal errors:\n  ${mistake}` : mistake))
  const cannot = `${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}`
  return `${cannot}: strict decoding error: ${said.join(', ')}`
}

function sent(exchange: Exchange): Exchange | Status {
  const { request, served } = exchange
  const body = request.text === undefined ? { value: request.body ?? {} } : { text: request.text }
  const validation = validationOf(exchange) === 'Ignore' ? 'Ignore' : 'Warn'
  const decoded = decodeBody(body, served, validation)
  if ('problem' in decoded) return badRequest(decoded.problem)
  return withMistakes(exchange, decoded.object, [...(request.mistakes ?? []), ...decoded.strictErrors])
}

const GO_KINDS: Readonly<Record<string, string>> = { array: 'slice', object: 'map', number: 'int64' }

/** Strategic patches are read by other code, which says the same in other words. */
function conversionText(error: string): string {
  const found = /^json: cannot unmarshal (\w+)(?: \S+)? into .* of type (\S+)$/.exec(error)
  if (!found) return error
  const [, word = '', type = ''] = found
  const kind = GO_KINDS[word] ?? word
  if (type.startsWith('[]')) return `cannot restore slice from ${kind}`
  if (type.startsWith('map[')) return `cannot restore map from ${kind}`
  return type.includes('.') ? `cannot restore struct from: ${kind}` : `cannot convert ${kind} to ${type}`
}

function wrongPatch({ request }: Exchange, body: Draft, error: string): Status {
  const [value, text] =
    request.patchType === 'strategic' ? [goValue(request.body), conversionText(error)] : [goJson(body), error]
  return invalid({ group: '', kind: '' }, '', [invalidField('patch', value, text)])
}

/** In a patch the mistake is the patch's, and what it would have made is shown whole. */
function patched(exchange: Exchange, body: Draft): Exchange | Status {
  const { object, strictErrors, error } = decodeValue(body, exchange.served.type, validationOf(exchange))
  if (error !== undefined) return wrongPatch(exchange, body, error)
  const told = exchange.request.patchType === 'strategic' ? strictErrors.toSorted() : strictErrors
  return warned({ ...exchange, object: object as unknown as KubeObject }, told)
}

/** What is stored, which is complete. A PUT is read before anyone looks it up. */
const before = ({ old, store, resource, key }: Exchange): KubeObject | undefined =>
  old ?? (key === undefined ? undefined : getObject(store, storedName(resource.name), key))

/** An object that the cluster's own code made fits its type, but may leave its kind and what is empty to the door. */
function trusted(exchange: Exchange, body: Draft): Exchange {
  const { kind, type } = exchange.served
  const object = body.kind === undefined ? { apiVersion: apiVersionOf(exchange.served), kind, ...body } : body
  return { ...exchange, object: complete(object as unknown as KubeObject, before(exchange), type) }
}

export const decode: Stage = (exchange) => {
  if (exchange.request.trusted) return trusted(exchange, (exchange.body ?? exchange.request.body ?? {}) as Draft)
  return exchange.body ? patched(exchange, exchange.body) : sent(exchange)
}
