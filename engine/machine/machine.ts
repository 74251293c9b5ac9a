/**
 * A machine as a component: a fact happens to it, and out come the machine as it is then and what it wants of the API
 * server and of time. One table says which fact goes where.
 *
 * Upstream: pkg/kubelet/kubelet.go (syncLoop)
 */
import type { AtClient, ClientFact, Component, Order } from '../client/component.ts'
import type { MachineFact } from './fact.ts'
import { onProcessWoke, signalContainer } from './kubelet/container-process.ts'
import { onSandboxStopped } from './kubelet/end-pod.ts'
import { onHookFinished } from './kubelet/hooks.ts'
import { onPodChange } from './kubelet/pod-changes.ts'
import { type PodRecord, withWorker } from './kubelet/pod-record.ts'
import { onDue, onRelisted, wake } from './kubelet/pod-worker.ts'
import { onProbeAnswered, onProbeDue } from './kubelet/probes.ts'
import { onImagePulled, onPullFailed } from './kubelet/pull-image.ts'
import { onVolumesRefreshed, refreshVolumes } from './kubelet/refresh-volumes.ts'
import { onContainerStarted } from './kubelet/start-containers.ts'
import { onGraceEnded } from './kubelet/stop-container.ts'
import { mount, onSandboxCreated } from './kubelet/sync-pod.ts'
import { statusAnswered, tellAgain } from './kubelet/tell-status.ts'
import { kubeletStarted, kubeletStopped, nodeAnswered, onNodeChange, tellNode } from './node.ts'
import { containerById } from './runtime/runtime.ts'
import { onSessionClosed, onSessionOpened, onSessionTyped } from './session.ts'
import type { Machine } from './slice.ts'
import { forgetRecord, keepRecord, recordOf, type Turn } from './turn.ts'

export type { Machine } from './slice.ts'
export { newMachine } from './slice.ts'

type PodFact = Extract<MachineFact, { readonly pod: string }>

type OnPod = {
  [Type in PodFact['type']]: (turn: Turn, record: PodRecord, fact: Extract<PodFact, { type: Type }>) => PodRecord
}

const withContainerOf =
  <Fact extends { readonly container: string }>(
    react: (
      turn: Turn,
      record: PodRecord,
      container: NonNullable<ReturnType<typeof containerById>>,
      fact: Fact,
    ) => PodRecord,
  ) =>
  (turn: Turn, record: PodRecord, fact: Fact): PodRecord => {
    const container = containerById(record.runtime, fact.container)
    return container ? react(turn, record, container, fact) : record
  }

const ON_POD: OnPod = {
  'pod/due': (turn, record, { at }) => onDue(turn, record, at),
  'pod/relisted': onRelisted,
  'pod/forgotten': (_turn, record) => record,
  'status/retried': tellAgain,
  'volumes/refreshed': onVolumesRefreshed,
  'deadline/passed': (turn, record) => (record.worker.phase === 'syncing' ? wake(turn, record) : record),
  'mount/retried': (turn, record, { at }) => {
    const { step } = record.worker
    return step?.is === 'mounting' && step.retryAt === at
      ? mount(turn, withWorker(record, { step: null }), step.tries + 1)
      : record
  },
  'sandbox/created': onSandboxCreated,
  'sandbox/stopped': onSandboxStopped,
  'container/started': withContainerOf(onContainerStarted),
  'process/woke': (turn, record, { process, at }) => onProcessWoke(turn, record, process, at),
  'grace/ended': withContainerOf(onGraceEnded),
  'process/killed': withContainerOf((turn, record, container) => signalContainer(turn, record, container, 'SIGKILL')),
  'session/opened': onSessionOpened,
  'session/typed': (turn, record, { session, text }) => onSessionTyped(turn, record, session, text),
  'session/closed': (_turn, record, { session }) => onSessionClosed(record, session),
  'hook/finished': withContainerOf((turn, record, container, { hook, problem }) =>
    onHookFinished(turn, record, container, hook, problem),
  ),
  'probe/due': (turn, record, { container, probe, at }) => onProbeDue(turn, record, container, probe, at),
  'probe/answered': (turn, record, { container, probe, askedAt, answer }) =>
    onProbeAnswered(turn, record, container, probe, askedAt, answer),
}

/** Facts of the runtime happen whether or not a kubelet looks. */
const OF_RUNTIME: ReadonlySet<string> = new Set(['process/woke', 'process/killed', 'grace/ended'])

function onPodFact(turn: Turn, fact: PodFact): void {
  const record = recordOf(turn, fact.pod)
  if (!record || (!turn.machine.kubelet.running && !OF_RUNTIME.has(fact.type))) return
  if (fact.type === 'pod/forgotten') {
    forgetRecord(turn, fact.pod)
    return
  }
  const react = ON_POD[fact.type] as (turn: Turn, record: PodRecord, fact: PodFact) => PodRecord
  const next = react(turn, record, fact)
  if (next !== record) keepRecord(turn, next)
}

function onDelivered(turn: Turn, { changes }: Extract<ClientFact, { type: 'changes/delivered' }>): void {
  for (const change of changes) {
    if (change.resource === 'nodes') onNodeChange(turn, change)
    if (!turn.machine.kubelet.running) continue
    if (change.resource === 'pods') onPodChange(turn, change)
    if (change.resource === 'configmaps' || change.resource === 'secrets') refreshVolumes(turn, change)
  }
}

function onResponse(turn: Turn, fact: Extract<ClientFact, { type: 'response/arrived' }>): void {
  const [about, uid = ''] = fact.tag.split(' ')
  const record = recordOf(turn, uid)
  if (about === 'node') nodeAnswered(turn, fact)
  else if (record) keepRecord(turn, statusAnswered(turn, record, fact.status))
}

function happen(turn: Turn, fact: MachineFact | ClientFact): void {
  switch (fact.type) {
    case 'changes/delivered':
      onDelivered(turn, fact)
      break
    case 'response/arrived':
      onResponse(turn, fact)
      break
    case 'kubelet/started':
      kubeletStarted(turn)
      break
    case 'kubelet/stopped':
      kubeletStopped(turn)
      break
    case 'node/statusDue':
      tellNode(turn)
      break
    case 'image/pulled':
      onImagePulled(turn, fact.image)
      break
    case 'image/pullFailed':
      onPullFailed(turn, fact.image, fact.message)
      break
    default:
      onPodFact(turn, fact)
  }
}

export const machine: Component<Machine, MachineFact> = (slice, fact, at: AtClient) => {
  const turn: Turn = { machine: slice, at, orders: [] as Order<MachineFact>[] }
  happen(turn, fact)
  return [turn.machine, turn.orders]
}
