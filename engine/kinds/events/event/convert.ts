/**
 * The same event under its two spellings. One is stored; the other is what a client of the other group reads.
 *
 * Upstream: pkg/apis/events/v1/conversion.go
 */
import type { Event, EventsV1Event } from '../../../api/types.generated.ts'

/** New name to old name. */
const NAMES: Readonly<Record<string, string>> = {
  note: 'message',
  regarding: 'involvedObject',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
}

const OLD_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(NAMES).map(([name, old]) => [old, name]),
)

const renamed = (object: object, names: Readonly<Record<string, string>>): object =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value]))

export const toCoreEvent = (event: EventsV1Event): Event =>
  ({ involvedObject: {}, ...renamed(event, NAMES), apiVersion: 'v1' }) as unknown as Event

export const toEventsV1 = (event: Event): EventsV1Event =>
  ({ ...renamed(event, OLD_NAMES), apiVersion: 'events.k8s.io/v1' }) as unknown as EventsV1Event
