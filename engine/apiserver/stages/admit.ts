/**
 * Admission: after the request is understood and before it is looked at, plugins may change the object or refuse it. Which plugins
 * there are and in which order is a table.
 *
 * Upstream: staging/src/k8s.io/apiserver/pkg/admission, pkg/kubeapiserver/options/plugins.go
 */
import { isStatus, type Status } from '../../api/status.ts'
import { type Admission, type AdmissionOperation, PLUGINS } from '../admission/plugins.ts'
import type { Exchange, Stage } from '../exchange.ts'
import type { ApiServer, AtServer } from '../server.ts'

type Half = 'mutate' | 'validate'

const NO_SUBRESOURCE = ['']

function operationOf({ request, old }: Exchange): AdmissionOperation {
  if (request.verb === 'delete' || request.verb === 'deletecollection') return 'delete'
  return old ? 'update' : 'create'
}

const concerns = (plugin: Admission, operation: AdmissionOperation, { request, resource }: Exchange): boolean =>
  plugin.operations.includes(operation) &&
  (!plugin.resources || plugin.resources.includes(resource.name)) &&
  (plugin.subresources ?? NO_SUBRESOURCE).includes(request.subresource ?? '')

function through(half: Half, exchange: Exchange, server: ApiServer, at: AtServer): Exchange | Status {
  const operation = operationOf(exchange)
  let admitted = exchange
  for (const plugin of PLUGINS) {
    const say = plugin[half]
    if (!say || !concerns(plugin, operation, admitted)) continue
    const result = say(admitted, server, at)
    if (isStatus(result)) return result
    admitted = result
  }
  return admitted
}

export const admit: Stage = (exchange, server, at) => through('mutate', exchange, server, at)

/** The second round only looks. */
export const admitValidating: Stage = (exchange, server, at) => through('validate', exchange, server, at)
