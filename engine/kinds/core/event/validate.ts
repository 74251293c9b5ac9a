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

const reporter: Check<Event> = ({ reportingComponent: name = '' }) => [
  ...(name === '' ? [required('reportingController')] : FINE),
  ...qualifiedName(name).map((detail) => invalid('reportingController', name, detail)),
]

const ofNewForm = all<Event>(
  reporter,
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

const event = all<Event>(
  sameNamespace,
  (value, path) => (value.eventTime ? ofNewForm(value, path) : FINE),
  namespaceName,
)

export const validateEvent = (object: Event): readonly Problem[] => event(object, '')

export const validateEventUpdate = (object: Event): readonly Problem[] => validateEvent(object)
