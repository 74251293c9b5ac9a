/**
 * Before a kubelet takes a pod it looks whether it can keep it at all: the scheduler may have known less, or may not have
 * been asked. A pod that is turned away has failed, and the reason is told in the scheduler's words.
 *
 * Upstream: pkg/kubelet/lifecycle/{predicate,handlers}.go, pkg/kubelet/sysctl
 * Left out: removing less important pods to make room for critical ones, topology, taints with NoExecute, extended resources.
 */
import type { NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../../api/types.generated.ts'
import { sortedValues } from '../../std/sorted.ts'
import { allocatableEphemeral, allocatableMemory } from '../node-status.ts'
import type { Turn } from '../turn.ts'
import { containersOf, initContainersOf } from './container-kind.ts'
import { claimOf } from './pod-amounts.ts'
import { type Failure, isOver, type PodRecord } from './pod-record.ts'
import { isTerminal } from './pod-status.ts'

const isActive = ({ worker, status }: PodRecord): boolean => worker.phase !== 'terminated' && !isTerminal(status.phase)

/** The pods that hold what this one would need. */
const othersOn = (turn: Turn, pod: Pod): readonly PodRecord[] =>
  sortedValues(turn.machine.pods).filter(
    (record) => record.pod.metadata.uid !== pod.metadata.uid && !isOver(record) && isActive(record),
  )

export function admissionProblem(turn: Turn, pod: Pod): Failure | undefined {
  return (
    systemProblem(pod) ??
    sysctlProblem(pod) ??
    roomProblem(turn, pod) ??
    selectorProblem(turn, pod) ??
    portProblem(turn, pod)
  )
}

const systemProblem = ({ spec }: Pod): Failure | undefined =>
  spec.os?.name && spec.os.name !== 'linux'
    ? { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }
    : undefined

const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])

function sysctlProblem({ spec }: Pod): Failure | undefined {
  const unsafe = spec.securityContext?.sysctls?.find(({ name }) => !SAFE_SYSCTLS.has(name))
  return unsafe && { reason: 'SysctlForbidden', message: `forbidden sysctl: "${unsafe.name}" not allowlisted` }
}

const tooLittle = (resource: string, requested: number, used: number, capacity: number): Failure => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
})

/** In the order in which upstream looks: how many, then each resource. */
function roomProblem({ machine }: Turn, pod: Pod): Failure | undefined {
  const { held, capacity } = machine
  const wanted = claimOf(pod)
  const rooms: readonly (readonly [string, number, number, number])[] = [
    ['pods', 1, held.pods, capacity.pods],
    ['cpu', wanted.milliCpu, held.milliCpu, capacity.milliCpu],
    ['memory', wanted.memoryBytes, held.memoryBytes, allocatableMemory(machine)],
    ['ephemeral-storage', wanted.ephemeralBytes, held.ephemeralBytes, allocatableEphemeral(machine)],
  ]
  const lacking = rooms.find(([, requested, used, most]) => requested > 0 && requested > most - used)
  return lacking && tooLittle(...lacking)
}

/** The pod takes its share of the machine, or gives it back. */
export function hold(turn: Turn, pod: Pod, sign: 1 | -1): void {
  const { held } = turn.machine
  const claim = claimOf(pod)
  turn.machine = {
    ...turn.machine,
    held: {
      milliCpu: held.milliCpu + sign * claim.milliCpu,
      memoryBytes: held.memoryBytes + sign * claim.memoryBytes,
      ephemeralBytes: held.ephemeralBytes + sign * claim.ephemeralBytes,
      pods: held.pods + sign,
    },
  }
}

const NODE_AFFINITY: Failure = {
  reason: 'NodeAffinity',
  message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
}

function requirementHolds(value: string | undefined, { operator, values = [] }: NodeSelectorRequirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}

const termHolds = (labels: Readonly<Record<string, string>>, name: string, term: NodeSelectorTerm): boolean =>
  (term.matchExpressions ?? []).every((rule) => requirementHolds(labels[rule.key], rule)) &&
  (term.matchFields ?? []).every((rule) => requirementHolds(rule.key === 'metadata.name' ? name : undefined, rule))

function selectorProblem(turn: Turn, { spec }: Pod): Failure | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (!spec.nodeSelector && !terms) return undefined
  const node = turn.at.view.get('nodes', turn.machine.name)
  const labels = node?.metadata.labels ?? turn.machine.labels
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
  const affine = !terms || terms.some((term) => termHolds(labels, turn.machine.name, term))
  return selected && affine ? undefined : NODE_AFFINITY
}

function hostPortsOf(pod: Pod): readonly string[] {
  const containers = [...containersOf(pod), ...initContainersOf(pod)]
  return containers.flatMap(({ ports }) =>
    (ports ?? [])
      .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
      .map(({ hostPort, protocol }) => `${protocol ?? 'TCP'} ${hostPort}`),
  )
}

function portProblem(turn: Turn, pod: Pod): Failure | undefined {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0) return undefined
  const taken = new Set(othersOn(turn, pod).flatMap((record) => hostPortsOf(record.pod)))
  if (!wanted.some((port) => taken.has(port))) return undefined
  return {
    reason: 'NodePorts',
    message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  }
}
