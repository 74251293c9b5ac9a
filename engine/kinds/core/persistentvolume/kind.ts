/**
 * A PersistentVolume is storage that outlives the Pods that use it.
 *
 * Upstream: pkg/registry/core/persistentvolume, pkg/apis/core/v1/defaults.go
 */
import { filling } from '../../../api/filling.ts'
import { defineKind } from '../../../api/kind.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../../../api/types.generated.ts'
import { timestamp } from '../../../std/time.ts'
import { AGE, age, NAME, text, UNSET, wide } from '../../columns.ts'
import { twoDoors, withoutStatus } from '../../doors.ts'
import { goneSources } from '../pod/warnings.ts'
import { accessModesText } from './access-modes.ts'

const spec = filling<PersistentVolumeSpec>(
  { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' },
  {
    hostPath: filling({ type: '' }),
    iscsi: filling({ iscsiInterface: 'default' }),
    rbd: filling({ pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' }),
    azureDisk: filling({ cachingMode: 'ReadWrite', fsType: 'ext4', kind: 'Shared', readOnly: false }),
    scaleIO: filling({ fsType: 'xfs', storageMode: 'ThinProvisioned' }),
  },
)

const claimText = ({ namespace, name }: { readonly namespace?: string; readonly name?: string }): string =>
  `${namespace ?? ''}/${name ?? ''}`

const RECYCLE =
  'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'

function warnings({ spec }: PersistentVolume): readonly string[] {
  const gone = spec ? goneSources({ ...spec }, 'spec') : []
  return spec?.persistentVolumeReclaimPolicy === 'Recycle' ? [RECYCLE, ...gone] : gone
}

export const persistentVolumeKind = defineKind<PersistentVolume>({
  resource: 'persistentvolumes',
  defaults: filling<PersistentVolume>({}, { spec }),
  prepareCreate: (volume, { now }) =>
    withoutStatus<PersistentVolume>({ phase: 'Pending', lastPhaseTransitionTime: timestamp(now) })(volume),
  prepareUpdate: twoDoors,
  warnings,
  columns: [
    NAME,
    ...['Capacity', 'Access Modes', 'Reclaim Policy', 'Status', 'Claim', 'StorageClass'].map(text),
    text('VolumeAttributesClass'),
    text('Reason'),
    AGE,
    wide('VolumeMode'),
  ],
  row: ({ metadata, spec, status }, nowUnix) => [
    metadata.name,
    spec?.capacity?.storage ?? '0',
    accessModesText(spec?.accessModes),
    spec?.persistentVolumeReclaimPolicy ?? '',
    metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    spec?.claimRef ? claimText(spec.claimRef) : '',
    metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '',
    spec?.volumeAttributesClassName ?? UNSET,
    status?.reason ?? '',
    age(metadata.creationTimestamp, nowUnix),
    spec?.volumeMode ?? UNSET,
  ],
})
