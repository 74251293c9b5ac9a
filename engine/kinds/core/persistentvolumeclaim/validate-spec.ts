/**
 * What a claim for storage may ask for; claims that are made for a Pod are checked by the same table.
 *
 * Upstream: pkg/apis/core/validation/validation.go (ValidatePersistentVolumeClaimSpec)
 */

import { isPositiveAmount } from '../../../api/amounts.ts'
import { annotationProblems } from '../../../api/meta-validation.ts'
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../../../api/types.generated.ts'
import { all, at, type Check, FINE, filled, like, need, oneOf } from '../../../api/validate/check.ts'
import { dnsLabel, dnsSubdomain } from '../../../api/validate/formats.ts'
import { forbidden, invalid, notSupported, required } from '../../../api/validate/problems.ts'
import { labelSelector, labels } from '../../../api/validate/selectors.ts'

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** One Pod alone, or several machines: not both. */
export const accessModes: Check<readonly string[]> = (modes, path) => {
  const strange = modes.filter((mode) => !ACCESS_MODES.includes(mode))
  const alone = modes.includes('ReadWriteOncePod')
  const together = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode))
  return [
    ...strange.map((mode) => notSupported(path, mode, ACCESS_MODES)),
    ...(alone && together ? [forbidden(path, 'may not use ReadWriteOncePod with other access modes')] : []),
  ]
}

const someAccessMode: Check<PersistentVolumeClaimSpec> = ({ accessModes: modes = [] }, path) =>
  modes.length > 0 ? FINE : [required(`${path}.accessModes`, 'at least 1 access mode is required')]

const storage: Check<PersistentVolumeClaimSpec> = ({ resources }, path) => {
  const asked = resources?.requests?.storage
  const field = `${path}.resources[storage]`
  if (asked === undefined) return [required(field)]
  return isPositiveAmount(asked) ? FINE : [invalid(field, asked, 'must be greater than zero')]
}

const ofDefaultGroup: Check<TypedLocalObjectReference> = ({ apiGroup, kind }, path) =>
  apiGroup || kind === 'PersistentVolumeClaim'
    ? FINE
    : [invalid(path, kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]

const source = all<TypedLocalObjectReference>(
  need('name'),
  need('kind'),
  ofDefaultGroup,
  filled('apiGroup', like(dnsSubdomain)),
)

const sourceRef = all<TypedObjectReference>(source as Check<TypedObjectReference>, filled('namespace', like(dnsLabel)))

const className = like(dnsSubdomain)

export const claimSpec = all<PersistentVolumeClaimSpec>(
  someAccessMode,
  at('selector', labelSelector),
  at('accessModes', accessModes),
  storage,
  filled('storageClassName', className),
  at('volumeMode', oneOf('Block', 'Filesystem')),
  at('dataSource', source),
  at('dataSourceRef', sourceRef),
  filled('volumeAttributesClassName', className),
)

const ALLOWED_METADATA = ['labels', 'annotations']

/** Of a template's metadata only labels and annotations have an effect: the rest must not look as if it had. */
const templateMetadata: Check<NonNullable<PersistentVolumeClaimTemplate['metadata']>> = (metadata, path) => [
  ...annotationProblems(metadata.annotations, `${path}.annotations`),
  ...labels(metadata.labels ?? {}, `${path}.labels`),
  ...Object.keys(metadata)
    .filter((name) => !ALLOWED_METADATA.includes(name))
    .map((name) => forbidden(`${path}.${name}`, 'cannot be set')),
]

export const claimTemplate = all<PersistentVolumeClaimTemplate>(at('metadata', templateMetadata), (value, path) =>
  claimSpec(value.spec ?? {}, `${path}.spec`),
)
