/** By which fields Pods can be selected. Upstream: pkg/registry/core/pod/strategy.go (ToSelectableFields) */
import type { Pod } from '../../../api/types.generated.ts'

export const podFields: Readonly<Record<string, (pod: Pod) => string>> = {
  'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
  'spec.restartPolicy': ({ spec }) => spec?.restartPolicy ?? '',
  'spec.schedulerName': ({ spec }) => spec?.schedulerName ?? '',
  'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName ?? '',
  'spec.hostNetwork': ({ spec }) => String(spec?.hostNetwork ?? false),
  'status.phase': ({ status }) => status?.phase ?? '',
  'status.podIP': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
  'status.podIPs': ({ status }) => status?.podIPs?.[0]?.ip ?? '',
  'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
}
