/**
 * A claim's source can be named in two fields; what is said in one is said in the other.
 *
 * Upstream: pkg/registry/core/persistentvolumeclaim (NormalizeDataSources), pkg/apis/core/v1/defaults.go
 */
import { type Fill, filling, withField } from '../../../api/filling.ts'
import type { PersistentVolumeClaimSpec, TypedLocalObjectReference } from '../../../api/types.generated.ts'

export const defaultClaimSpec = filling<PersistentVolumeClaimSpec>({ volumeMode: 'Filesystem' })

const isKnown = ({ apiGroup, kind }: TypedLocalObjectReference): boolean =>
  apiGroup ? apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot' : kind === 'PersistentVolumeClaim'

/** The older field names claims and snapshots only; the newer one no other namespace, as that feature is off. */
export const withBothSources: Fill<PersistentVolumeClaimSpec> = (said) => {
  const known = withField(said, 'dataSource', said.dataSource && isKnown(said.dataSource) ? said.dataSource : undefined)
  const spec = known.dataSourceRef?.namespace ? withField(known, 'dataSourceRef', undefined) : known
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) return { ...spec, dataSourceRef: dataSource }
  return dataSourceRef && !dataSource ? { ...spec, dataSource: dataSourceRef } : spec
}
