/**
 * An Ingress leads requests from outside to Services, by host and path.
 *
 * Upstream: pkg/registry/networking/ingress
 */
import { defineKind } from '../../../api/kind.ts'
import type { Ingress, IngressRule, IngressStatus } from '../../../api/types.generated.ts'
import { AGE, age, NAME, NONE, text } from '../../columns.ts'
import { specChanged, twoDoors, withoutStatus } from '../../doors.ts'

function hosts(rules: readonly IngressRule[]): string {
  const named = rules.map(({ host }) => host || '*')
  if (named.length === 0) return '*'
  const shown = named.slice(0, 3).join(',')
  return named.length > 3 ? `${shown} + ${named.length - 3} more...` : shown
}

const addresses = (status: IngressStatus | undefined): string =>
  (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').join(',')

const CLASS = 'kubernetes.io/ingress.class'
const OLD_CLASS = `annotation "${CLASS}" is deprecated, please use 'spec.ingressClassName' instead`

export const ingressKind = defineKind<Ingress>({
  resource: 'ingresses.networking.k8s.io',
  prepareCreate: withoutStatus<Ingress>({ loadBalancer: {} }),
  prepareUpdate: twoDoors,
  warnings: ({ metadata }, old) => (!old && metadata.annotations?.[CLASS] !== undefined ? [OLD_CLASS] : []),
  bumpsGeneration: specChanged,
  columns: [NAME, ...['Class', 'Hosts', 'Address', 'Ports'].map(text), AGE],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    spec?.ingressClassName ?? NONE,
    hosts(spec?.rules ?? []),
    addresses(status),
    spec?.tls?.length ? '80, 443' : '80',
    age(metadata.creationTimestamp, nowUnix),
  ],
})
