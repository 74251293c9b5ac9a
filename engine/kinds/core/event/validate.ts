/**
 * What an event may say. Those of the old form hardly anything can be wrong with; those with an `eventTime` are looked at as in the
 * newer group.
 *
 * Upstream: pkg/apis/core/validation/events.go
 */
import type { Problem } from '../../../api/problem.ts'
import type { Event } from '../../../api/types.generated.ts'
import { all, type Check, FINE } from '../../../api/validate/check.ts'
import { dnsSubdomain, qualifiedName } from '../../../api/validate/formats.ts'
import { invalid, required } from '../../../api/validate/problems.ts'
import { byteLength } from '../../../std/byte-length.ts'

const MISMATCH = 'does not match event.namespace'

/** Namespaces in which things without a namespace are written about. */
const forClusterScope = ({ eventTime }: Event): readonly string[] =>
  eventTime ? ['default', 'kube-system'] : ['default']

const sameNamespace: Check<Event> = (event) => {
  const { namespace = '' } = event.metadata
  const about = event.involvedObject.namespace ?? ''
  const fits = about === '' ? forClusterScope(event).includes(namespace) : event.eventTime || about === namespace
  return fits ? FINE : [invalid('involvedObject.namespace', about, MISMATCH)]
}

type TextField = 'reportingInstance' | 'action' | 'reason' | 'message'

const atMost =
  (field: TextField, most: number): Check<Event> =>
  (event) =>
    byteLength(event[field] ?? '') > most ? [invalid(field, '', `can have at most ${most} characters`)] : FINE

const said =
  (field: TextField): Check<Event> =>
  (event) =>
    event[field] ? FINE : [required(field)]

/** The two groups call the reporter by different names. */
type ReporterField = 'reportingComponent' | 'reportingController'

const reporter =
  (field: ReporterField): Check<Event> =>
  ({ reportingComponent: name = '' }) => [
    ...(name === '' ? [required(field)] : FINE),
    ...qualifiedName(name).map((detail) => invalid(field, name, detail)),
  ]

const afterReporter = all<Event>(
  said('reportingInstance'),
  atMost('reportingInstance', 128),
  said('action'),
  atMost('action', 128),
  said('reason'),
  atMost('reason', 128),
  atMost('message', 1024),
)

const namespaceName: Check<Event> = ({ metadata: { namespace = '' } }) =>
  dnsSubdomain(namespace).map((detail) => invalid('namespace', namespace, detail))

const ofNewForm = (field: ReporterField): Check<Event> => all<Event>(reporter(field), afterReporter)

export const eventProblems = (field: ReporterField): ((event: Event) => readonly Problem[]) => {
  const newForm = ofNewForm(field)
  const event = all<Event>(
    sameNamespace,
    (value, path) => (value.eventTime ? newForm(value, path) : FINE),
    namespaceName,
  )
  return (object) => event(object, '')
}

export const validateEvent = eventProblems('reportingComponent')

export const validateEventUpdate = (object: Event): readonly Problem[] => validateEvent(object)
