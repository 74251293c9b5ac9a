/**
 * A PriorityClass gives a number a name: how important a Pod is.
 *
 * Upstream: pkg/registry/scheduling/priorityclass, pkg/apis/scheduling/v1/defaults.go
 */
import { equalJson } from '../../../api/equal.ts'
import { filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { PriorityClass } from '../../../api/types.generated.ts'
import { AGE, age, integer, NAME, text, truth } from '../../columns.ts'

export const priorityClassKind = defineKind<PriorityClass>({
  resource: 'priorityclasses.scheduling.k8s.io',
  defaults: filling<PriorityClass>({ preemptionPolicy: 'PreemptLowerPriority' }),
  bumpsGeneration: ({ metadata: _, ...object }, { metadata: __, ...old }) => !equalJson(object, old),
  columns: [NAME, integer('Value'), truth('Global-Default'), AGE, text('PreemptionPolicy')],
  row: ({ metadata, value, globalDefault, preemptionPolicy }, nowUnix) => [
    metadata.name,
    value ?? 0,
    globalDefault ?? false,
    age(metadata.creationTimestamp, nowUnix),
    preemptionPolicy ?? '',
  ],
})
