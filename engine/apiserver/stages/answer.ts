/** What the client gets back. Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go */
import type { ResourceName } from '../../api/object.ts'
import type { Status } from '../../api/status.ts'
import { type Exchange, objectOf, type Stage } from '../exchange.ts'

export const answerCreated: Stage = (exchange) => ({ ...exchange, response: { code: 201, body: objectOf(exchange) } })

export const answerObject: Stage = (exchange) => ({
  ...exchange,
  response: { code: 200, body: exchange.object ?? exchange.old! },
})

/** Kinds whose deletion answers with what was deleted. The others say that it succeeded. */
const RETURNED: ReadonlySet<ResourceName> = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'resourcequotas',
  'podtemplates',
  'persistentvolumes',
  'persistentvolumeclaims',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
])

function gone({ resource, old }: Exchange): Status {
  const { name, uid } = old!.metadata
  const details = { name, ...(resource.group && { group: resource.group }), kind: resource.plural, uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

export const answerDeleted: Stage = (exchange) => {
  const { object, old, resource } = exchange
  const body = object ?? (RETURNED.has(resource.name) ? old! : gone(exchange))
  return { ...exchange, response: { code: 200, body } }
}
