/**
 * Where a policy of admission holds, and with which parameters.
 *
 * Upstream: pkg/registry/admissionregistration/{validating,mutating}admissionpolicybinding
 */
import { filling } from '../../../api/filling.ts'
import { type Column, defineKind } from '../../../api/kind.ts'
import type {
  MutatingAdmissionPolicyBinding,
  MutatingAdmissionPolicyBindingSpec,
  ParamRef,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBindingSpec,
} from '../../../api/types.generated.ts'
import { AGE, age, NAME, text, UNSET } from '../../columns.ts'
import { specChanged } from '../../doors.ts'
import { matchResources } from '../match.ts'

const columns: readonly Column[] = [NAME, text('PolicyName'), text('ParamRef'), AGE]

const refText = (ref: ParamRef | undefined): string =>
  !ref ? UNSET : ref.name ? `${ref.namespace ?? '*'}/${ref.name}` : UNSET

export const validatingAdmissionPolicyBindingKind = defineKind<ValidatingAdmissionPolicyBinding>({
  resource: 'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  needsResourceVersion: true,
  defaults: filling<ValidatingAdmissionPolicyBinding>(
    {},
    { spec: filling<ValidatingAdmissionPolicyBindingSpec>({}, { matchResources }) },
  ),
  bumpsGeneration: specChanged,
  columns,
  row: ({ metadata, spec }, nowUnix) => [
    metadata.name,
    spec?.policyName ?? '',
    refText(spec?.paramRef),
    age(metadata.creationTimestamp, nowUnix),
  ],
})

export const mutatingAdmissionPolicyBindingKind = defineKind<MutatingAdmissionPolicyBinding>({
  resource: 'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
  needsResourceVersion: true,
  defaults: filling<MutatingAdmissionPolicyBinding>(
    {},
    { spec: filling<MutatingAdmissionPolicyBindingSpec>({}, { matchResources }) },
  ),
  bumpsGeneration: specChanged,
  columns,
  row: ({ metadata, spec }, nowUnix) => [
    metadata.name,
    spec?.policyName ?? '',
    refText(spec?.paramRef),
    age(metadata.creationTimestamp, nowUnix),
  ],
})
