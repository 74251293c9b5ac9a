/**
 * Endpoints say where the Pods of a Service are: the older way, in one object.
 *
 * Upstream: pkg/registry/core/endpoint, pkg/apis/core/v1/defaults.go
 */
import { every, filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { EndpointSubset, Endpoints } from '../../../api/types.generated.ts'
import { AGE, age, firstThree, NAME, NONE, text } from '../../columns.ts'

const addresses = ({ addresses = [], ports = [] }: EndpointSubset): readonly string[] =>
  addresses.flatMap(({ ip }) =>
    ports.length === 0 ? [ip] : ports.map(({ port }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
  )

export const endpointsKind = defineKind<Endpoints>({
  resource: 'endpoints',
  createsOnUpdate: true,
  defaults: filling<Endpoints>({}, { subsets: every(filling({}, { ports: every(filling({ protocol: 'TCP' })) })) }),
  columns: [NAME, text('Endpoints'), AGE],
  row: ({ metadata, subsets = [] }, nowUnix) => [
    metadata.name,
    firstThree(subsets.flatMap(addresses), NONE),
    age(metadata.creationTimestamp, nowUnix),
  ],
})
