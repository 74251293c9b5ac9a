/**
 * A Secret holds what only some may read: passwords, keys, tokens. Its type promises which keys are there. Data is written in
 * base64, or as plain text under `stringData`, which is turned into data at once and never read back.
 *
 * Left out: whether a certificate and its key belong together.
 * Upstream: pkg/registry/core/secret, pkg/apis/core/{v1/conversion.go,v1/defaults.go,validation}
 */
import { filling, inTurn, withField } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { Secret } from '../../../api/types.generated.ts'
import { base64OfText, textOfBase64 } from '../../../std/base64.ts'
import { AGE, age, NAME, text } from '../../columns.ts'
import { validateSecret, validateSecretUpdate } from './validate.ts'

/** `stringData` is for writing: it wins over data of the same key, and is gone. */
function encoded(secret: Secret): Secret {
  const { stringData, ...rest } = secret
  if (!stringData) return secret
  const written = Object.entries(stringData).map(([key, value]) => [key, base64OfText(value)])
  return withField(rest as Secret, 'data', { ...secret.data, ...Object.fromEntries(written) })
}

const PEM = '-----BEGIN '

/** A pair of certificate and key that no server could use. */
function secretWarnings({ type, data }: Secret): readonly string[] {
  if (type !== 'kubernetes.io/tls') return []
  const parts = [
    ['certificate', data?.['tls.crt']],
    ['key', data?.['tls.key']],
  ] as const
  const missing = parts.find(([, value]) => !textOfBase64(value ?? '').includes(PEM))
  return missing ? [`tls: failed to find any PEM data in ${missing[0]} input`] : []
}

export const secretKind = defineKind<Secret>({
  resource: 'secrets',
  defaults: inTurn(encoded, filling<Secret>({ type: 'Opaque' })),
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  warnings: secretWarnings,
  fields: { type: ({ type }) => type ?? '' },
  columns: [NAME, text('Type'), text('Data'), AGE],
  row: ({ metadata, type, data }, nowUnix) => [
    metadata.name,
    type ?? '',
    Object.keys(data ?? {}).length,
    age(metadata.creationTimestamp, nowUnix),
  ],
})
