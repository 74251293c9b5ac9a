/**
 * Fields of features that are off by default in v1.36: what a Pod says there is dropped, as if it had not been said.
 *
 * Upstream: pkg/api/pod/util.go (DropDisabledPodFields)
 */
import { every, type Fill, filling, inTurn, once, withField } from '../../../api/filling.ts'
import type {
  Container,
  Lifecycle,
  PodSpec,
  PodTemplateSpec,
  Volume,
  VolumeProjection,
} from '../../../api/types.generated.ts'

const projection: Fill<VolumeProjection> = (source) =>
  withField(withField(source, 'clusterTrustBundle', undefined), 'podCertificate', undefined)

const volume = filling<Volume>({}, { projected: filling({}, { sources: every(projection) }) })

const stopSignal: Fill<Lifecycle> = (lifecycle) => withField(lifecycle, 'stopSignal', undefined)

const isEmpty = (value: object): boolean => Object.keys(value).length === 0

/** A lifecycle that said nothing else is gone. */
const container: Fill<Container> = (value) => {
  if (value.lifecycle?.stopSignal === undefined) return value
  const lifecycle = stopSignal(value.lifecycle)
  return withField(value, 'lifecycle', isEmpty(lifecycle) ? undefined : lifecycle)
}

/** Of a Pod, and of the template of a workload. */
export const withoutDisabled: Fill<PodSpec> = once(
  inTurn<PodSpec>(
    filling({}, { volumes: every(volume), containers: every(container), initContainers: every(container) }),
    (spec) => withField(spec, 'schedulingGroup', undefined),
  ),
)

export const templateWithoutDisabled = filling<PodTemplateSpec>({}, { spec: withoutDisabled })

interface Workload {
  readonly spec?: { readonly template?: PodTemplateSpec }
}

/** For workloads of every kind. */
export function workloadWithoutDisabled<T extends Workload>(object: T): T {
  const template = object.spec?.template
  const kept = template && templateWithoutDisabled(template)
  return kept === template ? object : { ...object, spec: { ...object.spec, template: kept } }
}
