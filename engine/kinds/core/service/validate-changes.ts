/**
 * What of a Service stays: its first address and family, its balancer's class, its port for health checks.
 *
 * Upstream: pkg/apis/core/validation/validation.go (validateUpgradeDowngradeClusterIPs, validateUpgradeDowngradeIPFamilies)
 */
import type { Problem } from '../../../api/problem.ts'
import type { ServiceSpec } from '../../../api/types.generated.ts'
import { FINE } from '../../../api/validate/check.ts'
import { forbidden, invalid } from '../../../api/validate/problems.ts'
import { isExternalName, isHeadless, isLoadBalancer, needsHealthCheckPort } from './types.ts'

const ONCE = 'may not change once set'

/** The second of two may go, when the policy says that there is to be one. */
function secondGone(spec: ServiceSpec, left: number, what: string): readonly Problem[] {
  return left === 1 && spec.ipFamilyPolicy !== 'SingleStack'
    ? [
        invalid(
          'spec.ipFamilyPolicy',
          spec.ipFamilyPolicy,
          `must be set to 'SingleStack' when releasing the secondary ${what}`,
        ),
      ]
    : FINE
}

function addressChanges(spec: ServiceSpec, old: ServiceSpec): readonly Problem[] {
  const { clusterIPs: now = [] } = spec
  const { clusterIPs: before = [] } = old
  if (isHeadless(spec) && isHeadless(old)) return FINE
  const field = 'spec.clusterIPs'
  if (before.length === now.length) {
    return before.flatMap((address, index) =>
      address === now[index] ? FINE : [invalid(`${field}[${index}]`, now, ONCE)],
    )
  }
  const unset = before.length > now.length && now.length === 0
  const moved = before.length > 0 && now.length > 0 && before[0] !== now[0]
  return [
    ...(unset ? [invalid(`${field}[0]`, spec.clusterIPs, 'primary clusterIP can not be unset')] : FINE),
    ...(moved ? [invalid(`${field}[0]`, now, ONCE)] : FINE),
    ...(before.length > now.length ? secondGone(spec, now.length, 'clusterIP') : FINE),
  ]
}

function changesOfFamilies(spec: ServiceSpec, old: ServiceSpec): readonly Problem[] {
  const { ipFamilies: now = [] } = spec
  const { ipFamilies: before = [] } = old
  if (isHeadless(spec) || isHeadless(old)) return FINE
  const field = 'spec.ipFamilies[0]'
  if (before.length === now.length) {
    return before.flatMap((family, index) => (family === now[index] ? FINE : [invalid(field, now, ONCE)]))
  }
  const moved = before.length > 0 && now.length > 0 && before[0] !== now[0]
  return [
    ...(moved ? [invalid(field, spec.clusterIPs, ONCE)] : FINE),
    ...(before.length > now.length ? secondGone(spec, now.length, 'ipFamily') : FINE),
  ]
}

function otherChanges(spec: ServiceSpec, old: ServiceSpec): readonly Problem[] {
  const balanced = isLoadBalancer(spec) && isLoadBalancer(old)
  const checked = needsHealthCheckPort(spec) && needsHealthCheckPort(old)
  return [
    ...(balanced && spec.loadBalancerClass !== old.loadBalancerClass
      ? [invalid('spec.loadBalancerClass', spec.loadBalancerClass, ONCE)]
      : FINE),
    ...(checked && spec.healthCheckNodePort !== old.healthCheckNodePort
      ? [forbidden('spec.healthCheckNodePort', 'field is immutable')]
      : FINE),
  ]
}

export function familyChanges(spec: ServiceSpec, old: ServiceSpec): readonly Problem[] {
  const comesOrGoes = isExternalName(spec) || isExternalName(old)
  const kept = comesOrGoes ? FINE : [...addressChanges(spec, old), ...changesOfFamilies(spec, old)]
  return [...kept, ...otherChanges(spec, old)]
}
