/**
 * The same judgements as the plain judge's, without asking again what is known. Pods come in crowds of equals: what
 * plugins said of a place holds for the next Pod with the same signature, as long as neither the node nor what is on it
 * changed. What is remembered is nobody's state: forgetting it changes no result, and a property test compares the two
 * judges.
 */
import type { Incoming } from './incoming.ts'
import { type Filter, firstRefusal, type Judge, type Opinion, opinions, type Verdict } from './judging.ts'
import type { Place, Places } from './places.ts'
import type { AnyPlugin, Cluster, Scores } from './plugin.ts'
import type { Profile, Weighted } from './profile.ts'

/** What was found out about places for one signature; everything is by slot. */
interface Memory {
  /** So many slots there is room for. */
  readonly size: number
  /** The place that was looked at. */
  readonly seen: (Place | undefined)[]
  readonly verdicts: (Verdict | undefined)[]
  /** The points of all plugins whose points count as they are, weighted and added. */
  readonly fixed: Int32Array
  /** The points of each plugin whose points depend on what other nodes got. */
  readonly raw: ReadonlyMap<AnyPlugin, Raw>
}

interface Raw {
  readonly points: Scores
  /**
   * What all nodes got so far; undefined when they got different points. Where all are equal, they do not decide
   * anything.
   */
  same: number | undefined
  looked: boolean
}

const MOST_SIGNATURES = 200
const ROOM_TO_GROW = 1.25

const ofNode = ({ plugin }: { readonly plugin: AnyPlugin }): boolean => plugin.looksAt === 'node'
const ofCluster = ({ plugin }: { readonly plugin: AnyPlugin }): boolean => plugin.looksAt === 'cluster'
const isSpread = ({ plugin }: { readonly plugin: AnyPlugin }): boolean => plugin.spread !== undefined
const isFixed = ({ plugin }: { readonly plugin: AnyPlugin }): boolean => plugin.spread === undefined

const nothingFor = (size: number): undefined[] => new Array<undefined>(size).fill(undefined)

const newMemory = (size: number, opinionsOfNode: readonly Opinion[]): Memory => ({
  size,
  seen: nothingFor(size),
  verdicts: nothingFor(size),
  fixed: new Int32Array(size),
  raw: new Map(
    opinionsOfNode
      .filter(isSpread)
      .map(({ plugin }) => [plugin, { points: new Float64Array(size), same: undefined, looked: false }]),
  ),
})

const memories = new WeakMap<Profile, Map<string, Memory>>()

function recall(profile: Profile, signature: string, slots: number, opinionsOfNode: readonly Opinion[]): Memory {
  let known = memories.get(profile)
  if (!known) memories.set(profile, (known = new Map()))
  let memory = known.get(signature)
  if (!memory || memory.size < slots) {
    if (known.size >= MOST_SIGNATURES) known.delete(known.keys().next().value!)
    known.set(signature, (memory = newMemory(Math.ceil(slots * ROOM_TO_GROW), opinionsOfNode)))
  }
  return memory
}

type Look = (place: Place) => Verdict | undefined

/** Asks the plugins that look at nodes alone about a place, and remembers what they say. */
function looking(memory: Memory, incoming: Incoming, filters: readonly Filter[], held: readonly Opinion[]): Look {
  const { seen, verdicts, fixed, raw } = memory
  const simple = held.filter(isFixed)
  return (place) => {
    const { slot } = place
    const verdict = firstRefusal(filters, incoming, place)
    seen[slot] = place
    verdicts[slot] = verdict
    if (verdict) return verdict
    let sum = 0
    for (const { plugin, weight, rated } of simple) sum += weight * plugin.score!(incoming, place, rated)
    fixed[slot] = sum
    for (const { plugin, rated } of held)
      if (plugin.spread) keep(raw.get(plugin)!, slot, plugin.score!(incoming, place, rated))
    return undefined
  }
}

function keep(raw: Raw, slot: number, points: number): void {
  raw.points[slot] = points
  if (!raw.looked) raw.same = points
  else if (raw.same !== points) raw.same = undefined
  raw.looked = true
}

/**
 * The refusal of the filter that comes first: those that look at the cluster are asked up to the one that refused
 * anyway.
 */
function firstOfBoth(
  filters: readonly Filter[],
  incoming: Incoming,
  place: Place,
  ofNodes: Verdict | undefined,
): Verdict | undefined {
  for (const { plugin, prepared } of filters) {
    if (plugin.name === ofNodes?.plugin) return ofNodes
    if (plugin.looksAt === 'node') continue
    const refusal = plugin.filter!(incoming, place, prepared)
    if (refusal) return { plugin: plugin.name, refusal }
  }
  return undefined
}

// ---- points of many nodes ----

/** Lists that are used again and again. */
let totals: Scores = new Float64Array(1024)
let scores: Scores = new Float64Array(1024)

function makeRoom(count: number): void {
  if (totals.length >= count) return
  totals = new Float64Array(2 * count)
  scores = new Float64Array(2 * count)
}

function gatherFixed({ seen, fixed }: Memory, look: Look, places: Places, feasible: readonly number[]): void {
  for (let i = 0; i < feasible.length; i++) {
    const slot = feasible[i]!
    const place = places[slot]!
    if (seen[slot] !== place) look(place)
    totals[i] = fixed[slot]!
  }
}

function gatherRaw(raw: Scores, feasible: readonly number[]): void {
  for (let i = 0; i < feasible.length; i++) scores[i] = raw[feasible[i]!]!
}

function addScores({ plugin, weight, rated }: Opinion, feasible: readonly number[]): void {
  plugin.spread?.(scores, feasible.length, rated, feasible)
  for (let i = 0; i < feasible.length; i++) totals[i]! += scores[i]! * weight
}

const NO_NODES: readonly number[] = []

export function rememberingJudge(
  profile: Profile,
  incoming: Incoming,
  filters: readonly Filter[],
  cluster: Cluster,
): Judge {
  const { places, snapshot } = cluster
  const held = opinions(scorersOf(profile).ofNode, incoming, cluster, NO_NODES)
  const memory = recall(profile, incoming.signature, snapshot.nextSlot, held)
  const { seen, verdicts } = memory
  const filtersOfNode = filters.filter(ofNode)
  const look = looking(memory, incoming, filtersOfNode, held)
  const verdictOfNode = (slot: number): Verdict | undefined => {
    const place = places[slot]!
    return seen[slot] === place ? verdicts[slot] : look(place)
  }
  return {
    verdict:
      filtersOfNode.length === filters.length
        ? verdictOfNode
        : (slot) => firstOfBoth(filters, incoming, places[slot]!, verdictOfNode(slot)),
    totals(feasible) {
      makeRoom(feasible.length)
      gatherFixed(memory, look, places, feasible)
      for (const opinion of held) {
        const raw = memory.raw.get(opinion.plugin)
        if (!raw || raw.same !== undefined) continue
        gatherRaw(raw.points, feasible)
        addScores(opinion, feasible)
      }
      for (const opinion of opinions(scorersOf(profile).ofCluster, incoming, cluster, feasible)) {
        opinion.plugin.scoreAll!(scores, feasible, opinion.rated)
        addScores(opinion, feasible)
      }
      return totals
    },
  }
}

interface Scorers {
  readonly ofNode: readonly Weighted[]
  readonly ofCluster: readonly Weighted[]
}

const divided = new WeakMap<Profile, Scorers>()

function scorersOf(profile: Profile): Scorers {
  let known = divided.get(profile)
  if (!known) {
    known = { ofNode: profile.scorers.filter(ofNode), ofCluster: profile.scorers.filter(ofCluster) }
    divided.set(profile, known)
  }
  return known
}
