/**
 * What a pod as a whole asks for and may take: the sum over its containers, or what its largest init container needs
 * while nothing else runs, and its overhead.
 *
 * Upstream: staging/src/k8s.io/component-helpers/resource/helpers.go
 */
import type { Container, Pod, PodStatus } from '../../api/types.generated.ts'
import { amountOf, quantityOf } from './amount.ts'
import { containersOf, initContainersOf, isSidecar } from './container-kind.ts'

export type Amounts = Readonly<Record<string, string>>

type Which = 'requests' | 'limits'

const claim = (container: Container, which: Which): Amounts => (container.resources?.[which] as Amounts) ?? NOTHING

const NOTHING: Amounts = {}

function add(into: Map<string, number>, amounts: Amounts): void {
  for (const [resource, amount] of Object.entries(amounts))
    into.set(resource, (into.get(resource) ?? 0) + amountOf(amount))
}

function raise(into: Map<string, number>, other: ReadonlyMap<string, number>): void {
  for (const [resource, amount] of other) into.set(resource, Math.max(into.get(resource) ?? 0, amount))
}

function total(pod: Pod, which: Which): Map<string, number> {
  const sum = new Map<string, number>()
  for (const container of containersOf(pod)) add(sum, claim(container, which))
  const sidecars = new Map<string, number>()
  const most = new Map<string, number>()
  for (const container of initContainersOf(pod)) {
    if (isSidecar(container)) {
      add(sum, claim(container, which))
      add(sidecars, claim(container, which))
      raise(most, sidecars)
    } else {
      const needed = new Map(sidecars)
      add(needed, claim(container, which))
      raise(most, needed)
    }
  }
  raise(sum, most)
  const whole = pod.spec.resources?.[which] as Amounts | undefined
  for (const [resource, amount] of Object.entries(whole ?? NOTHING)) sum.set(resource, amountOf(amount))
  return sum
}

/** Amounts keep the spelling of the only container that names them. */
function written(pod: Pod, which: Which): Amounts {
  const only = containersOf(pod).length === 1 && initContainersOf(pod).length === 0 && !pod.spec.resources
  if (only) return claim(containersOf(pod)[0]!, which)
  const amounts: Record<string, string> = {}
  for (const [resource, amount] of total(pod, which)) amounts[resource] = quantityOf(resource, amount)
  return amounts
}

export interface Claim {
  readonly milliCpu: number
  readonly memoryBytes: number
  readonly ephemeralBytes: number
}

const claims = new WeakMap<object, Claim>()

function claimed(pod: Pod): Claim {
  const requests = total(pod, 'requests')
  return {
    milliCpu: Math.round((requests.get('cpu') ?? 0) * 1000),
    memoryBytes: Math.round(requests.get('memory') ?? 0),
    ephemeralBytes: Math.round(requests.get('ephemeral-storage') ?? 0),
  }
}

/** What the pod requests of a machine. */
export function claimOf(pod: Pod): Claim {
  let claim = claims.get(pod.spec)
  if (!claim) {
    claim = claimed(pod)
    claims.set(pod.spec, claim)
  }
  return claim
}

const NO_AMOUNTS: Pick<PodStatus, 'resources' | 'allocatedResources'> = { resources: {} }

const cache = new WeakMap<object, Pick<PodStatus, 'resources' | 'allocatedResources'>>()

const isEmpty = (amounts: Amounts): boolean => Object.keys(amounts).length === 0

const asksNothing = (pod: Pod): boolean =>
  !pod.spec.resources &&
  containersOf(pod).every(({ resources }) => !resources?.requests && !resources?.limits) &&
  initContainersOf(pod).every(({ resources }) => !resources?.requests && !resources?.limits)

/** The pod's share as its status tells it. */
export function podAmounts(pod: Pod): Pick<PodStatus, 'resources' | 'allocatedResources'> {
  if (asksNothing(pod)) return NO_AMOUNTS
  let amounts = cache.get(pod.spec)
  if (!amounts) {
    const requests = written(pod, 'requests')
    const limits = written(pod, 'limits')
    amounts = {
      ...(!isEmpty(requests) && { allocatedResources: requests }),
      resources: { ...(!isEmpty(limits) && { limits }), ...(!isEmpty(requests) && { requests }) },
    }
    cache.set(pod.spec, amounts)
  }
  return amounts
}
