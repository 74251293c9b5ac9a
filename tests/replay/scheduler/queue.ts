/**
 * Scenarios over time: when a Pod is tried, what moves it between the queues, what it is told. Of the real scheduler's
 * log those lines are compared that say so, Pod by Pod and in order, each within the tolerance of its time after the
 * act before it. At which part of a second the recording began is not known, and clocks of one second decide by it, so
 * several are tried.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Key } from '../../../engine/api/object.ts'
import type { Configuration } from '../../../engine/scheduler/configuration.ts'
import type { Millis } from '../../../engine/std/time.ts'
import type { ReplayedItem } from '../replay.ts'
import { eventsOf, firstDifference, type Json, type Observer, observe } from './cases.ts'
import {
  type Cluster,
  collection,
  create,
  deleteObject,
  type Manifest,
  named,
  newCluster,
  patch,
  runUntil,
} from './cluster.ts'

interface Act {
  readonly at: number
  readonly create?: Manifest
  readonly delete?: string
  readonly patch?: string
  readonly type?: string
  readonly body?: Json
}

interface Run {
  readonly timeline: readonly Json[]
  readonly end: Readonly<Record<Key, string | null>>
  readonly events: Readonly<Record<Key, Json>>
}

export interface RecordedScenario {
  readonly id: string
  readonly config: string
  readonly preset: readonly Manifest[]
  readonly acts: readonly Act[]
  readonly seconds: number
  readonly runs: readonly Run[]
}

/** A line of the log, when it came after the latest act. */
interface Row {
  readonly pod: Key
  readonly act: number
  readonly after: Millis
  readonly says: Json
}

const NO_NODES = 'Unable to schedule pod; no nodes are registered to the cluster; waiting'

/** What the lines that are compared say. */
const READ: Readonly<Record<string, (line: Json) => Json | undefined>> = {
  // A failure is logged once more where a Pod goes straight into back-off.
  'Pod moved to an internal scheduling queue': ({ event, queue, schedulingCycle }) =>
    event === 'ScheduleAttemptFailure' && schedulingCycle === undefined ? undefined : { event, queue },
  'Pod moved to an internal scheduling queue, because the pod is gated': ({ event, queue }) => ({
    event,
    queue,
    gated: true,
  }),
  'Attempting to schedule pod': () => ({ tried: true }),
  'Unable to schedule pod; no fit; waiting': ({ err }) => ({ message: err }),
  'Error scheduling pod; retrying': ({ err }) => ({ error: err }),
  [NO_NODES]: () => ({ message: 'no nodes available to schedule pods' }),
  'Successfully bound pod to node': ({ node, evaluatedNodes, feasibleNodes }) => ({
    node,
    evaluatedNodes,
    feasibleNodes,
  }),
}

function rowsOf(timeline: readonly Json[]): readonly Row[] {
  const rows: Row[] = []
  let [act, began] = [-1, 0]
  for (const line of timeline) {
    if (line.act !== undefined) [act, began] = [line.act, line.ms]
    const says = line.msg && READ[line.msg]?.(line)
    if (says) rows.push({ pod: line.pod, act, after: line.ms - began, says })
  }
  return rows
}

// ---- the same from our own scheduler ----

function perform(cluster: Cluster, act: Act): void {
  if (act.create) create(cluster, act.create)
  else if (act.delete) deleteObject(cluster, named(act.delete), act.delete.startsWith('Pod '))
  else if (act.patch) patch(cluster, named(act.patch), act.type ?? 'merge', act.body)
}

/** Turns what the observer sees into rows as it happens. */
function watchRows(cluster: Cluster, observer: Observer, clock: () => { act: number; began: Millis }): readonly Row[] {
  const rows: Row[] = []
  const seen = new Map<Key, { attempts: number; moves: number }>()
  const inner = cluster.watch!
  cluster.watch = (fact, before, after, orders) => {
    inner(fact, before, after, orders)
    for (const [pod, { attempts, moves }] of observer.stories) {
      const known = seen.get(pod) ?? { attempts: 0, moves: 0 }
      const add = (says: Json) => rows.push({ pod, act: clock().act, after: cluster.now - clock().began, says })
      for (const told of attempts.slice(known.attempts)) {
        add({ tried: true })
        if (told.outcome === 'bound')
          add({ node: told.node, evaluatedNodes: told.evaluated, feasibleNodes: told.feasibleCount })
        else add({ message: told.message })
      }
      for (const move of moves.slice(known.moves)) add(move)
      seen.set(pod, { attempts: attempts.length, moves: moves.length })
    }
  }
  return rows
}

interface Replayed extends Omit<Run, 'timeline'> {
  readonly rows: readonly Row[]
}

function replay(
  scenario: RecordedScenario,
  configuration: Configuration,
  acts: readonly Millis[],
  phase: Millis,
): Replayed {
  const cluster = newCluster(configuration)
  const observer = observe(cluster, () => undefined)
  runUntil(cluster, phase)
  for (const object of scenario.preset) create(cluster, object)
  runUntil(cluster, cluster.now + 60_000)
  const begin = cluster.now
  let act = -1
  let began = begin
  const rows = watchRows(cluster, observer, () => ({ act, began }))
  scenario.acts.forEach((one, index) => {
    const at = acts[index]
    if (at === undefined) return
    runUntil(cluster, begin + at - 1)
    cluster.now = begin + at
    act = index
    began = begin + at
    perform(cluster, one)
  })
  runUntil(cluster, begin + scenario.seconds * 1000)
  const pods = [...collection(cluster, 'pods')]
  const created = new Set(
    scenario.acts.flatMap(({ create: pod }) =>
      pod?.kind === 'Pod' ? [`${pod.metadata.namespace}/${pod.metadata.name}`] : [],
    ),
  )
  return {
    rows,
    end: Object.fromEntries(pods.map(([key, pod]) => [key, pod.spec.nodeName ?? null])),
    events: Object.fromEntries(
      pods.filter(([key]) => created.has(key)).map(([key, pod]) => [key, eventsOf(cluster, pod)]),
    ),
  }
}

// ---- comparing ----

const TOLERANCE: Millis = 50
/** A clock of one second, whose phase is tried in tenths. */
const CLOCK_TOLERANCE: Millis = 150

const rowText = ({ act, after, says }: Row): string => `${JSON.stringify(says)} ${after} ms after act ${act}`

function compareRows(found: readonly Row[], wanted: readonly Row[]): string | undefined {
  for (const pod of new Set([...wanted, ...found].map((row) => row.pod))) {
    const [ours, theirs] = [found, wanted].map((rows) => rows.filter((row) => row.pod === pod)) as [Row[], Row[]]
    for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
      const [one, other] = [ours[i], theirs[i]]
      const same = one && other && isDeepStrictEqual(one.says, other.says) && one.act === other.act
      const late = one && other && other.after - one.after
      if (same && late! <= CLOCK_TOLERANCE && late! >= -TOLERANCE) continue
      return `${pod} row ${i}: ${one ? rowText(one) : 'nothing'} instead of ${other ? rowText(other) : 'nothing'}`
    }
  }
  return undefined
}

const orderOfAttempts = (rows: readonly Row[]): readonly Key[] =>
  rows.filter(({ says }) => says.tried).map(({ pod }) => pod)

function compareRun(found: Replayed, run: Run): string | undefined {
  const wanted = rowsOf(run.timeline)
  return (
    compareRows(found.rows, wanted) ??
    firstDifference(orderOfAttempts(found.rows), orderOfAttempts(wanted), 'order') ??
    firstDifference(found.end, run.end, 'end') ??
    firstDifference(found.events, run.events, 'events')
  )
}

const TENTHS: readonly Millis[] = Array.from({ length: 10 }, (_, i) => i * 100)
/** The clock that looks after forgotten Pods ticks every thirty seconds. */
const HALF_MINUTE: readonly Millis[] = Array.from({ length: 30 }, (_, i) => i * 1000)

export function replayScenario(scenario: RecordedScenario, configuration: Configuration, area: string): ReplayedItem {
  const phases = area === 'queue-slow' ? HALF_MINUTE.flatMap((second) => TENTHS.map((tenth) => second + tenth)) : TENTHS
  const { id } = scenario
  let difference: string | undefined
  for (const run of scenario.runs) {
    const acts = run.timeline.filter(({ act }) => act !== undefined).map(({ ms }) => ms as Millis)
    for (const phase of phases) {
      const found = compareRun(replay(scenario, configuration, acts, phase), run)
      if (!found) return { id, area, agrees: true }
      difference ??= found
    }
  }
  return { id, area, agrees: false, difference: difference ?? 'nothing was compared' }
}
