/**
 * What a Node says about its machine: how much it has and may give away, how it is, what runs on it, which images it
 * holds. The kubelet is its only author.
 *
 * Upstream: pkg/kubelet/nodestatus/setters.go
 * Left out: pressure for want of memory, disk or process ids (always sufficient), huge pages, volumes in use.
 */
import type { Node } from '../api/types.generated.ts'
import type { Millis } from '../std/time.ts'
import { timestamp } from '../std/time.ts'
import { cpuQuantity } from './kubelet/amount.ts'
import { imagesBySize } from './runtime/image-store.ts'
import type { Machine } from './slice.ts'

type NodeStatus = NonNullable<Node['status']>
type NodeCondition = NonNullable<NodeStatus['conditions']>[number]

/** What the machine keeps for itself: a tenth of its disk, and a hundred mebibytes to evict pods in time. */
const KEPT_MEMORY = 100 * 1024 ** 2

const KIB = 1024

const kibibytes = (bytes: number): string => `${Math.floor(bytes / KIB)}Ki`

export const allocatableMemory = ({ capacity }: Machine): number => capacity.memoryBytes - KEPT_MEMORY

export const allocatableEphemeral = ({ capacity }: Machine): number => Math.floor(capacity.ephemeralBytes * 0.9)

const amounts = (machine: Machine, memory: string, ephemeral: string): Readonly<Record<string, string>> => ({
  cpu: cpuQuantity(machine.capacity.milliCpu),
  'ephemeral-storage': ephemeral,
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  memory,
  pods: String(machine.capacity.pods),
})

const condition = (
  type: string,
  status: 'True' | 'False',
  reason: string,
  message: string,
  changedAt: Millis,
  heartbeat: Millis,
): NodeCondition =>
  ({
    type,
    status,
    lastHeartbeatTime: timestamp(heartbeat),
    lastTransitionTime: timestamp(changedAt),
    reason,
    message,
  }) as NodeCondition

export const NETWORK_NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

export const isNetworkReady = ({ network }: Machine): boolean => network.overlay

export function nodeConditions(machine: Machine, now: Millis): readonly NodeCondition[] {
  const { startedAt, readyAt } = machine.kubelet
  const fine = (type: string, reason: string, message: string) =>
    condition(type, 'False', reason, `kubelet has ${message}`, startedAt, now)
  return [
    fine('MemoryPressure', 'KubeletHasSufficientMemory', 'sufficient memory available'),
    fine('DiskPressure', 'KubeletHasNoDiskPressure', 'no disk pressure'),
    fine('PIDPressure', 'KubeletHasSufficientPID', 'sufficient PID available'),
    readyAt !== null
      ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status', readyAt, now)
      : condition('Ready', 'False', 'KubeletNotReady', NETWORK_NOT_READY, startedAt, now),
  ]
}

const handler = (name: string) => ({ name, features: { recursiveReadOnlyMounts: true, userNamespaces: false } })

export function nodeStatus(machine: Machine, now: Millis): NodeStatus {
  const { identity, images } = machine
  const { ephemeralBytes, memoryBytes } = machine.capacity
  const listed = imagesBySize(images)
  return {
    capacity: amounts(machine, kibibytes(memoryBytes), kibibytes(ephemeralBytes)),
    allocatable: amounts(machine, kibibytes(allocatableMemory(machine)), String(allocatableEphemeral(machine))),
    conditions: nodeConditions(machine, now),
    addresses: [
      { type: 'InternalIP', address: identity.address },
      { type: 'Hostname', address: machine.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: identity.machineId,
      systemUUID: identity.machineId,
      bootID: identity.bootId,
      kernelVersion: identity.kernelVersion,
      osImage: identity.osImage,
      containerRuntimeVersion: 'containerd://2.4.2',
      kubeletVersion: 'v1.36.3',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    ...(listed.length > 0 && {
      images: listed.map(({ repository, digest, names, sizeBytes }) => ({
        names: [`${repository}@${digest}`, ...names],
        sizeBytes,
      })),
    }),
    runtimeHandlers: [handler(''), handler('runc')],
    features: { supplementalGroupsPolicy: true },
    declaredFeatures: [
      'ExtendWebSocketsToKubelet',
      'InPlacePodLevelResourcesVerticalScaling',
      'InPlacePodVerticalScalingInitContainers',
      'RestartAllContainersOnContainerExits',
    ],
  } as NodeStatus
}
