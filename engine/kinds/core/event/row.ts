/** One line of `kubectl get events`. Upstream: pkg/printers/internalversion/printers.go (printEvent) */
import type { Cell, Column } from '../../../api/kind.ts'
import type { Event } from '../../../api/types.generated.ts'
import type { Millis } from '../../../std/time.ts'
import { age, NAME, text, wide } from '../../columns.ts'

export const eventColumns: readonly Column[] = [
  text('Last Seen'),
  text('Type'),
  text('Reason'),
  text('Object'),
  wide('Subobject'),
  wide('Source'),
  text('Message'),
  wide('First Seen'),
  wide('Count'),
  { ...NAME, wide: true },
]

function objectText({ involvedObject }: Event): string {
  const kind = (involvedObject.kind ?? '').toLowerCase()
  return involvedObject.name ? `${kind}/${involvedObject.name}` : kind
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || ''
  const instance = source?.host || reportingInstance
  return instance ? `${component}, ${instance}` : component
}

export function eventRow(event: Event, nowUnix: Millis): readonly Cell[] {
  const first = event.firstTimestamp || event.eventTime
  const last = event.series?.lastObservedTime || event.lastTimestamp || first
  return [
    age(last, nowUnix),
    event.type ?? '',
    event.reason ?? '',
    objectText(event),
    event.involvedObject.fieldPath ?? '',
    sourceText(event),
    (event.message ?? '').trim(),
    age(first, nowUnix),
    event.series?.count ?? (event.count || 1),
    event.metadata.name,
  ]
}
