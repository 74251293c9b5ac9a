/** What a ConfigMap may hold. */
import type { Problem } from '../../../api/problem.ts'
import type { ConfigMap } from '../../../api/types.generated.ts'
import { all, at, type Check, eachEntry, FINE, join } from '../../../api/validate/check.ts'
import { configMapKey } from '../../../api/validate/formats.ts'
import { frozen } from '../../../api/validate/immutable.ts'
import { invalid, tooLong } from '../../../api/validate/problems.ts'
import { base64Length } from '../../../std/base64.ts'
import { byteLength } from '../../../std/byte-length.ts'

/** As much as etcd likes to hold under one key. */
export const MAX_DATA_BYTES = 1024 * 1024

/** Keys become names of files. */
export const dataKeys: Check<Readonly<Record<string, string>>> = eachEntry((_value, path, key) =>
  configMapKey(key).map((detail) => invalid(path, key, detail)),
)

export const sizeOf = (map: Readonly<Record<string, string>> | undefined, size: (value: string) => number): number =>
  Object.values(map ?? {}).reduce((sum, value) => sum + size(value), 0)

const notInBoth: Check<ConfigMap> = ({ data, binaryData }) =>
  Object.keys(data ?? {})
    .filter((key) => binaryData?.[key] !== undefined)
    .map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))

const notTooLarge: Check<ConfigMap> = ({ data, binaryData }) =>
  sizeOf(data, byteLength) + sizeOf(binaryData, base64Length) > MAX_DATA_BYTES ? [tooLong('', MAX_DATA_BYTES)] : FINE

const configMap = all<ConfigMap>(at('data', dataKeys), notInBoth, at('binaryData', dataKeys), notTooLarge)

export const validateConfigMap = (object: ConfigMap): readonly Problem[] => configMap(object, '')

export const validateConfigMapUpdate = (object: ConfigMap, old: ConfigMap): readonly Problem[] =>
  join(frozen(object, old, 'data', 'binaryData'), validateConfigMap(object))
