/** What a Secret may hold, and which keys its type asks for. */

import type { Problem } from '../../../api/problem.ts'
import type { Secret } from '../../../api/types.generated.ts'
import { all, at, type Check, FINE, join } from '../../../api/validate/check.ts'
import { frozen, unchanged } from '../../../api/validate/immutable.ts'
import { mistakeInJson } from '../../../api/validate/json-text.ts'
import { invalid, required, tooLong } from '../../../api/validate/problems.ts'
import { base64Length, textOfBase64 } from '../../../std/base64.ts'
import { dataKeys, MAX_DATA_BYTES, sizeOf } from '../configmap/validate.ts'

const notTooLarge: Check<Secret> = ({ data }) =>
  sizeOf(data, base64Length) > MAX_DATA_BYTES ? [tooLong('data', MAX_DATA_BYTES)] : FINE

const has = (secret: Secret, key: string): boolean => secret.data?.[key] !== undefined

const missing = (key: string): Problem => required(`data[${key}]`)

/** Every one of these keys. */
const keys =
  (...wanted: readonly string[]): Check<Secret> =>
  (secret) =>
    wanted.filter((key) => !has(secret, key)).map(missing)

/** At least one of them; an empty value will do. */
const anyKey =
  (...wanted: readonly string[]): Check<Secret> =>
  (secret) =>
    wanted.some((key) => has(secret, key)) ? FINE : wanted.map(missing)

const filledKey =
  (key: string): Check<Secret> =>
  (secret) =>
    secret.data?.[key] ? FINE : [missing(key)]

/** A key whose value is a JSON object, of which no error may show anything. */
const jsonKey =
  (key: string): Check<Secret> =>
  (secret) => {
    const value = secret.data?.[key]
    if (value === undefined) return [missing(key)]
    const mistake = mistakeInJson(textOfBase64(value))
    return mistake === undefined ? FINE : [invalid(`data[${key}]`, '<secret contents redacted>', mistake)]
  }

const ACCOUNT = 'kubernetes.io/service-account.name'

const namesAccount: Check<Secret> = ({ metadata }) =>
  metadata.annotations?.[ACCOUNT] ? FINE : [required(`metadata.annotations[${ACCOUNT}]`)]

const BY_TYPE: Readonly<Record<string, Check<Secret>>> = {
  'kubernetes.io/service-account-token': namesAccount,
  'kubernetes.io/dockercfg': jsonKey('.dockercfg'),
  'kubernetes.io/dockerconfigjson': jsonKey('.dockerconfigjson'),
  'kubernetes.io/basic-auth': anyKey('username', 'password'),
  'kubernetes.io/ssh-auth': filledKey('ssh-privatekey'),
  'kubernetes.io/tls': keys('tls.crt', 'tls.key'),
}

const secret = all<Secret>(
  at('data', dataKeys),
  notTooLarge,
  (value, path) => BY_TYPE[value.type ?? '']?.(value, path) ?? FINE,
)

export const validateSecret = (object: Secret): readonly Problem[] => secret(object, '')

export const validateSecretUpdate = (object: Secret, old: Secret): readonly Problem[] =>
  join(unchanged('type', object.type, old.type), join(frozen(object, old, 'data'), validateSecret(object)))
