/**
 * What a Node may say, and what of it stays once it has been said.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidateNode, ValidateNodeUpdate)
 */
import type { Problem } from '../../../api/problem.ts'
import type { Node, NodeConfigSource, Taint } from '../../../api/types.generated.ts'
import { addressRange, familyOfRange, isDualStack } from '../../../api/validate/addresses.ts'
import { type Check, each, FINE } from '../../../api/validate/check.ts'
import { internalForm } from '../../../api/validate/internal-form.ts'
import { duplicate, forbidden, internalProblem, invalid } from '../../../api/validate/problems.ts'
import { resourceQuantity } from '../../../api/validate/resource-names.ts'
import { taint } from '../pod/validate-affinity.ts'

/** Each pair of key and effect once. Upstream looks for taints under metadata. */
const taints: Check<readonly Taint[]> = (list, path) => {
  const taken = new Set<string>()
  return list.flatMap((value, index) => {
    const field = `${path}[${index}]`
    const key = `${value.key}:${value.effect}`
    const twice = taken.has(key)
    taken.add(key)
    const shown = () => internalForm('Taint', value)
    return [
      ...taint(value, field),
      ...(twice ? [duplicate(field, shown(), 'taints must be unique by key and effect pair')] : FINE),
    ]
  })
}

const TAINTS = 'metadata.taints'

function amounts(list: Readonly<Record<string, string>> | undefined, path: string): readonly Problem[] {
  return Object.entries(list ?? {}).flatMap(([name, amount]) => resourceQuantity(name)(amount, `${path}.${name}`))
}

const resources = ({ status }: Node): readonly Problem[] => [
  ...amounts(status?.capacity, 'status.capacity'),
  ...amounts(status?.allocatable, 'status.allocatable'),
]

const PER_FAMILY = 'may specify no more than one CIDR for each IP family'

function notParsed(ranges: readonly string[]): readonly Problem[] {
  const index = ranges.findIndex((range) => familyOfRange(range) === undefined)
  if (index < 0) return FINE
  const said = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${index}]: <nil> (invalid CIDR address: ${ranges[index]})`
  return [internalProblem('spec.podCIDRs', said)]
}

function podRanges({ spec }: Node): readonly Problem[] {
  const ranges = spec?.podCIDRs ?? []
  const path = 'spec.podCIDRs'
  const wrong = each(addressRange)(ranges, path)
  if (ranges.length < 2) return wrong
  return [
    ...wrong,
    ...notParsed(ranges),
    ...(isDualStack(ranges, familyOfRange) && ranges.length === 2 ? FINE : [invalid(path, ranges, PER_FAMILY)]),
  ]
}

export const validateNode = (node: Node): readonly Problem[] => [
  ...taints(node.spec?.taints ?? [], TAINTS),
  ...resources(node),
  ...podRanges(node),
]

const FIRST_ONLY = (what: string): string => `node updates may not change ${what} except from "" to valid`

function keptRanges({ spec }: Node, old: Node): readonly Problem[] {
  const before = old.spec?.podCIDRs ?? []
  const ranges = spec?.podCIDRs ?? []
  const problem = forbidden('spec.podCIDRs', FIRST_ONLY('podCIDR'))
  if (before.length === 0) return FINE
  if (before.length !== ranges.length) return [problem]
  return before.filter((range, index) => range !== ranges[index]).map(() => problem)
}

const keptProvider = ({ spec }: Node, old: Node): readonly Problem[] =>
  old.spec?.providerID && old.spec.providerID !== spec?.providerID
    ? [forbidden('spec.providerID', FIRST_ONLY('providerID'))]
    : FINE

function addressesOnce({ status }: Node): readonly Problem[] {
  const taken = new Set<string>()
  return (status?.addresses ?? []).flatMap((address, index) => {
    const key = `${address.type}=${address.address}`
    const twice = taken.has(key)
    taken.add(key)
    return twice ? [duplicate(`status.addresses[${index}]`, internalForm('NodeAddress', address))] : FINE
  })
}

const ONE_SOURCE = 'exactly one reference subfield must be non-nil'

const configSource = (source: NodeConfigSource | undefined, path: string): readonly Problem[] =>
  source && !source.configMap ? [invalid(path, internalForm('NodeConfigSource', source), ONE_SOURCE)] : FINE

export const validateNodeUpdate = (node: Node, old: Node): readonly Problem[] => [
  ...resources(node),
  ...addressesOnce(node),
  ...keptRanges(node, old),
  ...keptProvider(node, old),
  ...configSource(node.spec?.configSource, 'spec.configSource'),
  ...taints(node.spec?.taints ?? [], TAINTS),
]
