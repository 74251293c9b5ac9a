/**
 * A PodDisruptionBudget says how many Pods must stay while others are moved away.
 *
 * Upstream: pkg/registry/policy/poddisruptionbudget
 */
import { defineKind } from '../../../api/kind.ts'
import type { PodDisruptionBudget } from '../../../api/types.generated.ts'
import { AGE, age, integer, NAME, text } from '../../columns.ts'
import { specChanged, twoDoors, withoutStatus } from '../../doors.ts'

const shareText = (share: number | string | undefined): string => (share === undefined ? 'N/A' : String(share))

export const podDisruptionBudgetKind = defineKind<PodDisruptionBudget>({
  resource: 'poddisruptionbudgets.policy',
  needsResourceVersion: true,
  prepareCreate: withoutStatus<PodDisruptionBudget>({
    currentHealthy: 0,
    desiredHealthy: 0,
    disruptionsAllowed: 0,
    expectedPods: 0,
  }),
  prepareUpdate: twoDoors,
  bumpsGeneration: specChanged,
  columns: [NAME, text('Min Available'), text('Max Unavailable'), integer('Allowed Disruptions'), AGE],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    shareText(spec?.minAvailable),
    shareText(spec?.maxUnavailable),
    status?.disruptionsAllowed ?? 0,
    age(metadata.creationTimestamp, nowUnix),
  ],
})
