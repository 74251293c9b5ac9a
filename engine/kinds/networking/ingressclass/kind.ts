/**
 * An IngressClass says which controller looks after an Ingress.
 *
 * Upstream: pkg/registry/networking/ingressclass, pkg/apis/networking/v1/defaults.go
 */
import { filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { IngressClass, IngressClassSpec } from '../../../api/types.generated.ts'
import { AGE, age, NAME, NONE, text } from '../../columns.ts'
import { specChanged } from '../../doors.ts'

const kindOf = ({ apiGroup, kind, name }: NonNullable<IngressClassSpec['parameters']>): string =>
  `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}`

export const ingressClassKind = defineKind<IngressClass>({
  resource: 'ingressclasses.networking.k8s.io',
  defaults: filling<IngressClass>(
    {},
    { spec: filling<IngressClassSpec>({}, { parameters: filling({ scope: 'Cluster' }) }) },
  ),
  bumpsGeneration: specChanged,
  columns: [NAME, text('Controller'), text('Parameters'), AGE],
  row: ({ metadata, spec }, nowUnix) => [
    metadata.name,
    spec?.controller ?? '',
    spec?.parameters ? kindOf(spec.parameters) : NONE,
    age(metadata.creationTimestamp, nowUnix),
  ],
})
