/**
 * What all workloads share: a selector that finds the Pods of its own template, and a template whose Pods are restarted for ever.
 *
 * Upstream: pkg/apis/apps/validation/validation.go (ValidatePodTemplateSpecForReplicaSet)
 */
import { matchesSelector } from '../../api/selector.ts'
import type { LabelSelector, PodTemplateSpec } from '../../api/types.generated.ts'
import { type Check, FINE } from '../../api/validate/check.ts'
import { asWritten } from '../../api/validate/internal-form.ts'
import { forbidden, invalid, notSupported, required } from '../../api/validate/problems.ts'
import { labelSelector } from '../../api/validate/selectors.ts'
import { podTemplate } from '../core/pod/validate.ts'

interface Workload {
  readonly selector?: LabelSelector
  readonly template?: PodTemplateSpec
}

const isEmptySelector = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0

const printed = (selector: LabelSelector): object => asWritten('meta.v1.LabelSelector', selector)

export const workloadSelector =
  (kind: string): Check<Workload> =>
  ({ selector }, path) => {
    const field = `${path}.selector`
    if (!selector) return [required(field)]
    return [
      ...labelSelector(selector, field),
      ...(isEmptySelector(selector)
        ? [invalid(field, printed(selector), `empty selector is invalid for ${kind}`)]
        : FINE),
    ]
  }

const TEMPLATE: PodTemplateSpec = {}

/** Whether a selector can be used at all. */
const isSelector = (selector: LabelSelector): boolean => labelSelector(selector, '').length === 0

/** `owner` is what keeps the Pods, and is named when a deadline is set. */
export const workloadTemplate =
  (owner: string): Check<Workload> =>
  ({ selector, template = TEMPLATE }, path) => {
    if (selector && !isSelector(selector)) {
      return [invalid(`${path}.selector`, printed(selector), 'invalid label selector')]
    }
    const field = `${path}.template`
    const labels = template.metadata?.labels
    const lost = !selector || (!isEmptySelector(selector) && !matchesSelector(selector, labels))
    const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
    return [
      ...(lost ? [invalid(`${field}.metadata.labels`, labels, '`selector` does not match template `labels`')] : FINE),
      ...podTemplate(template, field),
      ...(restartPolicy === 'Always' ? FINE : [notSupported(`${field}.spec.restartPolicy`, restartPolicy, ['Always'])]),
      ...(activeDeadlineSeconds === undefined
        ? FINE
        : [forbidden(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`)]),
    ]
  }
