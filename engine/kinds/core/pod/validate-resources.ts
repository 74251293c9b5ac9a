/**
 * What a container, or the Pod as a whole, asks for and may use at most.
 *
 * Upstream: pkg/apis/core/validation/validation.go (validateResourceRequirements)
 */

import { addAmounts, compareAmounts, isMultipleOfAmount } from '../../../api/amounts.ts'
import type { Problem } from '../../../api/problem.ts'
import type { Container, CoreV1ResourceClaim, PodSpec, ResourceRequirements } from '../../../api/types.generated.ts'
import { type Check, FINE, join, like } from '../../../api/validate/check.ts'
import { dnsLabel } from '../../../api/validate/formats.ts'
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../../api/validate/problems.ts'
import {
  containerResourceName,
  HUGE_PAGES,
  isHugePages,
  mayOvercommit,
  resourceName,
  resourceQuantity,
} from '../../../api/validate/resource-names.ts'

type Amounts = Readonly<Record<string, string>>

const sorted = (amounts: Amounts | undefined): readonly (readonly [string, string])[] =>
  Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))

function hugePages(name: string, amount: string, path: string): readonly Problem[] {
  if (!isHugePages(name) || isMultipleOfAmount(amount, name.slice(HUGE_PAGES.length))) return FINE
  return [invalid(path, amount, `${amount} is not positive integer multiple of ${name}`)]
}

const amountAlone = (check: Check<string>, name: string, amount: string, path: string): readonly Problem[] =>
  join(check(name, path), resourceQuantity(name)(amount, path))

/** A request may not exceed the limit; of what cannot be shared it must be the limit. */
function withinLimit(name: string, amount: string, limit: string | undefined, path: string): readonly Problem[] {
  if (limit === undefined) {
    const said = 'Limit must be set for non overcommitable resources'
    return mayOvercommit(name) ? FINE : [required(`${path}.limits`, said)]
  }
  const order = compareAmounts(amount, limit)
  if (order !== 0 && !mayOvercommit(name)) {
    return [invalid(`${path}.requests`, amount, `must be equal to ${name} limit of ${limit}`)]
  }
  return order > 0
    ? [invalid(`${path}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`)]
    : FINE
}

const isCompute = (name: string): boolean => name === 'cpu' || name === 'memory'

const hugePagesAlone: Check<ResourceRequirements> = ({ requests, limits }, path) => {
  const names = Object.keys({ ...requests, ...limits })
  return names.some(isHugePages) && !names.some(isCompute) ? [forbidden(path, 'HugePages require cpu or memory')] : FINE
}

const requirements =
  (nameCheck: Check<string>, claimNames: ReadonlySet<string>): Check<ResourceRequirements> =>
  (value, path) => {
    const limits = sorted(value.limits).flatMap(([name, amount]) => {
      const field = `${path}.limits[${name}]`
      return [...amountAlone(nameCheck, name, amount, field), ...hugePages(name, amount, field)]
    })
    const requests = sorted(value.requests).flatMap(([name, amount]) => {
      const field = `${path}.requests[${name}]`
      return [
        ...amountAlone(nameCheck, name, amount, field),
        ...withinLimit(name, amount, value.limits?.[name], path),
        ...hugePages(name, amount, field),
      ]
    })
    const claims = claimsOf(value.claims ?? [], claimNames, `${path}.claims`)
    return [...limits, ...requests, ...hugePagesAlone(value, path), ...claims]
  }

/** A claim as a whole and one of its requests overlap. */
function taken(names: ReadonlySet<string>, { name, request }: CoreV1ResourceClaim): string | undefined {
  if (names.has(name)) return name
  const key = request ? `${name}/${request}` : name
  if (names.has(key)) return key
  return !request && [...names].some((other) => other.startsWith(`${name}/`)) ? name : undefined
}

function claimsOf(
  claims: readonly CoreV1ResourceClaim[],
  known: ReadonlySet<string>,
  path: string,
): readonly Problem[] {
  const names = new Set<string>()
  return claims.flatMap((claim, index) => {
    const field = `${path}[${index}]`
    const { name, request } = claim
    if (!name) return [required(field)]
    const twice = taken(names, claim)
    const wrongRequest = request && !names.has(name) ? like(dnsLabel)(request, `${field}.request`) : FINE
    if (!names.has(name)) names.add(request ? `${name}/${request}` : name)
    return [
      ...wrongRequest,
      ...(twice === undefined ? FINE : [duplicate(field, twice)]),
      ...(known.has(name) ? FINE : [notFound(field, name, knownClaims(known))]),
    ]
  })
}

const knownClaims = (known: ReadonlySet<string>): string =>
  `must be one of the names in pod.spec.resourceClaims${known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`}`

export const containerResources = (claimNames: ReadonlySet<string>): Check<ResourceRequirements> =>
  requirements(containerResourceName, claimNames)

/** What the sandbox itself takes; it is said like a limit. */
export const overhead: Check<Amounts> = (amounts, path) =>
  requirements(containerResourceName, new Set())({ limits: amounts }, path)

const POD_LEVEL = ['cpu', HUGE_PAGES, 'memory']

const podLevelName: Check<string> = (name, path) => {
  const problems = resourceName(name, path)
  if (problems.length > 0) return problems
  return isCompute(name) || isHugePages(name) ? FINE : [notSupported(path, name, POD_LEVEL)]
}

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always'

function largest(a: Amounts, b: Amounts): Amounts {
  const merged: Record<string, string> = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const before = merged[name]
    if (before === undefined || compareAmounts(amount, before) > 0) merged[name] = amount
  }
  return merged
}

function sum(a: Amounts, b: Amounts): Amounts {
  const merged: Record<string, string> = { ...a }
  for (const [name, amount] of Object.entries(b))
    merged[name] = merged[name] === undefined ? amount : addAmounts(merged[name], amount)
  return merged
}

/** What the containers of a Pod need at any one time: all that stay, or an init container and the sidecars before it. */
export function aggregateRequests({ containers, initContainers = [] }: PodSpec): Amounts {
  let sidecars: Amounts = {}
  let starting: Amounts = {}
  for (const container of initContainers) {
    const requests = container.resources?.requests ?? {}
    if (isSidecar(container)) sidecars = sum(sidecars, requests)
    starting = largest(starting, isSidecar(container) ? sidecars : sum(sidecars, requests))
  }
  const running = (containers ?? []).reduce((total, { resources }) => sum(total, resources?.requests ?? {}), sidecars)
  return largest(running, starting)
}

function enoughForAll(spec: PodSpec, path: string): readonly Problem[] {
  return sorted(aggregateRequests(spec)).flatMap(([name, needed]) => {
    const asked = spec.resources?.requests?.[name] ?? '0'
    const supported = isCompute(name) || isHugePages(name)
    return supported && compareAmounts(needed, asked) > 0
      ? [
          invalid(
            `${path}.requests[${name}]`,
            asked,
            `must be greater than or equal to aggregate container requests of ${needed}`,
          ),
        ]
      : FINE
  })
}

function noContainerAbove({ containers, resources }: PodSpec, path: string): readonly Problem[] {
  return (containers ?? []).flatMap((container, index) =>
    sorted(container.resources?.limits).flatMap(([name, limit]) => {
      const most = resources?.limits?.[name]
      return most !== undefined && compareAmounts(limit, most) > 0
        ? [
            invalid(
              `${path}.containers[${index}][${name}].limits`,
              limit,
              `must be less than or equal to pod limits of ${most}`,
            ),
          ]
        : FINE
    }),
  )
}

/** Resources of the Pod as a whole, against those of its containers. */
export function podResources(spec: PodSpec, claimNames: ReadonlySet<string>, path: string): readonly Problem[] {
  const { resources } = spec
  if (!resources) return FINE
  return [
    ...(resources.claims ? [forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level')] : FINE),
    ...requirements(podLevelName, claimNames)(resources, path),
    ...enoughForAll(spec, path),
    ...noContainerAbove(spec, path),
  ]
}
