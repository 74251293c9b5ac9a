/**
 * What a kubelet keeps about one pod: the pod as last delivered, what the runtime has of it, what the kubelet last saw of that (an
 * older pointer to the same records), the status it last told, and where its worker is. The worker is a sequence
 * that has to wait between its steps, so the step it is at is data.
 *
 * Upstream: pkg/kubelet/pod_workers.go, pkg/kubelet/status/status_manager.go
 */
import type { Pod, PodStatus } from '../../api/types.generated.ts'
import type { Millis } from '../../std/time.ts'
import type { Files } from '../runtime/file-tree.ts'
import type { Layers } from '../runtime/process.ts'
import { NO_RUNTIME, type PodRuntime, type Processes } from '../runtime/runtime.ts'
import type { BackOff } from './back-off.ts'
import type { ProbeWorkers } from './probe-worker.ts'

/** Why a container that should run does not: the reason and message of its waiting state. */
export interface Failure {
  readonly reason: string
  readonly message: string
}

/** How one container fared in a synchronisation; no failure: it was started. */
export interface StartResult {
  readonly container: string
  readonly failure?: Failure
}

export type Step =
  /** Volumes are not there yet. */
  | { readonly is: 'mounting'; readonly volume: string; readonly tries: number; readonly retryAt: Millis }
  | { readonly is: 'sandbox'; readonly id: string; readonly attempt: number }
  /** Containers are being ended, after which others are started. */
  | { readonly is: 'killing'; readonly start: readonly string[] }
  | {
      readonly is: 'starting'
      readonly queue: readonly string[]
      readonly results: readonly StartResult[]
      /** The first of the queue is being ended because its postStart hook failed. */
      readonly failing?: Failure
    }
  /** All containers are being ended and the sandbox after them, within a synchronisation or for good. */
  | { readonly is: 'ending'; readonly during: 'sync' | 'end' }

export interface Worker {
  /** `ended`: nothing is left of it on the machine. `rejected`: it was never taken. */
  readonly phase: 'syncing' | 'terminating' | 'terminated' | 'ended' | 'rejected'
  /** What the worker waits for; null: nothing, it is idle. */
  readonly step: Step | null
  /** Something came up while it was busy. */
  readonly again: boolean
  /** When it last finished; null: never. */
  readonly syncedAt: Millis | null
  /** When it wants to look again; null: when something happens. */
  readonly dueAt: Millis | null
  readonly graceSeconds: number | null
  /** Why the kubelet itself ended the pod. */
  readonly eviction: Failure | null
}

/** A container that has been asked to go. */
export interface Stopping {
  readonly since: Millis
  readonly graceSeconds: number
  /** Its hook runs; it waits until the containers it serves are gone; it has been told to go. */
  readonly stage: 'hook' | 'waiting' | 'signalled'
  /** When the stage is over: the hook is given up, or SIGKILL comes. */
  readonly deadline: Millis
}

export interface PodRecord {
  readonly pod: Pod
  readonly worker: Worker
  readonly runtime: PodRuntime
  /** The runtime's records as of the last listing. */
  readonly seen: PodRuntime
  /** When the next listing will notice something; null: there is nothing to notice. */
  readonly relistAt: Millis | null
  /** What the kubelet holds to be so. */
  readonly status: PodStatus
  /** What the API server has been told, or is just being told. */
  readonly told: PodStatus
  /** A telling is under way; the next waits for its answer. */
  readonly telling: boolean
  /** The API object is gone. */
  readonly removed: boolean
  readonly processes: Processes
  /** What containers wrote outside volumes, by container id. */
  readonly layers: Layers
  /** The contents of the pod's own volumes, by name. */
  readonly volumes: Readonly<Record<string, Files>>
  readonly mounted: boolean
  /** By container name. */
  readonly backOff: Readonly<Record<string, BackOff>>
  /** By image. */
  readonly pullBackOff: Readonly<Record<string, BackOff>>
  /** By container name. */
  readonly failures: Readonly<Record<string, Failure>>
  readonly probes: ProbeWorkers
  /** By container id. */
  readonly stopping: Readonly<Record<string, Stopping>>
}

export const NONE: Readonly<Record<string, never>> = {}

export const IDLE_WORKER: Worker = {
  phase: 'syncing',
  step: null,
  again: false,
  syncedAt: null,
  dueAt: null,
  graceSeconds: null,
  eviction: null,
}

export const newRecord = (pod: Pod): PodRecord => ({
  pod,
  worker: IDLE_WORKER,
  runtime: NO_RUNTIME,
  seen: NO_RUNTIME,
  relistAt: null,
  status: pod.status ?? {},
  told: pod.status ?? {},
  telling: false,
  removed: false,
  processes: NONE,
  layers: NONE,
  volumes: NONE,
  mounted: false,
  backOff: NONE,
  pullBackOff: NONE,
  failures: NONE,
  probes: NONE,
  stopping: NONE,
})

export const withWorker = (record: PodRecord, change: Partial<Worker>): PodRecord => ({
  ...record,
  worker: { ...record.worker, ...change },
})

/** The map with one entry more or changed, or, for undefined, without it. */
export function withEntry<T>(map: Readonly<Record<string, T>>, key: string, value: T | undefined): Record<string, T> {
  if (value !== undefined) return { ...map, [key]: value }
  const { [key]: _gone, ...rest } = map
  return rest
}

export const isOver = ({ worker }: PodRecord): boolean => worker.phase === 'ended' || worker.phase === 'rejected'
