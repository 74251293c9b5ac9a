/**
 * How full a node would be, turned into points: the emptier the better, the fuller the better, or along a curve that
 * one draws.
 *
 * Upstream:
 * pkg/scheduler/framework/plugins/noderesources/{least_allocated,most_allocated,requested_to_capacity_ratio}.go
 */
export interface WeightedResource {
  readonly name: string
  readonly weight?: number
}

export interface CurvePoint {
  readonly utilization: number
  readonly score: number
}

export interface ScoringStrategy {
  readonly type?: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio'
  readonly resources?: readonly WeightedResource[]
  readonly requestedToCapacityRatio?: { readonly shape?: readonly CurvePoint[] }
}

/** Points for one resource. */
type Rating = (requested: number, capacity: number) => number

const leastAllocated: Rating = (requested, capacity) =>
  requested > capacity ? 0 : Math.trunc(((capacity - requested) * 100) / capacity)

const mostAllocated: Rating = (requested, capacity) => Math.trunc((Math.min(requested, capacity) * 100) / capacity)

/** Curves are drawn from 0 to 10 and read from 0 to 100. */
const CURVE_SCALE = 10

function onCurve(shape: readonly CurvePoint[], utilization: number): number {
  const index = shape.findIndex((point) => utilization <= point.utilization)
  if (index < 0) return shape[shape.length - 1]!.score * CURVE_SCALE
  const right = shape[index]!
  if (index === 0) return right.score * CURVE_SCALE
  const left = shape[index - 1]!
  const rise = (right.score - left.score) * CURVE_SCALE * (utilization - left.utilization)
  return left.score * CURVE_SCALE + Math.trunc(rise / (right.utilization - left.utilization))
}

const alongCurve =
  (shape: readonly CurvePoint[]): Rating =>
  (requested, capacity) =>
    onCurve(shape, requested > capacity ? 100 : Math.trunc((requested * 100) / capacity))

/** The weighted mean of the points for each resource that the node has. */
export interface ResourceScorer {
  readonly resources: readonly WeightedResource[]
  readonly score: (requested: readonly number[], capacity: readonly number[]) => number
}

function weightedMean(
  resources: readonly WeightedResource[],
  rating: Rating,
  counts: (points: number) => boolean,
  round: (mean: number) => number,
): ResourceScorer['score'] {
  return (requested, capacity) => {
    let sum = 0
    let weights = 0
    for (let i = 0; i < resources.length; i++) {
      if (capacity[i] === 0) continue
      const points = rating(requested[i]!, capacity[i]!)
      if (!counts(points)) continue
      const weight = resources[i]!.weight ?? 1
      sum += points * weight
      weights += weight
    }
    return weights === 0 ? 0 : round(sum / weights)
  }
}

const always = (): boolean => true

export function scorerOf({ type, resources = [], requestedToCapacityRatio }: ScoringStrategy): ResourceScorer {
  if (type === 'RequestedToCapacityRatio') {
    const rating = alongCurve(requestedToCapacityRatio?.shape ?? [])
    return { resources, score: weightedMean(resources, rating, (points) => points > 0, Math.round) }
  }
  const rating = type === 'MostAllocated' ? mostAllocated : leastAllocated
  return { resources, score: weightedMean(resources, rating, always, Math.trunc) }
}
