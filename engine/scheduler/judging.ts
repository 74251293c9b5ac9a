/**
 * What the plugins of a profile say of one place after another. The plain judge asks them all every time. The remembering judge asks
 * again only where a node, or what is on it, changed since the last Pod of the same signature; a property test compares
 * the two.
 */
import type { Incoming } from './incoming.ts'
import type { Place, Places } from './places.ts'
import type { AnyPlugin, Cluster, Scores } from './plugin.ts'
import type { Profile } from './profile.ts'
import { isRefusal, type Refusal } from './refusal.ts'

/** Who refused a node, and why. */
export interface Verdict {
  readonly plugin: string
  readonly refusal: Refusal
}

/** A filter that has something to say about the Pod, with its preparation. */
interface Filter {
  readonly plugin: AnyPlugin
  readonly prepared: unknown
}

export interface Judge {
  readonly incoming: Incoming
  readonly filters: readonly Filter[]
  /** The first refusal counts. */
  readonly verdict: (place: Place) => Verdict | undefined
  /** Writes into `scores` what plugins that look at nodes alone say of the feasible ones, the plugins in the order given. */
  readonly score: (
    raters: readonly Rater[],
    places: Places,
    feasible: readonly number[],
    scores: readonly Scores[],
  ) => void
}

/** A plugin that has an opinion, with what it has worked out. */
export interface Rater {
  readonly plugin: AnyPlugin
  readonly rated: unknown
}

/** PreFilter. A Verdict if the Pod is refused before any node was looked at. */
export function prepareFilters(profile: Profile, incoming: Incoming, cluster: Cluster): readonly Filter[] | Verdict {
  const filters: Filter[] = []
  for (const plugin of profile.filters) {
    const prepared = plugin.prepare ? plugin.prepare(incoming, cluster) : true
    if (isRefusal(prepared)) return { plugin: plugin.name, refusal: prepared }
    if (prepared !== undefined) filters.push({ plugin, prepared })
  }
  return filters
}

function firstRefusal(filters: readonly Filter[], incoming: Incoming, place: Place): Verdict | undefined {
  for (const { plugin, prepared } of filters) {
    const refusal = plugin.filter!(incoming, place, prepared)
    if (refusal) return { plugin: plugin.name, refusal }
  }
  return undefined
}

export const plainJudge = (incoming: Incoming, filters: readonly Filter[]): Judge => ({
  incoming,
  filters,
  verdict: (place) => firstRefusal(filters, incoming, place),
  score: (raters, places, feasible, scores) =>
    raters.forEach(({ plugin, rated }, which) => {
      feasible.forEach((slot, i) => void (scores[which]![i] = plugin.score!(incoming, places[slot]!, rated)))
    }),
})

// ---- the remembering judge ----

/** What was found out about places for one signature. */
interface Memory {
  /** So many slots there is room for. */
  readonly size: number
  readonly judged: (Place | undefined)[]
  readonly verdicts: (Verdict | undefined)[]
  readonly scored: (Place | undefined)[]
  /** By plugin, then by slot. */
  readonly points: Map<AnyPlugin, Scores>
}

const nothingFor = (size: number): undefined[] => new Array<undefined>(size).fill(undefined)

const newMemory = (size: number): Memory => ({
  size,
  judged: nothingFor(size),
  verdicts: nothingFor(size),
  scored: nothingFor(size),
  points: new Map(),
})

const MOST_SIGNATURES = 200
const ROOM_TO_GROW = 1.25

const memories = new WeakMap<Profile, Map<string, Memory>>()

function recall(profile: Profile, signature: string, slots: number): Memory {
  let known = memories.get(profile)
  if (!known) memories.set(profile, (known = new Map()))
  let memory = known.get(signature)
  if (!memory || memory.size < slots) {
    if (known.size >= MOST_SIGNATURES) known.delete(known.keys().next().value!)
    known.set(signature, (memory = newMemory(Math.ceil(slots * ROOM_TO_GROW))))
  }
  return memory
}

const onlyNodes = ({ plugin }: Filter): boolean => plugin.looksAt === 'node'

/** The refusal of the filter that comes first: those that look at the cluster are asked up to the one that refused anyway. */
function firstOfBoth(
  filters: readonly Filter[],
  incoming: Incoming,
  place: Place,
  ofNode: Verdict | undefined,
): Verdict | undefined {
  for (const { plugin, prepared } of filters) {
    if (plugin.name === ofNode?.plugin) return ofNode
    if (plugin.looksAt === 'node') continue
    const refusal = plugin.filter!(incoming, place, prepared)
    if (refusal) return { plugin: plugin.name, refusal }
  }
  return undefined
}

export function rememberingJudge(
  profile: Profile,
  incoming: Incoming,
  filters: readonly Filter[],
  slots: number,
): Judge {
  const memory = recall(profile, incoming.signature, slots)
  const { judged, verdicts } = memory
  const nodeFilters = filters.filter(onlyNodes)
  const verdictOfNode = (place: Place): Verdict | undefined => {
    const { slot } = place
    if (judged[slot] === place) return verdicts[slot]
    judged[slot] = place
    return (verdicts[slot] = firstRefusal(nodeFilters, incoming, place))
  }
  return {
    incoming,
    filters,
    verdict:
      nodeFilters.length === filters.length
        ? verdictOfNode
        : (place) => firstOfBoth(filters, incoming, place, verdictOfNode(place)),
    score: (raters, places, feasible, scores) => recallScores(memory, incoming, raters, places, feasible, scores),
  }
}

function pointsBySlot({ points, size }: Memory, plugin: AnyPlugin): Scores {
  let known = points.get(plugin)
  if (!known) points.set(plugin, (known = new Float64Array(size)))
  return known
}

function recallScores(
  memory: Memory,
  incoming: Incoming,
  raters: readonly Rater[],
  places: Places,
  feasible: readonly number[],
  scores: readonly Scores[],
): void {
  const points = raters.map(({ plugin }) => pointsBySlot(memory, plugin))
  const { scored } = memory
  for (const slot of feasible) {
    const place = places[slot]!
    if (scored[slot] === place) continue
    scored[slot] = place
    for (let which = 0; which < raters.length; which++) {
      const { plugin, rated } = raters[which]!
      points[which]![slot] = plugin.score!(incoming, place, rated)
    }
  }
  for (let which = 0; which < raters.length; which++) gather(points[which]!, feasible, scores[which]!)
}

function gather(bySlot: Scores, feasible: readonly number[], scores: Scores): void {
  for (let i = 0; i < feasible.length; i++) scores[i] = bySlot[feasible[i]!]!
}
