/**
 * Where a Pod wants to be and where it will not go: node selectors, affinities, tolerations, spreading.
 *
 * Upstream: pkg/apis/core/validation/validation.go (validateAffinity, ValidateTolerations, validateTopologySpreadConstraints)
 */
import type { Problem } from '../../../api/problem.ts'
import type {
  Affinity,
  LabelSelector,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodAntiAffinity,
  PreferredSchedulingTerm,
  Taint,
  Toleration,
  TopologySpreadConstraint,
  WeightedPodAffinityTerm,
} from '../../../api/types.generated.ts'
import { all, at, type Check, each, FINE, like, must, oneOf } from '../../../api/validate/check.ts'
import { dnsLabel, dnsSubdomain, labelValue } from '../../../api/validate/formats.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../../../api/validate/problems.ts'
import { labelKey, labelSelector, labelText } from '../../../api/validate/selectors.ts'

const VALUES_FOR: Readonly<Record<string, (count: number, path: string) => readonly Problem[]>> = (() => {
  const some = (count: number, path: string) =>
    count > 0 ? FINE : [required(path, "must be specified when `operator` is 'In' or 'NotIn'")]
  const none = (count: number, path: string) =>
    count === 0 ? FINE : [forbidden(path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  const one = (count: number, path: string) =>
    count === 1 ? FINE : [required(path, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
  return { In: some, NotIn: some, Exists: none, DoesNotExist: none, Gt: one, Lt: one }
})()

const unknownOperator = (operator: string | undefined, path: string): Problem =>
  invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator')

/** Values of labels that no label can have are let pass where a node is only preferred. */
const labelRequirement =
  (strict: boolean): Check<NodeSelectorRequirement> =>
  ({ key = '', operator, values = [] }, path) => [
    ...(VALUES_FOR[operator]?.(values.length, `${path}.values`) ?? [unknownOperator(operator, path)]),
    ...labelKey(key, `${path}.key`),
    ...(strict ? each(labelText)(values, `${path}.values`) : FINE),
  ]

/** The only field of a node that can be selected by is its name. */
const fieldRequirement: Check<NodeSelectorRequirement> = ({ key = '', operator, values = [] }, path) => {
  const single = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
  const count = operator === 'In' || operator === 'NotIn'
  return [
    ...(count
      ? values.length === 1
        ? FINE
        : [required(`${path}.values`, single)]
      : [unknownOperator(operator, path)]),
    ...(key === 'metadata.name'
      ? each(like(dnsSubdomain))(values, `${path}.values`)
      : [invalid(`${path}.key`, key, 'not a valid field selector key')]),
  ]
}

const nodeTerm = (strict: boolean): Check<NodeSelectorTerm> =>
  all<NodeSelectorTerm>(
    at('matchExpressions', each(labelRequirement(strict))),
    at('matchFields', each(fieldRequirement)),
  )

const strictTerm = nodeTerm(true)
const lenientTerm = nodeTerm(false)

export const nodeSelector: Check<NodeSelector> = ({ nodeSelectorTerms: terms }, path) =>
  terms?.length > 0
    ? each(strictTerm)(terms, `${path}.nodeSelectorTerms`)
    : [required(`${path}.nodeSelectorTerms`, 'must have at least one node selector term')]

const weight: Check<number> = must((value) => value > 0 && value <= 100, 'must be in the range 1-100')

const preferredNode: Check<PreferredSchedulingTerm> = (term, path) => [
  ...weight(term.weight ?? 0, `${path}.weight`),
  ...lenientTerm(term.preference ?? {}, `${path}.preference`),
]

const nodeAffinity = all<NodeAffinity>(
  at('requiredDuringSchedulingIgnoredDuringExecution', nodeSelector),
  at('preferredDuringSchedulingIgnoredDuringExecution', each(preferredNode)),
)

function labelKeys(keys: readonly string[], selector: LabelSelector | undefined, path: string): readonly Problem[] {
  if (keys.length === 0) return FINE
  return selector
    ? each(labelKey)(keys, path)
    : [forbidden(path, 'must not be specified when labelSelector is not set')]
}

/** A key of matchLabelKeys has been turned into an expression before: twice means that the author said it too. */
const keysSaidTwice: Check<Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys'>> = (term, path) => {
  const { labelSelector: selector, matchLabelKeys = [] } = term
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}))
  return (selector?.matchExpressions ?? []).flatMap(({ key }) => {
    const index = matchLabelKeys.lastIndexOf(key)
    const twice = index >= 0 && seen.has(key)
    seen.add(key)
    return twice ? [invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector')] : FINE
  })
}

const matchKeys: Check<PodAffinityTerm> = (term, path) => {
  const { labelSelector: selector, matchLabelKeys = [], mismatchLabelKeys = [] } = term
  return [
    ...labelKeys(matchLabelKeys, selector, `${path}.matchLabelKeys`),
    ...labelKeys(mismatchLabelKeys, selector, `${path}.mismatchLabelKeys`),
    ...keysSaidTwice(term, path),
    ...matchLabelKeys.flatMap((key, index) =>
      mismatchLabelKeys.includes(key)
        ? [invalid(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : FINE,
    ),
  ]
}

const topologyKey: Check<{ readonly topologyKey?: string }> = ({ topologyKey: key = '' }, path) => [
  ...(key === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : FINE),
  ...labelKey(key, `${path}.topologyKey`),
]

const podTerm = all<PodAffinityTerm>(
  at('labelSelector', labelSelector),
  at('namespaceSelector', labelSelector),
  ({ namespaces = [] }, path) => namespaces.flatMap((name) => like(dnsLabel)(name, `${path}.namespace`)),
  matchKeys,
  topologyKey,
)

const weightedPodTerm: Check<WeightedPodAffinityTerm> = (term, path) => [
  ...weight(term.weight ?? 0, `${path}.weight`),
  ...podTerm(term.podAffinityTerm ?? {}, `${path}.podAffinityTerm`),
]

const podAffinity = all<PodAffinity & PodAntiAffinity>(
  at('requiredDuringSchedulingIgnoredDuringExecution', each(podTerm)),
  at('preferredDuringSchedulingIgnoredDuringExecution', each(weightedPodTerm)),
)

export const affinity = all<Affinity>(
  at('nodeAffinity', nodeAffinity),
  at('podAffinity', podAffinity),
  at('podAntiAffinity', podAffinity),
)

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

const EVERYTHING = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'

/** Upstream reports a wrong value under the operator. */
function tolerationValue(operator: string, value: string, path: string): readonly Problem[] {
  const field = `${path}.operator`
  if (operator === 'Exists') {
    return value === '' ? FINE : [invalid(field, value, "value must be empty when `operator` is 'Exists'")]
  }
  if (operator === 'Lt' || operator === 'Gt') return [notSupported(field, operator, ['Equal', 'Exists', 'Lt', 'Gt'])]
  if (operator !== '' && operator !== 'Equal') return [notSupported(field, operator, ['Equal', 'Exists'])]
  const details = labelValue(value)
  return details.length === 0 ? FINE : [invalid(field, value, details.join(';'))]
}

const toleration: Check<Toleration> = (value, path) => {
  const { key = '', effect = '', tolerationSeconds } = value
  const operator: string = value.operator ?? ''
  return [
    ...(key === '' ? FINE : labelKey(key, `${path}.key`)),
    ...(key === '' && operator !== 'Exists' ? [invalid(`${path}.operator`, operator, EVERYTHING)] : FINE),
    ...(tolerationSeconds !== undefined && effect !== 'NoExecute'
      ? [invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")]
      : FINE),
    ...tolerationValue(operator, value.value ?? '', path),
    ...(effect === '' ? FINE : oneOf(...EFFECTS)(effect, `${path}.effect`)),
  ]
}

export const tolerations = each(toleration)

/** A taint of a node, but for being there twice. */
export const taint: Check<Taint> = ({ key = '', value = '', effect = '' }, path) => {
  const details = labelValue(value)
  return [
    ...labelKey(key, `${path}.key`),
    ...(details.length === 0 ? FINE : [invalid(`${path}.value`, value, details.join(';'))]),
    ...(effect === '' ? [required(`${path}.effect`)] : oneOf(...EFFECTS)(effect, `${path}.effect`)),
  ]
}

const positive: Check<number> = must((value) => value > 0, 'must be greater than zero')

function minDomains(
  { minDomains: count, whenUnsatisfiable: action = '' as never }: TopologySpreadConstraint,
  path: string,
) {
  if (count === undefined) return FINE
  const said = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
  return [...positive(count, path), ...(action === 'DoNotSchedule' ? FINE : [invalid(path, count, said)])]
}

function spreadKeys({ matchLabelKeys = [], labelSelector: selector }: TopologySpreadConstraint, path: string) {
  if (matchLabelKeys.length === 0) return FINE
  if (!selector) return [forbidden(path, 'must not be specified when labelSelector is not set')]
  return each(labelKey)(matchLabelKeys, path)
}

const policy = oneOf('Honor', 'Ignore')

const spread = all<TopologySpreadConstraint>(
  (value, path) => positive(value.maxSkew ?? 0, `${path}.maxSkew`),
  (value, path) => (value.topologyKey ? FINE : [required(`${path}.topologyKey`, 'can not be empty')]),
  (value, path) => oneOf('DoNotSchedule', 'ScheduleAnyway')(value.whenUnsatisfiable ?? '', `${path}.whenUnsatisfiable`),
)

const spreadRest = all<TopologySpreadConstraint>(
  (value, path) => minDomains(value, `${path}.minDomains`),
  at('nodeAffinityPolicy', policy),
  at('nodeTaintsPolicy', policy),
  (value, path) => spreadKeys(value, `${path}.matchLabelKeys`),
  keysSaidTwice,
  at('labelSelector', labelSelector),
)

/** Each pair of key and action once; the earlier of two is the one complained about. */
export const spreadConstraints: Check<readonly TopologySpreadConstraint[]> = (list, path) =>
  list.flatMap((constraint, index) => {
    const at = `${path}[${index}]`
    const { topologyKey: key = '', whenUnsatisfiable: action = '' } = constraint as Partial<TopologySpreadConstraint>
    const again = list
      .slice(index + 1)
      .some((other) => (other.topologyKey ?? '') === key && (other.whenUnsatisfiable ?? '') === action)
    return [
      ...spread(constraint, at),
      ...(again ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${key}, ${action}}`)] : FINE),
      ...spreadRest(constraint, at),
    ]
  })
