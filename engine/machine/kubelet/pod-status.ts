/**
 * The whole status of a pod, as its kubelet tells it, and the patch that tells it: only what changed travels, so that
 * conditions of others survive and an unchanged part stays the very same object everywhere.
 *
 * Upstream: pkg/kubelet/kubelet_pods.go (generateAPIPodStatus), pkg/kubelet/status/status_manager.go
 * Left out: status.resources of cgroups (what was asked for is told), dual-stack addresses.
 */

import { equalJson } from '../../api/equal.ts'
import type { Draft } from '../../api/object.ts'
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../api/types.generated.ts'
import { timestamp } from '../../std/time.ts'
import { readySandbox } from '../runtime/runtime.ts'
import type { Turn } from '../turn.ts'
import { initContainersOf } from './container-kind.ts'
import { initStatuses, regularStatuses } from './container-status.ts'
import { type Phase, phaseOf } from './phase.ts'
import { podAmounts } from './pod-amounts.ts'
import { containersReady, initialized, mergeConditions, podReady, readyToStart } from './pod-conditions.ts'
import type { PodRecord } from './pod-record.ts'

export const isTerminal = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed'

const NO_CONDITIONS: readonly PodCondition[] = []

export interface Generated {
  readonly status: PodStatus
  /** What the phase is or will be once the pod has been ended. */
  readonly phase: Phase
}

/** A list keeps being the same object while its elements do. */
function sameList<T>(
  old: readonly T[] | undefined,
  made: readonly T[],
  equal: (one: T, other: T) => boolean,
): readonly T[] {
  if (!old || old.length !== made.length) return made
  let changed = false
  const merged = made.map((item, i) => {
    if (equal(old[i]!, item)) return old[i]!
    changed = true
    return item
  })
  return changed ? merged : old
}

/** Statuses have a fixed, shallow shape, and their states are compared by what is in them. */
function sameStatus(one: ContainerStatus, other: ContainerStatus): boolean {
  return (
    one.name === other.name &&
    one.ready === other.ready &&
    one.started === other.started &&
    one.restartCount === other.restartCount &&
    one.containerID === other.containerID &&
    one.image === other.image &&
    one.imageID === other.imageID &&
    equalJson(one.resources, other.resources) &&
    sameState(one.state, other.state) &&
    sameState(one.lastState, other.lastState)
  )
}

type State = ContainerStatus['state']

function sameState(one: State, other: State): boolean {
  if (one === other) return true
  if (!one || !other) return false
  return (
    one.running?.startedAt === other.running?.startedAt &&
    one.waiting?.reason === other.waiting?.reason &&
    one.waiting?.message === other.waiting?.message &&
    sameEnd(one.terminated, other.terminated)
  )
}

type End = NonNullable<State>['terminated']

const sameEnd = (one: End, other: End): boolean =>
  one?.containerID === other?.containerID &&
  one?.exitCode === other?.exitCode &&
  one?.finishedAt === other?.finishedAt &&
  one?.reason === other?.reason

/** The phase that is told: one that means the end waits until the pod's containers are known to be gone. */
function toldPhase(record: PodRecord, phase: Phase, ended: boolean): Phase {
  if (!isTerminal(phase) || ended || isTerminal(record.status.phase)) return phase
  return (record.status.phase as Phase | undefined) ?? 'Pending'
}

/** The address stays told after the sandbox is gone. */
function addresses(record: PodRecord, hostAddress: string): Partial<PodStatus> {
  const old = record.status
  const sandbox = readySandbox(record.seen)
  const ip = sandbox ? sandbox.ip || hostAddress : old.podIP
  const host = old.hostIP === hostAddress ? old.hostIPs! : [{ ip: hostAddress }]
  if (ip === undefined || (record.seen.containers.length === 0 && !sandbox && !old.podIP))
    return { hostIP: hostAddress, hostIPs: host }
  return { hostIP: hostAddress, hostIPs: host, podIP: ip, podIPs: old.podIP === ip ? old.podIPs! : [{ ip }] }
}

/** `ended`: all containers are known to have stopped for good. */
export function generateStatus(turn: Turn, record: PodRecord, ended: boolean): Generated {
  const { pod, status: old } = record
  const now = timestamp(turn.at.now)
  const inits = sameList(old.initContainerStatuses, initStatuses(record), sameStatus)
  const regular = sameList(old.containerStatuses, regularStatuses(record), sameStatus)
  const eviction = record.worker.eviction
  const phase: Phase = eviction ? 'Failed' : phaseOf(pod, inits, regular, ended || record.worker.phase !== 'syncing')
  const told = toldPhase(record, phase, ended)
  const conditions = conditionsOf(record, inits, regular, phase, now)
  const evicted = eviction && ended ? eviction : undefined
  const status: PodStatus = {
    ...old,
    observedGeneration: pod.metadata.generation ?? 1,
    phase: told,
    conditions,
    ...(evicted && { reason: evicted.reason, message: evicted.message }),
    ...addresses(record, turn.machine.identity.address),
    startTime: old.startTime ?? now,
    ...(initContainersOf(pod).length > 0 && { initContainerStatuses: inits }),
    containerStatuses: regular,
    ...podAmounts(pod),
  }
  return { status, phase }
}

function conditionsOf(
  record: PodRecord,
  inits: readonly ContainerStatus[],
  regular: readonly ContainerStatus[],
  phase: Phase,
  now: string,
): readonly PodCondition[] {
  const { pod } = record
  const current = currentConditions(record)
  const containers = containersReady(pod, inits, regular, phase)
  const drafts = [
    readyToStart(readySandbox(record.seen) !== undefined),
    initialized(pod, inits, regular, phase),
    podReady(pod, current, containers),
    containers,
    SCHEDULED,
  ]
  return mergeConditions(current, drafts, pod.metadata.generation, now)
}

/** A kubelet that has the pod knows that it was scheduled. */
const SCHEDULED = { type: 'PodScheduled', status: 'True' } as const

const OWN: ReadonlySet<string> = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'])

/** The kubelet's own conditions as it last told them, and everyone else's as last delivered. */
function currentConditions({ pod, status }: PodRecord): readonly PodCondition[] {
  const told = status.conditions ?? NO_CONDITIONS
  const delivered = pod.status?.conditions ?? NO_CONDITIONS
  if (told === delivered) return told
  const own = told.filter(({ type }) => OWN.has(type))
  const others = delivered.filter(({ type }) => !OWN.has(type))
  return [...own, ...others.map((condition) => told.find((old) => sameCondition(old, condition)) ?? condition)]
}

const sameCondition = (one: PodCondition, other: PodCondition): boolean =>
  one.type === other.type && one.status === other.status && one.reason === other.reason

/** Keys of a status that the kubelet tells. */
const TOLD = [
  'observedGeneration',
  'phase',
  'reason',
  'message',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'allocatedResources',
  'resources',
] as const

/** Conditions are merged by type: only those that changed travel, with nulls for what they lose. */
function conditionPatch(old: readonly PodCondition[], made: readonly PodCondition[]): readonly Draft[] {
  const changed: Draft[] = []
  for (const condition of made) {
    const before = old.find(({ type }) => type === condition.type)
    if (equalJson(before, condition)) continue
    const lost = {
      ...(before?.reason !== undefined && condition.reason === undefined && { reason: null }),
      ...(before?.message !== undefined && condition.message === undefined && { message: null }),
    }
    changed.push({ ...condition, ...lost })
  }
  for (const { type } of old)
    if (!made.some((condition) => condition.type === type)) changed.push({ type, $patch: 'delete' })
  return changed
}

const isLonger = (old: PodStatus, made: PodStatus): boolean =>
  (made.conditions?.length ?? 0) > (old.conditions?.length ?? 0)

/** The strategic merge patch from one status to the next, or undefined if there is nothing to tell. */
export function statusPatch(pod: Pod, old: PodStatus, made: PodStatus): Draft | undefined {
  const status: Record<string, unknown> = {}
  let changed = false
  for (const key of TOLD)
    if (!equalJson(old[key], made[key])) {
      status[key] = made[key] ?? null
      changed = true
    }
  if (old.conditions && !made.conditions) {
    status.conditions = null
    changed = true
  } else if (old.conditions !== made.conditions) {
    const conditions = conditionPatch(old.conditions ?? NO_CONDITIONS, made.conditions ?? NO_CONDITIONS)
    if (conditions.length > 0) {
      status.conditions = conditions
      if (isLonger(old, made)) status['$setElementOrder/conditions'] = made.conditions!.map(({ type }) => ({ type }))
      changed = true
    }
  }
  return changed ? { metadata: { uid: pod.metadata.uid }, status } : undefined
}
