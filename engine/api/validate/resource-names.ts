/**
 * Names of what can be asked for: cpu, memory and the like, and what vendors bring under names of their own.
 *
 * Upstream: pkg/apis/core/helper/helpers.go
 */

import { isNegativeAmount, isWholeAmount } from '../amounts.ts'
import { all, type Check, FINE, first, like, must } from './check.ts'
import { qualifiedName } from './formats.ts'
import { invalid } from './problems.ts'

export const HUGE_PAGES = 'hugepages-'

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage']

const STANDARD: ReadonlySet<string> = new Set([
  ...COMPUTE,
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
])

/** Resources of which only whole ones can be had, and counts of objects. */
const WHOLE: ReadonlySet<string> = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])

export const isHugePages = (name: string): boolean => name.startsWith(HUGE_PAGES)

const isStandard = (name: string): boolean =>
  STANDARD.has(name) || isHugePages(name) || name.startsWith(`requests.${HUGE_PAGES}`)

/** Without a domain, or in Kubernetes' own. */
const isNative = (name: string): boolean => !name.includes('/') || /(^|\.)kubernetes\.io\//.test(name)

export const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0

/** More may be promised than there is, of what can be shared or taken back. */
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)

const known: Check<string> = must(
  (name) => name.includes('/') || isStandard(name),
  'must be a standard resource type or fully qualified',
)

/** A resource of any kind. */
export const resourceName: Check<string> = first(like(qualifiedName), known)

const ofContainers: Check<string> = (name, path) => {
  if (!name.includes('/')) {
    return COMPUTE.includes(name) || isHugePages(name)
      ? FINE
      : [invalid(path, name, 'must be a standard resource for containers')]
  }
  return isNative(name) || isExtended(name)
    ? FINE
    : [invalid(path, name, "doesn't follow extended resource name standard")]
}

/** A resource that a container may ask for. */
export const containerResourceName: Check<string> = all(resourceName, ofContainers)

const wholeUnits =
  (name: string): Check<string> =>
  (quantity, path) =>
    (isExtended(name) || WHOLE.has(name)) && !isWholeAmount(quantity)
      ? [invalid(path, quantity, 'must be an integer')]
      : FINE

const quantityNotNegative: Check<string> = must(
  (quantity) => !isNegativeAmount(quantity),
  'must be greater than or equal to 0',
)

/** How much of a resource there may be. */
export const resourceQuantity = (name: string): Check<string> => all(quantityNotNegative, wholeUnits(name))
