/** The same seed and the same deeds give the same world, however it is run; and one draw does not disturb another. */
import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beginHistory } from '../../engine/cluster/history.ts'
import { act, run, step } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { type Cluster, cluster, hashWorld } from '../../engine/index.ts'
import { minutes } from '../../engine/std/time.ts'
import { busyBeginning, playBusy } from './busy-scenario.ts'
import { fixedScenario } from './fixed-scenario.ts'

const busyHash = (seed: number, batch?: number): string =>
  hashWorld(playBusy(beginHistory('busy', seed, busyBeginning(seed)), batch).world)

test('one fact, a hundred facts or a thousand facts at a time lead to the same world', () => {
  const whole = busyHash(7)
  for (const batch of [1, 100, 1000]) expect(busyHash(7, batch)).toBe(whole)
})

test('another seed gives another world', () => {
  expect(hashWorld(beginRollout(8))).not.toBe(hashWorld(beginRollout(7)))
})

/** A world in which a Deployment was just asked for. */
const beginRollout = (seed: number): World =>
  act(busyBeginning(seed), {
    type: 'line/entered',
    terminal: 'main',
    line: 'kubectl create deployment web --image=nginx:1.27 --replicas=5',
  })

test('two worlds that are run by turns end as they do when each is run alone', () => {
  const [one, other] = [1, 2].map(beginRollout) as [World, World]
  const end = one.now + minutes(3)
  const alone = [one, other].map((world) => hashWorld(run(world, end)))
  let [left, right] = [one, other]
  for (let facts = 0; facts < 200; facts++) [left, right] = [step(left), step(right)]
  expect([left, right].map((world) => hashWorld(run(world, end)))).toEqual(alone)
})

/** Also asked of Chromium: one world, wherever it is computed. */
test('the fixed scenario ends in the world that is written down', () => {
  const place = new URL('./hash.json', import.meta.url)
  const { world, facts } = fixedScenario()
  const now = { facts, hash: hashWorld(world) }
  if (process.env.UPDATE) writeFileSync(place, `${JSON.stringify(now, null, 2)}\n`)
  expect(now).toEqual(JSON.parse(readFileSync(place, 'utf8')))
})

const podNames = ({ list }: Cluster, prefix: string): readonly string[] =>
  list('pods', 'default').flatMap(({ metadata }) => (metadata.name.startsWith(prefix) ? metadata.name : []))

const rollOut = (among: Cluster): readonly string[] => {
  among.run('kubectl create deployment web --image=nginx:1.27 --replicas=3')
  among.settle()
  return podNames(among, 'web-')
}

test('the names of the Pods of a Deployment are the same whatever other Deployments there are', () => {
  const base = cluster({ nodes: 3, seed: 11 })
  const undisturbed = rollOut(base.fork())
  expect(undisturbed).toHaveLength(3)
  const disturbance = fc.record({
    name: fc.constantFrom('a', 'other', 'zebra'),
    replicas: fc.integer({ min: 1, max: 5 }),
  })
  fc.assert(
    fc.property(disturbance, ({ name, replicas }) => {
      const disturbed = base.fork()
      disturbed.run(`kubectl create deployment ${name} --image=redis:7 --replicas=${replicas}`)
      disturbed.settle()
      expect(podNames(disturbed, `${name}-`)).toHaveLength(replicas)
      expect(rollOut(disturbed)).toEqual(undisturbed)
    }),
    { numRuns: 8, seed: 1 },
  )
})
