/**
 * A NetworkPolicy says who may talk to the Pods it selects, and to whom they may.
 *
 * Upstream: pkg/registry/networking/networkpolicy, pkg/apis/networking/v1/defaults.go
 */
import { every, filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { NetworkPolicy, NetworkPolicyPort, NetworkPolicySpec } from '../../../api/types.generated.ts'
import { AGE, age, NAME, selectorText, text } from '../../columns.ts'
import { specChanged } from '../../doors.ts'

const ports = every<NetworkPolicyPort>(filling({ protocol: 'TCP' }))

const spec = filling<NetworkPolicySpec>(
  { policyTypes: ({ egress }) => (egress?.length ? ['Ingress', 'Egress'] : ['Ingress']) },
  { ingress: every(filling({}, { ports })), egress: every(filling({}, { ports })) },
)

export const networkPolicyKind = defineKind<NetworkPolicy>({
  resource: 'networkpolicies.networking.k8s.io',
  defaults: filling<NetworkPolicy>({}, { spec }),
  bumpsGeneration: specChanged,
  columns: [NAME, text('Pod-Selector'), AGE],
  row: ({ metadata, spec }, nowUnix) => [
    metadata.name,
    selectorText(spec?.podSelector),
    age(metadata.creationTimestamp, nowUnix),
  ],
})
