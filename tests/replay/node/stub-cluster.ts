/**
 * Just enough of a cluster around three machines to replay the life of pods: a store, a strategic merge of statuses, deletion with
 * grace, a binding, Events that are counted, an agenda.
 */
import type { Draft, KubeObject } from '../../../engine/api/object.ts'
import { keyFor } from '../../../engine/api/object.ts'
import { failure } from '../../../engine/api/status.ts'
import type { ClientFact, Order } from '../../../engine/client/component.ts'
import type { Ask, Change, EventNote, View } from '../../../engine/client/controller.ts'
import type { MachineFact } from '../../../engine/machine/fact.ts'
import { type Machine, machine, newMachine } from '../../../engine/machine/machine.ts'
import { flannelStarts } from '../../../engine/machine/network/flannel.ts'
import type { RegistryImage } from '../../../engine/machine/runtime/image-content.ts'
import { withImage } from '../../../engine/machine/runtime/image-store.ts'
import { emptyAgenda, nextDue, schedule, takeNext } from '../../../engine/std/agenda.ts'
import { drawing } from '../../../engine/std/draw.ts'
import { timestamp } from '../../../engine/std/time.ts'
import type { RecordedEvent } from './recording.ts'

type Due = { readonly machine: string; readonly fact: MachineFact | ClientFact } | { readonly call: () => void }

type Plain = Readonly<Record<string, unknown>>
type AnyObject = KubeObject & { readonly status?: Plain; readonly spec?: Plain }

export interface WrittenVersion {
  readonly at: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly by: readonly string[]
  readonly object: KubeObject
}

export class StubCluster {
  now = 0
  readonly draw
  machines = new Map<string, Machine>()
  objects = new Map<string, AnyObject>()
  readonly versions = new Map<string, WrittenVersion[]>()
  readonly events: RecordedEvent[] = []
  readonly #counts = new Map<string, number>()
  #agenda = emptyAgenda<Due>()
  #revision = 1

  constructor(seed: number, mirror: readonly RegistryImage[]) {
    this.draw = drawing(seed)
    for (const i of [1, 2, 3]) {
      const made = newMachine(
        { name: `node-${i}`, address: `172.18.0.${i + 2}`, mirror, memoryBytes: 25_276_510_208 },
        this.draw,
      )
      const ready: Machine = {
        ...made,
        network: flannelStarts(made.network, `10.244.${i}.0/24`),
        kubelet: { ...made.kubelet, running: true, startedAt: -60_000, readyAt: -60_000 },
      }
      this.machines.set(`node-${i}`, ready)
      this.put('nodes', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name: `node-${i}`,
          uid: `n${i}`,
          resourceVersion: '1',
          creationTimestamp: '',
          labels: { 'kubernetes.io/hostname': `node-${i}` },
        },
      })
    }
  }

  have(node: string, image: RegistryImage, name: string): void {
    const old = this.machines.get(node)!
    this.machines.set(node, { ...old, images: withImage(old.images, image, name) })
  }

  get #view(): View {
    const prefix = (resource: string, namespace: string | undefined) =>
      `${resource} ${namespace === undefined ? '' : `${namespace}/`}`
    return {
      now: this.now,
      draw: this.draw,
      get: <T extends KubeObject>(resource: string, key: string) =>
        this.objects.get(`${resource} ${key}`) as T | undefined,
      list: <T extends KubeObject>(resource: string, namespace?: string) =>
        [...this.objects]
          .filter(([key]) => key.startsWith(prefix(resource, namespace)))
          .map(([, object]) => object) as unknown as T[],
      by: <T extends KubeObject>(resource: string, _index: string, value: string) =>
        [...this.objects.values()].filter(
          (object) => resource === 'pods' && object.spec?.nodeName === value,
        ) as unknown as T[],
    }
  }

  put(resource: string, object: KubeObject): void {
    this.objects.set(`${resource} ${keyFor(object.metadata.namespace, object.metadata.name)}`, object as AnyObject)
  }

  get(resource: string, key: string): AnyObject | undefined {
    return this.objects.get(`${resource} ${key}`)
  }

  after(delay: number, call: () => void): void {
    this.#agenda = schedule(this.#agenda, Math.round(this.now + delay), { call })
  }

  /** A write, told to whom it concerns. */
  write(resource: string, key: string, object: AnyObject | undefined, by: readonly string[]): void {
    const before = this.get(resource, key)
    const stamped =
      object &&
      ({ ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } } as AnyObject)
    if (stamped) this.objects.set(`${resource} ${key}`, stamped)
    else this.objects.delete(`${resource} ${key}`)
    if (resource === 'pods') {
      const name = (stamped ?? before)!.metadata.name
      const versions = this.versions.get(name) ?? []
      this.versions.set(name, versions)
      versions.push({
        at: this.now,
        type: !before ? 'ADDED' : stamped ? 'MODIFIED' : 'DELETED',
        by,
        object: stamped ?? before!,
      })
    }
    const change: Change = { resource, key, before, after: stamped }
    for (const name of this.#machinesFor(change)) this.#deliver(name, change)
  }

  #machinesFor({ resource, before, after }: Change): readonly string[] {
    if (resource === 'configmaps' || resource === 'secrets') return [...this.machines.keys()]
    const node = ((after ?? before) as AnyObject).spec?.nodeName as string | undefined
    return resource === 'pods' && node && this.machines.has(node) ? [node] : []
  }

  #deliver(name: string, change: Change): void {
    this.#agenda = schedule(this.#agenda, this.now + 3, {
      machine: name,
      fact: { type: 'changes/delivered', changes: [change] },
    })
  }

  act(name: string, fact: MachineFact | ClientFact): void {
    const [slice, orders] = machine(this.machines.get(name)!, fact, {
      now: this.now,
      draw: this.draw,
      view: this.#view,
    })
    this.machines.set(name, slice)
    for (const order of orders) this.#obey(name, order)
  }

  #obey(name: string, order: Order<MachineFact>): void {
    if (order.do === 'record') this.#record(name, order)
    else if (order.do === 'after')
      this.#agenda = schedule(this.#agenda, Math.round(this.now + order.delay), { machine: name, fact: order.fact })
    else this.after(2, () => this.#answer(name, order.ask, order.tag))
  }

  #record(host: string, { about, type, reason, message, fieldPath }: EventNote): void {
    const where = `${about.kind}/${about.metadata.name}${fieldPath ? ` ${fieldPath}` : ''}`
    const key = `${about.metadata.uid} ${where} ${reason} ${message}`
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    this.events.push({ t: this.now / 1000, type, reason, message, about: where, from: 'kubelet', count, host })
  }

  #answer(name: string, ask: Ask, tag: string | undefined): void {
    const key = keyFor(ask.namespace, ask.name!)
    const old = this.get(ask.resource, key)
    const said = old ? this.#carryOut(ask, key, old) : undefined
    if (tag === undefined) return
    const status = failure(404, 'NotFound', 'not found')
    this.act(name, { type: 'response/arrived', tag, ...(said ? { object: said } : { status }) })
  }

  #carryOut(ask: Ask, key: string, old: AnyObject): AnyObject {
    if (ask.verb === 'delete') this.remove(key, 0, [])
    if (ask.verb === 'patch')
      this.write(ask.resource, key, withPatch(old, ask.body as Draft), ['kubelet Update status'])
    return this.get(ask.resource, key) ?? old
  }

  /** What the API server does with a delete. */
  remove(key: string, graceSeconds: number | undefined, by: readonly string[]): void {
    const old = this.get('pods', key)
    if (!old) return
    const spec = old.spec as { readonly terminationGracePeriodSeconds?: number; readonly nodeName?: string }
    const phase = (old.status as { readonly phase?: string } | undefined)?.phase
    const unbound = spec.nodeName === undefined || phase === 'Succeeded' || phase === 'Failed'
    const grace = unbound ? 0 : (graceSeconds ?? spec.terminationGracePeriodSeconds ?? 30)
    const marked = this.#marked(old, grace)
    if (marked) this.write('pods', key, marked, by)
    if (grace === 0) this.write('pods', key, undefined, by)
  }

  #marked(old: AnyObject, grace: number): AnyObject | undefined {
    const { deletionTimestamp, deletionGracePeriodSeconds: before = 0, generation = 1 } = old.metadata
    if (deletionTimestamp !== undefined && grace >= before) return undefined
    const again = deletionTimestamp !== undefined
    const metadata = {
      ...old.metadata,
      generation: again ? generation : generation + 1,
      deletionTimestamp: timestamp(this.now + (again ? 0 : grace * 1000)),
      deletionGracePeriodSeconds: again && grace > 0 ? 1 : grace,
    }
    return { ...old, metadata }
  }

  /** Lets everything happen up to an instant, or until something holds. */
  run(until: number, done: () => boolean = () => false): boolean {
    while (!done()) {
      const due = nextDue(this.#agenda)
      if (due === undefined || due > until) {
        this.now = Math.max(this.now, until)
        return done()
      }
      const [item, , rest] = takeNext(this.#agenda)!
      this.#agenda = rest
      this.now = Math.max(this.now, due)
      if ('call' in item) item.call()
      else this.act(item.machine, item.fact)
    }
    return true
  }
}

const MERGED_BY: Readonly<Record<string, string>> = { conditions: 'type', podIPs: 'ip', hostIPs: 'ip' }

/** The strategic merge patch of a pod's status. */
export function withPatch(old: AnyObject, patch: Draft): AnyObject {
  const status: Record<string, unknown> = { ...old.status }
  for (const [field, value] of Object.entries((patch.status ?? {}) as Plain)) {
    const key = MERGED_BY[field]
    if (field.startsWith('$')) continue
    if (value === null) delete status[field]
    else status[field] = key ? mergedList((old.status?.[field] ?? []) as Plain[], value as Plain[], key) : value
  }
  return { ...old, status }
}

function mergedList(old: readonly Plain[], patch: readonly Plain[], key: string): readonly Plain[] {
  const result = [...old]
  for (const item of patch) {
    const index = result.findIndex((other) => other[key] === item[key])
    if (item.$patch === 'delete') {
      if (index >= 0) result.splice(index, 1)
    } else if (index < 0) result.push(key === 'type' ? { lastProbeTime: null, ...item } : item)
    else
      result[index] = Object.fromEntries(
        Object.entries({ ...result[index], ...item }).filter(
          ([name, value]) => value !== null || name === 'lastProbeTime',
        ),
      )
  }
  return result
}
