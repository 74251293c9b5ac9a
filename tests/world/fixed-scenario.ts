/** A small scenario that never changes, so that its end can be compared between one JavaScript engine and another. */
import { newCluster, nodes } from '../../engine/cluster/presets/cluster.ts'
import { act, run, settle } from '../../engine/cluster/run.ts'
import type { World } from '../../engine/cluster/world.ts'
import { minutes, seconds } from '../../engine/std/time.ts'

const LINES = [
  'kubectl create deployment web --image=nginx:1.27 --replicas=3',
  'kubectl expose deployment web --port=80',
  'kubectl set image deployment/web nginx=nginx:1.28',
  'kubectl get pods -o wide',
]

export function fixedScenario(): { readonly world: World; readonly facts: number } {
  const beginning = settle(newCluster({ seed: 36, machines: nodes(3) }), minutes(5))
  const typed = LINES.reduce(
    (world, line) => run(act(world, { type: 'line/entered', terminal: 'main', line }), world.now + seconds(20)),
    beginning,
  )
  const dark = run(act(typed, { type: 'machine/crashed', machine: 'node-2' }), typed.now + minutes(1))
  const world = run(act(dark, { type: 'machine/booted', machine: 'node-2' }), dark.now + minutes(2))
  return { world, facts: world.happened }
}
