/**
 * IPv4, IPv6 or both: what a Service wants, what the cluster has, and what follows when nothing was said.
 *
 * Upstream: pkg/registry/core/service/storage/alloc.go (initIPFamilyFields)
 */
import { equalJson } from '../../../api/equal.ts'
import type { Problem } from '../../../api/problem.ts'
import type { IPFamily, IPFamilyPolicy, ServiceSpec } from '../../../api/types.generated.ts'
import { familyOf } from '../../../api/validate/addresses.ts'
import { FINE } from '../../../api/validate/check.ts'
import { invalid } from '../../../api/validate/problems.ts'
import { isExternalName } from './types.ts'
import { addressProblems } from './validate-addresses.ts'

/** What the cluster's ranges offer, the default first. */
export type ClusterFamilies = readonly IPFamily[]

export type Settled = { readonly spec: ServiceSpec } | { readonly problems: readonly Problem[] }

const POLICY = 'spec.ipFamilyPolicy'

const isBare = ({ clusterIP, selector = {} }: ServiceSpec): boolean =>
  clusterIP === 'None' && Object.keys(selector).length === 0

function policyOf(spec: ServiceSpec, old: ServiceSpec | undefined): IPFamilyPolicy {
  if (spec.ipFamilyPolicy) return spec.ipFamilyPolicy
  if (old?.ipFamilyPolicy) return old.ipFamilyPolicy
  return isBare(spec) ? 'RequireDualStack' : 'SingleStack'
}

const same = (spec: ServiceSpec, old: ServiceSpec, field: 'clusterIPs' | 'ipFamilies'): boolean =>
  equalJson(spec[field] ?? [], old[field] ?? [])

const shortened = (spec: ServiceSpec, old: ServiceSpec, field: 'clusterIPs' | 'ipFamilies'): boolean =>
  (spec[field] ?? []).length > 0 && (spec[field] ?? []).length < (old[field] ?? []).length

/** Going back to one family is said by the policy; the second address then goes by itself. */
function downgraded(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const { clusterIPs = [], ipFamilies = [] } = spec
  return {
    ...spec,
    ...(same(spec, old, 'clusterIPs') && clusterIPs.length > 1 && { clusterIPs: clusterIPs.slice(0, 1) }),
    ...(same(spec, old, 'ipFamilies') && ipFamilies.length > 1 && { ipFamilies: ipFamilies.slice(0, 1) }),
  }
}

function releaseProblems(spec: ServiceSpec, old: ServiceSpec): readonly Problem[] {
  const said = (what: string) =>
    invalid(POLICY, spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`)
  return [
    ...(shortened(spec, old, 'clusterIPs') ? [said('cluster IP')] : FINE),
    ...(shortened(spec, old, 'ipFamilies') ? [said('IP family')] : FINE),
  ]
}

function singleStackProblems({ ipFamilyPolicy, clusterIPs = [], ipFamilies = [] }: ServiceSpec): readonly Problem[] {
  if (ipFamilyPolicy !== 'SingleStack') return FINE
  const said = (what: string) =>
    invalid(
      POLICY,
      ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    )
  return [
    ...(clusterIPs.length === 2 ? [said('cluster IPs')] : FINE),
    ...(ipFamilies.length === 2 ? [said('IP families')] : FINE),
  ]
}

interface Inferred {
  readonly families: readonly IPFamily[]
  readonly problems: readonly Problem[]
}

/** Families follow from the addresses that were chosen. */
function inferred({ clusterIPs = [], ipFamilies = [] }: ServiceSpec, cluster: ClusterFamilies): Inferred {
  const families = [...ipFamilies]
  const problems: Problem[] = []
  for (const [index, address] of clusterIPs.entries()) {
    if (address === 'None') break
    if (index < ipFamilies.length) continue
    const family = familyOf(address)!
    if (cluster.includes(family)) families.push(family)
    else {
      problems.push(invalid(`spec.clusterIPs[${index}]`, clusterIPs, `${family} is not configured on this cluster`))
    }
  }
  return { families, problems }
}

const other = (family: IPFamily): IPFamily => (family === 'IPv4' ? 'IPv6' : 'IPv4')

/** Without a selector nobody here makes the addresses, so both families are promised, whatever the cluster has. */
function bareFamilies(families: readonly IPFamily[], policy: IPFamilyPolicy, cluster: ClusterFamilies) {
  const some = families.length > 0 ? families : [cluster[0]!]
  return some.length < 2 && policy !== 'SingleStack' ? [...some, other(some[0]!)] : some
}

function notOffered(
  families: readonly IPFamily[],
  policy: IPFamilyPolicy,
  cluster: ClusterFamilies,
): readonly Problem[] {
  const dual = policy === 'RequireDualStack' && cluster.length < 2
  return [
    ...(dual ? [invalid(POLICY, policy, 'this cluster is not configured for dual-stack services')] : FINE),
    ...families.flatMap((family, index) =>
      cluster.includes(family)
        ? FINE
        : [invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')],
    ),
  ]
}

function offered(families: readonly IPFamily[], policy: IPFamilyPolicy, cluster: ClusterFamilies): readonly IPFamily[] {
  const some = families.length > 0 ? families : [cluster[0]!]
  const both = policy !== 'SingleStack' && some.length === 1 && cluster.length === 2
  return both ? [...some, other(some[0]!)] : some
}

/** A Service that would like two families keeps what it has until someone asks for a change. */
const isContent = (spec: ServiceSpec, old: ServiceSpec | undefined): boolean =>
  old !== undefined &&
  spec.ipFamilyPolicy === 'PreferDualStack' &&
  old.ipFamilyPolicy === 'PreferDualStack' &&
  !isExternalName(old) &&
  same(spec, old, 'clusterIPs') &&
  same(spec, old, 'ipFamilies')

/** The spec with its families settled, or why they cannot be. */
export function settleFamilies(asked: ServiceSpec, old: ServiceSpec | undefined, cluster: ClusterFamilies): Settled {
  if (isExternalName(asked) || isContent(asked, old)) return { spec: asked }
  const policy = policyOf(asked, old)
  const said: ServiceSpec = { ...asked, ipFamilyPolicy: policy }
  const malformed = addressProblems(said)
  if (malformed.length > 0) return { problems: malformed }
  const spec = old && policy === 'SingleStack' ? downgraded(said, old) : said
  const released = old && policy !== 'SingleStack' ? releaseProblems(spec, old) : FINE
  const { families, problems } = inferred(spec, cluster)
  const contradictory = [...released, ...singleStackProblems(spec), ...problems]
  if (contradictory.length > 0) return { problems: contradictory }
  if (isBare(spec)) return { spec: { ...spec, ipFamilies: bareFamilies(families, policy, cluster) } }
  const missing = notOffered(families, policy, cluster)
  return missing.length > 0
    ? { problems: missing }
    : { spec: { ...spec, ipFamilies: offered(families, policy, cluster) } }
}
