/**
 * One synchronisation: tell how the pod is, see that its volumes are there, then bring the runtime closer to what the pod
 * asks for. It waits for a sandbox, a pull, a hook, a container that is to go, and goes on from there.
 *
 * Upstream: pkg/kubelet/kubelet.go (SyncPod), pkg/kubelet/kuberuntime/kuberuntime_manager.go (SyncPod)
 */
import { type Millis, seconds, timestamp } from '../../std/time.ts'
import { addPod } from '../network/host-local.ts'
import { hexId } from '../runtime/identifier.ts'
import { withSandbox } from '../runtime/runtime.ts'
import { after, around, record as recordEvent, type Turn } from '../turn.ts'
import { deadlineOf, generateTold } from './deadline.ts'
import { killEverything } from './end-pod.ts'
import { mountProblem, mountVolumes } from './mount-volumes.ts'
import { type PodActions, podActions } from './pod-actions.ts'
import { readyToStart, withCondition } from './pod-conditions.ts'
import { type PodRecord, type Step, withWorker } from './pod-record.ts'
import { isTerminal } from './pod-status.ts'
import { finished } from './pod-worker.ts'
import { addProbeWorkers, noticeContainers } from './probes.ts'
import { complainAboutPullSecrets } from './pull-credentials.ts'
import { startNext } from './start-containers.ts'
import { stopContainers } from './stop-container.ts'
import { tellStatus } from './tell-status.ts'

/** What an ordinary machine needs for each step. */
const MOUNTING: Millis = 250
const MAKING_SANDBOX: Millis = 250

/** After an error: ten to fifteen seconds. */
export const errorDelay = (turn: Turn, record: PodRecord): Millis => jittered(turn, record, seconds(10))

export const jittered = (turn: Turn, record: PodRecord, delay: Millis): Millis =>
  Math.round(delay * (1 + 0.5 * turn.at.draw('resync', record.pod.metadata.uid, turn.at.now)))

export function syncPod(turn: Turn, record: PodRecord): PodRecord {
  const { status, phase, record: judged } = generateTold(turn, record, false)
  const told = noticeContainers(turn, tellStatus(turn, judged, status))
  if (isTerminal(phase)) return finished(turn, withWorker(told, { phase: 'terminating', again: true }))
  if (told.worker.syncedAt === null) deadlineOf(turn, told)
  return mount(turn, told, 0)
}

const RETRY_FIRST: Millis = 500
const RETRY_MOST: Millis = seconds(122)

/** Waits until every volume can be mounted; what cannot is tried again, ever more slowly. */
export function mount(turn: Turn, record: PodRecord, tries: number): PodRecord {
  if (record.mounted) return act(turn, record, 0)
  const problem = mountProblem(turn, record.pod)
  if (!problem) return act(turn, mountVolumes(turn, record), MOUNTING)
  const message = `MountVolume.SetUp failed for volume "${problem.volume}" : ${problem.message}`
  recordEvent(turn, record.pod, 'Warning', 'FailedMount', message)
  const wait = Math.min(RETRY_FIRST * 2 ** tries, RETRY_MOST)
  const retryAt = turn.at.now + wait
  const { uid } = record.pod.metadata
  after(turn, wait, { type: 'mount/retried', pod: uid, at: retryAt })
  return inStep(record, { is: 'mounting', volume: problem.volume, tries, retryAt })
}

const inStep = (record: PodRecord, step: Step): PodRecord => withWorker(record, { step })

function act(turn: Turn, record: PodRecord, delay: Millis): PodRecord {
  complainAboutPullSecrets(turn, record.pod)
  const probed = addProbeWorkers(turn, record, delay)
  const actions = podActions(probed)
  if (actions.sandbox === 'create') return createSandbox(turn, probed, delay)
  return perform(turn, probed, actions)
}

function createSandbox(turn: Turn, record: PodRecord, delay: Millis): PodRecord {
  const { uid } = record.pod.metadata
  const old = record.seen.sandboxes[0]
  const attempt = old ? old.attempt + 1 : 0
  if (old)
    recordEvent(turn, record.pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
  const id = hexId(turn.at.draw, 'sandbox', uid, attempt)
  after(turn, delay + around(turn, MAKING_SANDBOX, 'sandbox', uid, attempt), { type: 'sandbox/created', pod: uid })
  return inStep(record, { is: 'sandbox', id, attempt })
}

export function onSandboxCreated(turn: Turn, record: PodRecord): PodRecord {
  const { step } = record.worker
  if (step?.is !== 'sandbox') return record
  const ip = addressFor(turn, record)
  if (ip === undefined) return sandboxFailed(turn, record, step.id)
  const sandbox = { id: step.id, attempt: step.attempt, ready: true, createdAt: turn.at.now, ip }
  const made = { ...record, runtime: withSandbox(record.runtime, sandbox) }
  const told = tellStatus(turn, made, withReadyToStart(turn, made))
  return startNext(turn, told, containersToStart(told), [])
}

/** What the new sandbox is for: decided with the sandbox in sight. */
const containersToStart = (record: PodRecord): readonly string[] =>
  podActions({ ...record, seen: { ...record.seen, sandboxes: record.runtime.sandboxes } }).start

function addressFor(turn: Turn, { pod }: PodRecord): string | undefined {
  if (pod.spec.hostNetwork) return ''
  const { uid, name, namespace } = pod.metadata
  const [network, address] = addPod(turn.machine.network, { uid, name, namespace: namespace! })
  turn.machine = { ...turn.machine, network }
  return address
}

function sandboxFailed(turn: Turn, record: PodRecord, id: string): PodRecord {
  const { podCidr } = turn.machine.network
  const cause =
    podCidr === undefined
      ? 'plugin type="flannel" failed (add): failed to load flannel \'subnet.env\' file: open /run/flannel/subnet.env: no such file or directory. Check the flannel pod log for this node.'
      : `plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${podCidr}`
  const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": ${cause}`
  recordEvent(turn, record.pod, 'Warning', 'FailedCreatePodSandBox', message)
  return finished(turn, record, errorDelay(turn, record))
}

/** Only this condition is told before containers are started; everything else waits for the next look. */
function withReadyToStart(turn: Turn, { status, pod }: PodRecord): PodRecord['status'] {
  const old = status.conditions ?? []
  const conditions = withCondition(old, readyToStart(true), pod.metadata.generation, timestamp(turn.at.now))
  return conditions === old ? status : { ...status, conditions }
}

/** Ends what has to go, then starts what has to come. */
function perform(turn: Turn, record: PodRecord, actions: PodActions): PodRecord {
  if (actions.killPod) return killEverything(turn, record, 'sync')
  if (actions.kill.length === 0) return startNext(turn, record, actions.start, [])
  return stopContainers(turn, inStep(record, { is: 'killing', start: actions.start }), actions.kill)
}
