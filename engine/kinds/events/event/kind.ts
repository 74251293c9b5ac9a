/**
 * Events in their newer group, which asks more of the one who writes: an action, a reporter, and a time with microseconds.
 *
 * Upstream: pkg/apis/events/v1, pkg/apis/core/validation/events.go
 */
import { defineKind } from '../../../api/kind.ts'
import type { EventsV1Event } from '../../../api/types.generated.ts'
import { eventColumns, eventRow } from '../../core/event/row.ts'
import { toCoreEvent } from './convert.ts'
import { validateEventsV1, validateEventsV1Update } from './validate.ts'

export const eventsV1Kind = defineKind<EventsV1Event>({
  resource: 'events.events.k8s.io',
  validate: validateEventsV1,
  validateUpdate: validateEventsV1Update,
  createsOnUpdate: true,
  fields: {
    'regarding.kind': ({ regarding }) => regarding?.kind ?? '',
    'regarding.namespace': ({ regarding }) => regarding?.namespace ?? '',
    'regarding.name': ({ regarding }) => regarding?.name ?? '',
    'regarding.uid': ({ regarding }) => regarding?.uid ?? '',
    'regarding.apiVersion': ({ regarding }) => regarding?.apiVersion ?? '',
    'regarding.resourceVersion': ({ regarding }) => regarding?.resourceVersion ?? '',
    'regarding.fieldPath': ({ regarding }) => regarding?.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingController: ({ reportingController }) => reportingController ?? '',
    source: ({ deprecatedSource, reportingController }) => deprecatedSource?.component || reportingController || '',
    type: ({ type }) => type ?? '',
  },
  columns: eventColumns,
  row: (event, nowUnix) => eventRow(toCoreEvent(event), nowUnix),
})
