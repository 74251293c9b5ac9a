/**
 * An EndpointSlice lists some of the addresses behind a Service, at most a hundred, so that one Pod coming or going changes a small
 * object and not a huge one. kube-proxy and the cluster's DNS read nothing else to find where traffic can go.
 *
 * Upstream: pkg/registry/discovery/endpointslice, pkg/apis/discovery/{v1/defaults.go,validation}
 */
import { equalJson } from '../../../api/equal.ts'
import { every, filling, withField } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { EndpointSlice } from '../../../api/types.generated.ts'
import { AGE, age, firstThree, NAME, text, UNSET } from '../../columns.ts'
import { validateEndpointSlice, validateEndpointSliceUpdate } from './validate.ts'

export const SERVICE_NAME = 'kubernetes.io/service-name'

/** A field of v1beta1 that v1 can still read back but not write. */
const withoutOldTopology = filling<EndpointSlice>(
  {},
  { endpoints: every((endpoint) => withField(endpoint, 'deprecatedTopology', undefined)) },
)

/** Everything but its own generation and bookkeeping is what a slice wants to say. */
function bumpsGeneration(slice: EndpointSlice, old: EndpointSlice): boolean {
  const { metadata, ...said } = slice
  const { metadata: oldMetadata, ...oldSaid } = old
  return (
    !equalJson(said, oldSaid) ||
    !equalJson(metadata.labels, oldMetadata.labels) ||
    !equalJson(metadata.annotations, oldMetadata.annotations)
  )
}

export const endpointSliceKind = defineKind<EndpointSlice>({
  resource: 'endpointslices.discovery.k8s.io',
  defaults: filling<EndpointSlice>({}, { ports: every(filling({ name: '', protocol: 'TCP' })) }),
  prepareCreate: withoutOldTopology,
  prepareUpdate: withoutOldTopology,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  warnings: ({ addressType }) => (addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
  bumpsGeneration,
  indexes: ({ metadata }) => {
    const service = metadata.labels?.[SERVICE_NAME]
    return service ? { service: [`${metadata.namespace}/${service}`] } : {}
  },
  columns: [NAME, text('AddressType'), text('Ports'), text('Endpoints'), AGE],
  row: ({ metadata, addressType, ports, endpoints }, nowUnix) => [
    metadata.name,
    addressType,
    firstThree(
      (ports ?? []).map(({ port, name }) => port ?? name ?? '*'),
      UNSET,
    ),
    firstThree(
      (endpoints ?? []).flatMap(({ addresses }) => addresses),
      UNSET,
    ),
    age(metadata.creationTimestamp, nowUnix),
  ],
})
