/**
 * A claim asks for a volume without knowing which.
 *
 * Upstream: pkg/registry/core/persistentvolumeclaim
 */
import { filling, inTurn } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { PersistentVolumeClaim } from '../../../api/types.generated.ts'
import { AGE, age, NAME, text, UNSET, wide } from '../../columns.ts'
import { twoDoors, withoutStatus } from '../../doors.ts'
import { accessModesText } from '../persistentvolume/access-modes.ts'
import { defaultClaimSpec, withBothSources } from './defaults.ts'

export const persistentVolumeClaimKind = defineKind<PersistentVolumeClaim>({
  resource: 'persistentvolumeclaims',
  defaults: filling<PersistentVolumeClaim>(
    { status: { phase: 'Pending' } },
    { spec: defaultClaimSpec, status: filling({ phase: 'Pending' }) },
  ),
  prepareCreate: inTurn(
    filling<PersistentVolumeClaim>({}, { spec: withBothSources }),
    withoutStatus<PersistentVolumeClaim>({ phase: 'Pending' }),
  ),
  prepareUpdate: twoDoors,
  columns: [
    NAME,
    ...['Status', 'Volume', 'Capacity', 'Access Modes', 'StorageClass', 'VolumeAttributesClass'].map(text),
    AGE,
    wide('VolumeMode'),
  ],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    spec?.volumeName ?? '',
    spec?.volumeName ? (status?.capacity?.storage ?? '0') : '',
    spec?.volumeName ? accessModesText(status?.accessModes) : '',
    metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '',
    spec?.volumeAttributesClassName ?? UNSET,
    age(metadata.creationTimestamp, nowUnix),
    spec?.volumeMode ?? UNSET,
  ],
})
