/**
 * What a pod may know about itself: its name, labels, addresses, node, and its containers' resources, as environment
 * variables or as files.
 *
 * Upstream: pkg/fieldpath, pkg/api/v1/resource/helpers.go
 */
import type { Container, Pod, ResourceFieldSelector } from '../../api/types.generated.ts'
import { goQuote } from '../../std/go-text.ts'
import type { Capacity } from '../slice.ts'
import { amountOf } from './amount.ts'

export interface FieldContext {
  readonly pod: Pod
  readonly podIp: string
  readonly hostIp: string
  /** What a container without limits may take. */
  readonly allocatable: Capacity
}

const SUBSCRIPT = /^metadata\.(labels|annotations)\['(.*)'\]$/

/** Every label on a line of its own: `app="x"`. */
const lines = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(map ?? {})
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .join('\n')

const FIELDS: Readonly<Record<string, (context: FieldContext) => string>> = {
  'metadata.name': ({ pod }) => pod.metadata.name,
  'metadata.namespace': ({ pod }) => pod.metadata.namespace ?? '',
  'metadata.uid': ({ pod }) => pod.metadata.uid,
  'metadata.labels': ({ pod }) => lines(pod.metadata.labels),
  'metadata.annotations': ({ pod }) => lines(pod.metadata.annotations),
  'spec.nodeName': ({ pod }) => pod.spec.nodeName ?? '',
  'spec.serviceAccountName': ({ pod }) => pod.spec.serviceAccountName ?? '',
  'status.hostIP': ({ hostIp }) => hostIp,
  'status.hostIPs': ({ hostIp }) => hostIp,
  'status.podIP': ({ podIp }) => podIp,
  'status.podIPs': ({ podIp }) => podIp,
}

export function fieldValue(path: string, context: FieldContext): string {
  const [, map, key] = SUBSCRIPT.exec(path) ?? []
  if (map && key !== undefined) return context.pod.metadata[map as 'labels' | 'annotations']?.[key] ?? ''
  return FIELDS[path]?.(context) ?? ''
}

const ALLOCATABLE: Readonly<Record<string, (capacity: Capacity) => number>> = {
  cpu: ({ milliCpu }) => milliCpu / 1000,
  memory: ({ memoryBytes }) => memoryBytes,
  'ephemeral-storage': ({ ephemeralBytes }) => ephemeralBytes,
}

/** Limits that are not set are the node's; requests that are not set are none. Rounded up to the divisor. */
export function resourceValue(selector: ResourceFieldSelector, container: Container, context: FieldContext): string {
  const [which, ...rest] = selector.resource.split('.')
  const resource = rest.join('.')
  const claimed = container.resources?.[which as 'limits' | 'requests']?.[resource]
  const fallback = which === 'limits' ? (ALLOCATABLE[resource]?.(context.allocatable) ?? 0) : 0
  const amount = claimed === undefined ? fallback : amountOf(claimed as string)
  const divisor = amountOf(selector.divisor as string | undefined) || 1
  return String(Math.ceil(amount / divisor - 1e-9))
}
