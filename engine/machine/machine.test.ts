import { expect, test } from 'vitest'
import type { Pod, PodStatus } from '../api/types.generated.ts'
import type { ClientFact, Order } from '../client/component.ts'
import type { View } from '../client/controller.ts'
import { emptyAgenda, nextDue, schedule, takeNext } from '../std/agenda.ts'
import { drawing } from '../std/draw.ts'
import { sortedSize } from '../std/sorted.ts'
import { bootMachine, crashMachine } from './boot.ts'
import type { MachineFact } from './fact.ts'
import { leaseRenewTime } from './heartbeat.ts'
import { readContainerLog } from './log.ts'
import { type Machine, machine, newMachine } from './machine.ts'
import { flannelStarts } from './network/flannel.ts'

const draw = drawing(1)

const pod = (container: object, more: object = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      namespace: 'default',
      uid: 'u1',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '',
    },
    spec: {
      nodeName: 'node-1',
      restartPolicy: 'Always',
      ...more,
      containers: [{ name: 'main', image: 'busybox', ...container }],
    },
    status: { phase: 'Pending' },
  }) as unknown as Pod

/** One machine with an API server that says yes to everything and remembers the last status. */
function lone(objects: Readonly<Record<string, object>> = {}) {
  const made = newMachine({ name: 'node-1', address: '172.18.0.3' }, draw)
  let slice: Machine = {
    ...made,
    network: flannelStarts(made.network, '10.244.1.0/24'),
    kubelet: { ...made.kubelet, running: true, registered: true, readyAt: 0 },
  }
  let agenda = emptyAgenda<MachineFact | ClientFact>()
  let now = 0
  let facts = 0
  let status: PodStatus = {}
  let deleted = false
  const events: string[] = []
  const view = {
    now,
    draw,
    get: (resource: string, key: string) => objects[`${resource} ${key}`],
    list: () => [],
    by: () => Object.entries(objects).flatMap(([key, object]) => (key.startsWith('pods ') ? [object] : [])),
  } as unknown as View
  const obey = (order: Order<MachineFact>) => {
    if (order.do === 'record') events.push(`${order.reason}: ${order.message}`)
    else if (order.do === 'after') agenda = schedule(agenda, Math.round(now + order.delay), order.fact)
    else {
      if (order.ask.resource === 'pods' && order.ask.verb === 'delete') deleted = true
      if (order.ask.resource === 'pods' && order.ask.verb === 'patch')
        status = { ...status, ...(order.ask.body as { status: PodStatus }).status }
      if (order.tag) agenda = schedule(agenda, now + 1, { type: 'response/arrived', tag: order.tag })
    }
  }
  const happen = (fact: MachineFact | ClientFact) => {
    facts++
    const [next, orders] = machine(slice, fact, { now, draw, view })
    slice = next
    orders.forEach(obey)
  }
  return {
    happen,
    deliver: (before: Pod | undefined, after: Pod | undefined) =>
      happen({ type: 'changes/delivered', changes: [{ resource: 'pods', key: 'default/p', before, after }] }),
    run: (until: number) => {
      for (let due = nextDue(agenda); due !== undefined && due <= until; due = nextDue(agenda)) {
        const [fact, , rest] = takeNext(agenda)!
        agenda = rest
        now = Math.max(now, due)
        happen(fact)
      }
      now = until
    },
    get: () => ({ slice, status, events, facts, deleted, waiting: agenda.size, now }),
    change: (change: (machine: Machine) => Machine) => {
      slice = change(slice)
    },
    forget: () => {
      agenda = emptyAgenda()
    },
  }
}

test('a pod is pulled, started, asked to go, and leaves nothing behind', () => {
  const world = lone()
  const first = pod({ image: 'nginx:1.27' })
  world.deliver(undefined, first)
  world.run(10_000)
  expect(world.get().status.phase).toBe('Running')
  expect(world.get().status.podIP).toBe('10.244.1.2')
  const going = {
    ...first,
    metadata: { ...first.metadata, generation: 2, deletionTimestamp: 'x', deletionGracePeriodSeconds: 30 },
  }
  world.deliver(first, going as Pod)
  world.run(20_000)
  expect(world.get().deleted).toBe(true)
  world.deliver(going as Pod, undefined)
  const { slice, events } = world.get()
  expect(sortedSize(slice.pods)).toBe(0)
  expect(slice.held.pods).toBe(0)
  expect(sortedSize(slice.network.pods)).toBe(0)
  expect(events.map((event) => event.split(':', 1)[0])).toEqual(['Pulling', 'Pulled', 'Created', 'Started', 'Killing'])
})

test('a running pod with a well probe costs nothing while nothing happens', () => {
  const world = lone()
  world.deliver(
    undefined,
    pod({ image: 'nginx:1.27', readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 } }),
  )
  world.run(30_000)
  expect(world.get().status.containerStatuses?.[0]?.ready).toBe(true)
  expect(world.get().waiting).toBe(0)
})

test('a container that keeps failing is left alone for ten seconds, then twenty', () => {
  const world = lone()
  world.deliver(undefined, pod({ command: ['sh', '-c', 'exit 3'] }))
  world.run(45_000)
  const { restartCount, lastState } = world.get().status.containerStatuses![0]!
  expect(restartCount).toBe(3)
  expect(lastState?.terminated?.exitCode).toBe(3)
  expect(world.get().events.filter((event) => event.startsWith('Started'))).toHaveLength(4)
})

test('an unknown image is refused in the words of the hub', () => {
  const world = lone()
  world.deliver(undefined, pod({ image: 'nosuchimage:1' }))
  world.run(5_000)
  expect(world.get().status.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ErrImagePull')
  expect(world.get().events.join('\n')).toContain(
    'pull access denied, repository does not exist or may require authorization',
  )
})

test('a missing ConfigMap holds a container back until it is there', () => {
  const objects: Record<string, object> = {}
  const world = lone(objects)
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'cm', key: 'a' } } }]
  world.deliver(undefined, pod({ command: ['sh', '-c', 'echo $A; sleep 600'], env }))
  world.run(5_000)
  expect(world.get().status.containerStatuses?.[0]?.state?.waiting?.message).toBe('configmap "cm" not found')
  objects['configmaps default/cm'] = { data: { a: 'hello' } }
  world.run(25_000)
  expect(readContainerLog(world.get().slice, 'u1', 'main')).toEqual({ text: 'hello\n' })
})

test('a machine that lost its power starts its pods anew, and its lease shows the gap', () => {
  const running = pod({ image: 'nginx:1.27' })
  const world = lone({ 'pods default/p': running })
  world.deliver(undefined, running)
  world.run(10_000)
  world.change((slice) => crashMachine(slice, { now: 10_000, draw }))
  world.forget()
  expect(leaseRenewTime(world.get().slice, 60_000)).toBe(10_000)
  world.run(60_000)
  world.change((slice) => bootMachine(slice, { now: 60_000, draw }))
  world.happen({ type: 'kubelet/started' })
  world.run(70_000)
  const { restartCount, ready, lastState } = world.get().status.containerStatuses![0]!
  expect([restartCount, ready, lastState?.terminated?.exitCode]).toEqual([1, true, 255])
  expect(world.get().events).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.')
  expect(leaseRenewTime(world.get().slice, 70_000)).toBe(70_000)
})

test('a machine in the middle of anything is plain data', () => {
  const world = lone()
  world.deliver(undefined, pod({ command: ['sh', '-c', 'while true; do echo tick; sleep 1; done'] }))
  let looked = 0
  for (let until = 100; until < 8_000; until += 100) {
    world.run(until)
    const { slice } = world.get()
    expect(JSON.parse(JSON.stringify(slice))).toEqual(slice)
    world.change(() => JSON.parse(JSON.stringify(slice)) as Machine)
    looked++
  }
  expect(looked).toBe(79)
  const log = readContainerLog(world.get().slice, 'u1', 'main')
  expect('text' in log && log.text.split('tick').length).toBeGreaterThan(4)
})
