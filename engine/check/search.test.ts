/**
 * The search itself is put to the test: a controller that forgets its own writes is let loose in a cluster that is otherwise whole, and
 * the search must find what comes of it and make it small.
 */
import { expect, test, vi } from 'vitest'
import type { KubeObject } from '../api/object.ts'
import type { Pod } from '../api/types.generated.ts'
import type { Controller, View } from '../client/controller.ts'
import { newCluster, nodes } from '../cluster/presets/cluster.ts'
import { act, run, settle } from '../cluster/run.ts'
import type { World } from '../cluster/world.ts'
import { minutes, seconds } from '../std/time.ts'
import { calmIn, deedsIn, sceneOf } from './arbitraries.ts'
import { PROPERTIES } from './cluster-properties.ts'
import { sentenceOf, watchlist } from './property.ts'
import { play, search, tell } from './search.ts'

const broken = vi.hoisted(() => ({ forgets: false }))

/** Pods are not counted before they have a node: what the controller has just made is forgotten, and made again. */
vi.mock('../kinds/apps/replicaset/controller.ts', async (original) => {
  const { replicaSetController: real } = await original<typeof import('../kinds/apps/replicaset/controller.ts')>()
  const isKnown = (object: KubeObject) =>
    object.kind !== 'Pod' || (object as unknown as Pod).spec.nodeName !== undefined
  const forgetful = (view: View): View => ({
    ...view,
    list: (resource, namespace) => view.list(resource, namespace).filter(isKnown) as never,
    by: (resource, index, value) => view.by(resource, index, value).filter(isKnown) as never,
  })
  const reconcile: Controller['reconcile'] = (view, key, memory) =>
    real.reconcile(broken.forgets ? forgetful(view) : view, key, memory)
  return { replicaSetController: { ...real, reconcile } }
})

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: main
        image: nginx:1.27
`

function begin(): World {
  const bare = settle(newCluster({ machines: nodes(2), addons: false, files: { 'web.yaml': MANIFEST } }), minutes(5))
  const applied = act(bare, { type: 'line/entered', terminal: 'main', line: 'kubectl apply -f web.yaml' })
  return run(applied, applied.now + seconds(30))
}

const NO_DUPLICATES = 'a ReplicaSet never has more Pods than it was ever asked for'

const properties = PROPERTIES.filter((property) => sentenceOf(property).startsWith(NO_DUPLICATES))

function searchFrom(world: World) {
  const scene = sceneOf(world, ['web'])
  return search({
    begin: (seed) => ({ ...world, seed }),
    properties,
    deeds: deedsIn(scene),
    calm: calmIn(scene),
    runs: 25,
    seed: 7,
  })
}

test('a controller that forgets its own writes is found, made small, and found again from what was printed', () => {
  broken.forgets = true
  const world = begin()
  const { found } = searchFrom(world)
  expect(found?.broken[0]?.sentence ?? 'nothing').toContain(NO_DUPLICATES)
  expect(found!.plan.length).toBeLessThanOrEqual(3)
  expect(found!.shrinks).toBeGreaterThan(0)
  expect(tell(found!)).toMatch(/^seed \d+, then:\n[\s\S]*broken: a ReplicaSet never[\s\S]*because: /)
  const again = play(
    watchlist(properties),
    { ...world, seed: found!.seed },
    found!.plan,
    calmIn(sceneOf(world, ['web'])),
  )
  expect(again.broken).toEqual(found!.broken)
})

test('with its own writes in sight it does no such thing', () => {
  broken.forgets = false
  const report = searchFrom(begin())
  expect(report.found && tell(report.found)).toBeUndefined()
  expect(report.runs).toBe(25)
  expect(report.facts).toBeGreaterThan(1000)
})
