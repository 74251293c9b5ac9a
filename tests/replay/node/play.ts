/** Plays a recorded scenario on machines of ours: the same steps, the same inputs, at the same pace. */
import type { KubeObject } from '../../../engine/api/object.ts'
import { killContainer } from '../../../engine/machine/kubelet/node-shell.ts'
import { readContainerLog } from '../../../engine/machine/log.ts'
import { isBadReference, parseImage } from '../../../engine/machine/runtime/image-reference.ts'
import { closeSession, openSession, sessionState } from '../../../engine/machine/session.ts'
import { base64OfText } from '../../../engine/std/base64.ts'
import { EPOCH, instantOf, parseUnix, timestamp } from '../../../engine/std/time.ts'
import { normalOutput } from './compare.ts'
import { RECORDER_IMAGES } from './recorder-images.ts'
import {
  type FlatVersion,
  flat,
  type RanStep,
  type RecordedEvent,
  type Run,
  type Scenario,
  type Step,
} from './recording.ts'
import { StubCluster, withPatch } from './stub-cluster.ts'

export interface Played {
  readonly pods: ReadonlyMap<string, readonly FlatVersion[]>
  readonly events: readonly RecordedEvent[]
  readonly logs: Readonly<Record<string, string>>
  /** A step that this replayer cannot carry out. */
  readonly undriven?: string
  /** A condition the recorder waited for and we did not see, or the other way round; an answer that differs. */
  readonly stepDifference?: string
}

/** The recorder wrote `<path>` for what begins with /tmp. */
const PATH = '/tmp/kubefold-path'

const real = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('<path>', PATH)) as T

type Plain = Readonly<Record<string, unknown>>

interface PodStatusLike {
  readonly phase?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  readonly containerStatuses?: readonly ContainerLike[]
  readonly initContainerStatuses?: readonly ContainerLike[]
}

interface ContainerLike {
  readonly name: string
  readonly restartCount: number
  readonly state?: Readonly<Record<string, { readonly reason?: string }>>
}

const WORD = /^([\w-]+)(>=|=|$)(.*)$/

function wordHolds(word: string, status: PodStatusLike): boolean {
  const [, key, , value = ''] = WORD.exec(word)!
  const containers = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  const inState = (state: string) =>
    containers.some((c) => c.state?.[state] !== undefined && (!value || c.name === value))
  const isReady = (want: boolean) =>
    (status.conditions ?? []).some((c) => c.type === 'Ready' && (c.status === 'True') === want)
  switch (key) {
    case 'phase':
      return value.split('|').includes(status.phase ?? '')
    case 'ready':
      return isReady(true)
    case 'unready':
      return isReady(false)
    case 'restarts':
      return containers.reduce((sum, { restartCount }) => sum + restartCount, 0) >= Number(value)
    case 'waiting':
      return containers.some(({ state }) => state?.waiting?.reason === value)
    case 'running':
      return inState('running')
    case 'terminated':
      return inState('terminated')
    case 'done':
      return status.phase === 'Succeeded' || status.phase === 'Failed'
    case 'condition':
      return (status.conditions ?? []).some((c) => `${c.type}=${c.status}` === value || c.type === value)
    default:
      throw new Error(`unknown condition ${word}`)
  }
}

class Player {
  readonly cluster: StubCluster
  readonly #namespace: string
  readonly #run: Run
  undriven: string | undefined
  stepDifference: string | undefined

  constructor(scenario: Scenario, run: Run) {
    this.#namespace = scenario.id
    this.#run = run
    this.cluster = new StubCluster(7, RECORDER_IMAGES)
    this.#prepareImages(scenario)
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kubernetes', namespace: 'default', uid: 's', resourceVersion: '1', creationTimestamp: '' },
      spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP' }] },
    }
    this.cluster.put('services', service as KubeObject)
  }

  /** Which images were there already is part of where the recording began. */
  #prepareImages(scenario: Scenario): void {
    const pulled = new Set(
      this.#run.events
        .filter(({ reason }) => reason === 'Pulling')
        .map(({ message, host }) => `${host} ${/"(.*)"/.exec(message)?.[1]}`),
    )
    const text = JSON.stringify(scenario.scenario)
    const named = [...text.matchAll(/"(?:image|reference)":"([^"]*)"|set image \S+ \w+=([^\s"]+)/g)].map(
      ([, one, other]) => one ?? other!,
    )
    for (const image of named) {
      const reference = parseImage(image)
      if (isBadReference(reference)) continue
      const content = RECORDER_IMAGES.find(
        ({ repository, tags }) => repository === reference.repository && tags.includes(reference.tag ?? ''),
      )
      const isAlways = new RegExp(`"image":"${image}"[^}]*"imagePullPolicy":"Always"`).test(
        JSON.stringify(scenario.scenario),
      )
      for (const node of ['node-1', 'node-2', 'node-3'])
        if (content && (!pulled.has(`${node} ${image}`) || (isAlways && this.#pulledQuickly(image))))
          this.cluster.have(node, content, reference.name)
    }
  }

  /** A pull that took milliseconds found everything but the manifest. */
  #pulledQuickly(image: string): boolean {
    return this.#run.events.some(
      ({ message }) => message.startsWith(`Successfully pulled image "${image}" in `) && /in \d{1,2}ms /.test(message),
    )
  }

  #key(name: string): string {
    return `${this.#namespace}/${name}`
  }

  /** The first object the recorder saw of a pod carries what the API server filled in. */
  #create(body: NonNullable<Step['create']>): void {
    const { name } = body.metadata
    if (body.kind !== 'Pod') {
      this.#createOther(body)
      return
    }
    const recorded = this.#run.pods[name]
    const first = recorded?.[0]?.object as
      | { readonly metadata: Plain; readonly spec: Plain; readonly status: Plain }
      | undefined
    if (!first) return
    const uid = `00000000-0000-4000-8000-${String(this.cluster.versions.size).padStart(12, '0')}`
    const metadata = { ...first.metadata, uid, creationTimestamp: timestamp(this.cluster.now), resourceVersion: '1' }
    const object = real({ apiVersion: 'v1', kind: 'Pod', ...first, metadata }) as unknown as KubeObject
    this.cluster.write('pods', this.#key(name), object, ['unknown Update'])
    const node = recorded?.find(({ change }) => change?.['spec.nodeName'] !== undefined)?.change?.['spec.nodeName'] as
      | string
      | undefined
    if (node && !(first.spec.nodeName as string | undefined)) this.#bindSoon(name, node, recorded!)
  }

  #bindSoon(name: string, node: string, recorded: Run['pods'][string]): void {
    const bound = recorded.find(({ change }) => change?.['spec.nodeName'] !== undefined)!
    const delay = Math.max(10, (bound.t - recorded[0]!.t) * 1000)
    this.cluster.after(delay, () => {
      const pod = this.cluster.get('pods', this.#key(name))
      if (!pod || pod.metadata.deletionTimestamp) return
      const condition = {
        type: 'PodScheduled',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: timestamp(this.cluster.now),
      }
      const scheduled = { ...pod, spec: { ...pod.spec, nodeName: node } }
      const conditions = 'status.conditions[PodScheduled].status' in bound.change! ? [condition] : []
      this.cluster.write('pods', this.#key(name), withPatch(scheduled, { status: { conditions } }), [])
    })
  }

  readonly #others: Readonly<Record<string, string>> = {
    ConfigMap: 'configmaps',
    Secret: 'secrets',
    Service: 'services',
  }

  #createOther(body: NonNullable<Step['create']>): void {
    const resource = this.#others[body.kind]
    if (!resource) {
      this.undriven ??= `create ${body.kind}`
      return
    }
    const texts = (body.stringData ?? {}) as Readonly<Record<string, string>>
    const data = {
      ...(body.data as Plain),
      ...Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, base64OfText(value)])),
    }
    const spec = body.spec as Plain | undefined
    const address = spec && spec.clusterIP === undefined ? { clusterIP: `10.96.1.${this.cluster.objects.size}` } : {}
    const metadata = {
      ...body.metadata,
      namespace: this.#namespace,
      uid: body.metadata.name,
      resourceVersion: '1',
      creationTimestamp: timestamp(this.cluster.now),
    }
    const object = {
      apiVersion: 'v1',
      ...body,
      metadata,
      ...(resource !== 'services' && { data }),
      ...(spec && { spec: { ...spec, ...address } }),
    }
    this.cluster.write(resource, this.#key(body.metadata.name), object as unknown as KubeObject, [])
  }

  holds(condition: string, since: number): boolean {
    const [name = '', ...words] = condition.split(' ')
    if (name === 'event') return this.#eventHolds(words[0]!, since)
    const versions = this.cluster.versions.get(name) ?? []
    const gone = versions.at(-1)?.type === 'DELETED'
    if (words[0] === 'gone') return gone
    if (versions.length === 0 || gone) return false
    const status = (versions.at(-1)!.object as { readonly status?: PodStatusLike }).status ?? {}
    return words.every((word) => wordHolds(word, status))
  }

  #eventHolds(word: string, since: number): boolean {
    const [reason, least = '1'] = word.split('>=')
    if (reason === 'FailedScheduling') return true
    const latest = new Map<string, number>()
    for (const event of this.cluster.events)
      if (event.t >= since && event.reason === reason) latest.set(`${event.about} ${event.message}`, event.count ?? 1)
    return [...latest.values()].reduce((sum, count) => sum + count, 0) >= Number(least)
  }

  step(step: RanStep): void {
    const { cluster } = this
    const timeout = (step.timeout ?? 90) * 1000
    if (step.create) this.#create(real(step.create))
    else if (step.sleep !== undefined) cluster.run(cluster.now + step.sleep * 1000)
    else if (step.until) this.#wait(step, timeout)
    else if (step.kubectl) this.#kubectl(real(step), timeout)
    else if (step.patch) this.#patch(step.patch)
    else if (step.node) this.#node(real(step))
    else this.undriven ??= JSON.stringify(step).slice(0, 60)
  }

  #wait(step: RanStep, timeout: number): void {
    const { cluster } = this
    const met = cluster.run(cluster.now + timeout, () => this.holds(step.until!, 0))
    cluster.run(cluster.now + 25)
    const recorded = (step as { readonly met?: boolean }).met
    if (recorded !== undefined && met !== recorded)
      this.stepDifference ??= `until ${step.until}: ${met ? 'met' : 'never met'}`
  }

  #patch([path, body]: readonly [string, unknown]): void {
    const [, resource = '', name = '', sub] = /\/(pods|configmaps)\/([\w-]+)(\/status)?$/.exec(path) ?? []
    const old = this.cluster.get(resource, this.#key(name))
    if (!old) {
      this.undriven ??= `patch ${path}`
      return
    }
    const patched = sub
      ? withPatch(old, body as Plain)
      : {
          ...old,
          data: { ...(old as { readonly data?: Plain }).data, ...((body as { readonly data?: Plain }).data ?? {}) },
        }
    this.cluster.write(resource, this.#key(name), patched as typeof old, ['unknown Update status'])
  }

  #node(step: RanStep): void {
    const { cluster } = this
    cluster.run(cluster.now + 500 * (step.took ?? 0))
    const [, line] = step.node!
    if (!/^kill -9 \$\(pgrep/.test(line)) {
      this.undriven ??= `node ${line.slice(0, 60)}`
      return
    }
    const pod = cluster.get('pods', this.#key(step.node![0].slice(1)))!
    const name = (pod.spec as { readonly nodeName: string }).nodeName
    for (const order of killContainer(cluster.machines.get(name)!, pod.metadata.uid)) cluster.act(name, order)
  }

  #kubectl(step: RanStep, timeout: number): void {
    const { cluster } = this
    const words = wordsOf(step.kubectl!)
    const took = 1000 * (step.took ?? 0)
    if (words[0] === 'delete' && words[1] === 'pod') {
      this.#delete(words, took)
      return
    }
    if (words[0] === 'exec') {
      this.#exec(words, step, took, timeout)
      return
    }
    cluster.run(cluster.now + took)
    if (words[0] === 'set' && words[1] === 'image') {
      this.#setImage(words)
      return
    }
    if (words[0] === 'label') {
      this.#label(words)
      return
    }
    this.undriven ??= `kubectl ${step.kubectl}`
  }

  #delete(words: readonly string[], took: number): void {
    const { cluster } = this
    const flag = (name: string) => words.find((word) => word.startsWith(`--${name}`))
    const grace = flag('now') ? 1 : flag('grace-period') ? Number(flag('grace-period')!.split('=')[1]) : undefined
    cluster.run(cluster.now + 0.85 * took)
    cluster.remove(this.#key(words[2]!), grace === 0 && !flag('force') ? 1 : grace, [])
    cluster.run(cluster.now + 0.15 * took)
  }

  #setImage(words: readonly string[]): void {
    const [container, image] = words[3]!.split('=')
    this.#change(words[2]!.replace('pod/', ''), (pod) => {
      const spec = pod.spec as { readonly containers: readonly { readonly name: string }[] }
      const containers = spec.containers.map((old) => (old.name === container ? { ...old, image } : old))
      return {
        ...pod,
        metadata: { ...pod.metadata, generation: (pod.metadata.generation ?? 1) + 1 },
        spec: { ...spec, containers },
      } as typeof pod
    })
  }

  #label(words: readonly string[]): void {
    const [key = '', value = ''] = words[3]!.split('=')
    this.#change(words[2]!, (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [key]: value } },
    }))
  }

  #change(
    name: string,
    change: (pod: NonNullable<ReturnType<StubCluster['get']>>) => NonNullable<ReturnType<StubCluster['get']>>,
  ): void {
    const key = this.#key(name)
    const pod = this.cluster.get('pods', key)
    if (pod) this.cluster.write('pods', key, change(pod), ['kubectl-set Update'])
  }

  #exec(words: readonly string[], step: RanStep, took: number, timeout: number): void {
    const { cluster } = this
    const separator = words.indexOf('--')
    const container = words[words.indexOf('-c') + 1]
    const pod = cluster.get('pods', this.#key(words[1]!))
    cluster.run(cluster.now + Math.min(0.5 * took, 600))
    if (!pod) return
    const spec = pod.spec as { readonly nodeName: string; readonly containers: readonly { readonly name: string }[] }
    const name = words.indexOf('-c') >= 0 && words.indexOf('-c') < separator ? container! : spec.containers[0]!.name
    const { nodeName } = spec
    const at = { now: cluster.now, draw: cluster.draw, view: undefined as never }
    void at
    const session = `s${cluster.now}`
    cluster.act(nodeName, openSession(pod.metadata.uid, name, session, words.slice(separator + 1)))
    const state = () => sessionState(cluster.machines.get(nodeName)!, pod.metadata.uid, session)
    const start = cluster.now
    cluster.run(cluster.now + timeout, () => state().code !== undefined)
    const { stdout, stderr, code } = state()
    cluster.act(nodeName, closeSession(pod.metadata.uid, session))
    if (cluster.now - start < 0.4 * took) cluster.run(start + 0.4 * took)
    const err = code ? `${stderr}command terminated with exit code ${code}\n` : stderr
    const said = real({ stdout: step.stdout ?? '', stderr: step.stderr ?? '' })
    if (normalOutput(stdout) !== normalOutput(said.stdout) || err !== said.stderr)
      this.stepDifference ??= `exec printed ${JSON.stringify(stdout + err)}, recorded ${JSON.stringify(said.stdout + said.stderr)}`
  }

  logs(): Record<string, string> {
    const logs: Record<string, string> = {}
    for (const [name, versions] of this.cluster.versions) {
      const { type, object } = versions.at(-1)!
      if (type === 'DELETED') continue
      const spec = (object as { readonly spec?: Plain }).spec as {
        readonly nodeName?: string
        readonly containers: readonly { readonly name: string }[]
        readonly initContainers?: readonly { readonly name: string }[]
      }
      for (const container of [...(spec.initContainers ?? []), ...spec.containers])
        for (const previous of [false, true]) {
          const machine = spec.nodeName === undefined ? undefined : this.cluster.machines.get(spec.nodeName)
          const log = machine
            ? readContainerLog(machine, object.metadata.uid, container.name, { previous, limitBytes: 8000 })
            : { text: '' }
          const text = 'text' in log ? log.text : previous ? '' : log.problem
          if (text) logs[`${name} ${container.name}${previous ? ' previous' : ''}`] = text
        }
    }
    return logs
  }
}

/** Splits a command line as a shell does, without anything else a shell does. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const match of line.matchAll(/(?:[^\s"']+|"(?:[^"\\]|\\.)*"|'[^']*')+/g))
    words.push(
      match[0].replace(
        /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
        (_all, double?: string, single?: string) => double?.replace(/\\(.)/g, '$1') ?? single ?? '',
      ),
    )
  return words
}

/** Ours in the recorder's words: symbols for ids and addresses, seconds since the start for times. */
class Names {
  readonly #known = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  #name(kind: string, value: string): string {
    const known = this.#known.get(`${kind} ${value}`)
    if (known) return known
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    const name = `<${kind}-${count}>`
    this.#known.set(`${kind} ${value}`, name)
    return name
  }

  text(text: string): string {
    return text
      .replaceAll(PATH, '<path>')
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (stamp) => this.#when(stamp))
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (uid) => this.#name('uid', uid))
      .replace(/sha256:[0-9a-f]{64}/g, 'sha256:<digest>')
      .replace(/\b[0-9a-f]{64}\b/g, (id) => this.#name('id', id))
      .replace(/\b10\.244\.\d+\.\d+\b(?!\/)/g, (address) => this.#name('podIP', address))
  }

  #when(stamp: string): string {
    if (stamp.startsWith('1970')) return `<t-${Math.floor(EPOCH / 1000)}s>`
    const seconds = Math.round((instantOf(stamp) ?? parseUnix(stamp) ?? 0) / 1000)
    return `<t${seconds >= 0 ? '+' : ''}${seconds}s>`
  }

  value<T>(value: T): T {
    return JSON.parse(this.text(JSON.stringify(value))) as T
  }
}

function slim(object: KubeObject): Plain {
  const { managedFields: _fields, resourceVersion: _revision, ...metadata } = object.metadata
  const { apiVersion: _version, kind: _kind, ...rest } = object
  return { ...rest, metadata }
}

export function play(scenario: Scenario, run: Run): Played {
  const player = new Player(scenario, run)
  for (const step of run.steps) {
    player.step(step)
    if (player.undriven) break
  }
  player.cluster.run(player.cluster.now + 500)
  const names = new Names()
  const pods = new Map<string, FlatVersion[]>()
  for (const [name, versions] of player.cluster.versions)
    pods.set(
      name,
      versions.map(({ at, type, by, object }) => ({ t: at / 1000, type, by, fields: flat(names.value(slim(object))) })),
    )
  const events = player.cluster.events.map((event) => ({ ...event, message: names.text(event.message) }))
  const logs = Object.fromEntries(Object.entries(player.logs()).map(([key, text]) => [key, names.text(text)]))
  return {
    pods,
    events,
    logs,
    ...(player.undriven !== undefined && { undriven: player.undriven }),
    ...(player.stepDifference !== undefined && { stepDifference: player.stepDifference }),
  }
}
