/**
 * What a synchronisation has to do, read off what the runtime was last seen to have: make a sandbox, end containers that
 * are condemned or changed, start the next init container, or start the regular ones.
 *
 * Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions)
 * Left out: ephemeral containers, resizing in place.
 */
import type { Container } from '../../api/types.generated.ts'
import type { ContainerRecord } from '../runtime/runtime.ts'
import { latestContainer, readySandbox } from '../runtime/runtime.ts'
import { containersOf, initContainersOf, isSidecar, restartsAfter, shouldRestart, succeeded } from './container-kind.ts'
import type { PodRecord } from './pod-record.ts'
import { condemnedBy, isStarted } from './probe-worker.ts'

export interface Kill {
  readonly container: ContainerRecord
  readonly message: string
  /** The probe that condemned it, whose grace period may differ. */
  readonly probe?: 'liveness' | 'startup'
}

export interface PodActions {
  readonly sandbox: 'none' | 'create'
  readonly kill: readonly Kill[]
  readonly start: readonly string[]
  /** Nothing is left to run: what still runs is ended, and the sandbox with it. */
  readonly killPod: boolean
}

const NOTHING_TO_DO: PodActions = { sandbox: 'none', kill: [], start: [], killPod: false }

const hasRegular = (record: PodRecord): boolean =>
  record.seen.containers.some(({ kind, state }) => kind === 'regular' && state !== 'created')

const restartable = (container: Container, record: PodRecord): boolean => {
  const latest = latestContainer(record.seen, container.name)
  return latest?.state !== 'exited' || restartsAfter(record.pod, container, latest.exitCode)
}

/** A new sandbox, unless everything in the old one has ended for good. */
function forNewSandbox(record: PodRecord): PodActions {
  const { pod, seen } = record
  if (pod.spec.restartPolicy === 'Never' && seen.sandboxes.length > 0 && seen.containers.length > 0)
    return { ...NOTHING_TO_DO, killPod: true }
  const regular = containersOf(pod).filter((container) => restartable(container, record))
  if (regular.length === 0) return NOTHING_TO_DO
  const inits = initContainersOf(pod)
  const start = inits.length > 0 && !hasRegular(record) ? [inits[0]!.name] : regular.map(({ name }) => name)
  return { ...NOTHING_TO_DO, sandbox: 'create', start }
}

type InitVerdict = 'done' | 'wait' | 'start' | 'failed'

function judgeSidecar(record: PodRecord, container: Container, latest: ContainerRecord | undefined): InitVerdict {
  if (latest?.state !== 'running') return 'start'
  return isStarted(record.probes, container, `containerd://${latest.id}`) ? 'done' : 'wait'
}

function judgeInit(record: PodRecord, container: Container): InitVerdict {
  const latest = latestContainer(record.seen, container.name)
  if (isSidecar(container)) return judgeSidecar(record, container, latest)
  if (succeeded(latest)) return 'done'
  if (latest?.state === 'running') return 'wait'
  return shouldRestart(record.pod, container, record.seen) ? 'start' : 'failed'
}

/** Goes through the init containers in order until one is not done. */
function initActions(record: PodRecord): {
  readonly start: string[]
  readonly done: boolean
  readonly failed: boolean
} {
  const start: string[] = []
  const begun = hasRegular(record)
  for (const container of initContainersOf(record.pod)) {
    if (begun && !isSidecar(container)) continue
    const verdict = judgeInit(record, container)
    if (verdict === 'done' || (begun && verdict === 'wait')) continue
    if (verdict === 'failed') return { start: [], done: false, failed: true }
    if (verdict === 'start') start.push(container.name)
    if (!begun) return { start, done: false, failed: false }
  }
  return { start, done: true, failed: false }
}

const changedImage = (container: Container, latest: ContainerRecord): boolean => latest.image !== container.image

/** Why a running container has to go, if it has to. */
function killOf(record: PodRecord, container: Container, latest: ContainerRecord): Kill | undefined {
  if (changedImage(container, latest))
    return { container: latest, message: `Container ${container.name} definition changed, will be restarted` }
  const probe = condemnedBy(record.probes, container, `containerd://${latest.id}`)
  if (!probe) return undefined
  const restart = restartsAfter(record.pod, container, 1) ? ', will be restarted' : ''
  return { container: latest, message: `Container ${container.name} failed ${probe} probe${restart}`, probe }
}

const isRestarted = (record: PodRecord, container: Container, kill: Kill): boolean =>
  kill.probe === undefined || restartsAfter(record.pod, container, 1)

export function podActions(record: PodRecord): PodActions {
  const { pod, seen } = record
  if (!readySandbox(seen)) return forNewSandbox(record)
  const inits = initActions(record)
  if (inits.failed) return { ...NOTHING_TO_DO, killPod: true }
  const kill: Kill[] = sidecarKills(record)
  const restarted = kill.map(({ container }) => container.name)
  if (!inits.done) return { ...NOTHING_TO_DO, kill, start: [...inits.start, ...restarted] }
  const start: string[] = [...inits.start, ...restarted]
  let kept = 0
  for (const container of containersOf(pod)) {
    const latest = latestContainer(seen, container.name)
    if (latest?.state !== 'running') {
      if (shouldRestart(pod, container, seen)) start.push(container.name)
      continue
    }
    const condemned = killOf(record, container, latest)
    if (!condemned) kept++
    else {
      kill.push(condemned)
      if (isRestarted(record, container, condemned)) start.push(container.name)
    }
  }
  const regular = start.some((name) => !initContainersOf(pod).some((init) => init.name === name))
  if (kept === 0 && !regular) return { ...NOTHING_TO_DO, kill, killPod: true }
  return { ...NOTHING_TO_DO, kill, start }
}

function sidecarKills(record: PodRecord): Kill[] {
  const kills: Kill[] = []
  for (const container of initContainersOf(record.pod)) {
    const latest = isSidecar(container) ? latestContainer(record.seen, container.name) : undefined
    const condemned = latest?.state === 'running' ? killOf(record, container, latest) : undefined
    if (condemned) kills.push(condemned)
  }
  return kills
}
