/**
 * Makes an object of what was sent. Code of the cluster sends objects; everybody else sends what they like, and is told what of it the
 * type does not know.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch}.go, pkg/runtime/serializer
 */
import { type Decoded, decode as decodeValue } from '../../api/decode.ts'
import type { Draft, KubeObject } from '../../api/object.ts'
import { kindOfObject, splitGroupVersion } from '../../api/schema-table.ts'
import type { Status } from '../../api/status.ts'
import { invalid as invalidField } from '../../api/validate/problems.ts'
import { goJson } from '../../std/go-text.ts'
import { type Exchange, type Stage, warned } from '../exchange.ts'
import { badRequest, invalid } from '../refusals.ts'
import { apiVersionOf } from '../resources.ts'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What does not say its kind is taken for the endpoint's own. */
function withKind({ served }: Exchange, body: Draft): Draft {
  const apiVersion = text(body.apiVersion) || apiVersionOf(served)
  const kind = text(body.kind) || served.kind
  return body.apiVersion === apiVersion && body.kind === kind ? body : { ...body, apiVersion, kind }
}

/** A value of a kind cannot become one of another. */
function otherKind({ served, resource }: Exchange, body: Draft): Status | undefined {
  const [apiVersion, kind] = [text(body.apiVersion), text(body.kind)]
  if (kind === served.kind && apiVersion === apiVersionOf(served)) return undefined
  const [version] = splitGroupVersion(apiVersion)
  const known = kindOfObject(apiVersion, kind)
  const cannot = `${kind} in version "${version}" cannot be handled as a ${served.kind}`
  if (!known)
    return badRequest(
      `${cannot}: no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    )
  if (apiVersion !== apiVersionOf(served))
    return badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(served)})`,
    )
  const internal = resource.group.split('.')[0] || 'core'
  return badRequest(`${cannot}: converting (${version}.${kind}) to (${internal}.${served.kind}): unknown conversion`)
}

const validationOf = ({ request }: Exchange): 'Strict' | 'Warn' | 'Ignore' => request.options?.fieldValidation ?? 'Warn'

/** In a patch the mistake is the patch's, and it is shown whole. */
function undecodable(exchange: Exchange, error: string): Status {
  const { served, request } = exchange
  if (request.verb === 'patch')
    return invalid({ group: '', kind: '' }, '', [invalidField('patch', patchText(exchange), error)])
  return badRequest(`${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: ${error}`)
}

const patchText = ({ body }: Exchange): string => goJson(body)

function decoded(exchange: Exchange, body: Draft): Exchange | Status {
  const { served, request } = exchange
  const result: Decoded = decodeValue(body, served.type, validationOf(exchange), request.duplicates)
  if (result.error !== undefined) return undecodable(exchange, result.error)
  const object = result.object as unknown as KubeObject
  return warned({ ...exchange, object }, result.strictErrors)
}

/** An object that the cluster's own code made is complete, except that it may leave its kind to the door. */
const trusted = (exchange: Exchange, body: Draft): Exchange => ({
  ...exchange,
  object: withKind(exchange, body) as unknown as KubeObject,
})

export const decode: Stage = (exchange) => {
  const body = (exchange.body ?? exchange.request.body ?? {}) as Draft
  if (exchange.request.trusted) return trusted(exchange, body)
  const complete = withKind(exchange, body)
  return otherKind(exchange, complete) ?? decoded(exchange, complete)
}
