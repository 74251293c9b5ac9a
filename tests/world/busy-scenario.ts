/**
 * A scenario in which much happens at once: a rollout, a node that loses its power and comes back, a watch that runs at a
 * terminal, a shell inside a container, an image that cannot be pulled, a killed controller, a stalled watch, a cut link. What holds at each of its instants
 * holds at most instants.
 */
import type { Fact } from '../../engine/cluster/fact.ts'
import { doNow, type History, passTime } from '../../engine/cluster/history.ts'
import { newCluster, nodes } from '../../engine/cluster/presets/cluster.ts'
import { settle } from '../../engine/cluster/run.ts'
import { newTerminal } from '../../engine/cluster/terminal.ts'
import type { World } from '../../engine/cluster/world.ts'
import { takeNext } from '../../engine/std/agenda.ts'
import { setSorted } from '../../engine/std/sorted.ts'
import { type Millis, minutes, seconds } from '../../engine/std/time.ts'

/** What is done, and how long after the beginning. */
export type PlannedFact = readonly [at: Millis, fact: Fact]

const line = (terminal: string, text: string): Fact => ({ type: 'line/entered', terminal, line: text })

const PAGE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: page
data:
  greeting: hello
`

export const BUSY: readonly PlannedFact[] = [
  [0, line('main', 'kubectl create deployment web --image=nginx:1.27 --replicas=4')],
  [seconds(1), line('watching', 'kubectl get pods -w')],
  [seconds(2), line('main', 'kubectl expose deployment web --port=80')],
  [seconds(3), line('main', 'kubectl create deployment broken --image=nginx:no-such-tag')],
  [seconds(4), { type: 'file/saved', terminal: 'main', path: '/home/learner/page.yaml', text: PAGE }],
  [seconds(5), line('main', 'kubectl apply -f page.yaml && kubectl get configmap page -o yaml > kept.yaml')],
  [seconds(8), line('inside', 'kubectl exec -it deployment/web -- sh')],
  [seconds(9), line('inside', 'for i in 1 2 3 4 5; do echo $i >> /tmp/counted; sleep 2; done; cat /tmp/counted')],
  [seconds(24), line('main', 'kubectl set image deployment/web nginx=nginx:1.28')],
  [seconds(25), { type: 'requests/lost', client: 'replicaset-controller', count: 2, answer: true }],
  [seconds(26), { type: 'component/crashed', client: 'deployment-controller', restartAfter: seconds(4) }],
  [seconds(27), { type: 'watch/stalled', client: 'endpointslice-controller' }],
  [seconds(30), { type: 'link/cut', between: ['node-1', 'node-3'] }],
  [seconds(31), { type: 'machine/crashed', machine: 'node-2' }],
  [seconds(45), { type: 'watch/resumed', client: 'endpointslice-controller' }],
  [seconds(46), line('main', 'while true; do kubectl get endpointslices -o name; sleep 7; done')],
  [seconds(60), { type: 'link/healed', between: ['node-1', 'node-3'] }],
  [seconds(75), { type: 'key/pressed', terminal: 'main', press: 'interrupt' }],
  [seconds(76), line('main', 'kubectl rollout status deployment/web --timeout=100s')],
  [seconds(110), { type: 'machine/booted', machine: 'node-2' }],
  [seconds(130), { type: 'component/crashed', client: 'kube-scheduler', restartAfter: seconds(3) }],
  [seconds(140), line('main', 'kubectl scale deployment web --replicas=2 && kubectl delete deployment broken')],
  [seconds(150), { type: 'calm/restored' }],
]

export const BUSY_ENDS: Millis = seconds(240)

/** Three ready nodes, and three terminals at which nothing has been typed. */
export function busyBeginning(seed: number): World {
  const world = settle(newCluster({ seed, machines: nodes(3) }), minutes(5))
  const terminals = ['watching', 'inside'].reduce((all, name) => setSorted(all, name, newTerminal()), world.terminals)
  return { ...world, terminals }
}

/** The scenario on a history until so long after its beginning, at most `batch` facts at a time. */
export function playBusy(history: History, batch = Number.POSITIVE_INFINITY, ends: Millis = BUSY_ENDS): History {
  const began = history.world.now
  const pass = (state: History, until: Millis): History => {
    let next = passTime(state, until, batch)
    for (let before = state; next.world.happened > before.world.happened; ) {
      before = next
      next = passTime(next, until, batch)
    }
    return next
  }
  const deeds = BUSY.filter(([at]) => at <= ends)
  const played = deeds.reduce((state, [at, fact]) => doNow(pass(state, began + at), fact), history)
  return pass(played, began + ends)
}

/** Where the scenario is: its world, and how many of its deeds are done. */
export interface Position {
  readonly world: World
  readonly done: number
}

type Reduce = (world: World, fact: Fact) => World

/** The next thing that happens in the scenario, be it a deed or a fact that is due; undefined at its end. */
export function nextPosition({ world, done }: Position, began: Millis, reduce: Reduce): Position | undefined {
  const until = began + (BUSY[done]?.[0] ?? BUSY_ENDS)
  const next = takeNext(world.agenda)
  if (next && next[1] <= until) {
    const [fact, due, agenda] = next
    return { world: reduce({ ...world, now: Math.max(world.now, due), agenda }, fact), done }
  }
  const deed = BUSY[done]
  return deed && { world: reduce({ ...world, now: until }, deed[1]), done: done + 1 }
}

/** Every position from here to the end, this one first. */
export function positionsFrom(start: Position, began: Millis, reduce: Reduce): readonly Position[] {
  const positions: Position[] = []
  for (let here: Position | undefined = start; here; here = nextPosition(here, began, reduce)) positions.push(here)
  return positions
}
