/**
 * Nothing new begins in a namespace that is not there or that is ending, and the namespaces on which everything stands cannot be
 * deleted.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle
 */
import type { KubeObject } from '../../api/object.ts'
import { failure, type Status } from '../../api/status.ts'
import { getObject } from '../../etcd/store.ts'
import type { Exchange, Stage } from '../exchange.ts'
import { forbidden, notFound } from '../refusals.ts'
import type { Admission } from './admission.ts'

const IMMORTAL = ['default', 'kube-system', 'kube-public']

const NAMESPACES = { group: '', plural: 'namespaces' }

type Namespace = KubeObject & { readonly status?: { readonly phase?: string } }

/** Reviews are questions, not objects: they may be asked anywhere. */
const QUESTIONS = ['localsubjectaccessreviews.authorization.k8s.io']

function terminating({ resource, object, request }: Exchange, namespace: string): Status {
  const name = object?.metadata?.name ?? request.name ?? ''
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const refused = forbidden(resource, name, why)
  const message = `namespace ${namespace} is being terminated`
  const cause = { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }
  return failure(403, 'Forbidden', refused.message!, { ...refused.details, causes: [cause] })
}

const guardDeletion = (exchange: Exchange): Exchange | Status =>
  IMMORTAL.includes(exchange.request.name ?? '')
    ? forbidden(exchange.resource, exchange.request.name!, 'this namespace may not be deleted')
    : exchange

const guard: Stage = (exchange) => {
  const { request, resource, store } = exchange
  if (resource.name === 'namespaces') return request.verb === 'delete' ? guardDeletion(exchange) : exchange
  const { namespace } = request
  if (!namespace || request.verb === 'delete' || QUESTIONS.includes(resource.name)) return exchange
  const found = getObject(store, 'namespaces', namespace) as Namespace | undefined
  if (!found) return notFound(NAMESPACES, namespace)
  if (exchange.old || found.status?.phase !== 'Terminating') return exchange
  return terminating(exchange, namespace)
}

export const namespaceLifecycle: Admission = {
  name: 'NamespaceLifecycle',
  operations: ['create', 'update', 'delete'],
  mutate: guard,
}
