/**
 * The container runtime's records, as the kubelet asks for them over the Container Runtime Interface: for each pod its
 * sandboxes (the pause container that holds the network namespace) and containers, with their states. The kubelet never
 * looks at these directly but at what it last listed, which is an older pointer to the same data.
 *
 * Upstream: staging/src/k8s.io/cri-api/pkg/apis/runtime/v1, containerd's CRI plugin.
 * Left out: attach, checkpoint, port-forward streams (the network room answers those), runtime classes other than the default.
 */
import type { Millis } from '../../std/time.ts'
import type { SignalName } from '../images/program.ts'
import type { Process } from './process.ts'

export interface Sandbox {
  readonly id: string
  readonly attempt: number
  readonly ready: boolean
  readonly createdAt: Millis
  /** '' on the host's network. */
  readonly ip: string
}

export type ContainerKind = 'init' | 'regular' | 'ephemeral'

export interface ContainerRecord {
  readonly id: string
  readonly name: string
  readonly kind: ContainerKind
  /** How many containers of this name came before it: the restart count. */
  readonly attempt: number
  readonly state: 'created' | 'running' | 'exited'
  /** As the spec named it when this was created: another name now is a change of the container's definition. */
  readonly image: string
  readonly imageName: string
  readonly imageDigest: string
  readonly stopSignal: SignalName
  readonly createdAt: Millis
  readonly startedAt: Millis
  readonly finishedAt: Millis
  readonly exitCode: number
  readonly reason: string
  readonly message: string
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

export interface PodRuntime {
  /** Newest first. */
  readonly sandboxes: readonly Sandbox[]
  /** Newest first. */
  readonly containers: readonly ContainerRecord[]
}

export const NO_RUNTIME: PodRuntime = { sandboxes: [], containers: [] }

/** What runs in the containers of a pod, by process id; a container's first process has the container's id. */
export type Processes = Readonly<Record<string, Process>>

export const containerById = (runtime: PodRuntime, id: string): ContainerRecord | undefined =>
  runtime.containers.find((container) => container.id === id)

/** The newest container of a name. */
export const latestContainer = (runtime: PodRuntime, name: string): ContainerRecord | undefined =>
  runtime.containers.find((container) => container.name === name)

export const readySandbox = (runtime: PodRuntime): Sandbox | undefined =>
  runtime.sandboxes.find((sandbox) => sandbox.ready)

export const withContainer = (runtime: PodRuntime, container: ContainerRecord): PodRuntime => {
  const known = runtime.containers.some(({ id }) => id === container.id)
  const containers = known
    ? runtime.containers.map((old) => (old.id === container.id ? container : old))
    : [container, ...runtime.containers]
  return { ...runtime, containers }
}

export const withSandbox = (runtime: PodRuntime, sandbox: Sandbox): PodRuntime => {
  const known = runtime.sandboxes.some(({ id }) => id === sandbox.id)
  const sandboxes = known
    ? runtime.sandboxes.map((old) => (old.id === sandbox.id ? sandbox : old))
    : [sandbox, ...runtime.sandboxes]
  return { ...runtime, sandboxes }
}

/** Whether a listing would show a difference: identities and states, nothing finer. */
export function looksTheSame(one: PodRuntime, other: PodRuntime): boolean {
  if (one === other) return true
  if (one.sandboxes.length !== other.sandboxes.length || one.containers.length !== other.containers.length) return false
  return (
    one.sandboxes.every((sandbox, i) => sandbox === other.sandboxes[i]) &&
    one.containers.every((container, i) => container === other.containers[i])
  )
}
