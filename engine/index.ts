/**
 * kubefold as a library: a whole cluster for a test, in one process, without waiting.
 *
 *     const { run, settle, get } = cluster({ nodes: 3 })
 *     run('kubectl create deployment web --image=nginx --replicas=3')
 *     settle()
 *     expect(get('deployments.apps', 'default/web').status.readyReplicas).toBe(3)
 */
import type { Key, KubeObject, ResourceName } from './api/object.ts'
import type { Fact } from './cluster/fact.ts'
import { terminalOf } from './cluster/person.ts'
import { nodes as machines, newCluster } from './cluster/presets/cluster.ts'
import { act, runUntil, run as runWorld, settle as settleWorld } from './cluster/run.ts'
import type { World } from './cluster/world.ts'
import { getObject, listObjects } from './etcd/store.ts'
import { isIdle } from './shell/state.ts'
import { lastKey, sortedEntries } from './std/sorted.ts'
import { hours, type Millis, minutes } from './std/time.ts'

export interface ClusterOptions {
  /** How many nodes; 3 when not given. */
  readonly nodes?: number
  readonly seed?: number
  /** Files in the home directory of its terminal, by path. */
  readonly files?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly out: string
  readonly err: string
  /** The exit code; 124 when the command did not end within an hour of the cluster's time. */
  readonly code: number
}

export interface Cluster {
  /** The world as it is now: plain data, to be kept or compared. */
  readonly world: () => World
  /** Runs a line in the cluster's terminal, until it ends. */
  readonly run: (line: string) => Answer
  /** Lets time pass until nothing is written for ten seconds, at most `limit` milliseconds. */
  readonly settle: (limit?: Millis) => void
  /** Lets so many milliseconds pass. */
  readonly advance: (time: Millis) => void
  /** Something happens: a fault, for instance. */
  readonly act: (fact: Fact) => void
  readonly get: <T = KubeObject>(resource: ResourceName, key: Key) => T | undefined
  readonly list: <T = KubeObject>(resource: ResourceName, namespace?: string) => readonly T[]
  /** Another cluster that begins as this one is now. */
  readonly fork: () => Cluster
}

const TERMINAL = 'main'

const isQuiet = (world: World): boolean => isIdle(terminalOf(world, TERMINAL).shell)

function answerOf(before: World, after: World): Answer {
  const from = (lastKey(terminalOf(before, TERMINAL).printed) ?? 0) + 1
  const printed = sortedEntries(terminalOf(after, TERMINAL).printed, from).map(([, text]) => text)
  const text = (stream: string) =>
    printed
      .filter((piece) => piece.stream === stream)
      .map((piece) => piece.text)
      .join('')
  const code = isQuiet(after) ? terminalOf(after, TERMINAL).shell.tasks[0]!.scope.lastCode : 124
  return { out: text('stdout'), err: text('stderr'), code }
}

function clusterFrom(start: World): Cluster {
  let world = start
  return {
    world: () => world,
    run: (line) => {
      const before = world
      const entered = act(world, { type: 'line/entered', terminal: TERMINAL, line })
      world = runUntil(entered, isQuiet, entered.now + hours(1))
      return answerOf(before, world)
    },
    settle: (limit = minutes(10)) => {
      world = settleWorld(world, world.now + limit)
    },
    advance: (time) => {
      world = runWorld(world, world.now + time)
    },
    act: (fact) => {
      world = act(world, fact)
    },
    get: <T>(resource: ResourceName, key: Key) => getObject(world.server.store, resource, key) as T | undefined,
    list: <T>(resource: ResourceName, namespace?: string) =>
      listObjects(world.server.store, resource, namespace) as readonly T[],
    fork: () => clusterFrom(world),
  }
}

/** A cluster whose nodes are ready. */
export function cluster({ nodes = 3, ...shape }: ClusterOptions = {}): Cluster {
  return clusterFrom(settleWorld(newCluster({ ...shape, machines: machines(nodes) }), minutes(5)))
}

export type { Fact } from './cluster/fact.ts'
export { hashWorld, loadWorld, saveWorld } from './cluster/save.ts'
export type { World } from './cluster/world.ts'
export { hours, minutes, seconds } from './std/time.ts'
