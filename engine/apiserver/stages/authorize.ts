/**
 * May this user do this? Two authorizers say yes or have no opinion: `system:masters` may do everything, and RBAC grants what roles
 * and bindings in the store grant. Nobody says yes means no.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/filters/authorization.go
 * Left out: the Node authorizer (nodes are bound to the role system:node instead), webhooks.
 */
import type { Status } from '../../api/status.ts'
import { failure } from '../../api/status.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { type Attributes, isAllowed } from '../rbac.ts'
import { qualifiedResource } from '../refusals.ts'
import type { Request } from '../request.ts'

const NAMED = /^metadata\.name==?([^,=]+)$/

/** A list of one name is a question about that name. */
const nameAsked = ({ name, options }: Request): string => name ?? NAMED.exec(options?.fieldSelector ?? '')?.[1] ?? ''

export const attributesOf = ({ request, resource }: Exchange): Attributes => ({
  user: request.user,
  verb: request.verb,
  group: resource.group,
  resource: resource.plural,
  subresource: request.subresource ?? '',
  namespace: (resource.name === 'namespaces' ? request.name : request.namespace) ?? '',
  name: nameAsked(request),
})

const scopeText = (namespace: string): string =>
  namespace ? ` in the namespace "${namespace}"` : ' at the cluster scope'

/** `pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "sandbox"` */
export function refusal(asked: Attributes, reason = ''): Status {
  const { user, verb, group, resource, subresource, namespace, name } = asked
  const full = subresource ? `${resource}/${subresource}` : resource
  const subject = qualifiedResource({ group, plural: resource }) + (name ? ` "${name}"` : '')
  const what = `User "${user.name}" cannot ${verb} resource "${full}" in API group "${group}"${scopeText(namespace)}`
  return failure(403, 'Forbidden', `${subject} is forbidden: ${what}${reason && `: ${reason}`}`, {
    ...(name && { name }),
    ...(group && { group }),
    kind: resource,
  })
}

export const authorize: Stage = (exchange, server) => {
  const asked = attributesOf(exchange)
  return isAllowed(server.store, asked) ? exchange : refusal(asked)
}
