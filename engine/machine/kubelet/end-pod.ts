/**
 * How a pod ends: its containers are asked to go, then its sandbox is stopped and the final status told; at the next look
 * what it had on the machine is cleared away, and if its deletion was asked for, the object goes for good.
 *
 * Upstream: pkg/kubelet/kubelet.go (SyncTerminatingPod, SyncTerminatedPod)
 */
import type { PodStatus } from '../../api/types.generated.ts'
import type { Millis } from '../../std/time.ts'
import { removePod } from '../network/host-local.ts'
import { readySandbox } from '../runtime/runtime.ts'
import { after, around, type Turn } from '../turn.ts'
import { hold } from './admission.ts'
import { goOnAfterStopping } from './after-stopping.ts'
import { initContainersOf } from './container-kind.ts'
import { generateTold } from './deadline.ts'
import { NONE, type PodRecord, withWorker } from './pod-record.ts'
import { isTerminal } from './pod-status.ts'
import { finished, relistNow } from './pod-worker.ts'
import { stopContainers } from './stop-container.ts'
import { deleteWhenDone, tellStatus } from './tell-status.ts'

const STOPPING_SANDBOX: Millis = 100

/** The pod is to go for good. */
export function endPod(turn: Turn, record: PodRecord): PodRecord {
  const { status, record: judged } = generateTold(turn, record, false)
  return killEverything(turn, tellStatus(turn, judged, status), 'end')
}

export function killEverything(turn: Turn, record: PodRecord, during: 'sync' | 'end'): PodRecord {
  const waiting = withWorker(record, { step: { is: 'ending', during } })
  const running = record.runtime.containers.filter(({ state }) => state === 'running')
  const kills = running.map((container) => ({ container, message: `Stopping container ${container.name}` }))
  return kills.length === 0 ? goOnAfterStopping(turn, waiting) : stopContainers(turn, waiting, kills)
}

export function stopSandbox(turn: Turn, record: PodRecord): PodRecord {
  const { uid } = record.pod.metadata
  const delay = readySandbox(record.runtime) ? around(turn, STOPPING_SANDBOX, 'stop', uid) : 0
  after(turn, delay, { type: 'sandbox/stopped', pod: uid })
  return record
}

function withoutSandbox(turn: Turn, record: PodRecord): PodRecord {
  const network = removePod(turn.machine.network, record.pod.metadata.uid)
  if (network !== turn.machine.network) turn.machine = { ...turn.machine, network }
  const sandboxes = record.runtime.sandboxes.map((sandbox) => (sandbox.ready ? { ...sandbox, ready: false } : sandbox))
  return { ...record, runtime: { ...record.runtime, sandboxes } }
}

export function onSandboxStopped(turn: Turn, record: PodRecord): PodRecord {
  const { step } = record.worker
  if (step?.is !== 'ending') return record
  const stopped = withoutSandbox(turn, record)
  if (step.during === 'sync') return relistNow(turn, finished(turn, stopped))
  const seen = { ...stopped, seen: stopped.runtime, relistAt: null }
  const { status, record: judged } = generateTold(turn, seen, true)
  const told = tellStatus(turn, judged, status)
  return finished(turn, withWorker(told, { phase: 'terminated', again: true }))
}

/** Nothing of it runs any more; what it had is cleared away. */
export function podHasEnded(turn: Turn, record: PodRecord): PodRecord {
  const { status, record: judged } = generateTold(turn, record, true)
  const last = tellStatus(turn, judged, withFinalPhase(judged, status))
  hold(turn, record.pod, -1)
  const cleared = withWorker({ ...last, volumes: NONE, probes: NONE }, { phase: 'ended', step: null })
  return record.removed ? forgotten(turn, cleared) : deleteWhenDone(turn, cleared)
}

/** Its object went before it did: the kubelet has nothing more to do with it. */
const forgotten = (turn: Turn, record: PodRecord): PodRecord => {
  after(turn, 0, { type: 'pod/forgotten', pod: record.pod.metadata.uid })
  return record
}

/** A pod that never came so far as to succeed or fail has failed. */
function withFinalPhase(record: PodRecord, status: PodStatus): PodStatus {
  if (isTerminal(status.phase)) return status
  const containerStatuses = hadBegun(record) ? status.containerStatuses?.map(lost) : status.containerStatuses
  return { ...status, phase: 'Failed', ...(containerStatuses && { containerStatuses }) }
}

type ContainerStatuses = NonNullable<PodStatus['containerStatuses']>

const lost = (status: ContainerStatuses[number]): ContainerStatuses[number] =>
  status.state?.terminated
    ? status
    : {
        ...status,
        state: {
          terminated: {
            exitCode: 137,
            reason: 'ContainerStatusUnknown',
            message: 'The container could not be located when the pod was terminated',
            startedAt: null,
            finishedAt: null,
          } as never,
        },
      }

/** Whether, as far as the delivered pod says, its init containers were done. */
function hadBegun({ pod }: PodRecord): boolean {
  const inits = initContainersOf(pod)
  if (inits.length === 0) return true
  const begun = (pod.status?.containerStatuses ?? []).some(
    (status) => status.state?.running || status.state?.terminated,
  )
  const last = pod.status?.initContainerStatuses?.find(({ name }) => name === inits.at(-1)!.name)
  return begun || last?.state?.terminated?.exitCode === 0
}
