/**
 * A Service's own addresses and families, as far as they can be judged without knowing the cluster.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidateServiceClusterIPsRelatedFields)
 */
import type { Problem } from '../../../api/problem.ts'
import type { ServiceSpec } from '../../../api/types.generated.ts'
import { familyOf, ip, isDualStack } from '../../../api/validate/addresses.ts'
import { FINE, oneOf } from '../../../api/validate/check.ts'
import { duplicate, invalid, notSupported, required } from '../../../api/validate/problems.ts'
import { isExternalName, isHeadless } from './types.ts'

const ADDRESSES = 'spec.clusterIPs'

/** One address stands in two places. */
function inStep({ clusterIP, clusterIPs = [] }: ServiceSpec): readonly Problem[] {
  if (!clusterIP) {
    return clusterIPs.length === 0
      ? FINE
      : [invalid(ADDRESSES, clusterIPs, 'must be empty when `clusterIP` is not specified')]
  }
  if (clusterIPs.length === 0) return [required(ADDRESSES)]
  return clusterIPs[0] === clusterIP ? FINE : [invalid(ADDRESSES, clusterIPs, 'first value must match `clusterIP`')]
}

function families({ ipFamilies = [] }: ServiceSpec): readonly Problem[] {
  return ipFamilies.flatMap((family, index) => {
    const field = `spec.ipFamilies[${index}]`
    return [
      ...(family === 'IPv4' || family === 'IPv6' ? FINE : [notSupported(field, family, ['IPv4', 'IPv6'])]),
      ...(ipFamilies.indexOf(family) < index ? [duplicate(field, family)] : FINE),
    ]
  })
}

const policy = ({ ipFamilyPolicy: value }: ServiceSpec): readonly Problem[] =>
  value === undefined ? FINE : oneOf('PreferDualStack', 'RequireDualStack', 'SingleStack')(value, 'spec.ipFamilyPolicy')

/** `None` alone, or addresses. */
function addresses({ clusterIPs = [] }: ServiceSpec): readonly Problem[] {
  return clusterIPs.flatMap((address, index) => {
    if (index > 0 || address !== 'None') return ip(address, `${ADDRESSES}[${index}]`)
    return clusterIPs.length > 1 ? [invalid(ADDRESSES, clusterIPs, "'None' must be the first and only value")] : FINE
  })
}

function addressesFitFamilies(spec: ServiceSpec): readonly Problem[] {
  const { clusterIPs = [], ipFamilies = [] } = spec
  if (isHeadless(spec)) return FINE
  return clusterIPs.slice(0, ipFamilies.length).flatMap((address, index) => {
    const wanted = ipFamilies[index]
    if (!wanted) return FINE
    const said = `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``
    return familyOf(address) === wanted ? FINE : [invalid(`${ADDRESSES}[${index}]`, address, said)]
  })
}

function notTooMany({ clusterIPs = [] }: ServiceSpec): readonly Problem[] {
  return clusterIPs.length > 2 ? [invalid(ADDRESSES, clusterIPs, 'may only hold up to 2 values')] : FINE
}

function onePerFamily({ clusterIPs = [] }: ServiceSpec): readonly Problem[] {
  return clusterIPs.length > 1 && !isDualStack(clusterIPs, familyOf)
    ? [invalid(ADDRESSES, clusterIPs, 'may specify no more than one IP for each IP family')]
    : FINE
}

export function addressProblems(spec: ServiceSpec): readonly Problem[] {
  if (isExternalName(spec)) return FINE
  const malformed = addresses(spec)
  const first = [...inStep(spec), ...families(spec), ...policy(spec), ...malformed, ...notTooMany(spec)]
  return malformed.length > 0 ? first : [...first, ...onePerFamily(spec), ...addressesFitFamilies(spec)]
}
