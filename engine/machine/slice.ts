/**
 * One computer of the cluster: what it is, what it has, which images and pods are on it. "Machine" is the computer,
 * "Node" the API object that its kubelet keeps up to date. All of it is plain data; nothing here costs anything while
 * nothing happens.
 *
 * Upstream: pkg/kubelet (the agent), containerd (the runtime).
 * Left out: swap, huge pages other than none, devices, CPU and memory managers other than `none`, Windows, static pods,
 * eviction for want of memory, disk or process ids, image garbage collection, pods from files.
 */
import type { Draw } from '../std/draw.ts'
import { emptySorted, type Sorted } from '../std/sorted.ts'
import type { Millis } from '../std/time.ts'
import type { PodRecord } from './kubelet/pod-record.ts'
import { type MachineNetwork, machineNetwork } from './network/machine-network.ts'
import { type Files, noFiles } from './runtime/file-tree.ts'
import type { RegistryImage } from './runtime/image-content.ts'
import type { ImageOnDisk } from './runtime/image-store.ts'

export interface MachineIdentity {
  readonly machineId: string
  readonly bootId: string
  readonly address: string
  readonly osImage: string
  readonly kernelVersion: string
  /** Where the machine itself asks for names, and in which domain it lives. */
  readonly nameserver: string
  readonly searchDomain: string
}

export interface Capacity {
  readonly milliCpu: number
  readonly memoryBytes: number
  readonly ephemeralBytes: number
  readonly pods: number
}

/** One image is fetched at a time; the others wait in line. */
export interface Pull {
  readonly image: string
  readonly pod: string
  readonly container: string
  readonly askedAt: Millis
  /** Null while others are before it. */
  readonly startedAt: Millis | null
}

export interface Machine {
  readonly name: string
  readonly identity: MachineIdentity
  readonly capacity: Capacity
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  readonly kubelet: Kubelet
  /** Whether the container runtime answers. */
  readonly runtimeUp: boolean
  /** By digest. */
  readonly images: Sorted<ImageOnDisk>
  readonly pulls: readonly Pull[]
  /** Images that this machine's registries hold beyond the public ones. */
  readonly mirror: readonly RegistryImage[]
  /** By uid. */
  readonly pods: Sorted<PodRecord>
  /** What the pods on it have asked for, kept as they come and go. */
  readonly held: Held
  /** The machine's own files, as hostPath volumes show them. */
  readonly files: Files
  readonly network: MachineNetwork
}

/** Whole numbers: thousandths of a CPU, bytes, pods. */
export interface Held {
  readonly milliCpu: number
  readonly memoryBytes: number
  readonly ephemeralBytes: number
  readonly pods: number
}

export interface Kubelet {
  readonly running: boolean
  readonly startedAt: Millis
  /** When it stopped, for a lease that is no longer renewed. */
  readonly stoppedAt: Millis | null
  readonly registered: boolean
  /** Since when it is ready. */
  readonly readyAt: Millis | null
  /** A look at the Node's status is on the agenda. */
  readonly statusDue: boolean
  /** Uid of the Node, once known. */
  readonly nodeUid: string | null
}

export interface MachineSpecification {
  readonly name: string
  readonly address: string
  readonly milliCpu?: number
  readonly memoryBytes?: number
  readonly ephemeralBytes?: number
  readonly pods?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: Machine['taints']
  readonly mirror?: readonly RegistryImage[]
}

const GIB = 1024 ** 3

const hex = (draw: Draw, digits: number, ...purpose: readonly (string | number)[]): string => {
  let text = ''
  for (let i = 0; i < digits; i++) text += Math.floor(draw('hex', i, ...purpose) * 16).toString(16)
  return text
}

const uuid = (text: string): string =>
  `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20, 32)}`

/** A machine with its power on and its kubelet about to start: put `kubelet/started` on the agenda. */
export const newMachine = (specification: MachineSpecification, draw: Draw): Machine => ({
  name: specification.name,
  identity: {
    machineId: hex(draw, 32, 'machine', specification.name),
    bootId: uuid(hex(draw, 32, 'boot', specification.name)),
    address: specification.address,
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    kernelVersion: '6.12.48+deb12-amd64',
    nameserver: '172.18.0.1',
    searchDomain: 'example.internal',
  },
  capacity: {
    milliCpu: specification.milliCpu ?? 2000,
    memoryBytes: specification.memoryBytes ?? 8 * GIB,
    ephemeralBytes: specification.ephemeralBytes ?? 40 * GIB,
    pods: specification.pods ?? 110,
  },
  labels: specification.labels ?? {},
  taints: specification.taints ?? [],
  kubelet: {
    running: false,
    startedAt: 0,
    stoppedAt: null,
    registered: false,
    readyAt: null,
    statusDue: false,
    nodeUid: null,
  },
  runtimeUp: true,
  images: emptySorted(),
  pulls: [],
  mirror: specification.mirror ?? [],
  pods: emptySorted(),
  held: { milliCpu: 0, memoryBytes: 0, ephemeralBytes: 0, pods: 0 },
  files: noFiles,
  network: machineNetwork(specification.name, specification.address, { cidr: '172.18.0.0/16', gateway: '172.18.0.1' }),
})

/** Kubelets of different machines list at different moments of the second. */
export const relistPhase = (name: string, draw: Draw): Millis => Math.floor(draw('relist', name) * 1000)
