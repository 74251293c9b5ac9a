/**
 * A ConfigMap holds configuration that many Pods share: text under keys, or bytes where text will not do. It has neither
 * wish nor status: what is written is what there is, unless it has been declared immutable.
 *
 * Upstream: pkg/registry/core/configmap, pkg/apis/core/validation
 */
import { defineKind } from '../../../api/kind.ts'
import type { ConfigMap } from '../../../api/types.generated.ts'
import { AGE, age, NAME, text } from '../../columns.ts'
import { validateConfigMap, validateConfigMapUpdate } from './validate.ts'

const count = (map: object | undefined): number => Object.keys(map ?? {}).length

export const configMapKind = defineKind<ConfigMap>({
  resource: 'configmaps',
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  columns: [NAME, text('Data'), AGE],
  row: ({ metadata, data, binaryData }, nowUnix) => [
    metadata.name,
    count(data) + count(binaryData),
    age(metadata.creationTimestamp, nowUnix),
  ],
})
