/**
 * Cases: objects, then Pods one at a time, with what became of each. Everything that was recorded of a decision is
 * compared; what a race decided on the real cluster (tied nodes with sixteen workers) is compared as the set of best
 * nodes, and the recorded node is taken, so that later Pods see the same cluster.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Key } from '../../../engine/api/object.ts'
import { attempt, type Outcome, plainly } from '../../../engine/scheduler/attempt.ts'
import type { Configuration } from '../../../engine/scheduler/configuration.ts'
import { situationOf, unfitText } from '../../../engine/scheduler/cycle.ts'
import { type Incoming, incomingOf } from '../../../engine/scheduler/incoming.ts'
import { contributions, plainJudge, prepareFilters, sumOf } from '../../../engine/scheduler/judging.ts'
import type { Pod } from '../../../engine/scheduler/objects.ts'
import { isBackingOff, type QueuedPod, takePod } from '../../../engine/scheduler/queue.ts'
import { scoredAmounts } from '../../../engine/scheduler/scored-amounts.ts'
import { backoffLimits, type Scheduler } from '../../../engine/scheduler/slice.ts'
import { factsOfNode, place } from '../../../engine/scheduler/snapshot.ts'
import { profileOf } from '../../../engine/scheduler/waking.ts'
import { getSorted, sortedValues } from '../../../engine/std/sorted.ts'
import type { ReplayedItem } from '../replay.ts'
import {
  type Cluster,
  collection,
  create,
  deleteObject,
  type Fact,
  type Manifest,
  named,
  namespaceOfManifest,
  newCluster,
  patch,
  runUntil,
  viewOf,
  wouldBe,
} from './cluster.ts'

// biome-ignore lint/suspicious/noExplicitAny: recordings are read as they stand
export type Json = any

interface RecordedStep {
  readonly create?: Manifest
  readonly delete?: string
  readonly patch?: string
  readonly type?: string
  readonly body?: Json
  readonly finalize?: readonly string[]
  readonly refused?: string
  readonly decisions?: Readonly<Record<Key, Json>>
  readonly pods?: Json
  readonly preempted?: Json
  readonly stored?: Json
}

export interface RecordedCase {
  readonly id: string
  readonly family: string
  readonly config: string
  readonly preset: readonly Manifest[]
  readonly steps: readonly RecordedStep[]
  readonly otherRuns?: readonly (readonly RecordedStep[])[]
  readonly extenderCalls?: Json
}

/** Families in which the scheduler had one worker and was started for the case: nothing was left to a race. */
const EXACT = new Set(['serial', 'many-nodes'])

// ---- what is told of one attempt ----

function scoresOf(slice: Scheduler, cluster: Cluster, incoming: Incoming, outcome: Outcome & { fits: true }): Json {
  const { feasible } = outcome.found
  const profile = profileOf(slice, incoming.pod)!
  const world = plainly.cluster(situationOf(slice, profile, viewOf(cluster)))
  const names = feasible.map((slot) => world.places[slot]!.facts.name)
  const sorted = [...names].sort()
  if (feasible.length === 1) return { feasible: sorted, best: sorted }
  const said = contributions(profile, incoming, world, feasible)
  if (said.length === 0) return {}
  const totals = [...sumOf(said, feasible.length)]
  const highest = Math.max(...totals)
  const index = (name: string) => names.indexOf(name)
  const weighted = Object.fromEntries(sorted.map((name) => [name, said.map((one) => one.weighted[index(name)]!)]))
  return {
    feasible: sorted,
    best: sorted.filter((name) => totals[index(name)] === highest),
    scores: {
      plugins: said.map(({ plugin }) => plugin.name),
      weighted,
      total: Object.fromEntries(sorted.map((name) => [name, totals[index(name)]!])),
    },
    resources: resourcesOf(slice, world, incoming, sorted),
  }
}

const argumentsOf = (slice: Scheduler, incoming: Incoming, plugin: string): Json => {
  const { profiles = [{}] } = slice.configuration
  const name = incoming.pod.spec.schedulerName
  const profile = profiles.find((one) => (one.schedulerName ?? 'default-scheduler') === name)
  return profile?.pluginConfig?.find((one) => one.name === plugin)?.args ?? {}
}

const DEFAULTS = [{ name: 'cpu' }, { name: 'memory' }]

/** What the two plugins that score by resources worked with. */
function resourcesOf(
  slice: Scheduler,
  world: ReturnType<typeof plainly.cluster>,
  incoming: Incoming,
  names: readonly string[],
): Json {
  const profile = profileOf(slice, incoming.pod)!
  const inputs: Json = {}
  for (const { plugin } of profile.scorers) {
    if (plugin.name !== 'NodeResourcesFit' && plugin.name !== 'NodeResourcesBalancedAllocation') continue
    if (plugin.rate && plugin.rate(incoming, world, []) === undefined) continue
    const fit = plugin.name === 'NodeResourcesFit'
    const args = argumentsOf(slice, incoming, plugin.name)
    const resources = (fit ? args.scoringStrategy?.resources : args.resources) ?? DEFAULTS
    inputs[plugin.name] = Object.fromEntries(
      names.map((name) => {
        const at = world.places[getSorted(slice.snapshot.slots, name)!]!
        const load = fit ? incoming.scored : incoming.load.requests
        const amounts = scoredAmounts(resources, load, at, fit ? at.usage.counted : at.usage.requests)
        return [name, [amounts.capacity, amounts.requested, plugin.score!(incoming, at, true)]]
      }),
    )
  }
  return inputs
}

interface Attempted {
  readonly key: Key
  told: Json
  /** Nothing is scored and the first node found is taken, which with sixteen workers may be any of these. */
  readonly anyOf?: readonly string[]
}

function beginning(cluster: Cluster): Attempted | undefined {
  const { slice } = cluster
  const taken = takePod(slice.queue, backoffLimits(slice))
  const pod = taken && (collection(cluster, 'pods').get(taken[1].key) as Pod | undefined)
  if (!taken || !pod) return undefined
  const key = taken[1].key
  if (slice.snapshot.facts.size === 0)
    return { key, told: { outcome: 'unschedulable', message: 'no nodes available to schedule pods' } }
  const incoming = incomingOf(pod)
  const outcome = attempt(situationOf(slice, profileOf(slice, pod)!, viewOf(cluster)), incoming, plainly)
  if (!outcome.fits) {
    return {
      key,
      told: {
        outcome: 'unschedulable',
        unschedulablePlugins: outcome.refusedBy,
        message: unfitText(slice.snapshot.facts.size, outcome),
      },
    }
  }
  const { evaluated, feasible } = outcome.found
  const anyOf = profileOf(slice, pod)!.scorers.length === 0 ? fittingNodes(cluster, incoming) : undefined
  const told = {
    outcome: 'bound',
    node: outcome.node,
    evaluated,
    feasibleCount: feasible.length,
    ...scoresOf(slice, cluster, incoming, outcome),
  }
  return { key, told, ...(anyOf && { anyOf }) }
}

function fittingNodes(cluster: Cluster, incoming: Incoming): readonly string[] {
  const { slice } = cluster
  const profile = profileOf(slice, incoming.pod)!
  const situation = situationOf(slice, profile, viewOf(cluster))
  const world = plainly.cluster(situation)
  const filters = prepareFilters(profile, incoming, world)
  if ('refusal' in filters) return []
  const { verdict } = plainJudge(profile, incoming, filters, world)
  return [...world.order].flatMap((slot) => (verdict(slot) ? [] : [world.places[slot]!.facts.name]))
}

const QUEUES: Readonly<Record<QueuedPod['line'], string>> = {
  active: 'Active',
  backoff: 'Backoff',
  errors: 'Backoff',
  unschedulable: 'Unschedulable',
}

// ---- a watch over the scheduler ----

interface Story {
  readonly attempts: Json[]
  readonly moves: Json[]
}

/** Writes down attempts and moves, and puts Pods where they were put in the recording. */
export class Observer {
  readonly stories = new Map<Key, Story>()
  private trying: Attempted | undefined
  readonly cluster: Cluster
  readonly wanted: (key: Key, attempt: number) => Json

  constructor(cluster: Cluster, wanted: (key: Key, attempt: number) => Json) {
    this.cluster = cluster
    this.wanted = wanted
  }

  storyOf(key: Key): Story {
    const known = this.stories.get(key)
    if (known) return known
    const fresh = { attempts: [], moves: [] }
    this.stories.set(key, fresh)
    return fresh
  }

  begin(fact: Fact): void {
    this.trying = beginning(this.cluster)
    this.cluster.luck = this.trying ? this.luckFor(fact, this.trying.key) : 0
  }

  /**
   * Between nodes that cost the same to clear, chance decides: the recorded node must be one that some draw chooses.
   */
  private luckFor(fact: Fact, key: Key): number {
    const nominated = this.wanted(key, this.storyOf(key).attempts.length)?.nominatedNodeName
    if (!nominated) return 0
    const lucks = Array.from({ length: 64 }, (_, i) => i / 64)
    return lucks.find((luck) => getSorted(wouldBe(this.cluster, fact, luck).nominations, key)?.node === nominated) ?? 0
  }

  /** Tied nodes: the recorded one is taken. */
  mend(slice: Scheduler, orders: readonly Json[]): readonly [Scheduler, readonly Json[]] {
    const key = this.trying?.key
    if (key === undefined) return [slice, orders]
    const node = this.wanted(key, this.storyOf(key).attempts.length)?.node
    const assigned = getSorted(slice.snapshot.assigned, key)
    if (!node || !assigned || assigned.node === node || !factsOfNode(slice.snapshot, node)) return [slice, orders]
    if (this.trying?.anyOf?.includes(node))
      this.trying.told = { ...this.trying.told, node, feasible: [node], best: [node] }
    const moved = orders.map((order) =>
      order.do === 'ask' && order.ask.subresource === 'binding'
        ? { ...order, ask: { ...order.ask, body: { ...order.ask.body, target: { kind: 'Node', name: node } } } }
        : order,
    )
    return [{ ...slice, snapshot: place(slice.snapshot, key, { ...assigned, node }) }, moved]
  }

  finish(orders: readonly Json[], after: Scheduler): void {
    const trying = this.trying
    this.trying = undefined
    if (!trying) return
    const failed = orders.find((order) => order.do === 'record' && order.reason === 'FailedScheduling')
    const told = { ...trying.told }
    if (failed) {
      const opening = trying.told.message
      told.message = failed.message
      const queued = getSorted(after.queue.pods, trying.key)
      told.queue = queued && QUEUES[queued.line]
      const condition = orders.find(
        (order) =>
          order.do === 'ask' &&
          order.ask.subresource === 'status' &&
          order.ask.body.status.conditions?.[0].type === 'PodScheduled',
      )
      const pod = collection(this.cluster, 'pods').get(trying.key)
      told.reason =
        condition?.ask.body.status.conditions[0].reason ??
        pod?.status?.conditions?.find((c: Json) => c.type === 'PodScheduled')?.reason
      told.postFilter = failed.message.slice(opening.length + 1)
      const nominated = getSorted(after.nominations, trying.key)?.node
      if (nominated && told.postFilter === '') told.nominatedNodeName = nominated
    }
    this.storyOf(trying.key).attempts.push(told)
  }

  noteMoves(before: Scheduler, after: Scheduler): void {
    if (before.queue.pods === after.queue.pods) return
    for (const now of sortedValues(after.queue.pods)) {
      const old = getSorted(before.queue.pods, now.key)
      if (old === now || (old && old.priority !== now.priority)) continue
      const wouldRest = isBackingOff(now, backoffLimits(after), this.cluster.now)
      const gated = now.held !== undefined && !wouldRest
      this.storyOf(now.key).moves.push({ event: now.event, queue: QUEUES[now.line], ...(gated && { gated }) })
    }
  }
}

export function observe(cluster: Cluster, wanted: Observer['wanted']): Observer {
  const observer = new Observer(cluster, wanted)
  cluster.mend = (fact, slice, orders) => (fact.type === 'cycle/due' ? observer.mend(slice, orders) : [slice, orders])
  cluster.watch = (fact, before, after, orders) => {
    if (fact.type === 'cycle/due') observer.finish(orders, after)
    observer.noteMoves(before, after)
  }
  cluster.before = (fact) => {
    if (fact.type === 'cycle/due') observer.begin(fact)
  }
  return observer
}

// ---- steps ----

/** About as long the recorder watched after each step, and when nothing happened. */
const STEP = 750
const STEP_IN_VAIN = 2700

const happensNothing = ({ decisions = {} }: RecordedStep): boolean =>
  Object.values(decisions).length > 0 && Object.values(decisions).every(({ attempts }) => attempts.length === 0)

function takeStep(cluster: Cluster, step: RecordedStep): string | undefined {
  if (step.create) {
    const refusal = create(cluster, step.create)
    const said = refusal ? `422 ${JSON.stringify(refusal)}`.slice(0, 700) : undefined
    if (said !== step.refused) return `refused: ${said} instead of ${step.refused}`
  } else if (step.delete) deleteObject(cluster, named(step.delete), step.delete.startsWith('Pod '))
  else if (step.patch) patch(cluster, named(step.patch), step.type ?? 'merge', step.body)
  else if (step.finalize) {
    const leaving = [...collection(cluster, 'pods')]
      .filter(([, pod]) => pod.metadata.deletionTimestamp)
      .map(([key]) => key)
    if (!isDeepStrictEqual(leaving.sort(), step.finalize)) return `leaving: ${leaving} instead of ${step.finalize}`
    for (const key of leaving) deleteObject(cluster, { resource: 'pods', key }, true)
  }
  runUntil(cluster, cluster.now + (happensNothing(step) ? STEP_IN_VAIN : STEP))
  return undefined
}

const told = (condition: Json): Json =>
  Object.fromEntries(
    ['type', 'status', 'reason', 'message']
      .filter((field) => condition[field] !== undefined)
      .map((field) => [field, condition[field]]),
  )

/** All Pods in short, as the recorder tells them. */
function podsInShort(cluster: Cluster, spaces: ReadonlySet<string>): Json {
  const rows: Json = {}
  for (const [key, pod] of collection(cluster, 'pods')) {
    if (!spaces.has(pod.metadata.namespace!)) continue
    const conditions = (pod.status?.conditions ?? [])
      .filter((c: Json) => c.type === 'DisruptionTarget' || c.type === 'PodScheduled')
      .map(told)
    const row: Json = {}
    if (pod.spec.nodeName) row.node = pod.spec.nodeName
    if (pod.status?.nominatedNodeName) row.nominatedNodeName = pod.status.nominatedNodeName
    if (pod.metadata.deletionTimestamp) row.deleting = { gracePeriodSeconds: pod.metadata.deletionGracePeriodSeconds }
    const plain =
      Object.keys(row).length === 1 &&
      row.node &&
      conditions.every((c: Json) => c.status === 'True' && c.type === 'PodScheduled')
    rows[key] = plain ? row.node : { ...row, conditions }
  }
  return rows
}

const preempted = (cluster: Cluster): Json =>
  cluster.events
    .filter(({ reason }) => reason === 'Preempted')
    .map(({ about, type, action, message }) => ({
      pod: about,
      type,
      action,
      message: message.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, '<uid>'),
    }))

/**
 * All victims of one preemption but the last are deleted by sixteen workers at once: their order is a race, and is not
 * compared.
 */
function withoutRaces(events: Json): Json {
  const rows: Json[] = []
  let group: Json[] = []
  for (const [index, event] of events.entries()) {
    group.push(event)
    if (events[index + 1]?.message === event.message) continue
    const last = group.pop()
    rows.push(...group.sort((a, b) => (a.pod < b.pod ? -1 : 1)), last)
    group = []
  }
  return rows
}

/** An Event becomes one of a series if the same was said of the same version of the Pod, in whatever words. */
export function eventsOf(cluster: Cluster, pod: Manifest): Json {
  const rows = new Map<string, Json>()
  for (const { uid, resourceVersion, type, reason, message, action, reportingComponent } of cluster.events) {
    if (uid !== pod.metadata.uid) continue
    const key = [resourceVersion, type, reason, action].join()
    const known = rows.get(key)
    if (known) known.seriesCount = (known.seriesCount ?? 1) + 1
    else rows.set(key, { type, reason, message, action, reportingComponent })
  }
  return [...rows.values()]
}

function decisionOf(cluster: Cluster, key: Key, story: Story, since: { attempts: number; moves: number }): Json {
  const pod = collection(cluster, 'pods').get(key)
  const condition = pod?.status?.conditions?.find((c: Json) => c.type === 'PodScheduled')
  return {
    attempts: story.attempts.slice(since.attempts),
    ...(pod?.spec.nodeName && { node: pod.spec.nodeName }),
    ...(pod?.status?.nominatedNodeName && { nominatedNodeName: pod.status.nominatedNodeName }),
    ...(condition && {
      condition: Object.fromEntries(
        ['status', 'reason', 'message', 'observedGeneration']
          .filter((field) => condition[field] !== undefined)
          .map((field) => [field, condition[field]]),
      ),
    }),
    ...(pod && { events: eventsOf(cluster, pod) }),
    moves: story.moves.slice(since.moves),
  }
}

// ---- comparing ----

export function firstDifference(found: Json, wanted: Json, at: string): string | undefined {
  if (isDeepStrictEqual(found, wanted)) return undefined
  const isObject = (value: Json) => typeof value === 'object' && value !== null
  if (!isObject(found) || !isObject(wanted))
    return `${at}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`
  for (const field of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const difference = firstDifference(found[field], wanted[field], `${at}.${field}`)
    if (difference) return difference
  }
  return `${at}: order of fields`
}

/** The node of an attempt is compared as itself where nothing was left to a race, else as one of the best. */
function compareAttempt(found: Json, wanted: Json, exact: boolean, at: string): string | undefined {
  if (wanted.outcome !== 'bound' || exact || !wanted.best) return firstDifference(found, wanted, at)
  if (!wanted.best.includes(found?.node)) return `${at}.node: ${found?.node} is none of ${wanted.best}`
  return firstDifference({ ...found, node: wanted.node }, wanted, at)
}

function compareDecision(found: Json, wanted: Json, exact: boolean, at: string): string | undefined {
  const count = Math.max(found.attempts.length, wanted.attempts.length)
  for (let i = 0; i < count; i++) {
    const difference = compareAttempt(found.attempts[i], wanted.attempts[i] ?? {}, exact, `${at}.attempts[${i}]`)
    if (difference) return difference
  }
  return firstDifference({ ...found, attempts: [] }, { ...wanted, attempts: [] }, at)
}

// ---- a case ----

function spacesOf({ preset, steps }: RecordedCase): ReadonlySet<string> {
  const objects = [...preset, ...steps.flatMap((step) => step.create ?? [])]
  return new Set(objects.flatMap((object) => namespaceOfManifest(object) ?? []))
}

function compareStep(
  cluster: Cluster,
  observer: Observer,
  step: RecordedStep,
  spaces: ReadonlySet<string>,
  marks: ReadonlyMap<Key, { attempts: number; moves: number }>,
  exact: boolean,
  at: string,
): string | undefined {
  for (const [key, wanted] of Object.entries(step.decisions ?? {})) {
    const found = decisionOf(cluster, key, observer.storyOf(key), marks.get(key) ?? { attempts: 0, moves: 0 })
    const difference = compareDecision(found, wanted, exact, `${at} ${key}`)
    if (difference) return difference
  }
  if (step.stored && JSON.stringify(step.stored) !== '[]') return `${at}: volumes and devices are not modelled`
  return (
    (step.pods && firstDifference(podsInShort(cluster, spaces), step.pods, `${at} pods`)) ??
    (step.preempted &&
      firstDifference(withoutRaces(preempted(cluster)), withoutRaces(step.preempted), `${at} preempted`))
  )
}

function replaySteps(
  recorded: RecordedCase,
  steps: readonly RecordedStep[],
  configuration: Configuration,
): string | undefined {
  const cluster = newCluster(configuration)
  const exact = EXACT.has(recorded.family)
  let wanted: RecordedStep | undefined
  const marks = new Map<Key, { attempts: number; moves: number }>()
  const observer = observe(cluster, (key, index) => {
    const from = marks.get(key)?.attempts ?? 0
    return wanted?.decisions?.[key]?.attempts[index - from]
  })
  for (const object of recorded.preset) {
    create(cluster, object)
    runUntil(cluster, cluster.now + 10)
  }
  runUntil(cluster, cluster.now + STEP)
  for (const [index, step] of steps.entries()) {
    wanted = step
    marks.clear()
    for (const [key, story] of observer.stories)
      marks.set(key, { attempts: story.attempts.length, moves: story.moves.length })
    if (step.create?.kind === 'Pod') marks.delete(`${namespaceOfManifest(step.create)}/${step.create.metadata.name}`)
    const refusal = takeStep(cluster, step)
    const difference =
      refusal ?? compareStep(cluster, observer, step, spacesOf(recorded), marks, exact, `step ${index}`)
    if (difference) return difference
  }
  return undefined
}

/** Where the real scheduler's own runs differ a race decides, and any of the runs will do. */
export function replayCase(recorded: RecordedCase, configuration: Configuration): ReplayedItem {
  const runs = [recorded.steps, ...(recorded.otherRuns ?? [])]
  const id = recorded.id
  const area = recorded.family
  let difference: string | undefined
  for (const steps of runs) {
    const found = replaySteps(recorded, steps, configuration)
    if (!found) return { id, area, agrees: true }
    difference ??= found
  }
  return { id, area, agrees: false, difference: difference ?? 'nothing was compared' }
}
