/**
 * A Namespace is a room in the cluster: names are unique inside it, and quotas, policies and permissions stop at its walls. It is
 * born with the finalizer `kubernetes`, so that it stays, Terminating, until all that it holds is gone.
 *
 * Upstream: pkg/registry/core/namespace, pkg/apis/core/{v1/defaults.go,validation}
 */
import { withField } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { Namespace } from '../../../api/types.generated.ts'
import { dnsLabel } from '../../../api/validate/formats.ts'
import { AGE, age, NAME, text } from '../../columns.ts'
import { validateNamespace, validateNamespaceUpdate } from './validate.ts'

const NAME_LABEL = 'kubernetes.io/metadata.name'

/** Selectors can only see labels, so every Namespace wears its name. */
function labelled(namespace: Namespace): Namespace {
  const { name, labels } = namespace.metadata
  if (!name || labels?.[NAME_LABEL] === name) return namespace
  const metadata = withField(namespace.metadata, 'labels', { ...labels, [NAME_LABEL]: name })
  return withField(namespace, 'metadata', metadata)
}

function prepareCreate(namespace: Namespace): Namespace {
  const finalizers = namespace.spec?.finalizers ?? []
  const spec = finalizers.includes('kubernetes') ? namespace.spec : { finalizers: [...finalizers, 'kubernetes'] }
  return withField(withField(namespace, 'spec', spec), 'status', { phase: 'Active' })
}

/** Finalizers of a Namespace can only be taken away, through the door `finalize`. */
function prepareUpdate(namespace: Namespace, old: Namespace, subresource: string): Namespace {
  if (subresource === 'finalize') return withField(namespace, 'status', old.status)
  const kept = withField(namespace, 'spec', old.spec)
  return subresource === 'status' ? kept : withField(kept, 'status', old.status)
}

export const namespaceKind = defineKind<Namespace>({
  resource: 'namespaces',
  nameFormat: dnsLabel,
  defaults: labelled,
  prepareCreate,
  prepareUpdate,
  validate: validateNamespace,
  validateUpdate: validateNamespaceUpdate,
  fields: { 'status.phase': ({ status }) => status?.phase ?? '' },
  columns: [NAME, text('Status'), AGE],
  row: ({ metadata, status }, nowUnix) => [
    metadata.name,
    status?.phase ?? '',
    age(metadata.creationTimestamp, nowUnix),
  ],
})
