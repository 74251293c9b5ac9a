/**
 * What the plugins of a profile say of one place after another. The plain judge asks them all every time. The remembering judge asks
 * again only where a node, or what is on it, changed since the last Pod of the same signature; a property test compares
 * the two.
 */
import type { Incoming } from './incoming.ts'
import type { Place } from './places.ts'
import type { AnyPlugin, Cluster } from './plugin.ts'
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
  /** What a plugin that looks at nodes alone scores. */
  readonly score: (plugin: AnyPlugin, place: Place, rated: unknown) => number
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
  score: (plugin, place, rated) => plugin.score!(incoming, place, rated),
})

// ---- the remembering judge ----

/** What was found out about places for one signature. */
interface Memory {
  readonly seen: (Place | undefined)[]
  readonly verdicts: (Verdict | undefined)[]
  readonly scores: Map<AnyPlugin, { readonly seen: (Place | undefined)[]; readonly points: number[] }>
}

const MOST_SIGNATURES = 200

const memories = new WeakMap<Profile, Map<string, Memory>>()

function recall(profile: Profile, signature: string): Memory {
  let known = memories.get(profile)
  if (!known) memories.set(profile, (known = new Map()))
  let memory = known.get(signature)
  if (!memory) {
    if (known.size >= MOST_SIGNATURES) known.delete(known.keys().next().value!)
    known.set(signature, (memory = { seen: [], verdicts: [], scores: new Map() }))
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

export function rememberingJudge(profile: Profile, incoming: Incoming, filters: readonly Filter[]): Judge {
  const memory = recall(profile, incoming.signature)
  const { seen, verdicts } = memory
  const nodeFilters = filters.filter(onlyNodes)
  const verdictOfNode = (place: Place): Verdict | undefined => {
    const { slot } = place
    if (seen[slot] === place) return verdicts[slot]
    seen[slot] = place
    return (verdicts[slot] = firstRefusal(nodeFilters, incoming, place))
  }
  return {
    incoming,
    filters,
    verdict:
      nodeFilters.length === filters.length
        ? verdictOfNode
        : (place) => firstOfBoth(filters, incoming, place, verdictOfNode(place)),
    score: rememberedScore(memory, incoming),
  }
}

function rememberedScore({ scores }: Memory, incoming: Incoming): Judge['score'] {
  return (plugin, place, rated) => {
    let known = scores.get(plugin)
    if (!known) scores.set(plugin, (known = { seen: [], points: [] }))
    const { slot } = place
    if (known.seen[slot] === place) return known.points[slot]!
    known.seen[slot] = place
    return (known.points[slot] = plugin.score!(incoming, place, rated))
  }
}
