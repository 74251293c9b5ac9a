/**
 * Labels and selectors wherever they stand in a spec.
 *
 * Upstream: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go
 */
import { labelProblems } from '../meta-validation.ts'
import type { LabelSelector, LabelSelectorRequirement } from '../types.generated.ts'
import { all, at, type Check, each, FINE, like } from './check.ts'
import { labelValue, qualifiedName } from './formats.ts'
import { forbidden, invalid, required } from './problems.ts'

export const labels: Check<Readonly<Record<string, string>>> = labelProblems
export const labelKey = like(qualifiedName)
export const labelText = like(labelValue)

const valuesFitOperator: Check<LabelSelectorRequirement> = ({ operator, values = [] }, path) => {
  if (operator === 'In' || operator === 'NotIn') {
    return values.length > 0
      ? FINE
      : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    return values.length === 0
      ? FINE
      : [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  }
  return [invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator')]
}

/** Keys may be missing from what was written: they are checked all the same. */
const keyed: Check<{ readonly key?: string }> = ({ key = '' }, path) => labelKey(key, `${path}.key`)

const requirement = all<LabelSelectorRequirement>(valuesFitOperator, keyed, at('values', each(labelText)))

export const labelSelector = all<LabelSelector>(at('matchLabels', labels), at('matchExpressions', each(requirement)))
