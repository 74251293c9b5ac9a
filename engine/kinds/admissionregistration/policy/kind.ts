/**
 * Policies of admission in expressions: what is refused, and what is changed.
 *
 * Upstream: pkg/registry/admissionregistration/{validating,mutating}admissionpolicy
 */
import { filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicySpec,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from '../../../api/types.generated.ts'
import { AGE, age, integer, NAME, text, UNSET } from '../../columns.ts'
import { specChanged, twoDoors, withoutStatus } from '../../doors.ts'
import { matchResources } from '../match.ts'

const kindText = (kind: { readonly apiVersion?: string; readonly kind?: string } | undefined): string =>
  kind ? `${kind.apiVersion}/${kind.kind}` : UNSET

export const validatingAdmissionPolicyKind = defineKind<ValidatingAdmissionPolicy>({
  resource: 'validatingadmissionpolicies.admissionregistration.k8s.io',
  needsResourceVersion: true,
  defaults: filling<ValidatingAdmissionPolicy>(
    {},
    { spec: filling<ValidatingAdmissionPolicySpec>({ failurePolicy: 'Fail' }, { matchConstraints: matchResources }) },
  ),
  prepareCreate: withoutStatus<ValidatingAdmissionPolicy>({}),
  prepareUpdate: twoDoors,
  bumpsGeneration: specChanged,
  columns: [NAME, integer('Validations'), text('ParamKind'), AGE],
  row: ({ metadata, spec }, nowUnix) => [
    metadata.name,
    spec?.validations?.length ?? 0,
    kindText(spec?.paramKind),
    age(metadata.creationTimestamp, nowUnix),
  ],
})

export const mutatingAdmissionPolicyKind = defineKind<MutatingAdmissionPolicy>({
  resource: 'mutatingadmissionpolicies.admissionregistration.k8s.io',
  needsResourceVersion: true,
  defaults: filling<MutatingAdmissionPolicy>(
    {},
    { spec: filling<MutatingAdmissionPolicySpec>({ failurePolicy: 'Fail' }, { matchConstraints: matchResources }) },
  ),
  bumpsGeneration: specChanged,
  columns: [NAME, integer('Mutations'), text('ParamKind'), AGE],
  row: ({ metadata, spec }, nowUnix) => [
    metadata.name,
    spec?.mutations?.length ?? 0,
    kindText(spec?.paramKind),
    age(metadata.creationTimestamp, nowUnix),
  ],
})
