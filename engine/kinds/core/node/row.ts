/** One line of `kubectl get nodes`. Upstream: pkg/printers/internalversion/printers.go (printNode) */
import type { Cell } from '../../../api/kind.ts'
import type { Node } from '../../../api/types.generated.ts'
import type { Millis } from '../../../std/time.ts'
import { age, NONE, UNKNOWN } from '../../columns.ts'

const READY: Readonly<Record<string, string>> = { True: 'Ready' }

function statusText({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const words = [ready ? (READY[ready.status] ?? 'NotReady') : 'Unknown']
  return (spec?.unschedulable ? [...words, 'SchedulingDisabled'] : words).join(',')
}

const ROLE_PREFIX = 'node-role.kubernetes.io/'

function roleOf([label, value]: readonly [string, string]): string {
  if (label.startsWith(ROLE_PREFIX)) return label.slice(ROLE_PREFIX.length)
  return label === 'kubernetes.io/role' ? value : ''
}

/** Roles are only labels, in a new spelling and an old one. */
export function nodeRoles({ metadata }: Node): readonly string[] {
  const roles = Object.entries(metadata.labels ?? {})
    .map(roleOf)
    .filter((role) => role !== '')
  return [...new Set(roles)].sort()
}

const address = ({ status }: Node, wanted: string): string =>
  status?.addresses?.find(({ type }) => type === wanted)?.address || NONE

function kernelText({ status }: Node): string {
  const { kernelVersion, architecture } = status?.nodeInfo ?? {}
  if (!kernelVersion) return UNKNOWN
  return architecture ? `${kernelVersion} (${architecture})` : kernelVersion
}

export const nodeRow = (node: Node, nowUnix: Millis): readonly Cell[] => [
  node.metadata.name,
  statusText(node),
  nodeRoles(node).join(',') || NONE,
  age(node.metadata.creationTimestamp, nowUnix),
  node.status?.nodeInfo?.kubeletVersion ?? '',
  address(node, 'InternalIP'),
  address(node, 'ExternalIP'),
  node.status?.nodeInfo?.osImage || UNKNOWN,
  kernelText(node),
  node.status?.nodeInfo?.containerRuntimeVersion || UNKNOWN,
]
