import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Key, KubeObject } from '../api/object.ts'
import type { ClientFact } from '../client/component.ts'
import type { Change, View } from '../client/controller.ts'
import { type Agenda, emptyAgenda, schedule, takeNext } from '../std/agenda.ts'
import { drawing } from '../std/draw.ts'
import type { Millis } from '../std/time.ts'
import { attempt, plainly } from './attempt.ts'
import { situationOf } from './cycle.ts'
import type { SchedulerFact } from './fact.ts'
import { incomingOf } from './incoming.ts'
import type { Node, Pod } from './objects.ts'
import type { Orders } from './orders.ts'
import { takePod } from './queue.ts'
import { newScheduler, type Scheduler, scheduler } from './scheduler.ts'
import { backoffLimits } from './slice.ts'
import { profileOf } from './waking.ts'

type Fact = SchedulerFact | ClientFact

/** A scheduler in a cluster that does at once whatever it asks. */
class World {
  slice: Scheduler = newScheduler()
  now: Millis = 0
  agenda: Agenda<Fact> = emptyAgenda()
  readonly objects = new Map<string, KubeObject>()
  readonly said: string[] = []
  /** Is asked to agree with every attempt. */
  check: (slice: Scheduler, view: View) => void = () => {}
  /** Writes the slice down and reads it again before each fact. */
  forgetful = false

  view(): View {
    const inside = (resource: string) =>
      [...this.objects].filter(([key]) => key.startsWith(`${resource} `)).map(([, object]) => object)
    return {
      now: this.now,
      draw: drawing(1),
      get: (resource, key) => this.objects.get(`${resource} ${key}`) as never,
      list: (resource) => inside(resource) as never,
      by: () => [],
    }
  }

  write(resource: string, key: Key, after: KubeObject | undefined): void {
    const before = this.objects.get(`${resource} ${key}`)
    if (after) this.objects.set(`${resource} ${key}`, after)
    else this.objects.delete(`${resource} ${key}`)
    const changes: readonly Change[] = [{ resource, key, before, after }]
    this.agenda = schedule(this.agenda, this.now, { type: 'changes/delivered', changes })
  }

  private obey(orders: Orders): void {
    for (const order of orders) {
      if (order.do === 'after') this.agenda = schedule(this.agenda, this.now + order.delay, order.fact)
      else if (order.do === 'record') this.said.push(`${order.about.metadata.name}: ${order.message}`)
      else {
        this.carryOut(
          order.ask.subresource ?? order.ask.verb,
          `${order.ask.namespace}/${order.ask.name}`,
          order.ask.body,
        )
        if (order.tag) this.agenda = schedule(this.agenda, this.now, { type: 'response/arrived', tag: order.tag })
      }
    }
  }

  private carryOut(what: string, key: Key, body: unknown): void {
    const pod = this.objects.get(`pods ${key}`) as Pod | undefined
    if (!pod) return
    if (what === 'delete') this.write('pods', key, undefined)
    else if (what === 'binding')
      this.write('pods', key, {
        ...pod,
        spec: { ...pod.spec, nodeName: (body as { target: { name: string } }).target.name },
      } as Pod)
    else this.write('pods', key, { ...pod, status: { ...pod.status, ...(body as { status: object }).status } } as Pod)
  }

  runUntil(end: Millis): void {
    for (let next = takeNext(this.agenda); next && next[1] <= end; next = takeNext(this.agenda)) {
      const [fact, due, rest] = next
      this.now = due
      this.agenda = rest
      if (this.forgetful) this.slice = JSON.parse(JSON.stringify(this.slice))
      if (fact.type === 'cycle/due') this.check(this.slice, this.view())
      const [slice, orders] = scheduler(this.slice, fact, { now: due, draw: drawing(1), view: this.view() })
      this.slice = slice
      this.obey(orders)
    }
    this.now = end
  }
}

const metadata = (name: string, namespace?: string, labels?: Record<string, string>) => ({
  name,
  ...(namespace && { namespace }),
  ...(labels && { labels }),
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-05T09:00:00Z',
})

interface NodeWish {
  readonly cpu: number
  readonly zone: number
  readonly taint: 'none' | 'PreferNoSchedule' | 'NoSchedule'
  readonly cordoned: boolean
  readonly image: boolean
}

function nodeOf(name: string, { cpu, zone, taint, cordoned, image }: NodeWish): Node {
  const labels = { 'kubernetes.io/hostname': name, ...(zone > 0 && { 'topology.kubernetes.io/zone': `z${zone}` }) }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: metadata(name, undefined, labels),
    spec: { unschedulable: cordoned, ...(taint !== 'none' && { taints: [{ key: 't', effect: taint }] }) },
    status: {
      allocatable: { cpu: String(cpu), memory: '8Gi', pods: '5' },
      ...(image && { images: [{ names: ['web:1'], sizeBytes: 500_000_000 }] }),
    },
  }
}

interface PodWish {
  readonly app: number
  readonly cpu: number
  readonly priority: number
  readonly tolerates: boolean
  readonly port: boolean
  readonly rule: 'none' | 'spread' | 'spread softly' | 'near' | 'away' | 'rather away'
}

const RULES: Readonly<Record<PodWish['rule'], (app: string) => object>> = {
  none: () => ({}),
  spread: (app) => spreadOver(app, 'DoNotSchedule'),
  'spread softly': (app) => spreadOver(app, 'ScheduleAnyway'),
  near: (app) => ({ affinity: { podAffinity: required(app) } }),
  away: (app) => ({ affinity: { podAntiAffinity: required(app) } }),
  'rather away': (app) => ({
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: term(app) }],
      },
    },
  }),
}

const term = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: 'topology.kubernetes.io/zone' })
const required = (app: string) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term(app)] })
const spreadOver = (app: string, whenUnsatisfiable: string) => ({
  topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable, ...term(app) }],
})

function podOf(name: string, { app, cpu, priority, tolerates, port, rule }: PodWish): Pod {
  const label = `app-${app}`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(name, 'default', { app: label }),
    spec: {
      schedulerName: 'default-scheduler',
      priority,
      ...(tolerates && { tolerations: [{ key: 't', operator: 'Exists' }] }),
      ...RULES[rule](label),
      containers: [
        {
          name: 'c',
          image: 'web:1',
          ...(cpu > 0 && { resources: { requests: { cpu: `${cpu}m` } } }),
          ...(port && { ports: [{ containerPort: 80, hostPort: 80 }] }),
        },
      ],
    },
    status: { phase: 'Pending' },
  }
}

const nodeWish = fc.record<NodeWish>({
  cpu: fc.integer({ min: 1, max: 4 }),
  zone: fc.nat(3),
  taint: fc.constantFrom('none', 'none', 'PreferNoSchedule', 'NoSchedule'),
  cordoned: fc.boolean().map((cordoned) => cordoned),
  image: fc.boolean(),
})

const podWish = fc.record<PodWish>({
  app: fc.nat(2),
  cpu: fc.constantFrom(0, 100, 700, 1500),
  priority: fc.constantFrom(0, 0, 10),
  tolerates: fc.boolean(),
  port: fc.boolean(),
  rule: fc.constantFrom('none', 'none', 'spread', 'spread softly', 'near', 'away', 'rather away'),
})

type Act =
  | { readonly does: 'node'; readonly which: number; readonly wish: NodeWish | undefined }
  | { readonly does: 'pod'; readonly which: number; readonly wish: PodWish | undefined }

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    does: fc.constant('node' as const),
    which: fc.nat(5),
    wish: fc.option(nodeWish, { nil: undefined, freq: 4 }),
  }),
  fc.record({
    does: fc.constant('pod' as const),
    which: fc.nat(15),
    wish: fc.option(podWish, { nil: undefined, freq: 6 }),
  }),
)

function perform(world: World, acts: readonly Act[]): void {
  for (const { does, which, wish } of acts) {
    if (does === 'node') world.write('nodes', `n${which}`, wish && nodeOf(`n${which}`, wish))
    else if (!wish) world.write('pods', `default/p${which}`, undefined)
    else if (!world.objects.has(`pods default/p${which}`))
      world.write('pods', `default/p${which}`, podOf(`p${which}`, wish))
    world.runUntil(world.now + 400)
  }
}

test('what was remembered of nodes never changes a decision', () => {
  let looked = 0
  fc.assert(
    fc.property(fc.array(act, { minLength: 5, maxLength: 40 }), (acts) => {
      const world = new World()
      world.check = (slice, view) => {
        const key = takePod(slice.queue, backoffLimits(slice))?.[1].key
        const pod = key && view.get<Pod>('pods', key)
        if (!pod || slice.snapshot.facts.size === 0) return
        const situation = situationOf(slice, profileOf(slice, pod)!, view)
        expect(attempt(situation, incomingOf(pod))).toEqual(attempt(situation, incomingOf(pod), plainly))
        looked++
      }
      perform(world, acts)
    }),
  )
  expect(looked).toBeGreaterThan(100)
})

test('a scheduler that is written down and read again before every fact goes on as if nothing had happened', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 5, maxLength: 30 }), (acts) => {
      const [one, other] = [new World(), new World()]
      other.forgetful = true
      perform(one, acts)
      perform(other, acts)
      expect(other.said).toEqual(one.said)
      expect(JSON.parse(JSON.stringify(other.slice))).toEqual(JSON.parse(JSON.stringify(one.slice)))
    }),
    { numRuns: 40 },
  )
})

test('books balance: what is left when all Pods are gone is what was there before', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      const world = new World()
      perform(world, acts)
      for (let which = 0; which <= 15; which++) world.write('pods', `default/p${which}`, undefined)
      world.runUntil(world.now + 1)
      const { usage, assigned, strays, crowds } = world.slice.snapshot
      expect([assigned.size, strays.size, crowds.looks.size, crowds.counts.size]).toEqual([0, 0, 0, 0])
      for (const one of JSON.stringify(usage).matchAll(/"pods":\[(.*?)\]/g)) expect(one[1]).toBe('')
      expect(JSON.stringify(usage)).not.toMatch(/"cpu":-?[1-9]/)
    }),
    { numRuns: 40 },
  )
})

const PLAIN_NODE: NodeWish = { cpu: 1, zone: 1, taint: 'none', cordoned: false, image: false }
const PLAIN_POD: PodWish = { app: 0, cpu: 700, priority: 0, tolerates: false, port: false, rule: 'none' }

test('a Pod that fits nowhere is told why, and is bound when room is made', () => {
  const world = new World()
  world.write('nodes', 'n1', nodeOf('n1', PLAIN_NODE))
  world.write('nodes', 'n2', nodeOf('n2', { ...PLAIN_NODE, cordoned: true }))
  world.write('pods', 'default/a', podOf('a', PLAIN_POD))
  world.runUntil(100)
  world.write('pods', 'default/b', podOf('b', PLAIN_POD))
  world.runUntil(200)
  world.write('pods', 'default/a', undefined)
  world.runUntil(3000)
  expect(world.said).toEqual([
    'a: Successfully assigned default/a to n1',
    'b: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    'b: Successfully assigned default/b to n1',
  ])
})

test('a more important Pod makes a less important one leave', () => {
  const world = new World()
  world.write('nodes', 'n1', nodeOf('n1', PLAIN_NODE))
  world.write('pods', 'default/a', podOf('a', PLAIN_POD))
  world.runUntil(100)
  world.write('pods', 'default/b', podOf('b', { ...PLAIN_POD, priority: 10 }))
  world.runUntil(3000)
  expect(world.objects.has('pods default/a')).toBe(false)
  expect(world.said).toEqual([
    'a: Successfully assigned default/a to n1',
    'a: Preempted by pod uid-b on node n1',
    'b: 0/1 nodes are available: 1 Insufficient cpu.',
    'b: Successfully assigned default/b to n1',
  ])
})

test('a binding that is refused gives the room back, and the Pod is tried again', () => {
  const world = new World()
  world.write('nodes', 'n1', nodeOf('n1', PLAIN_NODE))
  world.runUntil(0)
  const pod = podOf('a', PLAIN_POD)
  world.objects.set('pods default/a', pod)
  const at = { now: 0, draw: drawing(1), view: world.view() }
  const change = { resource: 'pods', key: 'default/a', before: undefined, after: pod }
  const [informed] = scheduler(world.slice, { type: 'changes/delivered', changes: [change] }, at)
  const [assumed] = scheduler(informed, { type: 'cycle/due' }, at)
  expect(assumed.snapshot.assigned.size).toBe(1)
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'no',
    code: 500,
  } as const
  const [failed, orders] = scheduler(assumed, { type: 'response/arrived', tag: 'binding default/a', status }, at)
  expect(failed.snapshot.assigned.size).toBe(0)
  expect(failed.queue.lines.errors.size).toBe(1)
  expect(orders.map((order) => order.do)).toContain('record')
})
