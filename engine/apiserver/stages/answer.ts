/** What the client gets back. Upstream: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go */
import type { KubeObject, ResourceName } from '../../api/object.ts'
import type { Status } from '../../api/status.ts'
import { type Exchange, isDryRun, objectOf, type Stage } from '../exchange.ts'
import { withMetadata } from '../with-metadata.ts'

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

/** It carries the version of its deletion. */
const asDeleted = (exchange: Exchange): KubeObject =>
  isDryRun(exchange) ? exchange.old! : withMetadata(exchange.old!, { resourceVersion: String(exchange.store.revision) })

export const answerDeleted: Stage = (exchange) => {
  const { object, resource } = exchange
  const body = object ?? (RETURNED.has(resource.name) ? asDeleted(exchange) : gone(exchange))
  return { ...exchange, response: { code: 200, body } }
}
