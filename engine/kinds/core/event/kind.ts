/**
 * An Event is a line in the cluster's diary: who noticed what about which object, and how often. Two API groups show the same
 * events, `v1` under the names it always had and `events.k8s.io` under better ones.
 *
 * Upstream: pkg/registry/core/event, pkg/apis/core/validation/events.go
 */

import { defineKind } from '../../../api/kind.ts'
import { pathSegment } from '../../../api/meta-validation.ts'
import type { Event } from '../../../api/types.generated.ts'
import { eventColumns, eventRow } from './row.ts'
import { validateEvent, validateEventUpdate } from './validate.ts'

export const eventKind = defineKind<Event>({
  resource: 'events',
  nameFormat: pathSegment,
  metadataLast: true,
  validate: validateEvent,
  validateUpdate: validateEventUpdate,
  createsOnUpdate: true,
  fields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: ({ source, reportingComponent }) => source?.component || reportingComponent || '',
    type: ({ type }) => type ?? '',
  },
  columns: eventColumns,
  row: eventRow,
})
