import { calmIn, deedsIn, sceneOf } from '../engine/check/arbitraries.ts'
import { PROPERTIES } from '../engine/check/cluster-properties.ts'
import { search, tell } from '../engine/check/search.ts'
import { presetWorld } from '../engine/cluster/presets/named.ts'
import { act, run } from '../engine/cluster/run.ts'

const t0 = performance.now()
let base = presetWorld('three-nodes', 1)!
base = act(base, { type: 'line/entered', terminal: 'main', line: 'kubectl apply -f web.yaml' })
base = run(base, base.now + 60000)
console.log('begin', performance.now() - t0)
const t1 = performance.now()
const r = search({
  begin: (seed) => ({ ...base, seed }),
  properties: PROPERTIES,
  deeds: deedsIn(sceneOf(base, ['web'])),
  calm: calmIn(sceneOf(base, ['web'])),
  runs: Number(process.argv[2] ?? 50),
  seed: Number(process.argv[3] ?? 1),
})
console.log(r.runs, r.facts, (performance.now() - t1) / r.runs, 'ms/run', r.seen)
if (r.found) console.log(tell(r.found), r.found.shrinks)
