/**
 * What an event may say in the newer group, and that it may say it only once: but for its series nothing changes.
 *
 * Upstream: pkg/apis/core/validation/events.go
 */
import { equalJson } from '../../../api/equal.ts'
import type { Problem } from '../../../api/problem.ts'
import type { Event, EventsV1Event } from '../../../api/types.generated.ts'
import { FINE } from '../../../api/validate/check.ts'
import { unchanged } from '../../../api/validate/immutable.ts'
import { invalid, required } from '../../../api/validate/problems.ts'
import { eventProblems } from '../../core/event/validate.ts'
import { toCoreEvent } from './convert.ts'

const legacyProblems = eventProblems('reportingController')

function seriesProblems({ series }: Event): readonly Problem[] {
  if (!series) return FINE
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : FINE),
    ...(series.lastObservedTime ? FINE : [required('series.lastObservedTime')]),
  ]
}

const needsUnset = (field: string, isSet: boolean): readonly Problem[] =>
  isSet ? [invalid(field, '', 'needs to be unset')] : FINE

export function validateEventsV1(object: EventsV1Event): readonly Problem[] {
  const event = toCoreEvent(object)
  const { type = '', source } = event
  return [
    ...legacyProblems(event),
    ...seriesProblems(event),
    ...(event.eventTime ? FINE : [required('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? FINE : [invalid('type', '', `has invalid value: ${type}`)]),
    ...needsUnset('firstTimestamp', Boolean(event.firstTimestamp)),
    ...needsUnset('lastTimestamp', Boolean(event.lastTimestamp)),
    ...needsUnset('count', Boolean(event.count)),
    ...needsUnset('source', Boolean(source?.component || source?.host)),
  ]
}

/** In upstream's order, in which one name stands twice. */
const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const

const SHOWN: Readonly<Record<string, string>> = { reportingComponent: 'reportingController' }

export function validateEventsV1Update(object: EventsV1Event, before: EventsV1Event): readonly Problem[] {
  const event = toCoreEvent(object)
  const old = toCoreEvent(before)
  return [
    ...legacyProblems(event),
    ...(equalJson(event.series, old.series) ? FINE : seriesProblems(event)),
    ...FIXED.flatMap((field) => unchanged(SHOWN[field] ?? field, event[field], old[field])),
  ]
}
