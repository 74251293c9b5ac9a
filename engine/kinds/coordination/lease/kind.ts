/**
 * A Lease is a claim that must be renewed: whoever holds it and stops renewing it is taken to be dead. Nodes prove with it that they
 * live, and of several copies of a controller the holder is the one that works.
 *
 * Upstream: pkg/registry/coordination/lease, pkg/apis/coordination/validation
 */
import { withField } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { Lease } from '../../../api/types.generated.ts'
import { AGE, age, NAME, text } from '../../columns.ts'
import { validateLease } from './validate.ts'

/** Coordinated leader election is off by default: its two fields are dropped. */
function withoutElection(lease: Lease): Lease {
  const { spec } = lease
  if (spec?.strategy === undefined && spec?.preferredHolder === undefined) return lease
  const { strategy: _strategy, preferredHolder: _holder, ...kept } = spec
  return withField(lease, 'spec', kept)
}

export const leaseKind = defineKind<Lease>({
  resource: 'leases.coordination.k8s.io',
  prepareCreate: withoutElection,
  prepareUpdate: withoutElection,
  validate: validateLease,
  validateUpdate: validateLease,
  createsOnUpdate: true,
  needsResourceVersion: true,
  columns: [NAME, text('Holder'), AGE],
  row: ({ metadata, spec }, nowUnix) => [
    metadata.name,
    spec?.holderIdentity ?? '',
    age(metadata.creationTimestamp, nowUnix),
  ],
})
