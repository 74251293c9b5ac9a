/**
 * How many runs of a property test a second of CPU is good for: a small cluster that is being rolled out is forked with a seed of its own,
 * something goes wrong, and two hundred facts happen under the eyes of every invariant.
 * Prints one line of JSON.
 *
 *     node tests/bench/property-runs.ts SECONDS
 */
import { PROPERTIES } from '../../engine/check/cluster-properties.ts'
import { watchlist } from '../../engine/check/property.ts'
import { actWatched, beginWatch, runWatched } from '../../engine/check/watch.ts'
import type { Fact } from '../../engine/cluster/fact.ts'
import { newCluster, nodes } from '../../engine/cluster/presets/cluster.ts'
import { run, settle } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { minutes } from '../../engine/std/time.ts'
import { cpuMillis, create, deployment, service, tell } from './scene.ts'

const FACTS_PER_RUN = 200
const PODS = 10
/** Far enough into the rollout that everybody has something to do. */
const MIDDLE_OF_ROLLOUT = 300

const DEEDS: readonly Fact[] = [
  { type: 'machine/crashed', machine: 'node-1' },
  { type: 'component/crashed', client: 'replicaset-controller', restartAfter: 500 },
  { type: 'component/crashed', client: 'kube-scheduler', restartAfter: 500 },
  { type: 'requests/lost', client: 'deployment-controller', count: 2 },
  { type: 'watch/stalled', client: 'endpointslice-controller' },
]

function begin(): World {
  const settled = settle(newCluster({ machines: nodes(3) }), minutes(5))
  const asked = create(settled, 'deployments.apps', 'default', deployment('web', PODS))
  const served = create(asked, 'services', 'default', service('web'))
  return run(served, served.now + MIDDLE_OF_ROLLOUT)
}

const list = watchlist(PROPERTIES)
const prepared = begin()

/** One run; tells how many facts happened. */
function play(seed: number): number {
  const start = beginWatch({ ...prepared, seed })
  const struck = actWatched(list, start, DEEDS[seed % DEEDS.length]!)
  const { facts, broken } = runWatched(list, struck, Number.MAX_SAFE_INTEGER, FACTS_PER_RUN - 1)
  if (broken.length > 0) throw new Error(`seed ${seed}: ${JSON.stringify(broken[0])}`)
  return facts
}

function playFor(
  millis: number,
  firstSeed: number,
): { readonly runs: number; readonly facts: number; readonly cpuMs: number } {
  const started = cpuMillis()
  let [runs, facts] = [0, 0]
  while (cpuMillis() - started < millis) facts += play(firstSeed + runs++)
  return { runs, facts, cpuMs: cpuMillis() - started }
}

const [secondsOfCpu = 3] = process.argv.slice(2).map(Number)
const warm = playFor(secondsOfCpu * 500, 1)
const { runs, facts, cpuMs } = playFor(secondsOfCpu * 1000, 1 + warm.runs)
tell({ runs, factsPerRun: Math.round(facts / runs), cpuMs, runsPerSecond: Math.round((runs * 1000) / cpuMs) })
