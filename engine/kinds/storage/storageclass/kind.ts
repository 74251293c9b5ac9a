/**
 * A StorageClass says who makes volumes, and how.
 *
 * Upstream: pkg/registry/storage/storageclass, pkg/apis/storage/v1/defaults.go
 */
import { filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { StorageClass } from '../../../api/types.generated.ts'
import { AGE, age, NAME, text } from '../../columns.ts'

const DEFAULT = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']

const isDefault = ({ metadata }: StorageClass): boolean =>
  DEFAULT.some((name) => metadata.annotations?.[name] === 'true')

export const storageClassKind = defineKind<StorageClass>({
  resource: 'storageclasses.storage.k8s.io',
  defaults: filling<StorageClass>({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  columns: [NAME, ...['Provisioner', 'ReclaimPolicy', 'VolumeBindingMode', 'AllowVolumeExpansion'].map(text), AGE],
  row: (object, nowUnix) => [
    isDefault(object) ? `${object.metadata.name} (default)` : object.metadata.name,
    object.provisioner,
    object.reclaimPolicy ?? '',
    object.volumeBindingMode ?? '',
    object.allowVolumeExpansion ?? false,
    age(object.metadata.creationTimestamp, nowUnix),
  ],
})
