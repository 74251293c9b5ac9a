/**
 * The nodes of the recorded sessions: nothing runs on them, but their Pods get the statuses that the recorder's fake kubelet gave (in
 * the recordings' repository, oracle/fakelet.py). Left out: exits by themselves, readiness gates, values by index.
 */
import type { KubeObject } from '../../../engine/api/object.ts'
import { unixTimestamp } from '../../../engine/std/time.ts'

type Plain = Record<string, unknown>

interface ContainerSpec {
  readonly name: string
  readonly image: string
}

export interface FakePod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string
    readonly hostNetwork?: boolean
    readonly restartPolicy?: string
    readonly containers: readonly ContainerSpec[]
    readonly initContainers?: readonly ContainerSpec[]
  }
}

export interface Ask {
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly contentType: string
  readonly body: unknown
  readonly agent: string
}

/** What it needs of the world. */
export interface Around {
  readonly nowUnix: () => number
  readonly later: (delay: number, what: () => void) => void
  readonly ask: (ask: Ask) => void
  readonly pod: (key: string) => FakePod | undefined
}

const STRATEGIC = 'application/strategic-merge-patch+json'

const FACTS = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const

const CAPACITY = { cpu: '8', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' }

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

export class Fakelet {
  readonly #around: Around
  readonly #known = new Map<string, FakeRun>()
  readonly #addresses = new Map<string, number>()

  constructor(around: Around) {
    this.#around = around
  }

  /** Node number 11 has the address 172.18.0.11. */
  register(name: string, number: number): void {
    const now = unixTimestamp(this.#around.nowUnix())
    const platform = { 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux' }
    const labels = {
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/os': 'linux',
      ...platform,
      'kubernetes.io/hostname': name,
    }
    const agent = `fakelet/${name}`
    const annotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }
    const size = { capacity: CAPACITY, allocatable: CAPACITY }
    const body = { kind: 'Node', apiVersion: 'v1', metadata: { name, labels, annotations }, spec: {}, status: size }
    this.#around.ask({ method: 'POST', path: '/api/v1/nodes', contentType: 'application/json', body, agent })
    const conditions = FACTS.map(([type, status, reason, message]) => ({
      type,
      status,
      reason,
      message,
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    }))
    const nodeInfo = {
      machineID: name,
      systemUUID: name,
      bootID: name,
      kernelVersion: '6.12.0',
      osImage: 'Debian GNU/Linux 13 (trixie)',
      containerRuntimeVersion: 'containerd://2.2.0',
      kubeletVersion: 'v1.36.3',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    }
    const addresses = [
      { type: 'InternalIP', address: `172.18.0.${number}` },
      { type: 'Hostname', address: name },
    ]
    const status = { ...size, conditions, addresses, daemonEndpoints: { kubeletEndpoint: { Port: 10250 } }, nodeInfo }
    this.#around.ask({
      method: 'PATCH',
      path: `/api/v1/nodes/${name}/status`,
      contentType: STRATEGIC,
      body: { status },
      agent,
    })
    this.#lease(name, true)
  }

  #lease(name: string, isFirst: boolean): void {
    const renewTime = unixTimestamp(this.#around.nowUnix()).replace('Z', '.000000Z')
    const agent = `fakelet/${name}`
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime }
    const lease = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: { name }, spec }
    this.#around.ask(
      isFirst
        ? { method: 'POST', path: LEASES, contentType: 'application/json', body: lease, agent }
        : {
            method: 'PATCH',
            path: `${LEASES}/${name}`,
            contentType: 'application/merge-patch+json',
            body: { spec: { renewTime } },
            agent,
          },
    )
    this.#around.later(10_000, () => this.#lease(name, false))
  }

  /** Looks at all Pods: new ones begin, those to be deleted end. */
  look(pods: readonly FakePod[]): void {
    for (const pod of pods) {
      const node = pod.spec.nodeName
      if (!node || !/^node-[123]$/.test(node)) continue
      const uid = String(pod.metadata.uid)
      const run = this.#known.get(uid)
      if (!run) {
        const fresh = new FakeRun(this.#around, pod, Number(node.slice(5)) + 10, () => this.#address(node))
        this.#known.set(uid, fresh)
        fresh.admit()
      }
      if (pod.metadata.deletionTimestamp) this.#known.get(uid)!.stop(pod)
    }
  }

  #address(node: string): string {
    const next = (this.#addresses.get(node) ?? 2) + 1
    this.#addresses.set(node, next)
    return `10.244.${Number(node.slice(5)) + 10}.${next}`
  }
}

type State = { waiting: Plain } | { running: Plain } | { terminated: Plain }

interface FakeContainer {
  readonly name: string
  readonly image: string
  state: State
  ready: boolean
  started: boolean
  ids: Plain
}

class FakeRun {
  readonly #around: Around
  readonly #pod: FakePod
  readonly #number: number
  readonly #address: () => string
  readonly #start: string
  readonly #since = new Map<string, readonly [string, string]>()
  readonly #inits: FakeContainer[]
  readonly #mains: FakeContainer[]
  #phase = 'Pending'
  #ip: string | undefined
  #stopping = false

  constructor(around: Around, pod: FakePod, number: number, address: () => string) {
    this.#around = around
    this.#pod = pod
    this.#number = number
    this.#address = address
    this.#start = unixTimestamp(around.nowUnix())
    const blank = ({ name, image }: ContainerSpec): FakeContainer => {
      const reason = pod.spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating'
      return { name, image, state: { waiting: { reason } }, ready: false, started: false, ids: { imageID: '' } }
    }
    this.#inits = (pod.spec.initContainers ?? []).map(blank)
    this.#mains = pod.spec.containers.map(blank)
  }

  #note(name: string): string | undefined {
    return (this.#pod.metadata.annotations as Record<string, string> | undefined)?.[`fakelet/${name}`]
  }

  admit(): void {
    this.#post()
    const after = Number(this.#note('start-after') ?? 0.3) * 1000
    const broken = [...this.#inits, ...this.#mains].some(({ image }) => /:.*(missing|bad)/.test(image))
    this.#around.later(after, () =>
      broken ? this.#pullFails(0) : this.#inits.length > 0 ? this.#init(0) : this.#begin(),
    )
  }

  #pullFails(turn: number): void {
    if (this.#stopping) return
    for (const one of this.#mains) {
      const first = { reason: 'ErrImagePull', message: `failed to pull and unpack image "${one.image}": not found` }
      one.state = {
        waiting: turn === 0 ? first : { reason: 'ImagePullBackOff', message: `Back-off pulling image "${one.image}"` },
      }
    }
    this.#ip ??= this.#address()
    this.#post()
    if (turn === 0) this.#around.later(1000, () => this.#pullFails(1))
  }

  #runs(one: FakeContainer, ready: boolean): void {
    one.state = { running: { startedAt: unixTimestamp(this.#around.nowUnix()) } }
    one.started = true
    one.ready = ready
    one.ids = { imageID: `sha256:${one.image}`, containerID: `containerd://${one.name}-0` }
  }

  #ends(one: FakeContainer, exitCode: number): void {
    const now = unixTimestamp(this.#around.nowUnix())
    const startedAt = 'running' in one.state ? one.state.running.startedAt : now
    one.state = {
      terminated: {
        exitCode,
        reason: exitCode === 0 ? 'Completed' : 'Error',
        startedAt,
        finishedAt: now,
        containerID: one.ids.containerID ?? '',
      },
    }
    one.ready = false
    one.started = false
  }

  #init(index: number): void {
    if (this.#stopping) return
    this.#ip ??= this.#address()
    const one = this.#inits[index]
    if (!one) {
      this.#begin()
      return
    }
    this.#runs(one, false)
    one.started = false
    this.#post()
    this.#around.later(Number(this.#note('init-after') ?? 0.3) * 1000, () => {
      if (this.#stopping) return
      this.#ends(one, 0)
      one.ready = true
      this.#init(index + 1)
    })
  }

  #begin(): void {
    if (this.#stopping) return
    this.#ip ??= this.#address()
    this.#phase = 'Running'
    const readyAfter = Number(this.#note('ready-after') ?? 0) * 1000
    const never = this.#note('never-ready') === 'true'
    for (const one of this.#mains) this.#runs(one, readyAfter === 0 && !never)
    this.#post()
    if (readyAfter > 0 && !never) this.#around.later(readyAfter, () => this.#becomeReady())
    const exitAfter = this.#note('exit-after')
    if (exitAfter !== undefined) this.#around.later(Number(exitAfter) * 1000, () => this.#exit())
  }

  #exit(): void {
    if (this.#stopping) return
    const code = Number(this.#note('exit-code') ?? 0)
    for (const one of this.#mains) this.#ends(one, code)
    this.#phase = code === 0 ? 'Succeeded' : 'Failed'
    this.#post()
  }

  #becomeReady(): void {
    for (const one of this.#mains) if ('running' in one.state) one.ready = true
    this.#post()
  }

  stop(pod: FakePod): void {
    if (this.#stopping || this.#note('stuck') === 'true') return
    this.#stopping = true
    const grace = Number(pod.metadata.deletionGracePeriodSeconds ?? 30)
    const over = this.#phase === 'Succeeded' || this.#phase === 'Failed'
    this.#around.later(over ? 0 : Math.min(Number(this.#note('stop-after') ?? 0.2), grace) * 1000, () =>
      this.#stopped(),
    )
  }

  #stopped(): void {
    const code = Number(this.#note('stop-code') ?? ((this.#pod.spec.restartPolicy ?? 'Always') === 'Always' ? 0 : 137))
    if (this.#phase !== 'Succeeded' && this.#phase !== 'Failed') {
      const never = this.#mains.every(({ state }) => 'waiting' in state)
      for (const one of [...this.#inits, ...this.#mains]) if ('running' in one.state) this.#ends(one, code)
      this.#phase = never || code !== 0 ? 'Failed' : 'Succeeded'
      this.#post()
    }
    const preconditions = { uid: this.#pod.metadata.uid }
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions }
    this.#around.ask({
      method: 'DELETE',
      path: this.#path(),
      contentType: 'application/json',
      body,
      agent: this.#agent(),
    })
  }

  #path(): string {
    return `/api/v1/namespaces/${String(this.#pod.metadata.namespace)}/pods/${this.#pod.metadata.name}`
  }

  #agent(): string {
    return `fakelet/${this.#pod.spec.nodeName}`
  }

  #condition(type: string, ok: boolean, reason: string | null = null, message: string | null = null): Plain {
    const status = ok ? 'True' : 'False'
    const old = this.#since.get(type)
    const since = old?.[0] === status ? old[1] : unixTimestamp(this.#around.nowUnix())
    this.#since.set(type, [status, since])
    const { generation } = this.#pod.metadata as { generation?: number }
    return {
      type,
      status,
      lastProbeTime: null,
      lastTransitionTime: since,
      ...(generation && { observedGeneration: generation }),
      reason,
      message,
    }
  }

  #post(): void {
    const unready = this.#mains.filter(({ ready }) => !ready).map(({ name }) => name)
    const waiting = this.#inits.filter(({ ready }) => !ready).map(({ name }) => name)
    const done = { Succeeded: 'PodCompleted', Failed: 'PodFailed' }[this.#phase]
    const why: readonly [string | null, string | null] = done
      ? [done, null]
      : unready.length > 0
        ? ['ContainersNotReady', `containers with unready status: [${unready.join(' ')}]`]
        : [null, null]
    const ready = unready.length === 0 && !done
    const initialized = waiting.length === 0
    const conditions = [
      this.#condition('PodReadyToStartContainers', this.#ip !== undefined && !done),
      this.#condition(
        'Initialized',
        initialized,
        done === 'PodCompleted' ? done : initialized ? null : 'ContainersNotInitialized',
        initialized ? null : `containers with incomplete status: [${waiting.join(' ')}]`,
      ),
      this.#condition('Ready', ready, ...why),
      this.#condition('ContainersReady', ready, ...why),
      this.#condition('PodScheduled', true),
    ]
    const host = `172.18.0.${this.#number}`
    const statusOf = ({ name, image, state, ready, started, ids }: FakeContainer): Plain => ({
      name,
      image,
      restartCount: 0,
      ready,
      started,
      lastState: {},
      state,
      ...ids,
    })
    const ip = this.#pod.spec.hostNetwork ? host : this.#ip
    const status = {
      phase: this.#phase,
      startTime: this.#start,
      hostIP: host,
      hostIPs: [{ ip: host }],
      conditions,
      containerStatuses: this.#mains.map(statusOf),
      observedGeneration: (this.#pod.metadata as { generation?: number }).generation,
      ...(this.#inits.length > 0 && { initContainerStatuses: this.#inits.map(statusOf) }),
      ...(this.#ip && { podIP: ip, podIPs: [{ ip }] }),
    }
    const body = { metadata: { uid: this.#pod.metadata.uid }, status }
    this.#around.ask({
      method: 'PATCH',
      path: `${this.#path()}/status`,
      contentType: STRATEGIC,
      body,
      agent: this.#agent(),
    })
  }
}
