/**
 * One line of `kubectl get pods`: the few words into which a Pod's whole state is squeezed. Which of several true
 * things wins the STATUS column is the art of it: an unfinished init container before any other, the last
 * container with something to complain about before the first, and a deletion before everything.
 *
 * Upstream: pkg/printers/internalversion/printers.go (printPod)
 */
import type { Cell, Column } from '../../../api/kind.ts'
import type { Container, ContainerStatus, Pod } from '../../../api/types.generated.ts'
import { humanDuration } from '../../../std/human-duration.ts'
import { type Millis, parseUnix } from '../../../std/time.ts'
import { AGE, age, NAME, NONE, text, wide } from '../../columns.ts'

export const podColumns: readonly Column[] = [
  NAME,
  text('Ready'),
  text('Status'),
  text('Restarts'),
  AGE,
  wide('IP'),
  wide('Node'),
  wide('Nominated Node'),
  wide('Readiness Gates'),
]

interface Tally {
  readonly count: number
  readonly last: Millis | undefined
}

/** Restarts of some containers, and when the latest of them ended before it was started again. */
function restartsOf(statuses: readonly ContainerStatus[]): Tally {
  let count = 0
  let last: Millis | undefined
  for (const { restartCount, lastState } of statuses) {
    count += restartCount
    const finished = lastState?.terminated?.finishedAt
    const ended = finished ? parseUnix(finished) : undefined
    if (ended !== undefined && (last === undefined || ended > last)) last = ended
  }
  return { count, last }
}

const restartsText = ({ count, last }: Tally, nowUnix: Millis): string =>
  count > 0 && last !== undefined ? `${count} (${humanDuration(nowUnix - last)} ago)` : String(count)

export const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always'

const holds = ({ status }: Pod, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false

/** How a container ended: its reason, or the number behind it. */
function endText({ state }: ContainerStatus): string | undefined {
  const ended = state?.terminated
  if (!ended) return undefined
  return ended.reason || (ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`)
}

/** What holds an init container up, or undefined when it is done, or runs beside the Pod as a sidecar should. */
function initTrouble(status: ContainerStatus, sidecar: boolean, progress: string): string | undefined {
  if (status.state?.terminated?.exitCode === 0) return undefined
  if (sidecar && status.started) return undefined
  const waiting = status.state?.waiting?.reason
  return `Init:${endText(status) ?? (waiting && waiting !== 'PodInitializing' ? waiting : progress)}`
}

interface Progress {
  readonly reason: string
  readonly ready: number
  readonly restarts: Tally
}

/** Init containers, up to the first that is not done. */
function initProgress(pod: Pod, sidecars: ReadonlySet<string>): Progress | { readonly ready: number } {
  const statuses = pod.status?.initContainerStatuses ?? []
  let ready = 0
  for (const [index, status] of statuses.entries()) {
    const sidecar = sidecars.has(status.name)
    const reason = initTrouble(status, sidecar, `${index}/${pod.spec?.initContainers?.length ?? 0}`)
    if (reason !== undefined) return { reason, ready, restarts: restartsOf(statuses.slice(0, index + 1)) }
    if (sidecar && status.ready && status.state?.terminated?.exitCode !== 0) ready++
  }
  return { ready }
}

function reasonBefore(pod: Pod): string {
  const gated = pod.status?.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  )
  return gated ? 'SchedulingGated' : pod.status?.reason || pod.status?.phase || ''
}

const isServing = ({ ready, state }: ContainerStatus): boolean => ready && state?.running !== undefined

/** The containers proper: the first with something to say gives the reason. */
function mainReason(pod: Pod, before: string): string {
  const statuses = pod.status?.containerStatuses ?? []
  let reason = before
  for (const status of statuses.toReversed()) reason = status.state?.waiting?.reason || endText(status) || reason
  if (reason !== 'Completed' || !statuses.some(isServing)) return reason
  return holds(pod, 'Ready') ? 'Running' : 'NotReady'
}

function progressOf(pod: Pod): Progress {
  const sidecars = new Set(pod.spec?.initContainers?.filter(isSidecar).map(({ name }) => name))
  const init = initProgress(pod, sidecars)
  if ('reason' in init && !holds(pod, 'Initialized')) return init
  const statuses = pod.status?.containerStatuses ?? []
  const restarting = pod.status?.initContainerStatuses?.filter(({ name }) => sidecars.has(name)) ?? []
  return {
    reason: mainReason(pod, 'reason' in init ? init.reason : reasonBefore(pod)),
    ready: init.ready + statuses.filter(isServing).length,
    restarts: restartsOf([...restarting, ...statuses]),
  }
}

/** The STATUS column. */
function statusText(pod: Pod, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? reason : 'Terminating'
}

function gatesText(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? []
  return gates.length === 0
    ? NONE
    : `${gates.filter(({ conditionType }) => holds(pod, conditionType)).length}/${gates.length}`
}

/** The word in the STATUS column; `describe` and the pictures show it too. */
export const podStatusText = (pod: Pod): string => statusText(pod, progressOf(pod).reason)

export function podRow(pod: Pod, nowUnix: Millis): readonly Cell[] {
  const { reason, ready, restarts } = progressOf(pod)
  const total = (pod.spec?.containers.length ?? 0) + (pod.spec?.initContainers?.filter(isSidecar).length ?? 0)
  return [
    pod.metadata.name,
    `${ready}/${total}`,
    statusText(pod, reason),
    restartsText(restarts, nowUnix),
    age(pod.metadata.creationTimestamp, nowUnix),
    pod.status?.podIPs?.[0]?.ip || NONE,
    pod.spec?.nodeName || NONE,
    pod.status?.nominatedNodeName || NONE,
    gatesText(pod),
  ]
}
