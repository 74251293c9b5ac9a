/**
 * What a Pod asks for in all: its containers run together, its init containers one after another, its sidecars beside
 * both, and the sandbox has a cost of its own. Requests for the whole Pod replace the sum.
 *
 * Upstream: staging/src/k8s.io/component-helpers/resource/helpers.go
 * Left out: resizing in place: what counts is what the spec asks for, not what the kubelet has allocated.
 */
import { type Numbers, numbersOf, unitsOf } from './amounts.ts'
import type { Container, Pod, PodSpec, Quantities } from './objects.ts'

type Sum = Record<string, number>

const NONE: readonly Container[] = []

function addTo(sum: Sum, numbers: Numbers): void {
  for (const resource in numbers) sum[resource] = (sum[resource] ?? 0) + numbers[resource]!
}

function raiseTo(sum: Sum, numbers: Numbers): void {
  for (const resource in numbers) sum[resource] = Math.max(sum[resource] ?? 0, numbers[resource]!)
}

/** `missing` is what a container counts for that does not say. */
const requestsOf = (container: Container, missing: Numbers): Numbers => ({
  ...missing,
  ...numbersOf(container.resources?.requests),
})

/** The most that is needed at any one time while the init containers run. */
function initRequests(spec: PodSpec, missing: Numbers, sidecars: Sum): Sum {
  const peak: Sum = {}
  for (const container of spec.initContainers ?? NONE) {
    const requests = requestsOf(container, missing)
    const meanwhile: Sum = { ...sidecars }
    addTo(meanwhile, requests)
    raiseTo(peak, meanwhile)
    if (container.restartPolicy === 'Always') addTo(sidecars, requests)
  }
  return peak
}

function containerRequests(spec: PodSpec, missing: Numbers): Sum {
  const sidecars: Sum = {}
  const peak = initRequests(spec, missing, sidecars)
  const sum: Sum = sidecars
  for (const container of spec.containers) addTo(sum, requestsOf(container, missing))
  raiseTo(sum, peak)
  return sum
}

const forWholePod = (resource: string): boolean =>
  resource === 'cpu' || resource === 'memory' || resource.startsWith('hugepages-')

/** Requests of the Pod as a whole, of which there may be none. */
function podLevelRequests(requests: Quantities | undefined): Numbers | undefined {
  let numbers: Record<string, number> | undefined
  for (const resource in requests)
    if (forWholePod(resource)) (numbers ??= {})[resource] = unitsOf(resource, requests[resource]!)
  return numbers
}

function totalRequests(spec: PodSpec, missing: Numbers, podLevel: Numbers | undefined): Sum {
  const sum = { ...containerRequests(spec, missing), ...podLevel }
  if (spec.overhead) addTo(sum, numbersOf(spec.overhead))
  return sum
}

const NO_DEFAULTS: Numbers = {}

/** 100m and 200 MiB: what a container that asks for nothing is taken for when nodes are compared. */
const SCORING_DEFAULTS: Numbers = { cpu: 100, memory: 200 * 1024 * 1024 }

function missingDefaults(requests: Numbers, podLevel: Numbers | undefined): Numbers {
  if (!podLevel) return SCORING_DEFAULTS
  return Object.fromEntries(Object.entries(SCORING_DEFAULTS).filter(([resource]) => !(resource in requests)))
}

export interface PodRequests {
  readonly requests: Numbers
  /** With the defaults that scoring assumes for containers that ask for nothing. */
  readonly counted: Numbers
  /** The same without what is asked for the Pod as a whole: so upstream counts a Pod that is yet to be placed. */
  readonly scored: Numbers
}

export function podRequests({ spec }: Pod): PodRequests {
  const podLevel = podLevelRequests(spec.resources?.requests)
  const requests = totalRequests(spec, NO_DEFAULTS, podLevel)
  const scored = totalRequests(spec, SCORING_DEFAULTS, undefined)
  const counted = podLevel ? totalRequests(spec, missingDefaults(requests, podLevel), podLevel) : scored
  return { requests, counted, scored }
}
