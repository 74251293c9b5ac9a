/**
 * The conditions a kubelet keeps on a pod: whether its sandbox is there, its init containers are done, its containers
 * are ready, and the pod as a whole is, which also asks the readiness gates that others set. Conditions of others are left alone.
 *
 * Upstream: pkg/kubelet/status/generate.go
 */
import type { ContainerStatus, Pod, PodCondition } from '../../api/types.generated.ts'
import { containersOf, initContainersOf, isSidecar } from './container-kind.ts'
import type { Phase } from './phase.ts'

export interface ConditionDraft {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
}

const yes = (type: string, reason?: string): ConditionDraft => ({
  type,
  status: 'True',
  ...(reason !== undefined && { reason }),
})

const no = (type: string, reason?: string, message?: string): ConditionDraft => ({
  type,
  status: 'False',
  ...(reason !== undefined && { reason }),
  ...(message !== undefined && { message }),
})

const named = (statuses: readonly ContainerStatus[], name: string): ContainerStatus | undefined =>
  statuses.find((status) => status.name === name)

/** The message for containers without a status and for those that are not there yet. */
function complaint(adjective: string, unknown: readonly string[], lacking: readonly string[]): string {
  const parts: string[] = []
  if (unknown.length > 0) parts.push(`containers with unknown status: [${unknown.join(' ')}]`)
  if (lacking.length > 0) parts.push(`containers with ${adjective} status: [${lacking.join(' ')}]`)
  return parts.join(', ')
}

function split(
  names: readonly string[],
  statuses: readonly ContainerStatus[],
  good: (status: ContainerStatus) => boolean,
) {
  const unknown = names.filter((name) => !named(statuses, name))
  const lacking = names.filter((name) => {
    const status = named(statuses, name)
    return status && !good(status)
  })
  return { unknown, lacking }
}

export function containersReady(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  phase: Phase,
): ConditionDraft {
  const type = 'ContainersReady'
  const sidecars = initContainersOf(pod)
    .filter(isSidecar)
    .map(({ name }) => name)
  const names = [...sidecars, ...containersOf(pod).map(({ name }) => name)]
  const { unknown, lacking } = split(names, [...initStatuses, ...statuses], (status) => status.ready)
  if (phase === 'Succeeded' && unknown.length === 0) return no(type, 'PodCompleted')
  if (phase === 'Failed') return no(type, 'PodFailed')
  if (unknown.length + lacking.length === 0) return yes(type)
  return no(type, 'ContainersNotReady', complaint('unready', unknown, lacking))
}

function gateComplaints(pod: Pod, conditions: readonly PodCondition[]): string[] {
  const complaints: string[] = []
  for (const { conditionType } of pod.spec?.readinessGates ?? []) {
    const condition = conditions.find(({ type }) => type === conditionType)
    if (!condition) complaints.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`)
    else if (condition.status !== 'True')
      complaints.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`)
  }
  return complaints
}

export function podReady(pod: Pod, conditions: readonly PodCondition[], containers: ConditionDraft): ConditionDraft {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' }
  const complaints = gateComplaints(pod, conditions)
  return complaints.length === 0 ? yes('Ready') : no('Ready', 'ReadinessGatesNotReady', complaints.join(', '))
}

export function initialized(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  phase: Phase,
): ConditionDraft {
  const type = 'Initialized'
  const inits = initContainersOf(pod)
  if (inits.length === 0) return phase === 'Succeeded' ? yes(type, 'PodCompleted') : yes(type)
  if (phase === 'Succeeded') return yes(type, 'PodCompleted')
  const begun = statuses.some(
    (status) => status.state?.running || status.state?.terminated || status.lastState?.terminated,
  )
  const { unknown, lacking } = split(
    inits.map(({ name }) => name),
    initStatuses,
    (status) => (isSidecarStatus(pod, status) ? begun || (status.started ?? false) : status.ready),
  )
  const sidecarsOnly = [...unknown, ...lacking].every((name) =>
    inits.some((init) => init.name === name && isSidecar(init)),
  )
  if (unknown.length + lacking.length === 0 || (begun && sidecarsOnly)) return yes(type)
  return no(type, 'ContainersNotInitialized', complaint('incomplete', unknown, lacking))
}

const isSidecarStatus = (pod: Pod, status: ContainerStatus): boolean =>
  initContainersOf(pod).some((init) => init.name === status.name && isSidecar(init))

export const readyToStart = (hasSandbox: boolean): ConditionDraft =>
  hasSandbox ? yes('PodReadyToStartContainers') : no('PodReadyToStartContainers')

/** The conditions of the new status: drafts get the time of the change, others' conditions stay as they are. */
export function mergeConditions(
  old: readonly PodCondition[],
  drafts: readonly ConditionDraft[],
  generation: number | undefined,
  now: string,
): readonly PodCondition[] {
  const mine = drafts.map((draft) =>
    mergedCondition(
      old.find(({ type }) => type === draft.type),
      draft,
      generation,
      now,
    ),
  )
  const others = old.filter(({ type }) => !drafts.some((draft) => draft.type === type))
  const merged = [...mine, ...others]
  return merged.length === old.length && merged.every((condition, i) => condition === old[i]) ? old : merged
}

function mergedCondition(
  old: PodCondition | undefined,
  draft: ConditionDraft,
  generation: number | undefined,
  now: string,
): PodCondition {
  const same =
    old &&
    old.status === draft.status &&
    old.reason === draft.reason &&
    old.message === draft.message &&
    old.observedGeneration === generation
  if (same) return old
  const lastTransitionTime = old && old.status === draft.status ? old.lastTransitionTime : now
  return {
    type: draft.type,
    ...(generation !== undefined && { observedGeneration: generation }),
    status: draft.status,
    lastProbeTime: null,
    lastTransitionTime,
    ...(draft.reason !== undefined && { reason: draft.reason }),
    ...(draft.message !== undefined && { message: draft.message }),
  } as unknown as PodCondition
}

/** The conditions with this one changed, in its place. */
export function withCondition(
  old: readonly PodCondition[],
  draft: ConditionDraft,
  generation: number | undefined,
  now: string,
): readonly PodCondition[] {
  const index = old.findIndex(({ type }) => type === draft.type)
  if (index < 0) return [mergedCondition(undefined, draft, generation, now), ...old]
  const made = mergedCondition(old[index], draft, generation, now)
  return made === old[index] ? old : old.with(index, made)
}
