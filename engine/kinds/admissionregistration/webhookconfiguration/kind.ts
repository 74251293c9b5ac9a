/**
 * Webhooks of admission: who else is asked about what is written.
 *
 * Upstream: pkg/registry/admissionregistration/{validating,mutating}webhookconfiguration
 */
import { every, filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  RuleWithOperations,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
  WebhookClientConfig,
} from '../../../api/types.generated.ts'
import { AGE, age, integer, NAME } from '../../columns.ts'
import { contentChanged, EVERYTHING } from '../match.ts'

const usual = { ...EVERYTHING, failurePolicy: 'Fail', timeoutSeconds: 10 } as const

const inner = {
  clientConfig: filling<WebhookClientConfig>({}, { service: filling({ port: 443 }) }),
  rules: every<RuleWithOperations>(filling({ scope: '*' })),
}

export const validatingWebhookConfigurationKind = defineKind<ValidatingWebhookConfiguration>({
  resource: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
  needsResourceVersion: true,
  defaults: filling<ValidatingWebhookConfiguration>({}, { webhooks: every(filling<ValidatingWebhook>(usual, inner)) }),
  bumpsGeneration: contentChanged,
  columns: [NAME, integer('Webhooks'), AGE],
  row: ({ metadata, webhooks = [] }, nowUnix) => [
    metadata.name,
    webhooks.length,
    age(metadata.creationTimestamp, nowUnix),
  ],
})

export const mutatingWebhookConfigurationKind = defineKind<MutatingWebhookConfiguration>({
  resource: 'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  needsResourceVersion: true,
  defaults: filling<MutatingWebhookConfiguration>(
    {},
    { webhooks: every(filling<MutatingWebhook>({ ...usual, reinvocationPolicy: 'Never' }, inner)) },
  ),
  bumpsGeneration: contentChanged,
  columns: [NAME, integer('Webhooks'), AGE],
  row: ({ metadata, webhooks = [] }, nowUnix) => [
    metadata.name,
    webhooks.length,
    age(metadata.creationTimestamp, nowUnix),
  ],
})
